"""What an erasure is asked, what it sees, and the plan that follows from it. Pure: reads and writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from insightshare.errors import UsageError
from insightshare.publish import layout
from insightshare.publish.facts import Pointer, Run, State
from insightshare.publish.scrubbing import Subject

OUT_OF_REACH = (
    "copies and query results that clients made in their own accounts or took away",
    "results of queries in our own workgroups: they expire with their bucket's rule",
    "the sources, as delivered and as landed: while they hold the person, the next run does too",
    "models that learnt from the person's rows, until they are trained again",
    "the texts of queries in logs and in Athena's history, where somebody asked for the person by name",
)


@dataclass(frozen=True)
class Order:
    """Who is to be erased from which insight; `reference` says in the record who asked for it, and names nobody."""

    insight: str
    subject: Subject
    reference: str

    def __post_init__(self) -> None:
        if self.subject.value in self.reference:
            fix = "give the number of the request"
            raise UsageError.at("erase", "reference", "the person's own value", "a text that names nobody", fix)


class Kind(StrEnum):
    """What an erasure does, in this order; each looks again before it acts."""

    REWRITE = "rewrite"
    CONDEMN = "condemn"
    SCRUB = "scrub"
    PURGE = "purge"


@dataclass(frozen=True)
class Action:
    """One step: what is done to which as_of, run or object, and why."""

    kind: Kind
    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind} {self.what}: {self.reason}"


@dataclass(frozen=True)
class ErasurePlan:
    """What an erasure would do now, what it has to wait for, and which condemned runs vacuum has not deleted yet."""

    insight: str
    actions: tuple[Action, ...]
    waiting: tuple[str, ...]
    condemned: tuple[str, ...]
    record: str = ""

    @property
    def is_finished(self) -> bool:
        """Whether nothing of the person is left within reach."""
        return not (self.actions or self.waiting or self.condemned)

    def __str__(self) -> str:
        lines = [f"  {action}" for action in self.actions] + [f"  wait: {reason}" for reason in self.waiting]
        lines += [f"  vacuum deletes {run_id}" for run_id in self.condemned]
        count = f"{len(self.actions)} to do, {len(self.waiting)} to wait for, {len(self.condemned)} for vacuum"
        return "\n".join([f"{self.insight}: {'nothing is left' if self.is_finished else count}", *lines])

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON types."""
        return {
            "insight": self.insight,
            "actions": [{"kind": str(a.kind), "what": a.what, "reason": a.reason} for a in self.actions],
            "waiting": list(self.waiting),
            "condemned": list(self.condemned),
            "record": self.record or None,
        }


@dataclass(frozen=True)
class Seen:
    """Everything that an erasure weighs: which runs hold rows of the person, which documents name them.

    `unfinished` runs are being made by jobs, and may hold the person or not. `copies` are being made by erasures of
    others, and do hold the person; they replace only what they were copied from, and so hold up no other copy.
    """

    insight: str
    runs: Mapping[str, Run]
    pointers: Mapping[str, Pointer]
    holding: frozenset[str]
    unfinished: frozenset[str]
    copies: frozenset[str]
    naming: tuple[str, ...]
    replaced: tuple[str, ...]


def plan(seen: Seen) -> ErasurePlan:
    """Return what has to be done, in order; nothing when nobody is left to erase."""
    current = {pointer.run_id: as_of for as_of, pointer in seen.pointers.items() if pointer.run_id}
    busy = {seen.runs[run_id].as_of for run_id in seen.unfinished}
    rewrites = sorted(current[run_id] for run_id in seen.holding & current.keys())
    actions = [
        *(Action(Kind.REWRITE, as_of, "its current run holds the person") for as_of in rewrites if as_of not in busy),
        *(
            Action(Kind.CONDEMN, run_id, f"{seen.runs[run_id].state}, and holds the person")
            for run_id in sorted(seen.holding & (seen.runs.keys() - current.keys()))
        ),
        *(Action(Kind.SCRUB, key, "it names the person") for key in seen.naming),
        *(Action(Kind.PURGE, key, "older versions may name the person") for key in seen.replaced),
    ]
    waiting = [
        f"run {run_id} of {seen.runs[run_id].as_of} is being made, and may hold the person. Repeat when it is done."
        for run_id in sorted(seen.unfinished | seen.copies)
    ]
    waiting += [
        f"{layout.run_folder(seen.insight, name)} holds the person, and nobody claimed it. Repeat after a vacuum."
        for name in sorted(seen.holding - seen.runs.keys())
    ]
    left = [run_id for run_id, run in seen.runs.items() if run.condemned_by and run.state is not State.DELETED]
    return ErasurePlan(seen.insight, tuple(actions), tuple(waiting), tuple(sorted(left)))
