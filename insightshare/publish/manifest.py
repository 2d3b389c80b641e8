"""A run's manifest: what was written and how it was judged; read back by hand as untrusted input. Does no I/O."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from insightshare.publish.facts import MAX_SEQUENCE, RUN_ID, Claim
from insightshare.publish.layout import manifest_key, parse_manifest_key, run_folder
from insightshare.publish.ports import StoredObject
from insightshare.publish.untrusted import MAX_NUMBER, Reader, refused

FORMAT = 1
MAX_MANIFEST_BYTES = 4 * 1024 * 1024
ENTITY_COUNTS = ("came", "went", "stayed")  # of drift; absent where the key was not compared
# A flat, visible name: no folder, no "=", nothing that Athena hides ("_", ".").
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class File:
    """One file of a run; `name` is relative to the run's folder."""

    name: str
    size_bytes: int
    rows: int
    sha256: str


@dataclass(frozen=True)
class Input:
    """One source snapshot that a run read."""

    source: str
    as_of: str
    snapshot_id: str
    rows: int


@dataclass(frozen=True)
class Model:
    """The model that scored a run, with the quality measured when it was trained."""

    version: str
    quality: Mapping[str, float] = field(hash=False)


@dataclass(frozen=True)
class Lineage:
    """What a run was made from."""

    code_version: str
    engine: str
    inputs: tuple[Input, ...] = ()
    model: Model | None = None


@dataclass(frozen=True)
class Manifest:
    """What a run is: its claim, its files, its verdict.

    `checks` has one mapping per check: id, kind, columns, severity, passed, sentence, and what else the audit
    observed. `profile` and the checks' observations are data; they stay in the manifest. So do `reader_profiles`, one
    per row filter of an agreement, and the moves in `drift`, which says how far the run is from the one before.
    `replaces` names the run of which this one is a copy without some rows: it may only follow that one.
    """

    claim: Claim
    files: tuple[File, ...]
    passed: bool
    checks: tuple[Mapping[str, Any], ...] = field(hash=False)
    lineage: Lineage = field(hash=False)
    profile: Mapping[str, Any] = field(default_factory=dict, hash=False)
    drift: Mapping[str, Any] = field(default_factory=dict, hash=False)
    reader_profiles: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    promised_hours: float | None = None
    replaces: str = ""

    @property
    def rows(self) -> int:
        """The rows of all files."""
        return sum(file.rows for file in self.files)

    @property
    def key(self) -> str:
        """Where the manifest lies in the lake."""
        return manifest_key(self.claim.insight, self.claim.run_id)

    def to_bytes(self) -> bytes:
        """Return the manifest as JSON text, the same for equal manifests."""
        body = {"format": FORMAT, "rows": self.rows, **asdict(self)}
        return json.dumps(body, sort_keys=True, indent=1, allow_nan=False).encode()


def parse_manifest(key: str, body: bytes) -> Manifest:
    """Return the manifest that a key holds, or raise ManifestRefused with the first thing that is wrong with it."""
    location = parse_manifest_key(key)
    if location is None:
        raise refused(key, "key", "this key", "runs/<insight>/<run_id>/manifest.json")
    if len(body) > MAX_MANIFEST_BYTES:
        raise refused(key, "size", f"{len(body)} bytes", f"at most {MAX_MANIFEST_BYTES} bytes")
    try:
        value = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise refused(key, "content", "text that does not parse", "JSON") from error
    document = Reader(key, "manifest", value)
    document.one_of("format", {FORMAT})
    claim = _claim(document.object("claim"))
    if (claim.insight, claim.run_id) != location:
        raise refused(key, "claim", "another insight or run", "the insight and run of the manifest's own key")
    manifest = Manifest(
        claim=claim,
        files=_files(document),
        passed=document.boolean("passed"),
        checks=tuple(_check(check) for check in document.objects("checks")),
        lineage=_lineage(document.object("lineage")),
        profile=document.object("profile").value,
        drift=_drift(document),
        reader_profiles=tuple(_reader_profile(entry) for entry in document.objects("reader_profiles", optional=True)),
        promised_hours=document.number("promised_hours"),
        replaces=document.text("replaces", RUN_ID) if document.value.get("replaces") else "",
    )
    if document.integer("rows") != manifest.rows:
        raise refused(key, "rows", "the total", "the sum of the files' rows")
    if manifest.passed and any(c["severity"] == "error" and not c["passed"] for c in manifest.checks):
        raise refused(key, "passed", "true", "false when a check of severity error failed")
    return manifest


