"""Every order of every call of registrars, operators and repair: readers see one whole run, and all ends agree."""

from collections.abc import Callable
from functools import partial
from itertools import combinations

import pytest

from insightshare.publish import Kind, Ports, State, register, repair, rollback, undo, withdraw
from insightshare.publish.decisions import registered_run, registration
from insightshare.publish.decisions import rollback as decide_rollback
from insightshare.publish.facts import RETAINED
from insightshare.publish.layout import decision_key, empty_folder, run_folder
from insightshare.publish.projection import latest_location, latest_parameters, project_as_of, project_latest
from insightshare.publish.registration import examine
from tests.fakes import LAKE, World, ports_on
from tests.unit.publish.explorer import Process, explore
from tests.unit.publish.scenes import INSIGHT, MONDAY, TUESDAY, finished, fresh, started, written

Projection = Callable[[Ports, str], None]  # (ports, as_of)
EMPTY = f"s3://{LAKE}/{empty_folder(INSIGHT)}"


def folder(run_id: str | None) -> str:
    return f"s3://{LAKE}/{run_folder(INSIGHT, run_id)}" if run_id else EMPTY


def reader_sees_one_whole_run(world: World) -> str:
    """At any moment: each table and partition names the folder of one registered run of the right as_of."""
    shown = {folder(run.run_id): run for run in world.runs.values() if run.state in RETAINED}
    latest = world.tables["churn_latest"].location
    if latest not in shown and latest != EMPTY:
        return f"_latest shows {latest}, which is no registered run"
    for (table, value), partition in world.partitions.items():
        run = shown.get(partition.location)
        if run is None or value != (run.as_of if table == INSIGHT else run.run_id):
            return f"{table}/{value} shows {partition.location}"
    return ""


def reader_of_latest_always_has_rows(world: World) -> str:
    """Where something was published before and nothing is withdrawn, `_latest` never shows nothing."""
    empty = world.tables["churn_latest"].location == EMPTY
    return "_latest shows nothing" if empty else reader_sees_one_whole_run(world)


def catalog_follows_registry(world: World) -> str:
    """At the end: the catalog shows exactly what was decided, and all of it is recorded."""
    registry = ports_on(world).registry
    newest = registry.newest_pointer(INSIGHT)
    if world.tables["churn_latest"].location != folder(newest.run_id if newest else None):
        return f"_latest ends at {world.tables['churn_latest'].location}, decided is {newest}"
    decided = {p.as_of: folder(p.run_id) for p in registry.pointers(INSIGHT) if p.run_id}
    if {key[1]: p.location for key, p in world.partitions.items() if key[0] == INSIGHT} != decided:
        return f"the partitions do not end at {decided}"
    retained = {run.run_id for run in world.runs.values() if run.state in RETAINED}
    if {key[1] for key in world.partitions if key[0] == "churn_runs"} != retained:
        return f"_runs does not hold {retained}"
    current = {run.as_of: folder(run.run_id) for run in world.runs.values() if run.state is State.CURRENT}
    if current != decided:
        return f"the runs' states say {current}, the pointers {decided}"
    if any(decision_key(INSIGHT, sequence) not in world.objects for _, sequence in world.decisions):
        return "a decision is not in the lake"
    heard = {decision.sequence for decision in world.announced}
    # An operator whose call failed is told to repeat it, and repeating announces; registration has no such reader.
    published = {sequence for (_, sequence), decision in world.decisions.items() if decision.kind is Kind.PUBLISH}
    return "a publication was not announced" if published - heard else ""


def catalog_follows_registry_after_repair(world: World) -> str:
    """At the end, when repair and its queue have run once more."""
    own = world.copy()
    ports = ports_on(own)
    repair(ports, INSIGHT)
    for key in own.queued:
        register(ports, key)
    again = repair(ports, INSIGHT)
    return f"repair found {again} the second time" if again.actions else catalog_follows_registry(own)


def two_written_runs(first: str = MONDAY, second: str = MONDAY) -> tuple[World, str, str]:
    world, ports = fresh()
    older, newer = started(ports, first), started(ports, second)
    return world, finished(ports, older), finished(ports, newer)


def published_monday() -> tuple[World, list[str]]:
    """Two registered runs of Monday; the second is current."""
    world, ports = fresh()
    run_ids = []
    for _ in range(2):
        own, key = written(ports)
        register(ports, key)
        run_ids.append(own.run_id)
    return world, run_ids


def registrar(key: str) -> Process:
    return lambda ports: register(ports, key)


