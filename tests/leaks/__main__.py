"""Runs as many cases as asked for: `python -m tests.leaks --cases 5000`, or one again: `--seed 17 --cases 1`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

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
    findings, tally = run(range(arguments.seed, arguments.seed + arguments.cases))
    for finding in findings:
        print(finding)
    leaks = sum(finding.leak for finding in findings)
    asked = ", ".join(f"{count} {what}" for what, count in sorted(tally.items()))
    print(f"{arguments.cases} cases, {leaks} leaks, {len(findings) - leaks} other findings; {asked}; ", end="")
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
