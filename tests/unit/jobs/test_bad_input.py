"""What upstream can do to us, through both engines: each bad input ends in a clear verdict or in one line."""

import json
from dataclasses import replace
from datetime import date, datetime
from math import inf, nan
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest

from insightshare.engine.facts import EngineName
from insightshare.errors import DataInvalid, InsightshareError
from insightshare.jobs.land import land_source
from insightshare.publish.manifest import Manifest
from tests.unit.jobs.things import (
    BOUNDED,
    DAY,
    KEY_UNIQUE,
    MEGABYTE,
    NAMED,
    PLAIN,
    SCHEMA,
    SOME_ROWS,
    THIS_CENTURY,
    Stage,
    assert_one_line,
    stage_for,
)


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.timeout(900)])])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    """A stage for each engine."""
    return stage_for(cast(EngineName, request.param), tmp_path)


@pytest.fixture
def upstream(tmp_path: Path) -> Stage:
    """A stage for what never comes to scoring: DuckDB lands for both engines."""
    return stage_for("duckdb", tmp_path)


def check(manifest: Manifest, name: str) -> dict[str, Any]:
    """One check of a manifest."""
    (found,) = [dict(item) for item in manifest.checks if item["id"] == name]
    return found


def test_an_empty_input_is_refused_for_its_number_of_rows(stage: Stage) -> None:
    manifest = stage.publish([], SOME_ROWS, KEY_UNIQUE, BOUNDED)

    assert not manifest.passed and manifest.rows == 0
    assert [item["id"] for item in manifest.checks if not item["passed"]] == ["some_rows"]


def test_an_empty_input_that_the_contract_allows_is_an_empty_table(stage: Stage) -> None:
    manifest = stage.publish([], KEY_UNIQUE)

    assert manifest.passed and stage.rows(manifest) == []


def test_a_column_without_any_value_breaks_every_row(stage: Stage) -> None:
    manifest = stage.publish([{**PLAIN, "id": number, "name": None} for number in range(20)], NAMED, BOUNDED)

    found = check(manifest, "named")
    assert (found["passed"], found["observed"]["broken_rows"]) == (False, 20)
    assert len(found["failing_keys"]) == 10
    assert manifest.profile["name"]["nulls"] == 20


def test_equal_keys_are_counted_and_named(stage: Stage) -> None:
    manifest = stage.publish(
        [{**PLAIN, "id": number // 2 if number < 2 else number} for number in range(20)], KEY_UNIQUE
    )

    found = check(manifest, "key_unique")
    assert not manifest.passed
    assert [list(key) for key in found["failing_keys"]] == [["0"], ["0"]]


def test_nan_and_infinity_are_out_of_every_range_and_in_no_manifest(stage: Stage) -> None:
    values = [nan, inf, -inf, 0.5]
    manifest = stage.publish([{**PLAIN, "id": place, "value": value} for place, value in enumerate(values)], BOUNDED)

    found = check(manifest, "bounded")
    assert (found["passed"], found["observed"]["broken_rows"]) == (False, 3)
    assert sorted(key[0] for key in found["failing_keys"]) == ["0", "1", "2"]
    assert "Infinity" not in json.dumps(manifest.profile) and "NaN" not in json.dumps(manifest.profile)


def test_nan_and_infinity_without_a_rule_reach_readers_as_they_are(stage: Stage) -> None:
    manifest = stage.publish([{**PLAIN, "id": place, "value": value} for place, value in enumerate([nan, inf, 0.5])])

    assert manifest.passed
    assert [str(row["value"]) for row in stage.rows(manifest)] == ["nan", "inf", "0.5"]


def test_a_string_of_ten_megabytes_is_published_and_the_manifest_stays_small(stage: Stage) -> None:
    long = "x" * (10 * MEGABYTE)
    manifest = stage.publish([{**PLAIN, "name": long}, {**PLAIN, "id": 2}], NAMED)

    assert manifest.passed
    assert [len(row["name"]) for row in stage.rows(manifest)] == [10 * MEGABYTE, 1]
    assert len(manifest.to_bytes()) < MEGABYTE


UNICODE = [
    "",
    " ",
    "\x00",
    "a\u0301",
    "\u00e1",
    "ß",
    "\U0001f600",
    "\u202eabc",
    "\ufeff",
    "ﬁ",
    "z\n\t",
    "'; DROP TABLE x",
]


def test_unicode_reaches_readers_as_it_was(stage: Stage) -> None:
    manifest = stage.publish([{**PLAIN, "id": place, "name": text} for place, text in enumerate(UNICODE)], NAMED)

    assert manifest.passed
    assert [row["name"] for row in stage.rows(manifest)] == UNICODE
    assert manifest.profile["name"]["distinct"] == len(UNICODE)


def test_unicode_keys_are_sorted_by_code_point(stage: Stage) -> None:
    key = replace(stage.place.project.insights["copy"], key=("name",))
    place = replace(stage.place, project=replace(stage.place.project, insights={"copy": key}))
    rows = [{**PLAIN, "id": number, "name": text} for number, text in enumerate(UNICODE)]

    manifest = Stage(place, stage.engine).publish(rows)

    assert [row["name"] for row in stage.rows(manifest)] == sorted(UNICODE)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1582, 10, 10), date(9999, 12, 31)])
