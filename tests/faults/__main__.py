"""Tries every point, a sample (`--sample 40 --seed 7`), or one again (`--seed 7 --point 'undo/3/late'`).

A point is an operation, one of its calls, and a fault; `race/17/some` is one race. The sum-up is the last line.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections import Counter

from tests.faults.hook import Fault
from tests.faults.points import Point
from tests.faults.trials import Tried, all_points, try_all

WORKERS = 2
PROGRESS = 100  # points between two lines that say how far it is


def main() -> int:
    """Print the violations, the counts and the line that sums up; the exit code is 1 if there was any violation."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="try that many points, drawn by the seed; 0 tries all")
    parser.add_argument("--seed", type=int, default=0, help="draws samples, kills, races and when late calls arrive")
    parser.add_argument("--point", action="append", default=[], help="try this point only, as a violation names it")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes, each with a local AWS of its own")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends the workers and their local AWS too
    started = time.monotonic()
    points = [Point.parse(text, arguments.seed) for text in arguments.point] or all_points(arguments.seed)
    if arguments.sample:
        points = random.Random(arguments.seed).sample(points, min(arguments.sample, len(points)))  # noqa: S311
    tried = []
    for one in try_all(points, min(arguments.workers, len(points))):
        tried.append(one)
        report(one, len(tried), len(points))
    print_table(tried)
    count, seconds = sum(len(one.violations) for one in tried), time.monotonic() - started
    print(f"{len(tried)} points, {count} violations; seed {arguments.seed}, {seconds:.0f} s")
    return 1 if count else 0


def report(tried: Tried, number: int, of: int) -> None:
    """Print what was wrong with a point and how to try it again; now and then, how far it is."""
    for violation in tried.violations:
        print(f"{tried.point}: {violation}. Again: --seed {tried.point.seed} --point '{tried.point}'", flush=True)
    if number % PROGRESS == 0:
        print(f"{number} of {of} points", file=sys.stderr, flush=True)


def print_table(tried: list[Tried]) -> None:
    """Print the number of points per operation and fault, as Markdown."""
    counts = Counter((one.point.operation, one.point.fault) for one in tried)
    faults = [fault for fault in Fault if any(fault is kind for _, kind in counts)]
    rows = [["operation", *map(str, faults), "all"], ["---", *["--:"] * (len(faults) + 1)]]
    for operation in dict.fromkeys(one.point.operation for one in tried):
        own = [counts[operation, fault] for fault in faults]
        rows.append([operation, *(str(count or "") for count in own), str(sum(own))])
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    sys.exit(main())
