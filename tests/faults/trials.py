"""All points, and the trying of them in processes that have a local AWS of their own each. Prints nothing."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path

from tests.conftest import Cloud, running_cloud
from tests.faults.hook import Fault
from tests.faults.killed import in_a_process_that_is_killed
from tests.faults.operations import OPERATIONS
from tests.faults.points import Point, judged_walk, points_of, violations_of
from tests.faults.races import race

KILLS, RACES = 10, 100
KILLING = (Fault.KILL_BEFORE, Fault.KILL_AFTER)
_AT_THE_END = ExitStack()


@dataclass(frozen=True)
class Tried:
    """One point and what was wrong with it."""

    point: Point
    violations: tuple[str, ...]
    seconds: float


def all_points(seed: int) -> list[Point]:
    """Every call of every operation with every fault, ten kills of each operation, and the races."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    points: list[Point] = []
    for operation in OPERATIONS.values():
        own = points_of(own_cloud(), operation, seed)
        deaths = [(number, fault) for number in sorted({point.number for point in own}) for fault in KILLING]
        kills = sorted(draw.sample(deaths, min(KILLS, len(deaths))))
        points.append(Point(operation.name, 0, Fault.NONE, seed))
        points += [*own, *(Point(operation.name, number, fault, seed) for number, fault in kills)]
    return [*points, *(Point("race", number, Fault.SOME, seed) for number in range(RACES))]


def try_all(points: list[Point], workers: int) -> Iterator[Tried]:
    """Try the points in order, spread over processes."""
    if workers == 1:
        yield from map(try_one, points)
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        yield from pool.map(try_one, points)
    finally:  # whoever stops this does not wait for all other points
        pool.shutdown(cancel_futures=True)


def try_one(point: Point) -> Tried:
    """Try one point on this process's local AWS; a failure of the harness itself counts as a violation."""
    started = time.monotonic()
    try:
        violations = _violations(own_cloud(), point)
    except Exception as error:
        violations = [f"the harness failed: {type(error).__name__}: {error}"]
    return Tried(point, tuple(dict.fromkeys(violations)), time.monotonic() - started)


@cache
def own_cloud() -> Cloud:
    """This process's local AWS; it ends with the process."""
    Finalize(None, _AT_THE_END.close, exitpriority=10)  # a worker of a pool ends without `atexit`
    directory = Path(_AT_THE_END.enter_context(tempfile.TemporaryDirectory()))
    return _AT_THE_END.enter_context(running_cloud(directory))


def _violations(cloud: Cloud, point: Point) -> list[str]:
    if point.fault is Fault.SOME:
        return race(cloud, point.seed * 1_000_003 + point.number)
    if point.fault is Fault.NONE:
        return judged_walk(cloud, OPERATIONS[point.operation])
    if point.fault in KILLING:
        return violations_of(cloud, point, in_a_process_that_is_killed)
    return violations_of(cloud, point)
