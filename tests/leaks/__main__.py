"""Runs as many cases as asked for: `python -m tests.leaks --cases 50000`, or one again: `--seed 17 --cases 1`."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.leaks.cases import run

PART = 500  # cases that one process runs before it makes room for another


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="of the first case; the others follow")
    parser.add_argument("--jobs", type=int, default=2, help="processes that share the cases")
    arguments = parser.parse_args()
    started, stop = time.monotonic(), arguments.seed + arguments.cases
    parts = [range(at, min(stop, at + PART)) for at in range(arguments.seed, stop, PART)]
    tally, leaks, others = Counter[str](), 0, 0
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.jobs, mp_context=fresh, max_tasks_per_child=1) as pool:
        asked_of = {pool.submit(run, part): part for part in parts}
        for part in as_completed(asked_of):
            if broken := part.exception():  # the other parts go on: they take half an hour
                print(f"cases {asked_of[part]} broke off: {broken!r}", flush=True)
                others += 1
                continue
            findings, shown, asked = part.result()
            for finding in (*findings, *shown):
                print(finding, flush=True)
            tally += asked
            leaks += sum(finding.leak for finding in findings) + len(shown)
            others += sum(not finding.leak for finding in findings)
    asked_for = ", ".join(f"{count} {what}" for what, count in sorted(tally.items()))
    print(f"{arguments.cases} cases, {leaks} leaks, {others} other findings; {asked_for}; ", end="")
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if leaks or others else 0


if __name__ == "__main__":
    sys.exit(main())
