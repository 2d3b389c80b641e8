"""A lake in which a vacuum has work to do, who is at work there, and what must hold at the end. Explores nothing."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from insightshare.publish import Ports, State, pin, register, repair, vacuum
from insightshare.publish.decisions import departure
from insightshare.publish.facts import Run, iso
from insightshare.publish.layout import run_folder
from tests.fakes import NOON, World, ports_on
from tests.unit.publish.explorer import Process, Violation
from tests.unit.publish.rules import actors, catalog_follows_registry, is_whole
from tests.unit.publish.scenes import INSIGHT, MONDAY, fresh, manifest_of, started, write_files, written

# Everybody works at noon: nobody is at work for as long as a run is kept, so what is old was old for all of them.
LONG_AGO, YESTERDAY = NOON - timedelta(days=40), NOON - timedelta(days=1)
EVERYBODY = ["registrar", "rollback", "undo", "withdraw", "repair", "pin", "vacuum", "job"]


@dataclass(frozen=True)
class Scene:
    """Monday's runs, all of long ago: one that is leaving since yesterday, one that may go now, and the current."""

    world: World
    leaving: Run
    old: Run
    current: Run
    newer: str
    late: Process


def scene() -> Scene:
    """A lake in which both passes of a vacuum have work to do; a newer run waits, and a job that seemed dead wakes."""
    world, ports = fresh()
    past = replace(ports, clock=lambda: LONG_AGO)
    late = dead_job(past)
    leaving, old, current = (register(past, written(past)[1]).run for _ in range(3))
    world.runs[INSIGHT, leaving.run_id] = replace(leaving, state=State.SUPERSEDED)
    leave = departure(world.runs[INSIGHT, leaving.run_id], ports.registry.pointer(INSIGHT, MONDAY), iso(YESTERDAY))
    assert ports.registry.commit(leave)
    ports.catalog.delete_partition(f"{INSIGHT}_runs", leaving.run_id)
    return Scene(world, leaving, old, current, written(ports)[1], late)


def dead_job(ports: Ports) -> Process:
    """A job that claimed and wrote long ago, and wakes up to write its manifest, of which S3 then tells."""
    own = started(ports)
    write_files(ports, own)
    manifest = manifest_of(own)

    def process(at_work: Ports) -> None:
        at_work.storage.create(manifest.key, manifest.to_bytes())
        at_work.registry.mark_written(INSIGHT, own.run_id)
        register(at_work, manifest.key)

    return process


def everybody(set_up: Scene) -> dict[str, Process]:
    """Who may be at work beside a vacuum; the operators want back the very run that may go."""
    own = actors([set_up.old.run_id], set_up.newer)
    hold = partial(pin, insight=INSIGHT, run_id=set_up.old.run_id, until="2026-12-31")
    return {**own, "pin": hold, "vacuum": clean, "job": set_up.late}


def clean(ports: Ports) -> object:
    return vacuum(ports, INSIGHT)


def clean_twice(ports: Ports) -> None:
    vacuum(ports, INSIGHT)
    vacuum(ports, INSIGHT)


def reader_of_runs(run_id: str) -> Process:
    """A query on one partition of `_runs`: it learns where the files are, then reads them."""

    def process(ports: Ports) -> None:
        shown = ports.catalog.partition(f"{INSIGHT}_runs", run_id)
        if shown is not None and not ports.storage.list(run_folder(INSIGHT, run_id)):
            raise Violation(f"the files of {run_id} went while they were read")

    return process


def reader_of_latest(ports: Ports) -> None:
    """A query on `_latest`."""
    place = ports.catalog.table(f"{INSIGHT}_latest").location
    folder = run_folder(INSIGHT, place.rstrip("/").rpartition("/")[2])
    if not folder.endswith("/empty/") and not ports.storage.list(folder):
        raise Violation("the files of the run that _latest showed went while they were read")


def all_is_kept_that_is_needed(world: World) -> str:
    """At the end, when repair, its queue and another vacuum have run: the catalog follows, and nothing is half gone."""
    own = world.copy()
    ports = ports_on(own)
    for _ in range(2):
        repair(ports, INSIGHT)
        for key in own.queued:
            register(ports, key)
        own.queued.clear()
        vacuum(ports, INSIGHT)
    for run in own.runs.values():
        if run.state not in (State.DELETING, State.DELETED) and run.registered_at_utc and not is_whole(own, run.run_id):
            return f"{run.run_id} is {run.state}, but not whole"
        if run.pinned_until and run.state in (State.DELETING, State.DELETED):
            return f"{run.run_id} is pinned, but {run.state}"
    return catalog_follows_registry(own)
