"""The facts of publishing: claims, runs, pointers, decisions. Decides nothing and touches nothing."""

import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

INSIGHT_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
AS_OF = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
RUN_ID = re.compile(r"[0-9]{8}T[0-9]{9}Z-[0-9a-f]{8}")
MAX_SEQUENCE = 10**12 - 1  # twelve digits in the names of decision objects


class State(StrEnum):
    """Where a run is in its life: claimed → written → one of four → deleting → deleted."""

    CLAIMED = "claimed"
    WRITTEN = "written"
    CURRENT = "current"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DELETING = "deleting"
    DELETED = "deleted"


UNREGISTERED = frozenset({State.CLAIMED, State.WRITTEN})
RETAINED = frozenset({State.CURRENT, State.SUPERSEDED, State.WITHDRAWN})  # registered, passed, files are there
LEFT = frozenset({State.SUPERSEDED, State.WITHDRAWN, State.REJECTED})  # registered, and no reader is led there
PINNABLE = RETAINED | {State.REJECTED}
GONE = frozenset({State.DELETING, State.DELETED})


class Kind(StrEnum):
    """What a decision did."""

    PUBLISH = "publish"
    ROLLBACK = "rollback"
    WITHDRAW = "withdraw"
    ERASE = "erase"


@dataclass(frozen=True)
class Claim:
    """The right to write one run: its folder's name and its place in the order of the insight's runs."""

    insight: str
    as_of: str
    run_id: str
    sequence: int
    job_run_id: str
    claimed_at_utc: str


@dataclass(frozen=True)
class Run:
    """What the registry knows of one run. `complete` means that all steps after its decision were done once.

    `files_digest` and `registered_at_utc` are empty until it is registered, `state_since_utc` too: from then on it says
    when the run came into its state. `pinned_until` is the last day on which the run must not be deleted.
    `condemned_by` names the erasure that wants every version of its objects gone.
    """

    insight: str
    run_id: str
    as_of: str
    sequence: int
    state: State
    job_run_id: str
    claimed_at_utc: str
    registered_at_utc: str = ""
    rows: int = 0
    files_digest: str = ""
    complete: bool = False
    state_since_utc: str = ""
    pinned_until: str = ""
    condemned_by: str = ""


@dataclass(frozen=True)
class Pointer:
    """Which run is current for an as_of (None: withdrawn), and the number of the decision that said so."""

    as_of: str
    run_id: str | None
    sequence: int


@dataclass(frozen=True)
class Decision:
    """One immutable decision: from now on `run_id` is current for `as_of` (None: nothing is)."""

    insight: str
    sequence: int
    kind: Kind
    as_of: str
    run_id: str | None
    previous_run_id: str | None
    decided_at_utc: str

    def to_json(self) -> dict[str, Any]:
        """Return the decision as JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Decision":
        """Return the decision that `to_json` described."""
        return cls(**{**value, "sequence": int(value["sequence"]), "kind": Kind(value["kind"])})


def utc_now() -> datetime:
    """Return the present; the one place that reads the clock."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Return a moment as `2026-01-31T12:00:00.000Z`: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_date(text: str) -> bool:
    """Say whether the text is a real calendar date, written `YYYY-MM-DD`."""
    if not AS_OF.fullmatch(text):
        return False
    try:
        datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        return False
    return True
