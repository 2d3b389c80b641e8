"""Races: registrars, jobs, operators, repair and vacuums take turns at random, call by call, and meet faults at random.

Who is next is drawn from the seed before every call, so a race is repeated exactly by its seed. Events come twice, late
and out of order; readers look in between.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from threading import Condition, Thread

from insightshare.errors import Conflict, NotFound, Retryable, UsageError
from insightshare.publish import Ports, State, register, repair, rollback, undo, vacuum, withdraw
from insightshare.publish.erasure import erase
from insightshare.publish.facts import utc_now
from tests.conftest import Cloud
from tests.faults.hook import Fault, Hook, Stopped
from tests.faults.lake import Lake, LastRow, new_lake
from tests.faults.operations import job, order_for, published
from tests.faults.points import settle
from tests.faults.readers import Reader
from tests.faults.world import world_of
from tests.unit.publish.rules import catalog_follows_registry, reader_sees_one_whole_run
from tests.unit.publish.scenes import INSIGHT, MONDAY, TUESDAY

Actor = Callable[[Ports], object]
FAULT_SHARE, READ_SHARE = 0.06, 0.12  # of calls that fail, and of turns after which a reader looks
ATTEMPTS = 8
FAULTS = (Fault.STOP_BEFORE, Fault.STOP_AFTER, Fault.THROTTLED, Fault.ERROR_AFTER, Fault.TIMEOUT_AFTER, Fault.LATE)


class Turns:
    """Lets one thread run at a time, from one call to its next; `choice` draws who is next."""

    def __init__(self, choice: random.Random, between: Callable[[], None]) -> None:
        self._choice, self._between = choice, between
        self._changed = Condition()
        self._waiting: set[str] = set()
        self._running: set[str] = set()

    def wait(self, name: str) -> None:
        """Wait until it is this one's turn."""
        with self._changed:
            self._running.discard(name)
            self._waiting.add(name)
            self._changed.notify_all()
            self._changed.wait_for(lambda: name in self._running)

    def run(self, bodies: Mapping[str, Callable[[], None]]) -> None:
        """Run every body in a thread of its own until all have ended."""

        def ending(name: str) -> None:
            try:
                self.wait(name)
                bodies[name]()
            finally:
                with self._changed:
                    self._running.discard(name)
                    self._changed.notify_all()

        threads = {name: Thread(target=ending, args=(name,), daemon=True) for name in bodies}
        for thread in threads.values():
            thread.start()
        left = set(bodies)
        with self._changed:
            self._changed.wait_for(lambda: self._waiting == left)
            while self._waiting:
                self._between()
                name = self._choice.choice(sorted(self._waiting))
                self._waiting.discard(name)
                self._running.add(name)
                self._changed.notify_all()
                self._changed.wait_for(lambda: not self._running)
        for thread in threads.values():
            thread.join()


def race(cloud: Cloud, seed: int, told: list[str] | None = None) -> list[str]:
    """Run one race and return everything that was wrong; `told` gets who made which call, and which fault it met."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    lake = new_lake(cloud)
    actors, withdraws = _line_up(lake, draw)
    reader = Reader(lake, frozenset(), latest_may_be_empty=withdraws)
    reader.always = frozenset() if withdraws else frozenset(reader.read().keys() - {"latest", "runs"})
    hooks = {name: Hook() for name in actors}
    turns = Turns(draw, lambda: _perhaps(draw, reader))
    wrong: list[str] = []
    told = [] if told is None else told
    for name, hook in hooks.items():
        hook.each = _each(turns, name, hook, draw, told)
        hook.late_by = draw.choice([2, 6, 1_000])
    turns.run({name: _body(lake, actors[name], hooks[name], wrong) for name in actors})
    for hook in hooks.values():
        hook.flush()
    return wrong + _judged(lake, reader)


def _line_up(lake: Lake, draw: random.Random) -> tuple[dict[str, Actor], bool]:
    """Who takes part: two publishers and a vacuum always, registrars with repeated events, and some of the others."""
    leaving = published(_ago(lake, days=40))
    runs = [published(_ago(lake, days=40)), published(_ago(lake, days=30.5))]
    vacuum(_ago(lake, days=1), INSIGHT)  # of long ago are: one whose files go now, one that may go, and the current
    keys = [job(lake.quiet, draw.choice([MONDAY, TUESDAY])) for _ in range(2)]
    events = [*keys, *keys]
    draw.shuffle(events)
    actors: dict[str, Actor] = {
        "publisher 1": lambda ports: register(ports, job(ports, MONDAY)),
        "publisher 2": lambda ports: register(ports, job(ports, TUESDAY)),
        "vacuum": lambda ports: vacuum(ports, INSIGHT),
        "registrar 1": lambda ports: [register(ports, key) for key in events[:2]],
        "registrar 2": lambda ports: [register(ports, key) for key in events[2:]],
    }
    others: dict[str, Actor] = {
        "rollback": lambda ports: rollback(ports, INSIGHT, MONDAY, draw_run),
        "undo": lambda ports: undo(ports, INSIGHT),
        "withdraw": lambda ports: withdraw(ports, INSIGHT, MONDAY),
        "repair": lambda ports: repair(ports, INSIGHT),
        "vacuum again": lambda ports: vacuum(ports, INSIGHT),
        "erase": lambda ports: erase(ports, LastRow(ports), order_for({"after": runs[-1]})),
    }
    draw_run = draw.choice([leaving, *runs])
    chosen = draw.sample(sorted(others), 2)
    return actors | {name: others[name] for name in chosen}, bool({"withdraw", "undo"} & set(chosen))


def _ago(lake: Lake, days: float) -> Ports:
    return replace(lake.quiet, clock=lambda: utc_now() - timedelta(days=days))


def _each(turns: Turns, name: str, hook: Hook, draw: random.Random, told: list[str]) -> Callable[[str], None]:
    """Before each call: wait for the turn, then draw whether this call fails, and how."""

    def each(call: str) -> None:
        turns.wait(name)
        if draw.random() < FAULT_SHARE and len(hook.met) < ATTEMPTS - 4:
            hook.plan[len(hook.calls)] = draw.choice(FAULTS)
        told.append(f"{name}: {call}: {hook.plan.get(len(hook.calls), 'well')}")

    return each


def _body(lake: Lake, actor: Actor, hook: Hook, wrong: list[str]) -> Callable[[], None]:
    """An actor with all its attempts; an operator who is overtaken may find that what it wanted cannot be done."""

    def body() -> None:
        for _ in range(ATTEMPTS):
            try:
                actor(lake.ports(hook))
                return
            except (Stopped, Retryable, Conflict):
                continue
            except (NotFound, UsageError):
                return
            except Exception as error:
                wrong.append(f"an actor ended with {type(error).__name__}: {error}")
                return
        wrong.append(f"{ATTEMPTS} attempts did not succeed")

    return body


def _perhaps(draw: random.Random, reader: Reader) -> None:
    if draw.random() < READ_SHARE:
        reader.read()


def _judged(lake: Lake, reader: Reader) -> list[str]:
    """Settle, and hold everything that is there to the rules; every manifest that came must have been registered."""
    wrong = settle(lake.quiet, lake)
    world = world_of(lake, lake.heard())
    wrong += filter(None, [reader_sees_one_whole_run(world), catalog_follows_registry(world)])
    wrong += [
        f"the run {run.run_id} has a manifest, and is {run.state} at the end"
        for run in world.runs.values()
        if run.state is State.WRITTEN
    ]
    reader.read()
    return wrong + reader.violations
