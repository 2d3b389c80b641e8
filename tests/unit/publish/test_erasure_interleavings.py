"""Every order of an erasure's calls and everybody's: readers notice nothing, and at last nothing names the person."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from insightshare.publish import Kind, Ports, register, repair, vacuum, write_manifest
from insightshare.publish.erasure import erase
from insightshare.publish.erasure_plan import Order
from insightshare.publish.layout import run_folder
from insightshare.publish.scrubbing import Subject
from tests.fakes import NOON, FakeEditor, FakeStorage, World, ports_on
from tests.unit.publish.explorer import PortsOn, Process, explore
from tests.unit.publish.rules import actors, catalog_follows_registry, reader_always_has_monday
from tests.unit.publish.scenes import INSIGHT, MONDAY, fresh, manifest_of, started, write_files

PERSON = "anna"
ORDER = Order(INSIGHT, Subject("customer_id", PERSON), "request 17")


def scene() -> tuple[World, list[str], str]:
    """Two runs of Monday, a newer that waits for its registrar; all hold the person. Of long ago, so no job waits."""
    world, ports = fresh()
    past = replace(ports, clock=partial(_after, -2))
    keys = [_written(past) for _ in range(3)]
    run_ids = [register(past, key).run.run_id for key in keys[:2]]
    return world, run_ids, keys[2]


def _written(ports: Ports) -> str:
    own = started(ports)
    contents = (f"{PERSON}\n{own.sequence}".encode(),)
    write_files(ports, own, contents)
    return write_manifest(ports.storage, ports.registry, manifest_of(own, contents))


def _after(days: float) -> datetime:
    return NOON + timedelta(days=days)


def erasing(ports: Ports) -> object:
    return erase(ports, FakeEditor(ports, PERSON), ORDER)


def nobody_is_left(world: World) -> str:
    """At the end, when repair, its queue, the erasure and two vacuums have run: no version of anything names them."""
    own = world.copy()
    for days in (2, 3, 4):
        ports = replace(ports_on(own), clock=partial(_after, days))
        repair(ports, INSIGHT)
        for key in own.queued:
            register(ports, key)
        own.queued.clear()
        left = erasing(ports)
        vacuum(ports, INSIGHT)
    holding = [key for key, body in (*own.objects.items(), *own.replaced.items()) if PERSON.encode() in body]
    if holding:
        return f"{holding} hold the person; the erasure says {left}"
    return catalog_follows_registry(own) or _what_was_chosen_is_shown(own)


def _what_was_chosen_is_shown(world: World) -> str:
    """An erasure shows the rows of the run that somebody chose last, and undoes no other decision."""
    decided = [world.decisions[key] for key in sorted(world.decisions)]
    chosen = [decision.run_id for decision in decided if decision.kind is not Kind.ERASE][-1]
    shown = world.pointers[INSIGHT, MONDAY].run_id
    if chosen is None or shown is None:
        return "" if chosen is shown else f"{shown} is shown, chosen was {chosen}"
    found = world.objects[f"{run_folder(INSIGHT, shown)}part-00000.parquet"]
    right = str(world.runs[INSIGHT, chosen].sequence).encode()
    return "" if found == right else f"the rows of run {found!r} are shown, chosen was {right!r}"


def everybody(run_ids: list[str], newer: str) -> dict[str, Process]:
    """Who may be at work beside an erasure; the operators want back a run that holds the person."""
    return {**actors(run_ids, newer), "vacuum": lambda ports: vacuum(ports, INSIGHT)}


@pytest.mark.parametrize("other", ["rollback", "withdraw", "vacuum"])
def test_an_erasure_and_anybody_else_end_right_in_every_order(other: str) -> None:
    world, run_ids, newer = scene()

    seen = explore(
        world,
        (erasing, everybody(run_ids, newer)[other]),
        reader_always_has_monday,
        nobody_is_left,
        files_change=True,
    )

    assert (seen.violations, seen.ends > 0) == ([], True)


@pytest.mark.long
@pytest.mark.parametrize("other", ["registrar", "repair", "undo"])
def test_an_erasure_and_those_with_many_orders_end_right_in_every_order(other: str) -> None:
    world, run_ids, newer = scene()

    seen = explore(
        world,
        (erasing, everybody(run_ids, newer)[other]),
        reader_always_has_monday,
        nobody_is_left,
        files_change=True,
    )

    assert (seen.violations, seen.ends > 0) == ([], True)


@pytest.mark.parametrize(("crashes", "late"), [(1, 0), (0, 1)], ids=["a crash", "a late write"])
def test_an_erasure_that_is_cut_short_anywhere_is_finished_by_the_next(crashes: int, late: int) -> None:
    world, *_ = scene()

    seen = explore(
        world, (erasing,), reader_always_has_monday, nobody_is_left, crashes=crashes, late=late, files_change=True
    )

    assert seen.violations == []


class StorageThatForgetsWhatIsReplaced(FakeStorage):
    """Keeps manifests without the run that a copy was made of."""

    def create(self, key: str, body: bytes) -> bool:
        if key.endswith("/manifest.json"):
            body = json.dumps({**json.loads(body), "replaces": ""}).encode()
        return super().create(key, body)


def forgetful(world: World) -> Ports:
    return replace(ports_on(world), storage=StorageThatForgetsWhatIsReplaced(world))


@pytest.mark.parametrize(("ports", "is_right"), [(ports_on, True), (forgetful, False)])
def test_a_copy_that_is_registered_like_any_run_undoes_what_somebody_decided_meanwhile(
    ports: PortsOn, is_right: bool
) -> None:
    world, run_ids, newer = scene()
    withdrawing = everybody(run_ids, newer)["withdraw"]

    seen = explore(
        world, (erasing, withdrawing), reader_always_has_monday, nobody_is_left, files_change=True, ports=ports
    )

    assert (not seen.violations) is is_right
