"""What publishing needs of the world, as protocols. Implemented in `insightshare.aws`, and in memory by the tests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from insightshare.publish.facts import Claim, Decision, Pointer, Run, State, utc_now


@dataclass(frozen=True)
class StoredObject:
    """One object of the lake."""

    key: str
    size_bytes: int


@dataclass(frozen=True, order=True)
class StoredVersion:
    """One version of an object, or a mark that it was deleted; `is_current` says that reading the key yields it."""

    key: str
    version: str
    size_bytes: int
    is_current: bool
    is_mark: bool = False


@dataclass(frozen=True)
class CatalogTable:
    """One table of the catalog as read at `version`; `definition` is what an update must send back in full."""

    name: str
    version: str
    location: str
    parameters: Mapping[str, str]
    columns: tuple[tuple[str, str], ...]
    definition: Mapping[str, Any] = field(repr=False, hash=False)


@dataclass(frozen=True)
class CatalogPartition:
    """One partition of a table with one partition key."""

    value: str
    location: str
    parameters: Mapping[str, str]
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RunChange:
    """One run's move from one state to another at `at_utc`; `registered` holds the run's facts when this registers it.

    With `unpinned_on`, a date, the run must not be pinned on that day. No run that is condemned becomes current.
    """

    run_id: str
    before: State
    after: State
    at_utc: str
    registered: Run | None = None
    unpinned_on: str = ""


@dataclass(frozen=True)
class Change:
    """What one transaction does: all of it or nothing.

    With a decision, the as_of's pointer must still have `seen_sequence` (None: there is no pointer) and moves to it.
    A pointer in `unmoved` must still be as it was seen, and stays.
    """

    insight: str
    runs: tuple[RunChange, ...]
    decision: Decision | None = None
    seen_sequence: int | None = None
    unmoved: Pointer | None = None


class Storage(Protocol):
    """The lake bucket. Reads and listings are strongly consistent."""

    def uri(self, key: str) -> str:
        """Return the `s3://` address of a key or folder."""

    def create(self, key: str, body: bytes) -> bool:
        """Write a new object; return False, having changed nothing, if the key exists."""

    def read(self, key: str, limit_bytes: int) -> bytes | None:
        """Return the object, or None if there is none; raise ManifestRefused if it is larger than the limit."""

    def list(self, folder: str) -> tuple[StoredObject, ...]:
        """Return every object whose key begins with the folder, in key order."""

    def folders(self, folder: str) -> tuple[str, ...]:
        """Return the names directly below the folder that hold objects, in order."""


class Lake(Storage, Protocol):
    """The lake bucket as those see it who also take away; every replaced or deleted object is kept as a version."""

    def overwrite(self, key: str, body: bytes) -> None:
        """Write an object whether it exists or not."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects, or raise Retryable naming one that is still there; their versions stay."""

    def versions(self, folder: str) -> tuple[StoredVersion, ...]:
        """Return every version of every object whose key begins with the folder, deleted ones too, in key order."""

    def delete_versions(self, versions: Sequence[StoredVersion]) -> None:
        """Delete these versions for good, or raise Retryable naming one that is still there."""


class Catalog(Protocol):
    """The tables that readers query. No call affects more than one table or partition."""

    def table(self, name: str) -> CatalogTable:
        """Return the table with its version."""

    def move_table(self, table: CatalogTable, location: str, parameters: Mapping[str, str]) -> bool:
        """Point the table elsewhere if it still has the version that was read; return False if not."""

    def partition(self, table: str, value: str) -> CatalogPartition | None:
        """Return one partition, or None."""

    def partitions(self, table: str) -> tuple[CatalogPartition, ...]:
        """Return every partition, in order of value."""

    def create_partition(self, table: CatalogTable, value: str, location: str, parameters: Mapping[str, str]) -> bool:
        """Create a partition with the table's whole descriptor; return False if it exists."""

    def update_partition(self, table: CatalogTable, value: str, location: str, parameters: Mapping[str, str]) -> bool:
        """Replace a partition, resending the table's whole descriptor; return False if there is none."""

    def delete_partition(self, table: str, value: str) -> bool:
        """Delete a partition; return False if there is none."""


class Registry(Protocol):
    """The truth about runs and decisions. All reads are strongly consistent."""

    def next_sequence(self, insight: str) -> int:
        """Return a number higher than every earlier one of the insight; gaps are normal."""

    def add_claim(self, claim: Claim) -> None:
        """Begin a run's life."""

    def mark_written(self, insight: str, run_id: str) -> bool:
        """Move a run from claimed to written; return False if it is past that."""

    def run(self, insight: str, run_id: str) -> Run | None:
        """Return one run, or None."""

    def runs(self, insight: str) -> tuple[Run, ...]:
        """Return every run, oldest first."""

    def pointer(self, insight: str, as_of: str) -> Pointer | None:
        """Return the pointer of one as_of, or None if nothing was ever decided for it."""

    def pointers(self, insight: str) -> tuple[Pointer, ...]:
        """Return every pointer, oldest as_of first."""

    def newest_pointer(self, insight: str) -> Pointer | None:
        """Return the pointer of the newest as_of that has a run, or None if none has."""

    def decision(self, insight: str, sequence: int) -> Decision | None:
        """Return one decision, or None."""

    def decisions(self, insight: str) -> tuple[Decision, ...]:
        """Return every decision, oldest first."""

    def last_decision(self, insight: str) -> Decision | None:
        """Return the decision with the highest number, or None."""

    def commit(self, change: Change) -> bool:
        """Apply a change as one transaction; return False, having changed nothing, if a condition does not hold."""

    def set_pin(self, insight: str, run_id: str, until: str) -> bool:
        """Hold a run until the end of a day (empty: no longer); return False if it is no run that can be held."""

    def condemn(self, insight: str, run_id: str, erasure: str) -> bool:
        """Mark a run for an erasure and take its pin away; return False if it was condemned before, or is no run."""

    def mark_complete(self, insight: str, run_id: str) -> None:
        """Record that every step after the run's decision was done."""

    def restore(self, insight: str, runs: tuple[Run, ...], decisions: tuple[Decision, ...], sequence: int) -> None:
        """Put back what is missing: runs, decisions, the pointers that follow from them, the counter at least here."""


class EventBus(Protocol):
    """Where the world hears of publications, and the queue of manifests to register."""

    def announce(self, decision: Decision) -> None:
        """Tell subscribers of a decision; they may hear it more than once."""

    def requeue(self, manifest_key: str) -> None:
        """Ask for a manifest to be registered."""

    def hurry(self, receipt: str, seconds: int) -> None:
        """Have a message that was received, and failed, come back in so many seconds instead of in a registration's."""


@dataclass(frozen=True)
class Ports:
    """Everything that publishing touches."""

    storage: Lake
    catalog: Catalog
    registry: Registry
    events: EventBus
    clock: Callable[[], datetime] = utc_now
