"""One point: an operation, the call that fails, and how; tried, retried with fresh clients, and judged."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from insightshare.errors import Conflict, InsightshareError, Retryable
from insightshare.publish import Ports, register, repair
from tests.conftest import Cloud
from tests.faults.hook import ON_READS, ON_WRITES, Fault, Hook, Sent, Stopped
from tests.faults.lake import Lake, new_lake
from tests.faults.operations import OPERATIONS, Facts, Operation
from tests.faults.readers import Reader, looping
from tests.faults.world import world_of
from tests.unit.publish.rules import catalog_follows_registry, reader_sees_one_whole_run
from tests.unit.publish.scenes import INSIGHT

ATTEMPTS = 6  # a fault spoils one attempt; what takes effect late may cost another
ROUNDS = 5  # of repair and the queue, until both find nothing to do


@dataclass(frozen=True)
class Point:
    """Call `number` of the operation meets the fault; the seed says when what is late takes effect."""

    operation: str
    number: int
    fault: Fault
    seed: int = 0

    def __str__(self) -> str:
        return f"{self.operation}/{self.number}/{self.fault}"

    @classmethod
    def parse(cls, text: str, seed: int) -> Point:
        """Return the point that prints like this."""
        operation, number, fault = text.split("/")
        return cls(operation, int(number), Fault(fault), seed)

    @property
    def late_by(self) -> int:
        """After how many further calls a late one takes effect; half the time after all of the retry."""
        return random.Random(f"{self.seed}/{self}").choice([1, 2, 4, 8, 12, 16, *[1_000] * 6])  # noqa: S311 - no secret


Attempt = Callable[[Lake, Operation, Facts, Hook], object]


def calls_of(cloud: Cloud, operation: Operation) -> list[Sent]:
    """Return the calls that an undisturbed attempt makes."""
    lake = new_lake(cloud)
    facts = operation.prepare(lake)
    hook = Hook()
    operation.attempt(lake.ports(hook), facts)
    return hook.calls


def points_of(cloud: Cloud, operation: Operation, seed: int) -> list[Point]:
    """Every point of an operation: each call that an undisturbed attempt makes, with every fault it can meet."""
    return [
        Point(operation.name, number, fault, seed)
        for number, call in enumerate(calls_of(cloud, operation))
        for fault in (ON_WRITES if call.writes else ON_READS)
    ]


def judged_walk(cloud: Cloud, operation: Operation) -> list[str]:
    """Let nothing happen, and read before every call; return what was wrong."""
    lake = new_lake(cloud)
    facts = operation.prepare(lake)
    reader = _reader(lake, operation)
    hook = Hook(each=lambda _: reader.read())
    facts["result"] = operation.attempt(lake.ports(hook), facts)
    return _judged(lake, operation, facts, reader)


def in_this_process(lake: Lake, operation: Operation, facts: Facts, hook: Hook) -> object:
    """One attempt on fresh clients."""
    return operation.attempt(lake.ports(hook), facts)


def violations_of(cloud: Cloud, point: Point, attempt: Attempt = in_this_process) -> list[str]:
    """Try a point and return everything that was wrong; nothing, if all is well."""
    operation = OPERATIONS[point.operation]
    lake = new_lake(cloud)
    facts = operation.prepare(lake)
    hook = Hook({point.number: point.fault}, point.late_by)
    reader = _reader(lake, operation)
    with looping(reader):
        wrong = _tried(lake, operation, facts, hook, attempt)
        hook.flush()
        reader.read()
        wrong += _judged(lake, operation, facts, reader)
    return wrong if hook.met == [point.fault] else [*wrong, f"the fault met {len(hook.met)} calls"]


def settle(ports: Ports, lake: Lake) -> list[str]:
    """Let repair and the queue work until neither finds anything to do."""
    for _ in range(ROUNDS):
        keys = lake.queued()
        for key in keys:
            register(ports, key)
        plan = repair(ports, INSIGHT)
        if not plan.actions and not keys:
            return [f"repair wants somebody to look: {finding}" for finding in plan.findings]
    return ["repair and the queue do not come to an end"]


def _reader(lake: Lake, operation: Operation) -> Reader:
    """A reader that has seen what is there at the start."""
    reader = Reader(lake, frozenset(), operation.latest_may_be_empty)
    reader.always = frozenset(reader.read().keys() - {"latest", "runs"} - operation.may_lack)
    return reader


def _tried(lake: Lake, operation: Operation, facts: Facts, hook: Hook, attempt: Attempt) -> list[str]:
    """Attempt until it succeeds; what stops an attempt must say that it may be repeated."""
    for _ in range(ATTEMPTS):
        try:
            facts["result"] = attempt(lake, operation, facts, hook)
            return []
        except (Stopped, Retryable, Conflict):
            continue
        except InsightshareError as error:
            return [f"an attempt ended with {type(error).__name__}: {error}"]
    return [f"{ATTEMPTS} attempts did not succeed"]


def _judged(lake: Lake, operation: Operation, facts: Facts, reader: Reader) -> list[str]:
    """Settle, and hold everything that is there to the rules."""
    wrong = settle(lake.quiet, lake)
    world = world_of(lake, lake.heard())
    rules = reader_sees_one_whole_run(world), catalog_follows_registry(world), operation.holds(lake, world, facts)
    wrong += filter(None, rules)
    shown = reader.read()
    expected = {as_of: run_id for as_of, run_id in operation.ends(lake.quiet, facts).items() if run_id}
    found = {part: run_id for part, run_id in shown.items() if part != "latest"}
    if found != expected:
        wrong.append(f"the history shows {found} at the end, expected is {expected}")
    if shown.get("latest") != (expected[max(expected)] if expected else None):
        wrong.append(f"_latest shows {shown.get('latest')} at the end, expected is the newest of {expected}")
    never_decided = reader.shown_runs - {decision.run_id for decision in world.decisions.values()}
    wrong += [f"readers saw {run_id}, which nobody published" for run_id in sorted(never_decided)]
    return wrong + reader.violations