@pytest.mark.parametrize("second", [MONDAY, TUESDAY], ids=["one as_of", "two as_ofs"])
def test_two_registrars_end_right_in_every_order(second: str) -> None:
    world, older, newer = two_written_runs(MONDAY, second)

    seen = explore(world, (registrar(older), registrar(newer)), reader_sees_one_whole_run, catalog_follows_registry)

    assert (seen.violations, seen.states > 300) == ([], True)


def test_the_same_manifest_registered_by_two_at_once_is_published_once() -> None:
    world, _, newer = two_written_runs()

    def published_once(end: World) -> str:
        return "published twice" if len(end.decisions) != 1 else catalog_follows_registry(end)

    seen = explore(world, (registrar(newer), registrar(newer)), reader_sees_one_whole_run, published_once)

    assert seen.violations == []


@pytest.mark.parametrize("second", [MONDAY, TUESDAY], ids=["one as_of", "two as_ofs"])
def test_registrars_that_crash_anywhere_and_begin_again_end_right(second: str) -> None:
    world, older, newer = two_written_runs(MONDAY, second)

    seen = explore(
        world, (registrar(older), registrar(newer)), reader_sees_one_whole_run, catalog_follows_registry, crashes=1
    )

    assert seen.violations == []


def test_a_write_that_takes_effect_late_is_mended_by_repair() -> None:
    world, run_ids = published_monday()
    _, newer = written(ports_on(world))
    processes = (registrar(newer), actors(run_ids, newer)["rollback"])

    seen = explore(world, processes, reader_sees_one_whole_run, catalog_follows_registry_after_repair, late=1)

    assert seen.violations == []


@pytest.mark.long
def test_a_late_write_of_one_of_two_registrars_is_mended_by_repair() -> None:
    world, older, newer = two_written_runs()
    processes = (registrar(older), registrar(newer))

    seen = explore(world, processes, reader_sees_one_whole_run, catalog_follows_registry_after_repair, late=1)

    assert seen.violations == []


def actors(run_ids: list[str], newer: str) -> dict[str, Process]:
    """Everyone who may be at work on an insight at one time."""
    return {
        "registrar": registrar(newer),
        "rollback": partial(rollback, insight=INSIGHT, as_of=MONDAY, run_id=run_ids[0]),
        "undo": partial(undo, insight=INSIGHT),
        "withdraw": partial(withdraw, insight=INSIGHT, as_of=MONDAY),
        "repair": partial(repair, insight=INSIGHT),
    }


PAIRS = list(combinations(["registrar", "rollback", "undo", "withdraw", "repair"], 2))


@pytest.mark.parametrize("as_of", [MONDAY, TUESDAY])
@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[" and ".join(pair) for pair in PAIRS])
def test_any_two_actors_end_right_in_every_order(one: str, other: str, as_of: str) -> None:
    world, run_ids = published_monday()
    _, newer = written(ports_on(world), as_of)
    processes = actors(run_ids, newer)
    always = reader_sees_one_whole_run if "withdraw" in (one, other) else reader_of_latest_always_has_rows

    seen = explore(world, (processes[one], processes[other]), always, catalog_follows_registry)

    assert seen.violations == []


@pytest.mark.parametrize("operator", ["rollback", "undo", "withdraw"])
def test_an_operator_who_crashes_anywhere_and_repeats_the_call_ends_right(operator: str) -> None:
    world, run_ids = published_monday()
    process = actors(run_ids, "")[operator]

    seen = explore(world, (process,), reader_sees_one_whole_run, catalog_follows_registry_after_repair, crashes=2)

    assert seen.violations == []


# The rest shows that the explorer finds what is wrong: each rule of `projection.py` left out, one at a time.


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


def latest_follows(world: World) -> str:
    newest = ports_on(world).registry.newest_pointer(INSIGHT)
    right = folder(newest.run_id if newest else None)
    return "" if world.tables["churn_latest"].location == right else "a lost update of _latest"


def as_of_follows(world: World) -> str:
    pointer = ports_on(world).registry.pointer(INSIGHT, MONDAY)
    right = folder(pointer.run_id if pointer else None)
    return "" if world.partitions[INSIGHT, MONDAY].location == right else "a lost update of a partition"


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

    seen = explore(world, processes, reader_sees_one_whole_run, as_of_follows)

    assert (not seen.violations) is is_right


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

    seen = explore(world, processes, reader_sees_one_whole_run, lambda end: latest_follows(end) or as_of_follows(end))

    assert seen.violations == []
