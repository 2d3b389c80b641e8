"""A sample of the faults, one point of each operation; `make faults` tries all. And the harness finds what is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from insightshare.errors import Retryable
from insightshare.publish import Ports, register
from insightshare.publish.layout import run_folder
from tests.conftest import Cloud
from tests.faults.hook import Fault, Hook, Stopped
from tests.faults.killed import in_a_process_that_is_killed
from tests.faults.lake import Lake, new_lake, run_files
from tests.faults.operations import OPERATIONS, Facts, started
from tests.faults.points import Point, calls_of, judged_walk, points_of, violations_of
from tests.faults.races import race
from tests.unit.publish.scenes import INSIGHT, MONDAY

SEED = 7


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_that_fails_anywhere_ends_right_and_no_reader_notices(name: str, cloud: Cloud) -> None:
    points = points_of(cloud, OPERATIONS[name], SEED)
    point = random.Random(f"{SEED}/{name}").choice(points)  # noqa: S311 - no secret

    assert (str(point), violations_of(cloud, point)) == (str(point), [])


def test_a_process_that_is_killed_in_the_middle_is_finished_by_the_next(cloud: Cloud) -> None:
    point = Point("register a newer", 8, Fault.KILL_AFTER, SEED)

    assert violations_of(cloud, point, in_a_process_that_is_killed) == []


def test_a_rebuild_of_the_registry_that_stops_before_its_last_write_is_known_to_be_unfinished(cloud: Cloud) -> None:
    """Pointers that were missing while all decisions were there made repair take everything away."""
    calls = calls_of(cloud, OPERATIONS["repair from S3"])
    last = max(number for number, call in enumerate(calls) if call.name == "dynamodb.PutItem")

    assert violations_of(cloud, Point("repair from S3", last, Fault.STOP_BEFORE, SEED)) == []


def test_publishers_registrars_operators_and_vacuums_racing_end_right_and_a_seed_repeats_it(cloud: Cloud) -> None:
    first: list[str] = []
    again: list[str] = []

    violations = race(cloud, SEED, first) + race(cloud, SEED, again)

    assert violations == []
    assert (first, any(not line.endswith("well") for line in first)) == (again, True)


# The rest holds the harness to what it promises: each fault happens, and what is wrong is found.


def put_with(fault: Fault, lake: Lake, hook: Hook | None = None) -> tuple[str, bool]:
    """How one write ends that meets the fault, and whether it took effect."""
    spoilt = lake.ports(hook or Hook({0: fault}))
    try:
        ended = str(spoilt.storage.create("one", b"body"))
    except (Stopped, Retryable) as stopped:
        ended = type(stopped).__name__
    return ended, lake.quiet.storage.read("one", 10) is not None


@pytest.mark.parametrize(
    ("fault", "ended", "took_effect"),
    [
        (Fault.STOP_BEFORE, "Stopped", False),
        (Fault.STOP_AFTER, "Stopped", True),
        (Fault.THROTTLED, "Retryable", False),
        (Fault.ERROR, "Retryable", False),
        (Fault.ERROR_AFTER, "Retryable", True),
        (Fault.TIMEOUT, "Retryable", False),
        (Fault.TIMEOUT_AFTER, "Retryable", True),
        (Fault.TWICE, "False", True),
    ],
)
def test_a_fault_is_what_its_name_says(fault: Fault, ended: str, took_effect: bool, cloud: Cloud) -> None:
    assert put_with(fault, new_lake(cloud)) == (ended, took_effect)


def test_a_late_write_takes_effect_when_its_time_has_come(cloud: Cloud) -> None:
    lake, hook = new_lake(cloud), Hook({0: Fault.LATE}, late_by=2)

    at_first = put_with(Fault.LATE, lake, hook)
    lake.ports(hook).storage.list("")
    after_one = lake.quiet.storage.read("one", 10)
    lake.ports(hook).storage.list("")

    assert (at_first, after_one) == (("Retryable", False), None)
    assert lake.quiet.storage.read("one", 10) == b"body"


def deletes_the_partition_first(ports: Ports, facts: Facts) -> object:
    ports.catalog.delete_partition(INSIGHT, MONDAY)
    return register(ports, facts["key"])


def adds_a_file_to_a_run(ports: Ports, facts: Facts) -> object:
    stray = run_files(started(ports))[0]
    ports.storage.create(f"{run_folder(INSIGHT, facts['before'])}part-00009.parquet", stray)
    return register(ports, facts["key"])


def tells_nobody(ports: Ports, facts: Facts) -> object:
    run_id = facts["key"].split("/")[2]
    ports.registry.mark_complete(INSIGHT, run_id)
    return register(ports, facts["key"])


@pytest.mark.parametrize(
    ("attempt", "violation"),
    [
        (deletes_the_partition_first, f"the history has no rows of {MONDAY}"),
        (adds_a_file_to_a_run, f"history {MONDAY} shows 2 runs at once"),
        (tells_nobody, "a publication was not announced"),
    ],
)
def test_a_wrong_operation_is_found(attempt: Callable[[Ports, Facts], object], violation: str, cloud: Cloud) -> None:
    wrong = replace(OPERATIONS["register a newer"], attempt=attempt)

    assert violation in judged_walk(cloud, wrong)


def test_a_point_that_is_never_reached_is_no_success(cloud: Cloud) -> None:
    point = Point("pin", 1_000, Fault.STOP_BEFORE, SEED)

    assert violations_of(cloud, point) == ["the fault met 0 calls"]
