"""The explorer finds what is wrong: each rule that publishing rests on left out, one at a time, loses something."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from insightshare.publish import Ports, register
from insightshare.publish.decisions import registered_run, registration
from insightshare.publish.decisions import rollback as decide_rollback
from insightshare.publish.facts import UNREGISTERED
from insightshare.publish.ports import CatalogTable, Change
from insightshare.publish.projection import latest_location, latest_parameters, project_as_of, project_latest
from insightshare.publish.registration import examine
from tests.fakes import FakeCatalog, FakeRegistry, World, ports_on
from tests.unit.publish.explorer import PortsOn, Process, explore
from tests.unit.publish.rules import (
    actors,
    as_ofs_follow,
    catalog_follows_registry,
    folder,
    latest_follows,
    published_monday,
    reader_always_has_monday,
    reader_sees_one_whole_run,
    registrar,
    two_written_runs,
)
from tests.unit.publish.scenes import INSIGHT, MONDAY, TUESDAY, finished, started, written

Projection = Callable[[Ports, str], None]  # (ports, as_of)


def register_with(key: str, as_of: Projection, latest: Projection) -> Process:
    """A registrar that decides as the real one does, and projects as told."""

    def process(ports: Ports) -> None:
        manifest, run = examine(ports, key)
        pointer = ports.registry.pointer(INSIGHT, run.as_of)
        done = registered_run(run, manifest.rows, "", "now")
        ports.registry.commit(registration(run, done, manifest.passed, pointer))
        as_of(ports, run.as_of)
        latest(ports, run.as_of)

    return process


def roll_back_with(to: str, latest: Projection, as_of: Projection) -> Process:
    """An operator's rollback that decides as the real one does, and projects as told."""

    def process(ports: Ports) -> None:
        target, pointer = ports.registry.run(INSIGHT, to), ports.registry.pointer(INSIGHT, MONDAY)
        if target and pointer and pointer.run_id != to:
            ports.registry.commit(decide_rollback(target, pointer, ports.registry.next_sequence(INSIGHT), "now"))
            as_of(ports, MONDAY)
            latest(ports, MONDAY)

    return process


def right_as_of(ports: Ports, as_of: str) -> None:
    project_as_of(ports, INSIGHT, as_of)


def right_latest(ports: Ports, _: str) -> None:
    project_latest(ports, INSIGHT)


def no_as_of(_: Ports, __: str) -> None:
    """Leaves the partition alone."""


def as_of_written_without_looking_again(ports: Ports, as_of: str) -> None:
    pointer = ports.registry.pointer(INSIGHT, as_of)
    table = ports.catalog.table(INSIGHT)
    if pointer and pointer.run_id:
        place = folder(pointer.run_id)
        if not ports.catalog.create_partition(table, as_of, place, {}):
            ports.catalog.update_partition(table, as_of, place, {})


def as_of_replaced_by_deleting_it_first(ports: Ports, as_of: str) -> None:
    ports.catalog.delete_partition(INSIGHT, as_of)
    project_as_of(ports, INSIGHT, as_of)


def latest_decided_before_the_version_is_read(ports: Ports, _: str) -> None:
    while True:
        newest = ports.registry.newest_pointer(INSIGHT)
        table = ports.catalog.table("churn_latest")
        if ports.catalog.move_table(table, latest_location(ports, INSIGHT, newest), latest_parameters(newest)):
            return


def latest_left_alone_when_it_looks_right(ports: Ports, _: str) -> None:
    while True:
        table = ports.catalog.table("churn_latest")
        newest = ports.registry.newest_pointer(INSIGHT)
        place = latest_location(ports, INSIGHT, newest)
        if table.location == place or ports.catalog.move_table(table, place, latest_parameters(newest)):
            return


@pytest.mark.parametrize(
    ("latest", "is_right"), [(right_latest, True), (latest_decided_before_the_version_is_read, False)]
)
def test_deciding_before_the_version_is_read_loses_updates_of_latest(latest: Projection, is_right: bool) -> None:
    world, older, newer = two_written_runs(MONDAY, TUESDAY)
    processes = tuple(register_with(key, no_as_of, latest) for key in (older, newer))

    seen = explore(world, processes, reader_sees_one_whole_run, latest_follows)

    assert (not seen.violations) is is_right


@pytest.mark.parametrize(("latest", "is_right"), [(right_latest, True), (latest_left_alone_when_it_looks_right, False)])
def test_leaving_out_a_needless_write_loses_updates_of_latest(latest: Projection, is_right: bool) -> None:
    world, run_ids = published_monday()
    _, newer = written(ports_on(world))
    processes = (register_with(newer, no_as_of, latest), roll_back_with(run_ids[1], latest, no_as_of))

    seen = explore(world, processes, reader_sees_one_whole_run, latest_follows)

    assert (not seen.violations) is is_right


@pytest.mark.parametrize(("as_of", "is_right"), [(right_as_of, True), (as_of_written_without_looking_again, False)])
def test_not_looking_again_loses_updates_of_a_partition(as_of: Projection, is_right: bool) -> None:
    world, older, newer = two_written_runs(MONDAY, MONDAY)
    processes = tuple(register_with(key, as_of, right_latest) for key in (older, newer))

    seen = explore(world, processes, reader_sees_one_whole_run, as_ofs_follow)

    assert (not seen.violations) is is_right


