"""Publishing, one suite on the ports in memory and on the local AWS: what readers see, and what takes it back."""

from dataclasses import replace
from typing import Any

import pytest

from insightshare.errors import Conflict, ManifestRefused, NotFound, Retryable, UsageError
from insightshare.publish import (
    Decision,
    Ports,
    State,
    claim,
    read_receipt,
    rebuild,
    register,
    repair,
    rollback,
    runs,
    undo,
    withdraw,
    write_manifest,
)
from insightshare.publish.layout import decision_key, empty_folder, receipt_key, run_folder
from insightshare.publish.manifest import Manifest
from insightshare.publish.projection import project_run
from tests.behaviour.publish_stage import Stage, aws_stage, fake_stage
from tests.unit.publish.scenes import (
    INSIGHT,
    MONDAY,
    TUESDAY,
    finished,
    location,
    manifest_of,
    started,
    write_files,
    written,
)


@pytest.fixture(params=["memory", "aws"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """The same suite on both."""
    return fake_stage() if request.param == "memory" else aws_stage(request.getfixturevalue("cloud"))


def shown(ports: Ports) -> dict[str, Any]:
    """Everything that registering may change, except times."""
    latest = ports.catalog.table(f"{INSIGHT}_latest")
    return {
        "latest": latest.location,
        "latest_run": latest.parameters.get("run_id", ""),
        "as_ofs": {p.value: p.location for p in ports.catalog.partitions(INSIGHT)},
        "runs": {p.value: p.location for p in ports.catalog.partitions(f"{INSIGHT}_runs")},
        "states": {run.run_id: run.state for run in ports.registry.runs(INSIGHT)},
        "decisions": [(d.sequence, d.kind, d.run_id) for d in ports.registry.decisions(INSIGHT)],
        "receipts": [item.key for item in ports.storage.list("receipts/")],
    }


def published(ports: Ports, as_of: str = MONDAY) -> str:
    own, key = written(ports, as_of)
    register(ports, key)
    return own.run_id


def test_a_registered_run_is_what_all_three_tables_show(stage: Stage) -> None:
    ports = stage.ports

    run_id = published(ports)

    there = location(ports, run_id)
    assert shown(ports) == {
        "latest": there,
        "latest_run": run_id,
        "as_ofs": {MONDAY: there},
        "runs": {run_id: there},
        "states": {run_id: State.CURRENT},
        "decisions": [(1, "publish", run_id)],
        "receipts": [receipt_key(INSIGHT, run_id)],
    }


def test_partitions_carry_the_whole_descriptor_of_their_table(stage: Stage) -> None:
    published(stage.ports)

    table = stage.ports.catalog.table(INSIGHT)
    [partition] = stage.ports.catalog.partitions(INSIGHT)

    assert partition.columns == table.columns


def test_only_the_registered_one_of_two_runs_of_an_as_of_is_shown(stage: Stage) -> None:
    ports = stage.ports
    written(ports)

    second = published(ports)

    assert shown(ports)["as_ofs"] == {MONDAY: location(ports, second)}


def test_registering_the_same_manifest_twice_changes_nothing_more(stage: Stage) -> None:
    ports = stage.ports
    _, key = written(ports)
    first = register(ports, key)
    before = shown(ports)

    second = register(ports, key)

    assert (shown(ports), first.first, second.first) == (before, True, False)


def test_registering_again_shows_again_what_was_decided(stage: Stage) -> None:
    ports = stage.ports
    own, key = written(ports)
    register(ports, key)
    before = shown(ports)
    spoil_catalog(ports, own.run_id)
    ports.catalog.delete_partition(INSIGHT, "2025-12-31")

    register(ports, key)

    assert shown(ports) == before


def test_two_manifests_registered_in_the_wrong_order_end_as_in_the_right_one(stage: Stage) -> None:
    ports = stage.ports
    older, newer = started(ports), started(ports)
    older_key, newer_key = finished(ports, older), finished(ports, newer)

    register(ports, newer_key)
    register(ports, older_key)

    seen = shown(ports)
    assert (seen["latest"], seen["as_ofs"][MONDAY]) == (location(ports, newer.run_id),) * 2
    assert seen["states"] == {older.run_id: State.SUPERSEDED, newer.run_id: State.CURRENT}
    assert seen["runs"].keys() == {older.run_id, newer.run_id}


def test_latest_stays_on_the_newest_as_of_when_an_older_one_is_published_later(stage: Stage) -> None:
    ports = stage.ports
    tuesday = published(ports, TUESDAY)

    published(ports, MONDAY)

    assert shown(ports)["latest"] == location(ports, tuesday)


def test_a_rejected_run_leaves_a_receipt_and_readers_see_no_change(stage: Stage) -> None:
    ports = stage.ports
    published(ports)
    before = shown(ports)
    own, key = written(ports, passed=False)

    done = register(ports, key)

    changed = {name: value for name, value in shown(ports).items() if value != before[name]}
    assert changed.keys() == {"states", "receipts"}
    assert (done.run.state, read_receipt(ports.storage, INSIGHT, own.run_id)["passed"]) == (State.REJECTED, False)


def test_a_run_that_readers_may_not_see_gets_no_partition(stage: Stage) -> None:
    ports = stage.ports
    own, key = written(ports, passed=False)
    register(ports, key)

    project_run(ports, INSIGHT, own.run_id)

    assert ports.catalog.partitions(f"{INSIGHT}_runs") == ()


def test_a_receipt_says_what_was_checked_and_nothing_that_the_checks_saw(stage: Stage) -> None:
    run_id = published(stage.ports)

    found = read_receipt(stage.ports.storage, INSIGHT, run_id)

    assert found["row_count"] == 2
    assert found["checks"] == [
        {
            "id": "churn_probability-range",
            "kind": "range",
            "columns": ["churn_probability"],
            "severity": "error",
            "passed": True,
            "sentence": "churn_probability lies between 0 and 1.",
        }
    ]


def outside(key: str, stage: Stage) -> None:
    body = stage.ports.storage.read(key, 10**6) or b""
    stage.overwrite(key, body.replace(b"part-00000.parquet", b"../other/part-00000.parquet"))


def missing(key: str, stage: Stage) -> None:
    stage.remove(f"{run_folder(INSIGHT, key.split('/')[2])}part-00000.parquet")


def resized(key: str, stage: Stage) -> None:
    stage.overwrite(f"{run_folder(INSIGHT, key.split('/')[2])}part-00000.parquet", b"more rows")


def additional(key: str, stage: Stage) -> None:
    stage.overwrite(f"{run_folder(INSIGHT, key.split('/')[2])}part-00001.parquet", b"rows")


def additional_in_a_folder(key: str, stage: Stage) -> None:
    stage.overwrite(f"{run_folder(INSIGHT, key.split('/')[2])}more/part-00000.parquet", b"rows")


def another_sequence(key: str, stage: Stage) -> None:
    body = stage.ports.storage.read(key, 10**6) or b""
    stage.overwrite(key, body.replace(b'"sequence": 2', b'"sequence": 999'))


def too_large(key: str, stage: Stage) -> None:
    stage.overwrite(key, b" " * (4 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    "spoil", [outside, missing, resized, additional, additional_in_a_folder, another_sequence, too_large]
)
def test_a_manifest_that_does_not_describe_its_folder_is_refused_and_changes_nothing(stage: Stage, spoil: Any) -> None:
    published(stage.ports)
    _, key = written(stage.ports)
    before = shown(stage.ports)
    spoil(key, stage)

    with pytest.raises(ManifestRefused):
        register(stage.ports, key)

    assert shown(stage.ports) == before


def test_a_manifest_that_was_changed_after_its_registration_is_refused(stage: Stage) -> None:
    own, key = written(stage.ports)
    register(stage.ports, key)
    stage.overwrite(key, manifest_of(own, contents=(b"other rows",)).to_bytes())

    with pytest.raises(ManifestRefused, match="files: another list is not the list that was registered"):
        register(stage.ports, key)


def test_files_that_queries_do_not_read_are_no_reason_to_refuse(stage: Stage) -> None:
    own, key = written(stage.ports)
    stage.overwrite(f"{run_folder(INSIGHT, own.run_id)}_SUCCESS", b"")

    assert register(stage.ports, key).run.state is State.CURRENT


def test_a_manifest_written_again_by_a_retry_changes_nothing(stage: Stage) -> None:
    ports = stage.ports
    own = started(ports)
    write_files(ports, own)

    keys = [write_manifest(ports.storage, ports.registry, manifest_of(own)) for _ in range(2)]

    assert keys == [manifest_of(own).key] * 2


def test_another_manifest_for_a_run_that_has_one_is_a_conflict(stage: Stage) -> None:
    ports = stage.ports
    own = started(ports)
    write_manifest(ports.storage, ports.registry, manifest_of(own))
    other: Manifest = manifest_of(own, contents=(b"other rows",))

    with pytest.raises(Conflict, match="manifest: the object that exists is not the manifest of this run"):
        write_manifest(ports.storage, ports.registry, other)


def test_a_later_claim_has_a_higher_number_and_a_later_name(stage: Stage) -> None:
    registry = stage.ports.registry

    first, second = (claim(registry, INSIGHT, MONDAY, "jr_1") for _ in range(2))

    assert (second.sequence, second.run_id[:19] >= first.run_id[:19]) == (first.sequence + 1, True)


def test_rollback_shows_the_other_run_of_the_as_of(stage: Stage) -> None:
    ports = stage.ports
    old, new = published(ports), published(ports)

    rollback(ports, INSIGHT, MONDAY, old)

    seen = shown(ports)
    assert (seen["latest"], seen["as_ofs"]) == (location(ports, old), {MONDAY: location(ports, old)})
    assert seen["states"] == {old: State.CURRENT, new: State.SUPERSEDED}


def test_undo_takes_back_the_last_decision_and_undoing_twice_redoes_it(stage: Stage) -> None:
    ports = stage.ports
    old, new = published(ports), published(ports)

    undo(ports, INSIGHT)
    after_one = shown(ports)["latest"]
    undo(ports, INSIGHT)

    assert (after_one, shown(ports)["latest"]) == (location(ports, old), location(ports, new))


def test_undo_of_the_first_publication_withdraws_it(stage: Stage) -> None:
    published(stage.ports)

    decision = undo(stage.ports, INSIGHT)

    assert (decision.kind, shown(stage.ports)["as_ofs"]) == ("withdraw", {})


def test_withdraw_lets_latest_fall_back_to_the_newest_as_of_that_has_a_run(stage: Stage) -> None:
    ports = stage.ports
    monday, tuesday = published(ports, MONDAY), published(ports, TUESDAY)

    withdraw(ports, INSIGHT, TUESDAY)

    seen = shown(ports)
    assert (seen["latest"], seen["as_ofs"]) == (location(ports, monday), {MONDAY: location(ports, monday)})
    assert seen["states"][tuesday] == State.WITHDRAWN


def test_asking_again_for_what_is_decided_decides_nothing_and_shows_it_again(stage: Stage) -> None:
    ports = stage.ports
    run_id, _ = published(ports), published(ports)
    withdrawn = withdraw(ports, INSIGHT, MONDAY)
    ports.catalog.create_partition(ports.catalog.table(INSIGHT), MONDAY, location(ports, run_id), {})

    again = withdraw(ports, INSIGHT, MONDAY)
    restored = rollback(ports, INSIGHT, MONDAY, run_id)

    assert (again, rollback(ports, INSIGHT, MONDAY, run_id)) == (withdrawn, restored)
    assert shown(ports)["as_ofs"] == {MONDAY: location(ports, run_id)}


def test_withdraw_of_all_leaves_latest_on_the_reserved_empty_folder(stage: Stage) -> None:
    published(stage.ports)

    withdraw(stage.ports, INSIGHT, MONDAY)

    seen = shown(stage.ports)
    assert (seen["latest"], seen["latest_run"]) == (stage.ports.storage.uri(empty_folder(INSIGHT)), "")


def test_a_run_that_started_before_a_rollback_does_not_replace_it(stage: Stage) -> None:
    ports = stage.ports
    old, _ = published(ports), published(ports)
    slow = started(ports)
    rollback(ports, INSIGHT, MONDAY, old)

    done = register(ports, finished(ports, slow))

    assert (done.run.state, shown(ports)["latest"]) == (State.SUPERSEDED, location(ports, old))


def test_a_withdrawn_run_can_be_brought_back(stage: Stage) -> None:
    ports = stage.ports
    run_id = published(ports)
    withdraw(ports, INSIGHT, MONDAY)

    rollback(ports, INSIGHT, MONDAY, run_id)

    assert shown(ports)["as_ofs"] == {MONDAY: location(ports, run_id)}


def test_rollback_to_a_run_that_cannot_be_shown_says_why(stage: Stage) -> None:
    ports = stage.ports
    published(ports)
    tuesday = published(ports, TUESDAY)
    own, key = written(ports, passed=False)
    register(ports, key)

    with pytest.raises(UsageError, match="which is rejected, is not a run that readers may see"):
        rollback(ports, INSIGHT, MONDAY, own.run_id)
    with pytest.raises(UsageError, match="of as_of 2026-01-06, is not a run of this as_of"):
        rollback(ports, INSIGHT, MONDAY, tuesday)
    with pytest.raises(NotFound, match="is not a run of this insight"):
        rollback(ports, INSIGHT, MONDAY, "20260101T000000000Z-00000000")
    with pytest.raises(NotFound, match="is not an as_of that was ever published"):
        withdraw(ports, INSIGHT, "2030-01-01")


def test_undo_where_nothing_was_decided_says_so(stage: Stage) -> None:
    with pytest.raises(NotFound, match="none is not a decision to take back"):
        undo(stage.ports, INSIGHT)


def test_runs_are_listed_newest_first(stage: Stage) -> None:
    first, second = published(stage.ports), published(stage.ports)

    found = [run.run_id for run in runs(stage.ports.registry, INSIGHT)]

    assert found == sorted([first, second], reverse=True)


def test_each_decision_is_an_object_that_never_changes(stage: Stage) -> None:
    ports = stage.ports
    published(ports)
    key = decision_key(INSIGHT, 1)
    before = ports.storage.read(key, 10_000)

    withdraw(ports, INSIGHT, MONDAY)

    assert (before is not None, ports.storage.read(key, 10_000)) == (True, before)


def test_repair_finds_nothing_after_publishing(stage: Stage) -> None:
    published(stage.ports)

    assert str(repair(stage.ports, INSIGHT)) == "churn: 0 to repair, 0 to look at"


def test_repair_makes_the_catalog_follow_the_decisions_and_is_empty_the_second_time(stage: Stage) -> None:
    ports = stage.ports
    published(ports)
    run_id = published(ports)
    before = shown(ports)
    spoil_catalog(ports, run_id)

    first, second = repair(ports, INSIGHT), repair(ports, INSIGHT)

    assert [str(action) for action in first.actions] == [
        "project as_of 2025-12-31: is shown, but nothing is current",
        f"project as_of {MONDAY}: has no partition",
        "project latest churn_latest: does not show the newest decision",
        f"project run {run_id}: has no partition",
    ]
    assert (second.actions, shown(ports)) == ((), before)


def spoil_catalog(ports: Ports, run_id: str) -> None:
    """What somebody's hand did to the tables."""
    catalog = ports.catalog
    catalog.delete_partition(INSIGHT, MONDAY)
    catalog.delete_partition(f"{INSIGHT}_runs", run_id)
    catalog.create_partition(catalog.table(INSIGHT), "2025-12-31", ports.storage.uri("elsewhere/"), {})
    catalog.move_table(catalog.table(f"{INSIGHT}_latest"), ports.storage.uri("elsewhere/"), {"run_id": "x"})


def test_repair_puts_back_a_decision_that_the_lake_lost(stage: Stage) -> None:
    published(stage.ports)
    stage.remove(decision_key(INSIGHT, 1))

    found = repair(stage.ports, INSIGHT)

    assert [str(action) for action in found.actions] == ["write decision 000000000001: not in the lake"]
    assert stage.ports.storage.read(decision_key(INSIGHT, 1), 10_000) is not None


def test_repair_rewrites_partitions_after_a_column_was_added(stage: Stage) -> None:
    published(stage.ports)
    stage.add_column(INSIGHT)

    repair(stage.ports, INSIGHT)

    [partition] = stage.ports.catalog.partitions(INSIGHT)
    assert partition.columns[-1] == ("extra", "string")


def test_repair_requeues_a_manifest_that_nobody_registered(stage: Stage) -> None:
    ports = stage.ports
    _, key = written(ports)

    repair(ports, INSIGHT)
    queued = stage.queued()
    for waiting in queued:
        register(ports, waiting)

    assert (queued, repair(ports, INSIGHT).actions) == ([key], ())


class SilentBus:
    """An event bus that is out of order."""

    def announce(self, decision: Decision) -> None:
        raise Retryable(f"event bus: {decision.run_id} was not taken")

    def requeue(self, manifest_key: str) -> None:
        raise Retryable(f"queue: {manifest_key} was not taken")


def test_repair_requeues_a_registration_that_was_never_finished(stage: Stage) -> None:
    ports = stage.ports
    own, key = written(ports)
    with pytest.raises(Retryable):
        register(replace(ports, events=SilentBus()), key)

    found = repair(ports, INSIGHT)
    for waiting in stage.queued():
        register(ports, waiting)

    assert [str(action) for action in found.actions] == [f"requeue {own.run_id}: its registration was never finished"]
    assert repair(ports, INSIGHT).actions == ()


def test_repair_reports_a_refused_manifest_and_does_not_requeue_it(stage: Stage) -> None:
    _, key = written(stage.ports)
    additional(key, stage)

    found = repair(stage.ports, INSIGHT)

    assert (found.actions, stage.queued()) == ((), [])
    assert "additional file 'part-00001.parquet' (1 additional) is not the folder's listing" in found.findings[0]


@pytest.mark.parametrize("spoil", [additional, missing, resized])
def test_repair_reports_files_that_changed_after_registration(stage: Stage, spoil: Any) -> None:
    _, key = written(stage.ports)
    register(stage.ports, key)
    spoil(key, stage)

    found = repair(stage.ports, INSIGHT)

    assert (found.actions, len(found.findings)) == ((), 1)
    assert "another set than was registered" in found.findings[0]


def test_repair_projects_nothing_from_a_registry_that_lost_decisions(stage: Stage) -> None:
    published(stage.ports)
    before = shown(stage.ports)["as_ofs"]
    stage.forget_registry()

    found = repair(stage.ports, INSIGHT)

    assert (found.actions, shown(stage.ports)["as_ofs"]) == ((), before)
    assert "--from-s3" in found.findings[0]


def test_a_lost_registry_is_rebuilt_from_the_lake(stage: Stage) -> None:
    ports = stage.ports
    old, _ = published(ports), published(ports)
    rollback(ports, INSIGHT, MONDAY, old)
    published(ports, TUESDAY)
    withdraw(ports, INSIGHT, TUESDAY)
    _, rejected = written(ports, passed=False)
    register(ports, rejected)
    before = shown(ports)
    stage.forget_registry()

    restored = rebuild(ports, INSIGHT)

    assert str(restored) == "churn: 4 runs and 5 decisions to restore"
    assert (shown(ports), repair(ports, INSIGHT).actions) == (before, ())
    assert started(ports).sequence > 1_000
    assert str(rebuild(ports, INSIGHT)) == "churn: 0 runs and 0 decisions to restore"


def test_a_run_that_was_not_registered_when_the_registry_was_lost_is_registered_after_the_rebuild(stage: Stage) -> None:
    ports = stage.ports
    published(ports)
    own, _ = written(ports)
    stage.forget_registry()

    rebuild(ports, INSIGHT)
    repair(ports, INSIGHT)
    for key in stage.queued():
        register(ports, key)

    assert shown(ports)["latest"] == location(ports, own.run_id)
