"""What a manifest says of drift and of readers' profiles is untrusted too: it reads back equal, or is named."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from insightshare.errors import ManifestRefused
from insightshare.publish.manifest import Manifest, parse_manifest
from tests.unit.publish.scenes import manifest_of
from tests.unit.publish.test_manifest import CLAIM, KEY
from tests.unit.publish.test_receipts import DRIFT

READER = {"rows": "contract = 'yearly'", "row_count": 12, "profile": {"contract": {"count": 12}}}


def told() -> Manifest:
    """A manifest that says something of everything."""
    return replace(manifest_of(CLAIM), drift=DRIFT, reader_profiles=(READER,), promised_hours=24.0)


def test_drift_readers_profiles_and_the_promise_read_back_equal() -> None:
    read = parse_manifest(KEY, told().to_bytes())

    assert (read.drift, read.reader_profiles, read.promised_hours) == (DRIFT, (READER,), 24.0)


def test_a_manifest_from_before_there_was_drift_is_read() -> None:
    document = json.loads(manifest_of(CLAIM).to_bytes())
    for name in ("drift", "reader_profiles", "promised_hours"):
        del document[name]

    read = parse_manifest(KEY, json.dumps(document).encode())

    assert (read.drift, read.reader_profiles, read.promised_hours) == ({}, (), None)


SPOILT: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no object": (lambda b: b.update(drift=[1]), "manifest.drift: this is not a JSON object"),
    "another run": (
        lambda b: b["drift"].update(since_run_id="../x"),
        "drift.since_run_id: this is not text like",
    ),
    "no date": (lambda b: b["drift"].update(since_as_of="soon"), "manifest.drift.since_as_of: this is not a date"),
    "rows": (lambda b: b["drift"].pop("rows_before"), "manifest.drift.rows_before: absent is not a whole number"),
    "entities": (lambda b: b["drift"].update(came=-1), "manifest.drift.came: this is not between 0 and"),
    "measures": (lambda b: b["drift"].update(measures={}), "manifest.drift.measures: this is not a list"),
    "a column": (lambda b: b["drift"]["measures"][0].update(column=7), "measures[0].column: this is not text"),
    "a value": (lambda b: b["drift"]["measures"][1].update(value="high"), "measures[1].value: this is not a number"),
    "too large": (lambda b: b["drift"]["measures"][1].update(value=10**400), "measures[1].value: this is not a number"),
    "a level": (lambda b: b["drift"]["measures"][1].update(level="alarm"), "measures[1].level: this is not one of"),
    "a move": (lambda b: b["drift"].update(moves=["low"]), "manifest.drift.moves[0]: this is not a JSON object"),
    "a filter": (lambda b: b["reader_profiles"][0].pop("rows"), "reader_profiles[0].rows: absent is not text"),
    "a profile": (
        lambda b: b["reader_profiles"][0].update(profile=1),
        "[0].profile: this is not a JSON object",
    ),
    "the promise": (lambda b: b.update(promised_hours=True), "manifest.promised_hours: this is not a number"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_wrong_field_is_named(name: str) -> None:
    spoil, message = SPOILT[name]
    document = json.loads(told().to_bytes())
    spoil(document)

    with pytest.raises(ManifestRefused) as refused:
        parse_manifest(KEY, json.dumps(document).encode())

    assert message in str(refused.value)
