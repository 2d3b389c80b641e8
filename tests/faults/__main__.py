"""Tries every point, a sample (`--sample 40 --seed 7`), or one again (`--seed 7 --point 'undo/3/late'`).

A point is an operation, one of its calls, and a fault; `race/17` is the race with the seed 17.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from tests.conftest import Cloud, running_cloud
from tests.faults.hook import Fault
from tests.faults.killed import in_a_process_that_is_killed
from tests.faults.operations import OPERATIONS
from tests.faults.points import Point, judged_walk, points_of, violations_of
from tests.faults.races import race

KILLS, RACES, WORKERS = 10, 200, 2
PROGRESS = 100  # points between two lines that say how far it is
KILLING = (Fault.KILL_BEFORE, Fault.KILL_AFTER)


@dataclass(frozen=True)
class Tried:
    """One point and what was wrong with it."""

    point: Point
    violations: tuple[str, ...]
    seconds: float


def main() -> int:
    """Print the violations, the counts and the line that sums up; the exit code is 1 if there was any violation."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="try that many points, drawn by the seed; 0 tries all")
    parser.add_argument("--seed", type=int, default=0, help="draws samples, kills, races and when late calls arrive")
    parser.add_argument("--point", action="append", default=[], help="try this point only, as a violation names it")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes, each with a local AWS of its own")
    arguments = parser.parse_args()
    started = time.monotonic()
    with ExitStack() as stack:
        _start(stack)
        points = [Point.parse(text, arguments.seed) for text in arguments.point] or all_points(_cloud(), arguments.seed)
        if arguments.sample:
            points = random.Random(arguments.seed).sample(points, min(arguments.sample, len(points)))  # noqa: S311
        tried = [_note(one, number, len(points)) for number, one in enumerate(try_all(points, arguments.workers), 1)]
    print_table(tried)
    count, seconds = sum(len(one.violations) for one in tried), time.monotonic() - started
    print(f"{len(tried)} points, {count} violations; seed {arguments.seed}, {seconds:.0f} s")
    return 1 if count else 0


def all_points(cloud: Cloud, seed: int) -> list[Point]:
    """Every call of every operation with every fault, ten kills of each operation, and the races."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    points: list[Point] = []
    for operation in OPERATIONS.values():
        own = points_of(cloud, operation, seed)
        numbers = sorted({point.number for point in own})
        deaths = [(number, fault) for number in numbers for fault in KILLING]
        kills = sorted(draw.sample(deaths, min(KILLS, len(deaths))))
        points += [*own, *(Point(operation.name, number, fault, seed) for number, fault in kills)]
        points.append(Point(operation.name, 0, Fault.NONE, seed))
    return [*points, *(Point("race", number, Fault.SOME, seed) for number in range(RACES))]


def try_all(points: list[Point], workers: int) -> Iterator[Tried]:
    """Try the points, spread over processes."""
    if workers == 1:
        yield from map(try_one, points)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start) as pool:
        yield from pool.map(try_one, points, chunksize=4)


def try_one(point: Point) -> Tried:
    """Try one point on this process's local AWS; a failure of the harness itself counts as a violation."""
    started = time.monotonic()
    try:
        violations = _violations(_cloud(), point)
    except Exception as error:
        violations = [f"the harness failed: {type(error).__name__}: {error}"]
    return Tried(point, tuple(dict.fromkeys(violations)), time.monotonic() - started)


def print_table(tried: list[Tried]) -> None:
    """Print the number of points per operation and fault."""
    counts = Counter((one.point.operation, str(one.point.fault)) for one in tried)
    faults = [str(fault) for fault in Fault if any(fault == kind for _, kind in counts)]
    print(" | ".join(["operation", *faults]))
    for operation in dict.fromkeys(one.point.operation for one in tried):
        print(" | ".join([operation, *(str(counts[operation, fault] or "") for fault in faults)]))


def _violations(cloud: Cloud, point: Point) -> list[str]:
    if point.fault is Fault.SOME:
        return race(cloud, point.seed * 1_000_003 + point.number)
    if point.fault is Fault.NONE:
        return judged_walk(cloud, OPERATIONS[point.operation])
    if point.fault in KILLING:
        return violations_of(cloud, point, in_a_process_that_is_killed)
    return violations_of(cloud, point)


def _note(tried: Tried, number: int, all_: int) -> Tried:
    if number % PROGRESS == 0:
        print(f"{number} of {all_}", file=sys.stderr, flush=True)
    for violation in tried.violations:
        print(f"{tried.point}: {violation}. Again: --seed {tried.point.seed} --point '{tried.point}'", flush=True)
    return tried


_CLOUDS: list[Cloud] = []  # this process's own
_ENDS = ExitStack()


def _start(stack: ExitStack = _ENDS) -> None:
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    _CLOUDS.append(stack.enter_context(running_cloud(directory)))


def _cloud() -> Cloud:
    return _CLOUDS[0]


if __name__ == "__main__":
    sys.exit(main())
