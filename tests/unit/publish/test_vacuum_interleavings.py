"""Every order of a vacuum's calls and everybody's: nobody reads a run that goes, and no run goes that is needed."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from insightshare.publish import Ports, State, vacuum
from insightshare.publish.layout import run_folder
from insightshare.publish.ports import Change
from insightshare.publish.vacuum import DEFAULT, Retention, carry_out, gather, plan
from tests.fakes import LAKE, NOON, FakeRegistry, World, ports_on
from tests.unit.publish.explorer import PortsOn, Process, explore
from tests.unit.publish.rules import (
    reader_always_has_monday,
)
from tests.unit.publish.scenes import INSIGHT, MONDAY
from tests.unit.publish.vacuum_scene import (
    EVERYBODY,
    all_is_kept_that_is_needed,
    clean,
    clean_twice,
    everybody,
    reader_of_latest,
    reader_of_runs,
    scene,
)


@pytest.mark.parametrize("other", EVERYBODY)
def test_a_vacuum_and_anybody_else_end_right_in_every_order(other: str) -> None:
    set_up = scene()
    processes = (clean, everybody(set_up)[other])

    seen = explore(set_up.world, processes, reader_always_has_monday, all_is_kept_that_is_needed, files_change=True)

    assert (seen.violations, seen.ends > 0) == ([], True)


@pytest.mark.parametrize(("crashes", "late"), [(2, 0), (0, 2)], ids=["crashes", "late writes"])
def test_a_vacuum_that_is_cut_short_anywhere_is_finished_by_the_next(crashes: int, late: int) -> None:
    seen = explore(
        scene().world,
        (clean,),
        reader_always_has_monday,
        all_is_kept_that_is_needed,
        crashes=crashes,
        late=late,
        files_change=True,
    )

    assert seen.violations == []


@pytest.mark.parametrize("crashes", [0, 1], ids=["no crash", "a crash"])
@pytest.mark.parametrize("which", ["leaving", "old", "current"])
def test_whoever_found_a_run_in_runs_reads_it_to_the_end(which: str, crashes: int) -> None:
    """However often a vacuum runs meanwhile, and wherever one stopped before."""
    set_up = scene()
    reader = reader_of_runs(getattr(set_up, which).run_id)

    seen = explore(
        set_up.world, (clean_twice, reader), reader_always_has_monday, all_is_kept_that_is_needed, crashes,
        files_change=True,
    )  # fmt: skip

    assert seen.violations == []


def test_whoever_stopped_before_a_run_was_out_of_runs_leaves_it_readable() -> None:
    """The vacuum of yesterday began to delete a run and died; readers find it in `_runs` to this day."""
    set_up = scene()
    ports = ports_on(set_up.world)
    place = ports.storage.uri(run_folder(INSIGHT, set_up.leaving.run_id))
    ports.catalog.create_partition(ports.catalog.table(f"{INSIGHT}_runs"), set_up.leaving.run_id, place, {})
    reader = reader_of_runs(set_up.leaving.run_id)

    seen = explore(
        set_up.world, (clean_twice, reader), reader_always_has_monday, all_is_kept_that_is_needed, files_change=True
    )

    assert seen.violations == []


@pytest.mark.parametrize("other", ["registrar", "rollback", "withdraw"])
def test_a_query_on_latest_reads_on_while_a_vacuum_runs_and_another_run_is_chosen(other: str) -> None:
    set_up = scene()
    processes = (clean, everybody(set_up)[other], reader_of_latest)

    seen = explore(set_up.world, processes, reader_always_has_monday, all_is_kept_that_is_needed, files_change=True)

    assert seen.violations == []


# The rest shows that the explorer finds what is wrong: each rule of a vacuum left out, one at a time.


class ForgetfulRegistry(FakeRegistry):
    """Begins a deletion whatever became of the run, of its pointer or of its pin meanwhile."""

    def commit(self, change: Change) -> bool:
        leaving = [run for run in change.runs if run.after is State.DELETING]
        if not leaving:
            return super().commit(change)
        present = tuple(
            replace(run, before=self._world.runs[change.insight, run.run_id].state, unpinned_on="") for run in leaving
        )
        return super().commit(replace(change, runs=present, unmoved=None))


def forgetful(world: World) -> Ports:
    return replace(ports_on(world), registry=ForgetfulRegistry(world))


@pytest.mark.parametrize(("registry", "is_right"), [(ports_on, True), (forgetful, False)])
@pytest.mark.parametrize("other", ["rollback", "pin"])
def test_beginning_a_deletion_without_its_conditions_loses_a_run_that_is_needed(
    other: str, registry: PortsOn, is_right: bool
) -> None:
    set_up = scene()
    processes = (clean, everybody(set_up)[other])

    seen = explore(
        set_up.world,
        processes,
        reader_always_has_monday,
        all_is_kept_that_is_needed,
        files_change=True,
        ports=registry,
    )

    assert (not seen.violations) is is_right


def clean_without_looking_at_tables(ports: Ports) -> None:
    seen = replace(gather(ports, INSIGHT), shown=frozenset())
    carry_out(ports, plan(seen, DEFAULT, ports.clock()))


@pytest.mark.parametrize(("cleaning", "is_right"), [(clean, True), (clean_without_looking_at_tables, False)])
def test_not_looking_at_the_tables_takes_away_what_is_still_shown(cleaning: Process, is_right: bool) -> None:
    """A projection was lost long ago: the history shows a run that was replaced since, until repair comes."""
    set_up = scene()
    catalog = ports_on(set_up.world).catalog
    place = f"s3://{LAKE}/{run_folder(INSIGHT, set_up.old.run_id)}"
    catalog.update_partition(catalog.table(INSIGHT), MONDAY, place, {})

    seen = explore(set_up.world, (cleaning,), reader_always_has_monday, all_is_kept_that_is_needed, files_change=True)

    assert (not seen.violations) is is_right


def clean_files_first(ports: Ports) -> None:
    found = plan(gather(ports, INSIGHT), DEFAULT, ports.clock())
    for action in found.actions:
        if action.change is not None:
            ports.registry.commit(action.change)
            ports.storage.delete([item.key for item in ports.storage.list(run_folder(INSIGHT, action.run_id))])
            ports.catalog.delete_partition(f"{INSIGHT}_runs", action.run_id)


@pytest.mark.parametrize(("cleaning", "is_right"), [(clean, True), (clean_files_first, False)])
def test_deleting_files_before_the_partition_goes_shows_half_a_run(cleaning: Process, is_right: bool) -> None:
    set_up = scene()

    seen = explore(set_up.world, (cleaning,), reader_always_has_monday, lambda _: "", files_change=True)

    assert (not seen.violations) is is_right


def clean_at_once(ports: Ports) -> None:
    """Both passes, with no regard to how long a query may take."""
    impatient = Retention(keep=timedelta(0), query=timedelta(0))
    for seconds in (1, 2):
        vacuum(replace(ports, clock=partial(_after, seconds)), INSIGHT, impatient)


def _after(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(("cleaning", "is_right"), [(clean_twice, True), (clean_at_once, False)])
def test_deleting_without_waiting_for_queries_takes_files_away_that_are_being_read(
    cleaning: Process, is_right: bool
) -> None:
    set_up = scene()
    processes = (cleaning, reader_of_runs(set_up.old.run_id))

    seen = explore(set_up.world, processes, lambda _: "", lambda _: "", files_change=True)

    assert (not seen.violations) is is_right
