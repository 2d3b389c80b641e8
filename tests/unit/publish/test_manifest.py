"""A manifest is untrusted: what is written reads back equal, and every field that is wrong is named."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from insightshare.errors import ManifestRefused
from insightshare.publish.facts import Claim
from insightshare.publish.manifest import Manifest, check_listing, parse_manifest
from insightshare.publish.ports import StoredObject
from tests.unit.publish.scenes import manifest_of

CLAIM = Claim("churn", "2026-01-05", "20260131T120000000Z-0123abcd", 7, "jr_1", "2026-01-31T12:00:00.000Z")
KEY = f"runs/churn/{CLAIM.run_id}/manifest.json"
FIX = "Fix: run the job again; it writes a new run."


def body() -> dict[str, Any]:
    """A right manifest, to be spoilt."""
    return dict(json.loads(manifest_of(CLAIM, (b"one", b"three")).to_bytes()))


def test_a_manifest_reads_back_equal() -> None:
    manifest = manifest_of(CLAIM, (b"one", b"three"))

    read = parse_manifest(KEY, manifest.to_bytes())

    assert (read, read.checks, read.lineage) == (manifest, manifest.checks, manifest.lineage)


SPOILT: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another format": (lambda b: b.update(format=2), "manifest.format: this is not one of [1]"),
    "no claim": (lambda b: b.pop("claim"), "manifest.claim: this is not a JSON object"),
    "another run's claim": (
        lambda b: b["claim"].update(run_id="20260131T120000000Z-ffffffff"),
        "claim: another insight or run is not the insight and run of the manifest's own key",
    ),
    "another insight's claim": (
        lambda b: b["claim"].update(insight="interests"),
        "claim: another insight or run is not the insight and run of the manifest's own key",
    ),
    "a date that is none": (
        lambda b: b["claim"].update(as_of="2026-02-30"),
        "manifest.claim.as_of: this is not a date YYYY-MM-DD",
    ),
    "an as_of that leads elsewhere": (
        lambda b: b["claim"].update(as_of="../other"),
        "manifest.claim.as_of: this is not a date YYYY-MM-DD",
    ),
    "a sequence that is text": (
        lambda b: b["claim"].update(sequence="7"),
        "manifest.claim.sequence: this is not a whole number",
    ),
    "a sequence that is true": (
        lambda b: b["claim"].update(sequence=True),
        "manifest.claim.sequence: this is not a whole number",
    ),
    "a sequence below zero": (
        lambda b: b["claim"].update(sequence=-1),
        "manifest.claim.sequence: this is not between 0 and 999999999999",
    ),
    "no files": (lambda b: b.pop("files"), "manifest.files: absent is not a list"),
    "too many files": (
        lambda b: b.update(files=b["files"] * 5_001),
        "manifest.files: 10002 entries is not at most 10000",
    ),
    "a file twice": (
        lambda b: b["files"].__setitem__(1, b["files"][0]),
        "manifest.files: a name that appears twice is not a list of different names",
    ),
    "rows that do not add up": (lambda b: b.update(rows=5), "rows: the total is not the sum of the files' rows"),
    "a file without checksum": (
        lambda b: b["files"][0].update(sha256="x"),
        "manifest.files[0].sha256: this is not text like [0-9a-f]{64}",
    ),
    "passed although a check failed": (
        lambda b: b["checks"][0].update(passed=False),
        "passed: true is not false when a check of severity error failed",
    ),
    "passed that is text": (lambda b: b.update(passed="yes"), "manifest.passed: this is not true or false"),
    "a check without sentence": (
        lambda b: b["checks"][0].pop("sentence"),
        "manifest.checks[0].sentence: absent is not text",
    ),
    "a severity that nobody knows": (
        lambda b: b["checks"][0].update(severity="Error"),
        "manifest.checks[0].severity: this is not one of ['error', 'warning']",
    ),
    "a quality beyond all numbers": (
        lambda b: b["lineage"]["model"].update(quality={"auc": 10**400}),
        "manifest.lineage.model.quality: this is not numbers by name",
    ),
    "a quality that is not a number": (
        lambda b: b["lineage"]["model"].update(quality={"auc": float("nan")}),
        "content: text that does not parse is not JSON",
    ),
    "a check's columns that are no list": (
        lambda b: b["checks"][0].update(columns="a"),
        "manifest.checks[0].columns: this is not a list of column names",
    ),
    "a quality that is text": (
        lambda b: b["lineage"]["model"].update(quality={"auc": "high"}),
        "manifest.lineage.model.quality: this is not numbers by name",
    ),
}


@pytest.mark.parametrize(("spoil", "line"), SPOILT.values(), ids=SPOILT)
def test_each_wrong_field_is_named(spoil: Callable[[dict[str, Any]], object], line: str) -> None:
    spoilt = body()
    spoil(spoilt)

    with pytest.raises(ManifestRefused) as refusal:
        parse_manifest(KEY, json.dumps(spoilt).encode())

    assert str(refusal.value) == f"{KEY}: {line}. {FIX}"


@pytest.mark.parametrize(
    "name", ["../x.parquet", "/x", "a/b.parquet", "_hidden", ".hidden", "", "as_of=2026-01-05", "a b", "x\n"]
)
def test_a_file_name_that_is_not_flat_and_visible_is_refused(name: str) -> None:
    spoilt = body()
    spoilt["files"][0]["name"] = name

    with pytest.raises(ManifestRefused, match=r"manifest.files\[0\].name: this is not text like"):
        parse_manifest(KEY, json.dumps(spoilt).encode())


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000], ids=range(6))
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(ManifestRefused):
        parse_manifest(KEY, text)


@pytest.mark.parametrize(
    "key",
    [
        "runs/churn/manifest.json",
        f"insights/churn/{CLAIM.run_id}/manifest.json",
        "runs/churn/not-a-run/manifest.json",
        f"runs/Churn/{CLAIM.run_id}/manifest.json",
        f"{KEY}/more",
    ],
)
def test_a_key_that_is_no_manifests_is_refused(key: str) -> None:
    with pytest.raises(ManifestRefused, match=r"key: this key is not runs/<insight>/<run_id>/manifest\.json"):
        parse_manifest(key, manifest_of(CLAIM).to_bytes())


def listing(manifest: Manifest, **sizes: int) -> list[StoredObject]:
    """The folder of a run with other or more files."""
    names = {file.name: file.size_bytes for file in manifest.files} | {f"{k}.parquet": v for k, v in sizes.items()}
    return [StoredObject(f"insights/churn/{CLAIM.run_id}/{name}", size) for name, size in names.items()]


def test_a_folder_that_differs_says_how_and_how_often() -> None:
    manifest = manifest_of(CLAIM, (b"one", b"three"))

    with pytest.raises(ManifestRefused, match=r"files: additional file 'a.parquet' \(2 additional\) is not the folder"):
        check_listing(manifest, listing(manifest, a=1, b=1))
    with pytest.raises(ManifestRefused, match=r"files: missing file 'part-00000.parquet' \(2 missing\)"):
        check_listing(manifest, [])
    with pytest.raises(ManifestRefused, match=r"files: resized file 'part-00000.parquet' \(1 resized\)"):
        check_listing(manifest, [*listing(manifest)[1:], StoredObject(listing(manifest)[0].key, 99)])


def test_an_empty_marker_of_the_folder_itself_is_no_file_of_the_run() -> None:
    manifest = manifest_of(CLAIM)
    folder = listing(manifest)[0].key.rpartition("/")[0] + "/"

    check_listing(manifest, [StoredObject(folder, 0), *listing(manifest)])
    with pytest.raises(ManifestRefused, match="additional file ''"):
        check_listing(manifest, [StoredObject(folder, 7), *listing(manifest)])
