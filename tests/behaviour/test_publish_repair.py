"""Repair and rebuild, one suite on the ports in memory and on the local AWS."""

from dataclasses import replace
from typing import Any

import pytest

from insightshare.errors import Retryable
from insightshare.publish import (
    Decision,
    rebuild,
    register,
    repair,
    rollback,
    withdraw,
)
from insightshare.publish.layout import decision_key
from tests.behaviour.publish_scenes import (
    additional,
    missing,
    published,
    resized,
    shown,
    spoil_catalog,
)
from tests.behaviour.publish_stage import Stage, aws_stage, fake_stage
from tests.unit.publish.scenes import (
    INSIGHT,
    MONDAY,
    TUESDAY,
    location,
    started,
    written,
)


@pytest.fixture(params=["memory", "aws"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """The same suite on both."""
    return fake_stage() if request.param == "memory" else aws_stage(request.getfixturevalue("cloud"))


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

    def hurry(self, receipt: str, seconds: int) -> None:
        raise Retryable(f"queue: {receipt} was not taken")

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
