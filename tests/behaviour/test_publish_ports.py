"""The ports' own promises, in memory and on the local AWS: conditional writes, transactions, compare-and-swap."""

from dataclasses import replace

import pytest

from insightshare.errors import ManifestRefused
from insightshare.publish import Decision, Kind, Pointer, Ports, State
from insightshare.publish.ports import Change, RunChange, StoredObject
from tests.behaviour.publish_scenes import published
from tests.behaviour.publish_stage import Stage, aws_stage, fake_stage
from tests.unit.publish.scenes import INSIGHT, MONDAY, TUESDAY, started


@pytest.fixture(params=["memory", "aws"])
def ports(request: pytest.FixtureRequest) -> Ports:
    """The same suite on both."""
    stage: Stage = fake_stage() if request.param == "memory" else aws_stage(request.getfixturevalue("cloud"))
    return stage.ports


def decision(sequence: int, run_id: str | None, as_of: str = MONDAY) -> Decision:
    return Decision(INSIGHT, sequence, Kind.PUBLISH, as_of, run_id, None, "2026-01-31T12:00:00.000Z")


def test_an_object_is_created_once(ports: Ports) -> None:
    storage = ports.storage

    created = [storage.create("a/b.json", body) for body in (b"first", b"second")]

    assert (created, storage.read("a/b.json", 100)) == ([True, False], b"first")


def test_an_object_that_does_not_exist_reads_as_none(ports: Ports) -> None:
    assert ports.storage.read("a/b.json", 100) is None


def test_an_object_over_the_limit_is_refused(ports: Ports) -> None:
    ports.storage.create("a/b.json", b"12345")

    with pytest.raises(ManifestRefused, match="size: 5 bytes is not at most 4 bytes"):
        ports.storage.read("a/b.json", 4)


def test_listings_are_complete_and_in_order(ports: Ports) -> None:
    for key in ("a/2", "a/1", "a/b/c", "b/1"):
        ports.storage.create(key, key.encode())

    assert ports.storage.list("a/") == (StoredObject("a/1", 3), StoredObject("a/2", 3), StoredObject("a/b/c", 5))
    assert ports.storage.folders("a/") == ("b",)


def test_a_table_moves_only_from_the_version_that_was_read(ports: Ports) -> None:
    catalog = ports.catalog
    stale = catalog.table("churn_latest")

    moved = [catalog.move_table(stale, ports.storage.uri(f"insights/churn/{n}/"), {"run_id": n}) for n in ("1", "2")]

    now = catalog.table("churn_latest")
    assert (moved, now.location, now.parameters["run_id"]) == (
        [True, False],
        ports.storage.uri("insights/churn/1/"),
        "1",
    )
    assert now.parameters["insight"] == stale.parameters["insight"]
    assert now.columns == stale.columns


def test_a_move_spoils_an_older_version_even_where_nothing_differs(ports: Ports) -> None:
    catalog = ports.catalog
    stale = catalog.table("churn_latest")
    catalog.move_table(catalog.table("churn_latest"), stale.location, {})

    assert catalog.move_table(stale, stale.location, {}) is False


def test_a_partition_is_created_once_updated_when_there_and_deleted_once(ports: Ports) -> None:
    catalog, table = ports.catalog, ports.catalog.table(INSIGHT)
    one, two = ports.storage.uri("insights/churn/1/"), ports.storage.uri("insights/churn/2/")

    before = catalog.update_partition(table, MONDAY, one, {})
    created = [catalog.create_partition(table, MONDAY, place, {}) for place in (one, two)]
    kept = catalog.partition(INSIGHT, MONDAY)
    updated = catalog.update_partition(table, MONDAY, two, {"run_id": "2"})
    found = catalog.partition(INSIGHT, MONDAY)
    deleted = [catalog.delete_partition(INSIGHT, MONDAY) for _ in range(2)]

    assert (before, created, updated, deleted) == (False, [True, False], True, [True, False])
    assert kept is not None and kept.location == one
    assert found is not None and (found.location, found.parameters["run_id"]) == (two, "2")
    assert catalog.partition(INSIGHT, MONDAY) is None


