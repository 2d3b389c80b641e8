"""Snapshots of sources: what was landed for a date, and which of them a date may use. Checks and copies no data."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from insightshare.errors import Conflict, NotFound
from insightshare.jobs.workplace import Files

MAX_POINTER_BYTES = 1024 * 1024
_TRIES = 5


@dataclass(frozen=True)
class SnapshotFile:
    """One Parquet file of a snapshot; `key` is in the landing bucket."""

    key: str
    size_bytes: int
    rows: int
    sha256: str


@dataclass(frozen=True)
class Snapshot:
    """What was landed for one source and one date; the last one landed for a date counts."""

    source: str
    as_of: str
    snapshot_id: str
    files: tuple[SnapshotFile, ...]

    @property
    def rows(self) -> int:
        """The rows of all files."""
        return sum(file.rows for file in self.files)


def snapshot_folder(source: str, as_of: str, snapshot_id: str) -> str:
    """Return the folder that holds the files of one snapshot."""
    return f"sources/{source}/{as_of}/{snapshot_id}/"


def take_snapshot(landing: Files, snapshot: Snapshot) -> None:
    """Make `snapshot` the one that counts for its source and date: one object, replaced as a whole."""
    key = _pointer_key(snapshot.source, snapshot.as_of)
    body = json.dumps(asdict(snapshot), indent=1).encode()
    for _ in range(_TRIES):
        current = landing.read_tagged(key)
        if landing.replace(key, body, current[1] if current else None):
            return
    raise Conflict.at(key, "snapshot", "moved by somebody else", "as it was read", "land the source again")


def newest_snapshot(landing: Files, source: str, as_of: str) -> Snapshot:
    """Return the newest snapshot that is not after `as_of`; raises NotFound where there is none.

    A result about a date never sees data that were landed for a later one.
    """
    keys = [found.key for found in landing.list(f"snapshots/{source}/")]
    usable = [key for key in keys if key <= _pointer_key(source, as_of)]
    body = landing.read(usable[-1], MAX_POINTER_BYTES) if usable else None
    if body is None:
        raise _missing(source, as_of, f"one landed for {as_of} or before")
    return _from_json(json.loads(body))


def snapshot_of(landing: Files, source: str, as_of: str) -> Snapshot:
    """Return the snapshot of `as_of` itself; raises NotFound where there is none, whatever was landed before."""
    body = landing.read(_pointer_key(source, as_of), MAX_POINTER_BYTES)
    if body is None:
        raise _missing(source, as_of, f"one landed for {as_of} itself")
    return _from_json(json.loads(body))


def _missing(source: str, as_of: str, expected: str) -> NotFound:
    fix = f"land it: insightshare job land {source} --as-of {as_of}"
    return NotFound.at(f"source {source}", "snapshot", "nothing", expected, fix)


def _from_json(value: dict[str, Any]) -> Snapshot:
    return Snapshot(**{**value, "files": tuple(SnapshotFile(**file) for file in value["files"])})


def _pointer_key(source: str, as_of: str) -> str:
    return f"snapshots/{source}/{as_of}.json"
