"""Claims: numbers that rise, names that sort by time; and what is refused before a job has written anything."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from insightshare.errors import Conflict, ManifestRefused, UsageError
from insightshare.publish import State, claim, register, undo, write_manifest
from insightshare.publish.facts import RUN_ID
from insightshare.publish.ports import Change
from tests.fakes import FakeRegistry, ports_on
from tests.unit.publish.scenes import INSIGHT, MONDAY, empty_world, fresh, manifest_of, started, written


def test_run_ids_sort_by_the_time_of_their_claim_and_never_meet() -> None:
    _, ports = fresh()
    times = [datetime(2026, 1, 31, 12, 0, second, 999_999, tzinfo=UTC) for second in (1, 1, 2)]

    clock = iter(times)
    run_ids = [claim(ports.registry, INSIGHT, MONDAY, "jr", lambda: next(clock)).run_id for _ in times]

    assert (sorted(run_ids[:2])[1] < run_ids[2], len(set(run_ids))) == (True, 3)
    assert all(RUN_ID.fullmatch(run_id) for run_id in run_ids)


@pytest.mark.parametrize("as_of", ["2026-1-5", "today", "2026-02-30", "", "2026-01-05/.."])
def test_a_claim_for_something_that_is_no_date_is_refused(as_of: str) -> None:
    _, ports = fresh()

    with pytest.raises(UsageError, match="is not a date YYYY-MM-DD"):
        claim(ports.registry, INSIGHT, as_of, "jr")


def test_a_claim_for_something_that_is_no_insight_is_refused() -> None:
    _, ports = fresh()

    with pytest.raises(UsageError, match="insight: 'a/b' is not a snake_case name"):
        claim(ports.registry, "a/b", MONDAY, "jr")


def test_a_manifest_that_would_be_refused_is_never_written() -> None:
    world, ports = fresh()
    manifest = manifest_of(started(ports))
    file = replace(manifest.files[0], name="../x")

    with pytest.raises(ManifestRefused):
        write_manifest(ports.storage, ports.registry, replace(manifest, files=(file,)))

    assert world.objects == {}


def test_a_run_whose_manifest_is_written_is_written() -> None:
    _, ports = fresh()

    own, _ = written(ports)

    run = ports.registry.run(INSIGHT, own.run_id)
    assert run is not None and run.state is State.WRITTEN


class OvertakenRegistry(FakeRegistry):
    """A registry in which somebody else always decides just before."""

    def commit(self, change: Change) -> bool:
        return False


def test_an_operator_who_is_overtaken_is_told_so() -> None:
    world = empty_world()
    ports = ports_on(world)
    _, key = written(ports)
    register(ports, key)

    with pytest.raises(Conflict, match="current run: what it is now is not what it was a moment ago"):
        undo(replace(ports, registry=OvertakenRegistry(world)), INSIGHT)