def test_sequence_numbers_rise_for_each_insight_apart(ports: Ports) -> None:
    numbers = [ports.registry.next_sequence(insight) for insight in ("churn", "churn", "interests")]

    assert numbers == [1, 2, 1]


def test_a_run_is_marked_written_only_from_claimed(ports: Ports) -> None:
    own = started(ports)

    marked = [ports.registry.mark_written(INSIGHT, own.run_id) for _ in range(2)]

    run = ports.registry.run(INSIGHT, own.run_id)
    assert (marked, run and run.state) == ([True, False], State.WRITTEN)


def test_a_commit_moves_run_pointer_and_decision_together(ports: Ports) -> None:
    registry, own = ports.registry, started(ports)
    run = registry.run(INSIGHT, own.run_id)
    assert run is not None
    registered = replace(run, rows=5, files_digest="d", registered_at_utc="now")

    done = registry.commit(
        Change(INSIGHT, (RunChange(own.run_id, State.CLAIMED, State.CURRENT, "", registered),), decision(1, own.run_id))
    )

    pointer = registry.pointer(INSIGHT, MONDAY)
    assert (done, registry.run(INSIGHT, own.run_id)) == (True, replace(registered, state=State.CURRENT))
    assert (pointer, registry.decisions(INSIGHT)) == (registry.newest_pointer(INSIGHT), (decision(1, own.run_id),))


@pytest.mark.parametrize(
    ("before", "sequence", "seen"),
    [(State.WRITTEN, 9, 3), (State.CLAIMED, 9, None), (State.CLAIMED, 9, 2), (State.CLAIMED, 3, 3)],
    ids=["run moved", "pointer appeared", "pointer moved", "not a higher number"],
)
def test_a_commit_whose_condition_does_not_hold_changes_nothing(
    ports: Ports, before: State, sequence: int, seen: int | None
) -> None:
    registry, own = ports.registry, started(ports)
    registry.commit(Change(INSIGHT, (), decision(3, "other")))
    runs, pointers = registry.runs(INSIGHT), registry.pointers(INSIGHT)

    done = registry.commit(
        Change(INSIGHT, (RunChange(own.run_id, before, State.CURRENT, ""),), decision(sequence, own.run_id), seen)
    )

    assert (done, registry.runs(INSIGHT), registry.pointers(INSIGHT)) == (False, runs, pointers)
    assert registry.decisions(INSIGHT) == (decision(3, "other"),)


def test_the_newest_pointer_is_that_of_the_newest_as_of_that_has_a_run(ports: Ports) -> None:
    registry = ports.registry
    for number, (as_of, run_id) in enumerate([(MONDAY, "m"), (TUESDAY, None), ("2026-02-01", None)], start=1):
        registry.commit(Change(INSIGHT, (), decision(number, run_id, as_of)))

    newest, last = registry.newest_pointer(INSIGHT), registry.last_decision(INSIGHT)

    assert newest is not None and (newest.as_of, newest.run_id) == (MONDAY, "m")
    assert last == decision(3, None, "2026-02-01")


def test_a_registry_that_knows_nothing_answers_none(ports: Ports) -> None:
    registry = ports.registry

    assert (registry.run(INSIGHT, "r"), registry.pointer(INSIGHT, MONDAY), registry.decision(INSIGHT, 1)) == (None,) * 3
    assert (registry.newest_pointer(INSIGHT), registry.last_decision(INSIGHT), registry.runs(INSIGHT)) == (
        None,
        None,
        (),
    )


def test_a_restore_never_moves_a_pointer_or_the_counter_back(ports: Ports) -> None:
    registry = ports.registry
    for _ in range(5):
        registry.next_sequence(INSIGHT)
    registry.commit(Change(INSIGHT, (), decision(5, "newer")))

    registry.restore(INSIGHT, (), (decision(2, "older"),), 3)

    pointer = registry.pointer(INSIGHT, MONDAY)
    assert (pointer and pointer.run_id, registry.next_sequence(INSIGHT)) == ("newer", 6)


