"""The ports of publishing in memory, as exact as AWS is. `tests/behaviour` runs one suite on these and on AWS."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from insightshare.cli.desk import Desk
from insightshare.errors import ManifestRefused, PlatformError
from insightshare.publish.facts import PINNABLE, Claim, Decision, Pointer, Run, State
from insightshare.publish.layout import run_folder
from insightshare.publish.manifest import File, Manifest
from insightshare.publish.ports import (
    CatalogPartition,
    CatalogTable,
    Change,
    Ports,
    RunChange,
    StoredObject,
    StoredVersion,
)
from insightshare.publish.rebuild import pointers_of
from insightshare.publish.scrubbing import Subject

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LAKE = "lake"


@dataclass
class World:
    """All state, as dictionaries of immutable values, so that a copy is cheap and a comparison is exact."""

    objects: dict[str, bytes] = field(default_factory=dict)
    replaced: dict[tuple[str, int], bytes] = field(default_factory=dict)
    tables: dict[str, CatalogTable] = field(default_factory=dict)
    partitions: dict[tuple[str, str], CatalogPartition] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    runs: dict[tuple[str, str], Run] = field(default_factory=dict)
    pointers: dict[tuple[str, str], Pointer] = field(default_factory=dict)
    decisions: dict[tuple[str, int], Decision] = field(default_factory=dict)
    announced: list[Decision] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)
    hurried: list[str] = field(default_factory=list)

    def copy(self) -> "World":
        """A world of its own with the same state."""
        return World(**{name: value.copy() for name, value in vars(self).items()})


class FakeStorage:
    """The port `Lake` in memory; what was replaced or deleted stays under its number, as S3 keeps versions."""

    def __init__(self, world: World) -> None:
        self._world = world

    def uri(self, key: str) -> str:
        return f"s3://{LAKE}/{key}"

    def create(self, key: str, body: bytes) -> bool:
        if key in self._world.objects:
            return False
        self._world.objects[key] = body
        return True

    def read(self, key: str, limit_bytes: int) -> bytes | None:
        body = self._world.objects.get(key)
        if body is not None and len(body) > limit_bytes:
            found, expected = f"{len(body)} bytes", f"at most {limit_bytes} bytes"
            raise ManifestRefused.at(key, "size", found, expected, "find out who wrote it; write a smaller one")
        return body

    def list(self, folder: str) -> tuple[StoredObject, ...]:
        objects = self._world.objects
        return tuple(StoredObject(key, len(objects[key])) for key in sorted(objects) if key.startswith(folder))

    def folders(self, folder: str) -> tuple[str, ...]:
        below = [key.removeprefix(folder) for key in self._world.objects if key.startswith(folder)]
        return tuple(sorted({name.split("/")[0] for name in below if "/" in name}))

    def overwrite(self, key: str, body: bytes) -> None:
        self._keep(key)
        self._world.objects[key] = body

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._keep(key)
            self._world.objects.pop(key, None)

    def versions(self, folder: str) -> tuple[StoredVersion, ...]:
        older = (StoredVersion(k, str(n), len(body), False) for (k, n), body in self._world.replaced.items())
        current = (StoredVersion(k, "current", len(body), True) for k, body in self._world.objects.items())
        return tuple(sorted(version for version in (*older, *current) if version.key.startswith(folder)))

    def delete_versions(self, versions: Sequence[StoredVersion]) -> None:
        for version in versions:
            if version.is_current:
                self._world.objects.pop(version.key, None)
            else:
                self._world.replaced.pop((version.key, int(version.version)), None)

    def _keep(self, key: str) -> None:
        if key in self._world.objects:
            number = 1 + max((n for k, n in self._world.replaced if k == key), default=0)
            self._world.replaced[key, number] = self._world.objects[key]


class FakeCatalog:
    """The port `Catalog` in memory: `move_table` is a compare-and-swap on the version, partitions have none."""

    def __init__(self, world: World) -> None:
        self._world = world

    def table(self, name: str) -> CatalogTable:
        if name not in self._world.tables:
            raise PlatformError(f"table {name}: EntityNotFoundException: there is no such table")
        return self._world.tables[name]

    def move_table(self, table: CatalogTable, location: str, parameters: Mapping[str, str]) -> bool:
        current = self.table(table.name)
        if current.version != table.version:
            return False
        self._world.tables[table.name] = replace(
            table,
            version=str(int(table.version) + 1),
            location=location,
            parameters={**table.parameters, **parameters},
        )
        return True

    def partition(self, table: str, value: str) -> CatalogPartition | None:
        return self._world.partitions.get((table, value))

    def partitions(self, table: str) -> tuple[CatalogPartition, ...]:
        return tuple(self._world.partitions[key] for key in sorted(self._world.partitions) if key[0] == table)

    def create_partition(self, table: CatalogTable, value: str, location: str, parameters: Mapping[str, str]) -> bool:
        if (table.name, value) in self._world.partitions:
            return False
        self._world.partitions[table.name, value] = CatalogPartition(value, location, parameters, table.columns)
        return True

    def update_partition(self, table: CatalogTable, value: str, location: str, parameters: Mapping[str, str]) -> bool:
        if (table.name, value) not in self._world.partitions:
            return False
        self._world.partitions[table.name, value] = CatalogPartition(value, location, parameters, table.columns)
        return True

    def delete_partition(self, table: str, value: str) -> bool:
        return self._world.partitions.pop((table, value), None) is not None


class FakeRegistry:
    """The port `Registry` in memory: `commit` is one transaction with its conditions."""

    def __init__(self, world: World) -> None:
        self._world = world

    def next_sequence(self, insight: str) -> int:
        self._world.counters[insight] = self._world.counters.get(insight, 0) + 1
        return self._world.counters[insight]

    def add_claim(self, claim: Claim) -> None:
        self._world.runs.setdefault((claim.insight, claim.run_id), Run(**asdict(claim), state=State.CLAIMED))

    def mark_written(self, insight: str, run_id: str) -> bool:
        run = self._world.runs[insight, run_id]
        if run.state is not State.CLAIMED:
            return False
        self._world.runs[insight, run_id] = replace(run, state=State.WRITTEN)
        return True

    def run(self, insight: str, run_id: str) -> Run | None:
        return self._world.runs.get((insight, run_id))

    def runs(self, insight: str) -> tuple[Run, ...]:
        return tuple(self._world.runs[key] for key in sorted(self._world.runs) if key[0] == insight)

    def pointer(self, insight: str, as_of: str) -> Pointer | None:
        return self._world.pointers.get((insight, as_of))

    def pointers(self, insight: str) -> tuple[Pointer, ...]:
        return tuple(self._world.pointers[key] for key in sorted(self._world.pointers) if key[0] == insight)

    def newest_pointer(self, insight: str) -> Pointer | None:
        shown = [pointer for pointer in self.pointers(insight) if pointer.run_id]
        return shown[-1] if shown else None

    def decision(self, insight: str, sequence: int) -> Decision | None:
        return self._world.decisions.get((insight, sequence))

    def decisions(self, insight: str) -> tuple[Decision, ...]:
        return tuple(self._world.decisions[key] for key in sorted(self._world.decisions) if key[0] == insight)

    def last_decision(self, insight: str) -> Decision | None:
        decisions = self.decisions(insight)
        return decisions[-1] if decisions else None

    def commit(self, change: Change) -> bool:
        world = self._world
        if not all(_may_move(world.runs[change.insight, run.run_id], run) for run in change.runs):
            return False
        seen = change.unmoved
        if seen is not None and world.pointers[change.insight, seen.as_of].sequence != seen.sequence:
            return False
        decision = change.decision
        if decision is not None:
            pointer = world.pointers.get((change.insight, decision.as_of))
            if (pointer.sequence if pointer else None) != change.seen_sequence:
                return False
            if (pointer and pointer.sequence >= decision.sequence) or self.decision(change.insight, decision.sequence):
                return False
            moved = Pointer(decision.as_of, decision.run_id, decision.sequence)
            world.pointers[change.insight, decision.as_of] = moved
            world.decisions[change.insight, decision.sequence] = decision
        for run in change.runs:
            before = run.registered or world.runs[change.insight, run.run_id]
            since = run.at_utc or before.state_since_utc
            world.runs[change.insight, run.run_id] = replace(before, state=run.after, state_since_utc=since)
        return True

    def set_pin(self, insight: str, run_id: str, until: str) -> bool:
        run = self._world.runs.get((insight, run_id))
        if run is None or run.state not in PINNABLE or run.condemned_by:
            return False
        self._world.runs[insight, run_id] = replace(run, pinned_until=until)
        return True

    def condemn(self, insight: str, run_id: str, erasure: str) -> bool:
        run = self._world.runs.get((insight, run_id))
        if run is None or run.condemned_by:
            return False
        self._world.runs[insight, run_id] = replace(run, condemned_by=erasure, pinned_until="")
        return True

    def mark_complete(self, insight: str, run_id: str) -> None:
        self._world.runs[insight, run_id] = replace(self._world.runs[insight, run_id], complete=True)

    def restore(self, insight: str, runs: tuple[Run, ...], decisions: tuple[Decision, ...], sequence: int) -> None:
        world = self._world
        world.counters[insight] = max(sequence, world.counters.get(insight, 0))
        for run in runs:
            world.runs[insight, run.run_id] = run
        for decision in decisions:
            world.decisions.setdefault((insight, decision.sequence), decision)
        for pointer in pointers_of(decisions):
            known = world.pointers.get((insight, pointer.as_of))
            if known is None or known.sequence < pointer.sequence:
                world.pointers[insight, pointer.as_of] = pointer


def _may_move(run: Run, change: RunChange) -> bool:
    pinned = bool(change.unpinned_on) and run.pinned_until >= change.unpinned_on
    condemned = change.after is State.CURRENT and bool(run.condemned_by)
    return run.state is change.before and not pinned and not condemned


class FakeEvents:
    """The port `EventBus` in memory."""

    def __init__(self, world: World) -> None:
        self._world = world

    def announce(self, decision: Decision) -> None:
        self._world.announced.append(decision)

    def requeue(self, manifest_key: str) -> None:
        self._world.queued.append(manifest_key)

    def hurry(self, receipt: str, seconds: int) -> None:
        self._world.hurried.append(f"{receipt} in {seconds} s")


def ports_on(world: World) -> Ports:
    """Every port on one world, with a clock that stands still."""
    return Ports(FakeStorage(world), FakeCatalog(world), FakeRegistry(world), FakeEvents(world), clock=lambda: NOON)


def glue_table(name: str, location: str, columns: tuple[tuple[str, str], ...]) -> CatalogTable:
    """A table as Terraform creates it."""
    definition: dict[str, Any] = {"Name": name, "StorageDescriptor": {"Location": location}}
    return CatalogTable(name, "1", location, {"insight": name}, columns, definition)


class FakeEditor:
    """The port `Editor` on files of text: a row is a line, and holds the person if it is their name."""

    def __init__(self, ports: Ports, person: str) -> None:
        self._storage = ports.storage
        self._person = person.encode()
        self.meanwhile: Callable[[], object] = lambda: None
        """What others do while a run is written again."""

    def holds(self, keys: Sequence[str]) -> bool:
        return any(self._person in self._rows(key) for key in keys)

    def rewrite(self, own: Claim, before: Manifest) -> Manifest:
        folders = [run_folder(own.insight, run_id) for run_id in (before.claim.run_id, own.run_id)]
        files = []
        for file in before.files:
            kept = [row for row in self._rows(folders[0] + file.name) if row != self._person]
            body = b"\n".join(kept)
            self._storage.create(folders[1] + file.name, body)
            files.append(File(file.name, len(body), len(kept), hashlib.sha256(body).hexdigest()))
        self.meanwhile()
        return Manifest(own, tuple(files), True, before.checks, before.lineage)

    def _rows(self, key: str) -> list[bytes]:
        return (self._storage.read(key, 2**20) or b"").split(b"\n")


class FakeDesk(Desk):
    """The desk of an operator on the ports in memory; the project has the insights that are named."""

    def __init__(self, ports: Ports, *insights: str) -> None:
        super().__init__(Path(), "local", NOON.date())
        known = {name: SimpleNamespace(types={"customer_id": "string"}) for name in insights}
        self.__dict__ |= {"ports": ports, "project": SimpleNamespace(insights=known)}

    @contextmanager
    def editor(self, insight: str, subject: Subject) -> Iterator[FakeEditor]:
        yield FakeEditor(self.ports, subject.value)
