"""Registering runs, one suite on the ports in memory and on the local AWS: what readers see, what is refused."""

from typing import Any

import pytest

from insightshare.errors import Conflict, ManifestRefused
from insightshare.publish import (
    State,
    claim,
    read_receipt,
    register,
    write_manifest,
)
from insightshare.publish.layout import receipt_key, run_folder
from insightshare.publish.manifest import Manifest
from insightshare.publish.projection import project_run
from tests.behaviour.publish_scenes import (
    additional,
    additional_in_a_folder,
    another_sequence,
    missing,
    outside,
    published,
    resized,
    shown,
    spoil_catalog,
    too_large,
)
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