def check_listing(manifest: Manifest, listing: Iterable[StoredObject]) -> None:
    """Raise ManifestRefused unless the run's folder holds exactly the manifest's files, by name and size."""
    folder = run_folder(manifest.claim.insight, manifest.claim.run_id)
    found = visible_sizes(folder, listing)
    promised = {file.name: file.size_bytes for file in manifest.files}
    for wrong, names in (
        ("missing", promised.keys() - found.keys()),
        ("additional", found.keys() - promised.keys()),
        ("resized", {name for name in promised.keys() & found.keys() if promised[name] != found[name]}),
    ):
        if names:
            example = min(names)
            raise refused(
                manifest.key, "files", f"{wrong} file {example!r} ({len(names)} {wrong})", "the folder's listing"
            )


def visible_sizes(folder: str, listing: Iterable[StoredObject]) -> dict[str, int]:
    """Return name → bytes of the objects in a run's folder that a query engine would read.

    An empty object named like the folder itself is how Hadoop marks that a folder exists; it holds no rows.
    """
    names = {item.key.removeprefix(folder): item.size_bytes for item in listing}
    return {name: size for name, size in names.items() if not name.startswith(("_", ".")) and (name or size)}


def files_digest(sizes: Mapping[str, int]) -> str:
    """Return one short text for a set of file names and sizes."""
    return hashlib.sha256(json.dumps(sorted(sizes.items())).encode()).hexdigest()


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _claim(claim: Reader) -> Claim:
    return Claim(
        insight=claim.text("insight"),
        as_of=claim.date("as_of"),
        run_id=claim.text("run_id"),
        sequence=claim.integer("sequence", MAX_SEQUENCE),
        job_run_id=claim.text("job_run_id"),
        claimed_at_utc=claim.text("claimed_at_utc"),
    )


def _files(document: Reader) -> tuple[File, ...]:
    files = tuple(
        File(
            item.text("name", FILE_NAME), item.integer("size_bytes"), item.integer("rows"), item.text("sha256", SHA256)
        )
        for item in document.objects("files")
    )
    if len({file.name for file in files}) != len(files):
        raise refused(document.key, "manifest.files", "a name that appears twice", "a list of different names")
    return files


def _check(check: Reader) -> Mapping[str, Any]:
    for name in ("id", "kind", "sentence"):
        check.text(name)
    check.one_of("severity", {"error", "warning"})
    check.boolean("passed")
    columns = check.value.get("columns")
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise refused(check.key, f"{check.path}.columns", "this", "a list of column names")
    return dict(check.value)


def _drift(document: Reader) -> Mapping[str, Any]:
    """Empty where there was no run before."""
    if not document.value.get("drift"):
        return {}
    drift = document.object("drift")
    drift.text("since_run_id", RUN_ID)
    drift.date("since_as_of")
    for name in ("rows_before", "rows", *(name for name in ENTITY_COUNTS if drift.value.get(name) is not None)):
        drift.integer(name)
    for measure in drift.objects("measures"):
        measure.text("measure")
        measure.text("column")
        measure.number("value")
        if measure.value.get("level") is not None:
            measure.one_of("level", {"note", "warn", "block"})
    drift.objects("moves")
    return dict(drift.value)


def _reader_profile(entry: Reader) -> Mapping[str, Any]:
    entry.text("rows")
    entry.integer("row_count")
    entry.object("profile")
    return dict(entry.value)


def _lineage(lineage: Reader) -> Lineage:
    inputs = tuple(
        Input(item.text("source"), item.date("as_of"), item.text("snapshot_id"), item.integer("rows"))
        for item in lineage.objects("inputs")
    )
    model = None
    if lineage.value.get("model") is not None:
        found = lineage.object("model")
        quality = found.object("quality").value
        if not all(isinstance(number, int | float) and abs(number) <= MAX_NUMBER for number in quality.values()):
            raise refused(found.key, f"{found.path}.quality", "this", "numbers by name")
        model = Model(found.text("version"), {name: float(number) for name, number in quality.items()})
    return Lineage(lineage.text("code_version"), lineage.text("engine"), inputs, model)
