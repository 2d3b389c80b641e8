"""The operations that meet faults: what each begins with, one attempt at it, and what must hold at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from insightshare.publish import (
    Claim,
    Ports,
    State,
    claim,
    pin,
    rebuild,
    register,
    repair,
    rollback,
    undo,
    vacuum,
    withdraw,
    write_manifest,
)
from insightshare.publish.erasure import erase
from insightshare.publish.erasure_plan import Order
from insightshare.publish.facts import utc_now
from insightshare.publish.layout import decision_key, run_folder
from insightshare.publish.scrubbing import Subject
from tests.fakes import World
from tests.faults.lake import ROWS, Lake, LastRow, forget_registry, manifest_for, rows_of, run_files
from tests.unit.publish.scenes import INSIGHT, MONDAY, TUESDAY

# JSON: what an attempt needs to know, also in a process of its own; `result` is what the last attempt returned.
Facts = dict[str, Any]
Ends = Mapping[str, str | None]
LONG_AGO = timedelta(days=40)  # longer than runs are kept
HELD_UNTIL = "2099-12-31"


@dataclass(frozen=True)
class Operation:
    """`ends` says which run each as_of shows at the end; in `may_lack` are as_ofs that may have none meanwhile.

    `holds` returns what else is wrong with the world at the end, or nothing.
    """

    name: str
    prepare: Callable[[Lake], Facts]
    attempt: Callable[[Ports, Facts], object]
    ends: Callable[[Ports, Facts], Ends]
    may_lack: frozenset[str] = frozenset()
    latest_may_be_empty: bool = False
    holds: Callable[[Lake, World, Facts], str] = lambda lake, world, facts: ""


def started(ports: Ports, as_of: str = MONDAY) -> Claim:
    """A job that has claimed its run."""
    return claim(ports.registry, INSIGHT, as_of, "jr_1", ports.clock)


def job(ports: Ports, as_of: str = MONDAY, passed: bool = True) -> str:
    """A whole job: claims a run, writes its files and its manifest; returns the manifest's key."""
    own = started(ports, as_of)
    for number, body in enumerate(run_files(own)):
        ports.storage.create(f"{run_folder(INSIGHT, own.run_id)}part-{number:05d}.parquet", body)
    return write_manifest(ports.storage, ports.registry, manifest_for(own, passed))


def published(ports: Ports, as_of: str = MONDAY) -> str:
    """A job whose run was registered; returns the run's id."""
    return register(ports, job(ports, as_of)).run.run_id


def _nothing(lake: Lake) -> Facts:
    return {"key": job(lake.quiet)}


def _one_of_monday(lake: Lake) -> Facts:
    return {"before": published(lake.quiet), "key": job(lake.quiet)}


def _older(lake: Lake) -> Facts:
    slow = job(lake.quiet)
    return {"key": slow, "newer": published(lake.quiet)}


def _one_of_tuesday(lake: Lake) -> Facts:
    return {"before": published(lake.quiet), "key": job(lake.quiet, TUESDAY)}


def _one_that_failed(lake: Lake) -> Facts:
    return {"before": published(lake.quiet), "key": job(lake.quiet, passed=False)}


def _two_of_monday(lake: Lake) -> Facts:
    return {"before": published(lake.quiet), "after": published(lake.quiet)}


def _monday_and_tuesday(lake: Lake) -> Facts:
    return {"monday": published(lake.quiet), "tuesday": published(lake.quiet, TUESDAY)}


def _spoilt(lake: Lake) -> Facts:
    """What somebody's hand did to the tables, a manifest that nobody heard of, and a decision that is not in S3."""
    ports = lake.quiet
    old, monday, tuesday = published(ports), published(ports), published(ports, TUESDAY)
    unheard = job(ports, TUESDAY)
    catalog = ports.catalog
    catalog.delete_partition(f"{INSIGHT}_runs", old)
    catalog.update_partition(catalog.table(INSIGHT), MONDAY, ports.storage.uri(run_folder(INSIGHT, old)), {})
    catalog.move_table(
        catalog.table(f"{INSIGHT}_latest"), ports.storage.uri(run_folder(INSIGHT, monday)), {"run_id": monday}
    )
    decided = ports.registry.decisions(INSIGHT)[-1].sequence
    lake.clients["s3"].delete_object(Bucket=lake.settings.lake, Key=decision_key(INSIGHT, decided))
    return {"monday": monday, "tuesday": tuesday, "unheard": unheard}


def _registry_lost(lake: Lake) -> Facts:
    facts = _two_of_monday(lake)
    forget_registry(lake)
    return facts


def _one_to_let_go(lake: Lake) -> Facts:
    """Of long ago: a run that another replaced, and a job that claimed, wrote and died."""
    past = _at(lake, LONG_AGO)
    dead = started(past)
    past.storage.create(f"{run_folder(INSIGHT, dead.run_id)}part-00000.parquet", run_files(dead)[0])
    return {"old": published(past), "dead": dead.run_id, "after": published(past)}


def _one_that_goes(lake: Lake) -> Facts:
    """The same, a day after a vacuum began to delete them."""
    facts = _one_to_let_go(lake)
    vacuum(_at(lake, timedelta(days=1)), INSIGHT)
    return facts


def _at(lake: Lake, age: timedelta) -> Ports:
    return replace(lake.quiet, clock=lambda: utc_now() - age)