def test_an_overwritten_or_deleted_object_stays_as_a_version_until_that_is_deleted(ports: Ports) -> None:
    storage = ports.storage
    storage.create("a/b.json", b"1")
    storage.overwrite("a/b.json", b"22")
    storage.delete(["a/b.json"])

    kept = storage.versions("a/")
    storage.delete_versions(kept)

    assert storage.read("a/b.json", 100) is None
    assert [version.size_bytes for version in kept if version.size_bytes] in ([1, 2], [2, 1])
    assert ([version.is_current for version in kept if version.size_bytes], storage.versions("a/")) == ([False] * 2, ())


def test_objects_are_deleted_in_any_number_and_twice(ports: Ports) -> None:
    for number in range(3):
        ports.storage.create(f"a/{number}", b"x")

    for _ in range(2):
        ports.storage.delete(["a/0", "a/1"])
    ports.storage.delete([])

    assert [item.key for item in ports.storage.list("a/")] == ["a/2"]


def left(ports: Ports) -> tuple[str, Pointer]:
    """A superseded run, and the pointer of its as_of."""
    run_id = published(ports)
    published(ports)
    pointer = ports.registry.pointer(INSIGHT, MONDAY)
    assert pointer is not None
    return run_id, pointer


def test_a_run_is_deleted_only_while_its_pointer_is_where_it_was_seen(ports: Ports) -> None:
    run_id, pointer = left(ports)
    change = RunChange(run_id, State.SUPERSEDED, State.DELETING, "2026-02-01T00:00:00.000Z")

    stale = ports.registry.commit(Change(INSIGHT, (change,), unmoved=replace(pointer, sequence=pointer.sequence - 1)))
    done = ports.registry.commit(Change(INSIGHT, (change,), unmoved=pointer))

    run = ports.registry.run(INSIGHT, run_id)
    assert (stale, done) == (False, True)
    assert run is not None and (run.state, run.state_since_utc) == (State.DELETING, "2026-02-01T00:00:00.000Z")


@pytest.mark.parametrize(("today", "moves"), [("2026-02-01", False), ("2026-02-02", True)])
def test_a_run_is_held_until_the_end_of_its_pins_day(ports: Ports, today: str, moves: bool) -> None:
    run_id, _ = left(ports)
    ports.registry.set_pin(INSIGHT, run_id, "2026-02-01")

    change = RunChange(run_id, State.SUPERSEDED, State.DELETING, "", unpinned_on=today)

    assert ports.registry.commit(Change(INSIGHT, (change,))) is moves


def test_a_condemned_run_loses_its_pin_is_not_pinned_again_and_never_becomes_current(ports: Ports) -> None:
    registry = ports.registry
    run_id, _ = left(ports)
    registry.set_pin(INSIGHT, run_id, "2026-02-01")

    condemned = [registry.condemn(INSIGHT, run_id, "erasure-1") for _ in range(2)]

    run = registry.run(INSIGHT, run_id)
    assert (condemned, registry.set_pin(INSIGHT, run_id, "2026-02-01")) == ([True, False], False)
    assert run is not None and (run.condemned_by, run.pinned_until) == ("erasure-1", "")
    assert registry.commit(Change(INSIGHT, (RunChange(run_id, State.SUPERSEDED, State.CURRENT, ""),))) is False


def test_only_a_registered_run_that_is_kept_is_pinned(ports: Ports) -> None:
    own = started(ports)

    assert ports.registry.set_pin(INSIGHT, own.run_id, "2026-02-01") is False
    assert (ports.registry.set_pin(INSIGHT, "nobody", "2026-02-01"), ports.registry.condemn(INSIGHT, "x", "e")) == (
        False,
        False,
    )