def test_a_day_out_of_range_fails_its_rule(stage: Stage, day: date) -> None:
    manifest = stage.publish([PLAIN, {**PLAIN, "id": 2, "day": day, "at": datetime(day.year, 1, 1)}], THIS_CENTURY)

    found = check(manifest, "this_century")
    assert (found["passed"], found["observed"]["broken_rows"]) == (False, 1)
    assert [list(key) for key in found["failing_keys"]] == [["2"]]
    assert stage.rows(manifest)[1]["day"] == day


@pytest.mark.parametrize("days", [2**31 - 1, -(2**31), 3_000_000, -3_000_000])
def test_a_day_that_no_calendar_has_ends_in_a_verdict_or_one_line(stage: Stage, days: int) -> None:
    table = pa.Table.from_pylist([PLAIN], schema=SCHEMA)
    far = pa.array([days], pa.int32()).cast(pa.date32())

    try:
        manifest = stage.publish(table.set_column(3, "day", far), THIS_CENTURY)
    except InsightshareError as refused:
        assert_one_line(refused)
    else:
        assert not check(manifest, "this_century")["passed"]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("id", pa.array([1], pa.int32())),
        ("id", pa.array(["1"])),
        ("value", pa.array([0.5], pa.float32())),
        ("value", pa.array([1], pa.decimal128(12, 2))),
        ("day", pa.array([datetime(2026, 1, 1)], pa.timestamp("us"))),
        ("at", pa.array([datetime(2026, 1, 1)], pa.timestamp("ns"))),
        ("at", pa.array([datetime(2026, 1, 1)], pa.timestamp("us", tz="UTC"))),
        ("name", pa.array([["a"]])),
    ],
)
def test_a_column_of_another_type_is_refused_at_landing(upstream: Stage, column: str, values: pa.Array) -> None:
    place = SCHEMA.get_field_index(column)
    table = pa.Table.from_pylist([PLAIN], schema=SCHEMA).set_column(place, column, values)

    assert upstream.refused_at_landing(table).startswith("source things: delivery: [1 of 1 checks failed: schema (")


@pytest.mark.parametrize("table", [["id", "name", "value", "day"], ["name", "id", "value", "day", "at"]])
def test_a_column_missing_or_elsewhere_is_refused_at_landing(upstream: Stage, table: list[str]) -> None:
    delivered = pa.Table.from_pylist([PLAIN], schema=SCHEMA).select(table)

    assert "1 of 1 checks failed: schema" in upstream.refused_at_landing(delivered)


@pytest.mark.parametrize("body", [b"", b"PAR1", b"id,name\n1,a\n", b"PAR1" + b"\x00" * 100 + b"PAR1"])
def test_what_is_no_parquet_file_is_refused_at_landing(upstream: Stage, body: bytes) -> None:
    upstream.raw().write_bytes(body)

    with pytest.raises(DataInvalid) as refused:
        land_source(upstream.place, "things", DAY)

    assert str(refused.value) == (
        "source things: delivery: a file that cannot be read is not whole Parquet files. "
        "Fix: ask the data owner to deliver it again."
    )
