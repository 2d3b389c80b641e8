"""Rollback, undo and withdrawal, one suite on the ports in memory and on the local AWS."""

import pytest

from insightshare.errors import NotFound, UsageError
from insightshare.publish import (
    State,
    register,
    rollback,
    runs,
    undo,
    withdraw,
)
from insightshare.publish.layout import decision_key, empty_folder
from tests.behaviour.publish_scenes import published, shown
from tests.behaviour.publish_stage import Stage, aws_stage, fake_stage
from tests.unit.publish.scenes import (
    INSIGHT,
    MONDAY,
    TUESDAY,
    finished,
    location,
    started,
    written,
)


@pytest.fixture(params=["memory", "aws"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """The same suite on both."""
    return fake_stage() if request.param == "memory" else aws_stage(request.getfixturevalue("cloud"))


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
