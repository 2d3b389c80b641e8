"""Runs as many cases as asked for: `python -m tests.leaks --cases 5000`, or one again: `--seed 17 --cases 1`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.leaks import profiles
from tests.leaks.check import Finding, run_case
from tests.leaks.emulator import Emulator


def run(seeds: range) -> tuple[list[Finding], Counter[str]]:
    """Every finding of these cases, and what was asked."""
    emulator, tally = Emulator(), Counter[str]()
    findings = [finding for seed in seeds for finding in run_case(emulator, seed, tally)]
    return findings, tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="of the first case; the others follow")
    arguments = parser.parse_args()
    started = time.monotonic()
    seeds = range(arguments.seed, arguments.seed + arguments.cases)
    findings, tally = run(seeds)
    shown = [finding for seed in seeds for finding in profiles.findings(seed, tally)]
    for finding in (*findings, *shown):
        print(finding)
    leaks = sum(finding.leak for finding in findings) + len(shown)
    asked = ", ".join(f"{count} {what}" for what, count in sorted(tally.items()))
    others = sum(not finding.leak for finding in findings)
    print(f"{arguments.cases} cases, {leaks} leaks, {others} other findings; {asked}; ", end="")
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if findings or shown else 0


if __name__ == "__main__":
    sys.exit(main())