def _has_begun_to_leave(_: Lake, world: World, facts: Facts) -> str:
    states = [world.runs[INSIGHT, facts[name]].state for name in ("old", "dead")]
    return "" if states == [State.DELETING] * 2 else f"what may go is {states}"


def _is_gone(_: Lake, world: World, facts: Facts) -> str:
    states = [world.runs[INSIGHT, facts[name]].state for name in ("old", "dead")]
    left = [key for key in world.objects if facts["old"] in key or facts["dead"] in key]
    left = [key for key in left if not key.startswith("receipts/")]
    return "" if (states, left) == ([State.DELETED] * 2, []) else f"what must go is {states}; left are {left}"


def _is_held(_: Lake, world: World, facts: Facts) -> str:
    until = world.runs[INSIGHT, facts["before"]].pinned_until
    return "" if until == HELD_UNTIL else f"the run is held until {until!r}"


def _nobody_is_left(lake: Lake, _: World, facts: Facts) -> str:
    """When a manifest that nobody registered is given up too, no version of anything is left that names the person."""
    for days in (-20, -21, -22):
        ports = _at(lake, timedelta(days=days))
        left = erase(ports, LastRow(ports), order_for(facts))
        vacuum(ports, INSIGHT)
    left = erase(ports, LastRow(ports), order_for(facts))
    held = {version.key for version in lake.quiet.storage.versions("") if facts["after"] in version.key}
    held -= {key for key in held if key.startswith("receipts/")}
    return "" if left.is_finished and not held else f"the erasure says {left}; left are {sorted(held)}"


def order_for(facts: Facts) -> Order:
    """The erasure of the person that the current run's profile names."""
    return Order(INSIGHT, Subject("customer_id", rows_of(facts["after"], ROWS)[-1]), "request 17")


def _register(ports: Ports, facts: Facts) -> object:
    return register(ports, facts["key"])


def _roll_back(ports: Ports, facts: Facts) -> object:
    return rollback(ports, INSIGHT, MONDAY, facts["before"])


def _undo(ports: Ports, facts: Facts) -> object:
    """Undoing twice is redoing, so whoever repeats it looks first: a decided undo is only projected."""
    last = ports.registry.last_decision(INSIGHT)
    if last is not None and last.run_id == facts["before"]:
        return rollback(ports, INSIGHT, MONDAY, facts["before"])
    return undo(ports, INSIGHT)


def _withdraw(ports: Ports, facts: Facts) -> object:
    return withdraw(ports, INSIGHT, TUESDAY if "tuesday" in facts else MONDAY)


def _restore(ports: Ports, _: Facts) -> object:
    rebuild(ports, INSIGHT)
    return repair(ports, INSIGHT)


def _erase(ports: Ports, facts: Facts) -> object:
    """What is returned is a plan, which no process can hand on as JSON."""
    erase(ports, LastRow(ports), order_for(facts))
    return None


def _clean(ports: Ports, _: Facts) -> object:
    return vacuum(ports, INSIGHT)


def _of(**as_ofs: str) -> Callable[[Ports, Facts], Ends]:
    """Each as_of shows the run (or the run of the manifest) that a fact names; "" for none."""
    dates = {"monday": MONDAY, "tuesday": TUESDAY}

    def ends(_: Ports, facts: Facts) -> Ends:
        return {dates[day]: _run_id(facts[fact]) if fact else None for day, fact in as_ofs.items()}

    return ends


def _run_id(run_id_or_key: str) -> str:
    return run_id_or_key.split("/")[2] if "/" in run_id_or_key else run_id_or_key


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("publish", lambda lake: {"before": published(lake.quiet)}, lambda p, _: job(p), _of(monday="result")),
        Operation("register the first", _nothing, _register, _of(monday="key"), frozenset({MONDAY}), True),
        Operation("register a newer", _one_of_monday, _register, _of(monday="key")),
        Operation("register an older", _older, _register, _of(monday="newer")),
        Operation("register the next day", _one_of_tuesday, _register, _of(monday="before", tuesday="key")),
        Operation("register a rejected", _one_that_failed, _register, _of(monday="before")),
        Operation("rollback", _two_of_monday, _roll_back, _of(monday="before")),
        Operation("undo", _two_of_monday, _undo, _of(monday="before")),
        Operation("withdraw", _monday_and_tuesday, _withdraw, _of(monday="monday", tuesday=""), frozenset({TUESDAY})),
        Operation("withdraw the only", _two_of_monday, _withdraw, _of(monday=""), frozenset({MONDAY}), True),
        Operation("repair", _spoilt, lambda p, _: repair(p, INSIGHT), _of(monday="monday", tuesday="unheard")),
        Operation("repair from S3", _registry_lost, _restore, _of(monday="after")),
        Operation(
            "pin",
            _two_of_monday,
            lambda p, facts: pin(p, INSIGHT, facts["before"], HELD_UNTIL).pinned_until,
            _of(monday="after"),
            holds=_is_held,
        ),
        Operation(
            "erase",
            _two_of_monday,
            _erase,
            lambda ports, _: {p.as_of: p.run_id for p in ports.registry.pointers(INSIGHT)},
            holds=_nobody_is_left,
        ),
        Operation("vacuum begins", _one_to_let_go, _clean, _of(monday="after"), holds=_has_begun_to_leave),
        Operation("vacuum ends", _one_that_goes, _clean, _of(monday="after"), holds=_is_gone),
    )
}
