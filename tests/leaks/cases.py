"""Runs cases by their seeds: each world is played from its beginning, and asked in the cases that are wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.leaks import profiles
from tests.leaks.check import Finding, run_case
from tests.leaks.emulator import Emulator
from tests.leaks.oracle import Oracle
from tests.leaks.play import CASES_PER_WORLD, new_world, step
from tests.leaks.previews import run_preview


def run(seeds: range) -> tuple[list[Finding], list[str], Counter[str]]:
    """Every finding of these cases, among queries and among profiles, and what was asked."""
    tally = Counter[str]()
    return list(findings(seeds, tally)), list(profiles.findings(seeds, tally)), tally


def findings(seeds: range, tally: Counter[str]) -> Iterator[Finding]:
    """Everything that is wrong in the cases of these seeds; `tally` counts what was asked."""
    emulator, oracle = Emulator(), Oracle()
    for number in range(seeds.start // CASES_PER_WORLD, -(-seeds.stop // CASES_PER_WORLD)):
        world = new_world(emulator, number)
        for seed in range(number * CASES_PER_WORLD, min(seeds.stop, (number + 1) * CASES_PER_WORLD)):
            step(emulator, world)
            if seed in seeds:
                yield from run_case(emulator, oracle, world, seed, tally)
                if world.agreements:
                    yield from run_preview(emulator, oracle, world, seed, tally)
