"""What must hold of a world at any moment and at the end, and who may be at work on it. Explores nothing."""

import json
from functools import cache, partial

from insightshare.publish import Kind, Ports, State, register, repair, rollback, undo, withdraw
from insightshare.publish.facts import RETAINED
from insightshare.publish.layout import decision_key, empty_folder, manifest_key, run_folder
from tests.fakes import LAKE, World, ports_on
from tests.unit.publish.explorer import Process
from tests.unit.publish.scenes import INSIGHT, MONDAY, finished, fresh, started, written

EMPTY = f"s3://{LAKE}/{empty_folder(INSIGHT)}"


def folder(run_id: str | None) -> str:
    """Where a table points that shows this run, or none."""
    return f"s3://{LAKE}/{run_folder(INSIGHT, run_id)}" if run_id else EMPTY


def reader_sees_one_whole_run(world: World) -> str:
    """At any moment: each table and partition names the folder of one registered, whole run of the right as_of.

    In `_runs` a run may still be shown whose deletion has begun, as long as it is whole.
    """
    shown = {folder(run.run_id): run for run in world.runs.values() if run.state in RETAINED}
    leaving = {folder(run.run_id): run for run in world.runs.values() if run.state is State.DELETING}
    latest = world.tables["churn_latest"].location
    if latest != EMPTY and (latest not in shown or not is_whole(world, shown[latest].run_id)):
        return f"_latest shows {latest}, which is no whole registered run"
    for (table, value), partition in world.partitions.items():
        run = (shown if table == INSIGHT else shown | leaving).get(partition.location)
        if run is None or value != (run.as_of if table == INSIGHT else run.run_id) or not is_whole(world, run.run_id):
            return f"{table}/{value} shows {partition.location}"
    return ""


def reader_always_has_monday(world: World) -> str:
    """Where Monday was published before: no reader finds nothing, unless somebody withdrew."""
    if not any(decision.kind is Kind.WITHDRAW for decision in world.decisions.values()):
        if world.tables["churn_latest"].location == EMPTY:
            return "_latest shows nothing"
        if (INSIGHT, MONDAY) not in world.partitions:
            return "Monday shows nothing"
    return reader_sees_one_whole_run(world)


def is_whole(world: World, run_id: str) -> bool:
    """Whether a run's folder holds exactly what its manifest promised."""
    place = run_folder(INSIGHT, run_id)
    found = {key.removeprefix(place): len(body) for key, body in world.objects.items() if key.startswith(place)}
    return found == _promised(world.objects.get(manifest_key(INSIGHT, run_id), b""))


@cache
def _promised(manifest: bytes) -> dict[str, int]:
    return {file["name"]: file["size_bytes"] for file in json.loads(manifest)["files"]} if manifest else {"": 0}


def catalog_follows_registry(world: World) -> str:
    """At the end: the catalog shows exactly what was decided, and all of it is recorded."""
    return latest_follows(world) or as_ofs_follow(world) or _runs_follow(world) or _all_is_recorded(world)


def latest_follows(world: World) -> str:
    """`_latest` shows the newest decision."""
    newest = ports_on(world).registry.newest_pointer(INSIGHT)
    right, found = folder(newest.run_id if newest else None), world.tables["churn_latest"].location
    return "" if found == right else f"a lost update of _latest: it ends at {found}, decided is {right}"


def as_ofs_follow(world: World) -> str:
    """The history has a partition for each as_of that has a run, and no other."""
    found = {key[1]: p.location for key, p in world.partitions.items() if key[0] == INSIGHT}
    decided = _decided(world)
    return "" if found == decided else f"a lost update of a partition: they end at {found}, decided is {decided}"


def _runs_follow(world: World) -> str:
    retained = {run.run_id for run in world.runs.values() if run.state in RETAINED}
    if {key[1] for key in world.partitions if key[0] == "churn_runs"} != retained:
        return f"_runs does not hold {retained}"
    current = sorted((run.as_of, folder(run.run_id)) for run in world.runs.values() if run.state is State.CURRENT)
    decided = sorted(_decided(world).items())
    return "" if current == decided else f"the runs' states say {current}, the pointers {decided}"


def _all_is_recorded(world: World) -> str:
    if any(decision_key(INSIGHT, sequence) not in world.objects for _, sequence in world.decisions):
        return "a decision is not in the lake"
    published = [d for d in world.decisions.values() if d.kind is Kind.PUBLISH]
    if len({decision.run_id for decision in published}) != len(published):
        return "a run was published twice"
    # An operator whose call failed is told to repeat it, and repeating announces; registration has no such reader.
    heard = {decision.sequence for decision in world.announced}
    return "a publication was not announced" if {d.sequence for d in published} - heard else ""


def _decided(world: World) -> dict[str, str]:
    return {p.as_of: folder(p.run_id) for p in ports_on(world).registry.pointers(INSIGHT) if p.run_id}


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
    """Two runs whose manifests wait for a registrar; the second was claimed later."""
    world, ports = fresh()
    older, newer = started(ports, first), started(ports, second)
    return world, finished(ports, older), finished(ports, newer)


def published_monday() -> tuple[World, list[str]]:
    """Two registered runs of Monday; the second is current."""
    world, ports = fresh()
    return world, [_registered(ports), _registered(ports)]


def _registered(ports: Ports) -> str:
    own, key = written(ports)
    register(ports, key)
    return own.run_id


def registrar(key: str) -> Process:
    """The registrar at work on one manifest."""
    return lambda ports: register(ports, key)


def actors(run_ids: list[str], newer: str) -> dict[str, Process]:
    """Everyone who may be at work on an insight at one time."""
    return {
        "registrar": registrar(newer),
        "rollback": partial(rollback, insight=INSIGHT, as_of=MONDAY, run_id=run_ids[0]),
        "undo": partial(undo, insight=INSIGHT),
        "withdraw": partial(withdraw, insight=INSIGHT, as_of=MONDAY),
        "repair": partial(repair, insight=INSIGHT),
    }
