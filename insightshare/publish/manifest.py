"""A run's manifest: what was written and how it was judged; read back by hand as untrusted input. Does no I/O."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from insightshare.errors import ManifestRefused
from insightshare.publish.facts import MAX_SEQUENCE, RUN_ID, Claim, is_date
from insightshare.publish.layout import manifest_key, parse_manifest_key, run_folder
from insightshare.publish.ports import StoredObject

FORMAT = 1
MAX_MANIFEST_BYTES = 4 * 1024 * 1024
MAX_FILES = 10_000
MAX_NUMBER = 1e300  # no measure is larger; infinities and integers that no float holds are
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
    document = _Reader(key, "manifest", value)
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


def refused(key: str, name: str, found: str, expected: str) -> ManifestRefused:
    """Return the error for one thing that is wrong with a manifest."""
    fix = "run the job again; it writes a new run"
    return ManifestRefused.at(key, name, found, expected, fix)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


@dataclass(frozen=True)
class _Reader:
    """One JSON object of a manifest; reads its fields and refuses what has the wrong type."""

    key: str
    path: str
    value: Any

    def __post_init__(self) -> None:
        if not isinstance(self.value, dict):
            raise refused(self.key, self.path, "this", "a JSON object")

    def _typed(self, name: str, kind: type, expected: str) -> Any:
        value = self.value.get(name)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise refused(self.key, f"{self.path}.{name}", "absent" if value is None else "this", expected)
        return value

    def one_of(self, name: str, choices: set[Any]) -> None:
        value = self.value.get(name)
        if not isinstance(value, str | int) or value not in choices:
            raise refused(self.key, f"{self.path}.{name}", "this", f"one of {sorted(choices)}")

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        value = self._typed(name, str, "text")
        if pattern is not None and not pattern.fullmatch(value):
            raise refused(self.key, f"{self.path}.{name}", "this", f"text like {pattern.pattern}")
        return str(value)

    def date(self, name: str) -> str:
        value = self.text(name)
        if not is_date(value):
            raise refused(self.key, f"{self.path}.{name}", "this", "a date YYYY-MM-DD")
        return value

    def integer(self, name: str, most: int = 2**53) -> int:
        value = self._typed(name, int, "a whole number")
        if not 0 <= value <= most:
            raise refused(self.key, f"{self.path}.{name}", "this", f"between 0 and {most}")
        return int(value)

    def boolean(self, name: str) -> bool:
        return bool(self._typed(name, bool, "true or false"))

    def object(self, name: str) -> "_Reader":
        return _Reader(self.key, f"{self.path}.{name}", self.value.get(name))

    def number(self, name: str) -> float | None:
        """A measure that may be absent."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > MAX_NUMBER:
            raise refused(self.key, f"{self.path}.{name}", "this", "a number")
        return float(value)

    def objects(self, name: str, optional: bool = False) -> "list[_Reader]":
        if optional and self.value.get(name) is None:
            return []
        items = self._typed(name, list, "a list")
        if len(items) > MAX_FILES:
            raise refused(self.key, f"{self.path}.{name}", f"{len(items)} entries", f"at most {MAX_FILES}")
        return [_Reader(self.key, f"{self.path}.{name}[{index}]", item) for index, item in enumerate(items)]


def _claim(claim: _Reader) -> Claim:
    return Claim(
        insight=claim.text("insight"),
        as_of=claim.date("as_of"),
        run_id=claim.text("run_id"),
        sequence=claim.integer("sequence", MAX_SEQUENCE),
        job_run_id=claim.text("job_run_id"),
        claimed_at_utc=claim.text("claimed_at_utc"),
    )


def _files(document: _Reader) -> tuple[File, ...]:
    files = tuple(
        File(
            item.text("name", FILE_NAME), item.integer("size_bytes"), item.integer("rows"), item.text("sha256", SHA256)
        )
        for item in document.objects("files")
    )
    if len({file.name for file in files}) != len(files):
        raise refused(document.key, "manifest.files", "a name that appears twice", "a list of different names")
    return files


def _check(check: _Reader) -> Mapping[str, Any]:
    for name in ("id", "kind", "sentence"):
        check.text(name)
    check.one_of("severity", {"error", "warning"})
    check.boolean("passed")
    columns = check.value.get("columns")
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise refused(check.key, f"{check.path}.columns", "this", "a list of column names")
    return dict(check.value)


def _drift(document: _Reader) -> Mapping[str, Any]:
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


def _reader_profile(entry: _Reader) -> Mapping[str, Any]:
    entry.text("rows")
    entry.integer("row_count")
    entry.object("profile")
    return dict(entry.value)


def _lineage(lineage: _Reader) -> Lineage:
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