@pytest.mark.parametrize(("as_of", "is_right"), [(right_as_of, True), (as_of_replaced_by_deleting_it_first, False)])
def test_deleting_a_partition_before_it_is_created_anew_leaves_readers_with_nothing(
    as_of: Projection, is_right: bool
) -> None:
    world, _ = published_monday()
    _, newer = written(ports_on(world))

    seen = explore(world, (register_with(newer, as_of, right_latest),), reader_always_has_monday, as_ofs_follow)

    assert (not seen.violations) is is_right


def register_only_what_is_new(ports: Ports, key: str) -> None:
    _, run = examine(ports, key)
    if run.state in UNREGISTERED:
        register(ports, key)


@pytest.mark.parametrize(("registering", "is_right"), [(register, True), (register_only_what_is_new, False)])
def test_leaving_a_decided_run_alone_loses_what_a_crash_left_undone(
    registering: Callable[[Ports, str], object], is_right: bool
) -> None:
    world, _, newer = two_written_runs()
    process: Process = lambda ports: registering(ports, newer)  # noqa: E731 - a partial would bind the wrong end

    seen = explore(world, (process,), reader_sees_one_whole_run, latest_follows, crashes=1)

    assert (not seen.violations) is is_right


def project_before_deciding(ports: Ports, key: str) -> None:
    _, run = examine(ports, key)
    table = ports.catalog.table(INSIGHT)
    ports.catalog.create_partition(table, run.as_of, folder(run.run_id), {})
    register(ports, key)


@pytest.mark.parametrize(("registering", "is_right"), [(register, True), (project_before_deciding, False)])
def test_projecting_before_the_decision_shows_what_nobody_decided(
    registering: Callable[[Ports, str], object], is_right: bool
) -> None:
    world, _, newer = two_written_runs()
    process: Process = lambda ports: registering(ports, newer)  # noqa: E731 - a partial would bind the wrong end

    seen = explore(world, (process,), reader_sees_one_whole_run, catalog_follows_registry)

    assert (not seen.violations) is is_right


class CatalogWithoutVersions(FakeCatalog):
    """Moves a table whatever version it has."""

    def move_table(self, table: CatalogTable, location: str, parameters: Mapping[str, str]) -> bool:
        present = replace(table, version=self.table(table.name).version)
        return super().move_table(present, location, parameters)


class RegistryThatComparesNoPointer(FakeRegistry):
    """Commits whatever the pointer is now."""

    def commit(self, change: Change) -> bool:
        if change.decision is None:
            return super().commit(change)
        pointer = self.pointer(change.insight, change.decision.as_of)
        return super().commit(replace(change, seen_sequence=pointer.sequence if pointer else None))


class RegistryThatCountsAnew(FakeRegistry):
    """Gives the same number to everybody who asks before a decision was made with it."""

    def next_sequence(self, insight: str) -> int:
        last = self.last_decision(insight)
        return (last.sequence if last else 0) + 1


CARELESS: dict[str, PortsOn] = {
    "no versions": lambda world: replace(ports_on(world), catalog=CatalogWithoutVersions(world)),
    "no pointer compared": lambda world: replace(ports_on(world), registry=RegistryThatComparesNoPointer(world)),
}


@pytest.mark.parametrize(("careless", "as_of"), [("no versions", TUESDAY), ("no pointer compared", MONDAY)])
def test_a_condition_that_is_left_out_of_a_write_loses_something(careless: str, as_of: str) -> None:
    world, older, newer = two_written_runs(MONDAY, as_of)
    processes = (registrar(older), registrar(newer))

    seen = explore(world, processes, reader_sees_one_whole_run, catalog_follows_registry, ports=CARELESS[careless])

    assert seen.violations


def test_a_number_that_is_given_twice_loses_a_run() -> None:
    world, run_ids = published_monday()
    ports: PortsOn = lambda of: replace(ports_on(of), registry=RegistryThatCountsAnew(of))  # noqa: E731 - one word
    own = started(ports(world))
    processes = (registrar(finished(ports_on(world), own)), actors(run_ids, "")["rollback"])

    seen = explore(world, processes, reader_always_has_monday, both_were_decided, ports=ports)

    assert seen.violations


def both_were_decided(end: World) -> str:
    """The run that was published and the rollback are decisions of their own."""
    return catalog_follows_registry(end) or ("" if len(end.decisions) == 4 else "a decision was lost")


@pytest.mark.parametrize("third", ["rollback", "registrar"])
def test_two_registrars_and_another_actor_end_right_in_every_order(third: str) -> None:
    """Decisions, partitions and `_latest` only: the whole flows of three at once have too many orders."""
    world, run_ids = published_monday()
    older, newer, other = (written(ports_on(world), as_of)[1] for as_of in (MONDAY, TUESDAY, MONDAY))
    thirds = {
        "rollback": roll_back_with(run_ids[0], right_latest, right_as_of),
        "registrar": register_with(other, right_as_of, right_latest),
    }
    processes = (*(register_with(key, right_as_of, right_latest) for key in (older, newer)), thirds[third])

    seen = explore(world, processes, reader_sees_one_whole_run, lambda end: latest_follows(end) or as_ofs_follow(end))

    assert seen.violations == []
