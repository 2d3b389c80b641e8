"""Vacuum and pins, one suite on the ports in memory and on the local AWS."""

import pytest

from insightshare.errors import NotFound, UsageError
from insightshare.publish import (
    Ports,
    State,
    pin,
    register,
    repair,
    rollback,
    unpin,
    vacuum,
    withdraw,
)
from insightshare.publish.layout import manifests_folder, run_folder
from insightshare.publish.vacuum import DEFAULT, carry_out, gather, plan
from tests.behaviour.publish_scenes import later, published, shown
from tests.behaviour.publish_stage import Stage, aws_stage, fake_stage
from tests.unit.publish.scenes import INSIGHT, MONDAY, finished, location, started, write_files, written


@pytest.fixture(params=["memory", "aws"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """The same suite on both."""
    return fake_stage() if request.param == "memory" else aws_stage(request.getfixturevalue("cloud"))


def state(ports: Ports, run_id: str) -> State | None:
    run = ports.registry.run(INSIGHT, run_id)
    return run.state if run else None


def objects(ports: Ports, run_id: str) -> list[str]:
    """Every object of a run, by the last part of its name."""
    folders = (f"{manifests_folder(INSIGHT)}{run_id}/", run_folder(INSIGHT, run_id))
    return [item.key.rpartition("/")[2] for folder in folders for item in ports.storage.list(folder)]


def superseded(ports: Ports) -> str:
    """A run that another one followed."""
    run_id = published(ports)
    published(ports)
    return run_id


def steps(ports: Ports) -> list[str]:
    """What a vacuum planned, and did to the end."""
    planned = plan(gather(ports, INSIGHT), DEFAULT, ports.clock())
    assert carry_out(ports, planned) == planned
    return [f"{action.kind} {action.run_id}" for action in planned.actions]


def test_a_superseded_run_is_kept_for_thirty_days(stage: Stage) -> None:
    superseded(stage.ports)

    assert (steps(later(stage.ports, days=29)), steps(stage.ports)) == ([], [])


def test_a_run_leaves_every_table_first_and_its_files_go_when_the_longest_query_is_over(stage: Stage) -> None:
    ports = later(stage.ports, days=31)
    run_id = superseded(stage.ports)

    began, again = steps(ports), steps(ports)
    between = (state(ports, run_id), objects(ports, run_id), ports.catalog.partition(f"{INSIGHT}_runs", run_id))
    ended = steps(later(ports, hours=7))

    assert (began, again, ended) == ([f"begin to delete {run_id}"], [], [f"delete the files of {run_id}"])
    assert between == (State.DELETING, ["manifest.json", "part-00000.parquet"], None)
    assert (state(ports, run_id), objects(ports, run_id)) == (State.DELETED, [])
    assert steps(later(ports, days=90)) == []


def test_readers_see_the_same_before_and_after_a_vacuum(stage: Stage) -> None:
    superseded(stage.ports)
    before = shown(stage.ports)

    vacuum(later(stage.ports, days=31), INSIGHT)
    vacuum(later(stage.ports, days=32), INSIGHT)

    after = shown(stage.ports)
    assert (after["latest"], after["as_ofs"], after["receipts"]) == (
        before["latest"],
        before["as_ofs"],
        before["receipts"],
    )
    assert repair(stage.ports, INSIGHT).actions == ()


def test_vacuum_deletes_objects_and_leaves_their_versions_to_the_bucket(stage: Stage) -> None:
    run_id = superseded(stage.ports)

    vacuum(later(stage.ports, days=31), INSIGHT)
    vacuum(later(stage.ports, days=32), INSIGHT)

    assert [v for v in stage.ports.storage.versions(run_folder(INSIGHT, run_id)) if v.size_bytes] != []


def test_of_a_condemned_run_no_version_stays_and_no_pin_holds_it(stage: Stage) -> None:
    ports, run_id = stage.ports, superseded(stage.ports)
    pin(ports, INSIGHT, run_id, "9999-12-31")
    ports.registry.condemn(INSIGHT, run_id, "erasure-1")

    began = steps(later(ports, hours=7))
    vacuum(later(ports, hours=14), INSIGHT)

    assert (began, state(ports, run_id)) == ([f"begin to delete {run_id}"], State.DELETED)
    assert ports.storage.versions(run_folder(INSIGHT, run_id)) == ()
    assert ports.storage.versions(f"{manifests_folder(INSIGHT)}{run_id}/") == ()


def test_of_a_run_that_is_condemned_after_its_deletion_no_version_stays(stage: Stage) -> None:
    ports, run_id = stage.ports, superseded(stage.ports)
    vacuum(later(ports, days=31), INSIGHT)
    vacuum(later(ports, days=32), INSIGHT)
    ports.registry.condemn(INSIGHT, run_id, "erasure-1")

    purged, again = steps(later(ports, days=33)), steps(later(ports, days=33))

    assert (purged, again) == ([f"delete the files of {run_id}"], [])
    assert ports.storage.versions(run_folder(INSIGHT, run_id)) == ()


def test_a_pinned_run_is_kept_until_the_end_of_its_day(stage: Stage) -> None:
    run_id = superseded(stage.ports)
    until = (later(stage.ports, days=60).clock()).date().isoformat()
    pin(stage.ports, INSIGHT, run_id, until)

    assert (steps(later(stage.ports, days=59)), steps(later(stage.ports, days=62))) == (
        [],
        [f"begin to delete {run_id}"],
    )


def test_an_unpinned_run_may_go(stage: Stage) -> None:
    run_id = superseded(stage.ports)
    pin(stage.ports, INSIGHT, run_id, "9999-12-31")

    unpin(stage.ports, INSIGHT, run_id)

    assert steps(later(stage.ports, days=31)) == [f"begin to delete {run_id}"]


def test_a_run_that_is_pinned_after_the_plan_was_made_is_not_deleted(stage: Stage) -> None:
    ports, run_id = later(stage.ports, days=31), superseded(stage.ports)
    found = plan(gather(ports, INSIGHT), DEFAULT, ports.clock())
    pin(ports, INSIGHT, run_id, "9999-12-31")

    done = carry_out(ports, found)

    assert (len(found.actions), done.actions, state(ports, run_id)) == (1, (), State.SUPERSEDED)


def test_a_run_that_became_current_again_after_the_plan_was_made_is_not_deleted(stage: Stage) -> None:
    ports, run_id = later(stage.ports, days=31), superseded(stage.ports)
    found = plan(gather(ports, INSIGHT), DEFAULT, ports.clock())
    rollback(ports, INSIGHT, MONDAY, run_id)
    published(ports)

    done = carry_out(ports, found)

    assert (len(found.actions), done.actions, state(ports, run_id)) == (1, (), State.SUPERSEDED)


def test_a_run_whose_deletion_has_begun_never_becomes_current(stage: Stage) -> None:
    ports, run_id = later(stage.ports, days=31), superseded(stage.ports)
    vacuum(ports, INSIGHT)

    with pytest.raises(UsageError, match="which is deleting, is not a run that readers may see"):
        rollback(ports, INSIGHT, MONDAY, run_id)


def test_a_superseded_run_that_a_table_still_shows_is_kept(stage: Stage) -> None:
    ports, run_id = stage.ports, superseded(stage.ports)
    ports.catalog.update_partition(ports.catalog.table(INSIGHT), MONDAY, location(ports, run_id), {})

    assert steps(later(ports, days=31)) == []


def test_files_that_a_table_came_to_show_meanwhile_are_kept_until_repair_has_mended_it(stage: Stage) -> None:
    ports, run_id = stage.ports, superseded(stage.ports)
    vacuum(later(ports, days=31), INSIGHT)
    ports.catalog.update_partition(ports.catalog.table(INSIGHT), MONDAY, location(ports, run_id), {})

    kept = steps(later(ports, days=32))
    repair(ports, INSIGHT)

    assert (kept, steps(later(ports, days=32))) == ([], [f"delete the files of {run_id}"])


def test_files_that_a_table_came_to_show_after_the_plan_was_made_are_kept(stage: Stage) -> None:
    ports, run_id = later(stage.ports, days=32), superseded(stage.ports)
    vacuum(later(stage.ports, days=31), INSIGHT)
    found = plan(gather(ports, INSIGHT), DEFAULT, ports.clock())
    ports.catalog.update_partition(ports.catalog.table(INSIGHT), MONDAY, location(ports, run_id), {})

    done = carry_out(ports, found)

    assert (len(found.actions), done.actions) == (1, ())
    assert objects(ports, run_id) == ["manifest.json", "part-00000.parquet"]


@pytest.mark.parametrize("passed", [True, False], ids=["withdrawn", "rejected"])
def test_withdrawn_and_rejected_runs_go_too(stage: Stage, passed: bool) -> None:
    ports = stage.ports
    own, key = written(ports, passed=passed)
    register(ports, key)
    if passed:
        withdraw(ports, INSIGHT, MONDAY)

    assert (steps(later(ports, days=29)), steps(later(ports, days=31))) == ([], [f"begin to delete {own.run_id}"])


def test_a_claim_that_died_goes_with_its_files_after_job_and_queue(stage: Stage) -> None:
    ports, own = stage.ports, started(stage.ports)
    write_files(ports, own)

    early = steps(later(ports, days=4))
    began, ended = steps(later(ports, days=6)), steps(later(ports, days=7))

    assert (early, began) == ([], [f"begin to delete {own.run_id}"])
    assert (ended, objects(ports, own.run_id)) == ([f"delete the files of {own.run_id}"], [])


def test_a_manifest_that_was_never_registered_waits_for_the_dead_letters(stage: Stage) -> None:
    own, _ = written(stage.ports)

    assert (steps(later(stage.ports, days=18)), steps(later(stage.ports, days=20))) == (
        [],
        [f"begin to delete {own.run_id}"],
    )


def test_a_manifest_that_comes_after_its_claim_was_given_up_changes_nothing(stage: Stage) -> None:
    ports, own = stage.ports, started(stage.ports)
    vacuum(later(ports, days=6), INSIGHT)
    key = finished(ports, own)

    done = register(ports, key)

    assert (done.run.state, done.first, shown(ports)["as_ofs"]) == (State.DELETING, False, {})


def test_an_event_that_comes_after_the_run_is_deleted_is_done_with(stage: Stage) -> None:
    own, key = written(stage.ports)
    register(stage.ports, key)
    published(stage.ports)
    before = shown(stage.ports)["as_ofs"]
    vacuum(later(stage.ports, days=31), INSIGHT)
    vacuum(later(stage.ports, days=32), INSIGHT)

    done = register(stage.ports, key)

    assert (done.run.state, done.first, shown(stage.ports)["as_ofs"]) == (State.DELETED, False, before)
    assert own.run_id not in shown(stage.ports)["runs"]


def test_files_that_a_job_wrote_after_its_run_was_deleted_go_too(stage: Stage) -> None:
    ports, own = stage.ports, started(stage.ports)
    vacuum(later(ports, days=6), INSIGHT)
    vacuum(later(ports, days=7), INSIGHT)
    write_files(ports, own)

    assert steps(later(ports, days=7)) == [f"delete the files of {own.run_id}"]
    assert objects(ports, own.run_id) == []


def test_a_folder_that_nobody_claimed_goes_after_job_and_queue(stage: Stage) -> None:
    ports, own = stage.ports, started(stage.ports)
    write_files(ports, own)
    stage.forget_registry()

    assert (steps(later(ports, days=4)), steps(later(ports, days=6))) == ([], [f"delete the files of {own.run_id}"])
    assert objects(ports, own.run_id) == []


def test_a_folder_that_is_no_runs_is_reported_and_kept(stage: Stage) -> None:
    stage.overwrite(f"insights/{INSIGHT}/somebodys/file.parquet", b"rows")

    found = vacuum(later(stage.ports, days=99), INSIGHT)

    assert (found.actions, len(found.findings)) == ((), 1)
    assert "insights/churn/somebodys/: folder: it is not the folder of a run." in found.findings[0]


def test_a_partition_of_a_run_whose_deletion_has_begun_is_taken_away_by_repair(stage: Stage) -> None:
    ports, run_id = stage.ports, superseded(stage.ports)
    vacuum(later(ports, days=31), INSIGHT)
    ports.catalog.create_partition(ports.catalog.table(f"{INSIGHT}_runs"), run_id, location(ports, run_id), {})

    found = repair(ports, INSIGHT)

    assert [str(action) for action in found.actions] == [f"hide run {run_id}: is shown, but its deletion has begun"]
    assert run_id not in shown(ports)["runs"]


def test_a_deletion_that_crashed_before_the_partition_was_taken_away_is_finished(stage: Stage) -> None:
    ports, run_id = stage.ports, superseded(stage.ports)
    vacuum(later(ports, days=31), INSIGHT)
    ports.catalog.create_partition(ports.catalog.table(f"{INSIGHT}_runs"), run_id, location(ports, run_id), {})

    hidden, at_once = steps(later(ports, days=32)), steps(later(ports, days=32))

    assert (hidden, at_once) == ([f"take out of _runs {run_id}"], [])
    assert steps(later(ports, days=33)) == [f"delete the files of {run_id}"]


@pytest.mark.parametrize("until", ["yesterday", "2020-01-01", "2026-02-30"])
def test_a_pin_that_holds_nothing_is_refused(stage: Stage, until: str) -> None:
    run_id = superseded(stage.ports)

    with pytest.raises(UsageError, match=r"until: '.*' is not a date from \S+ on, YYYY-MM-DD"):
        pin(stage.ports, INSIGHT, run_id, until)


def test_a_run_that_nobody_may_keep_is_not_pinned(stage: Stage) -> None:
    own = started(stage.ports)

    with pytest.raises(UsageError, match="run: one that is claimed is not a registered run that is kept"):
        pin(stage.ports, INSIGHT, own.run_id, "9999-12-31")
    with pytest.raises(NotFound, match="run: 'nobody' is not a run of this insight"):
        unpin(stage.ports, INSIGHT, "nobody")
