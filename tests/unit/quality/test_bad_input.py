"""Bad input, each with a clear verdict or error: what a run would be refused for, and that nothing else goes wrong."""

import json
import math
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from insightshare.engine.duckdb import DuckDb
from insightshare.errors import PlatformError
from insightshare.quality.audit import audit
from tests.unit.quality.kinds import (
    DAY,
    EVERY_RULE,
    TYPES,
    column,
    contract,
    expectation,
    metric,
    query,
    result_of,
    table,
    verdict_on,
)

PROFILED = [name for name in TYPES if name != "id"]


def test_an_empty_table_has_a_profile_of_nothing() -> None:
    profile = verdict_on([]).profile

    assert profile["score"] == {
        "count": 0, "nulls": 0, "not_finite": 0, "distinct": 0, "top": [], "min": None, "max": None, "mean": None,
        "stdev": None, "quantiles": None, "histogram": None,
    }  # fmt: skip
    assert profile["name"] == {"count": 0, "nulls": 0, "distinct": 0, "top": []}
    assert profile["tags"] == {"count": 0, "nulls": 0, "min_length": None, "max_length": None}


@pytest.mark.parametrize("name", PROFILED)
def test_a_column_of_nulls_alone_fails_not_null_and_has_a_profile(name: str) -> None:
    verdict = verdict_on(column(name, None, None), metric("nullValues", name, mustBe=0))

    assert [check.passed for check in verdict.checks] == [True, False]
    assert (verdict.profile[name]["count"], verdict.profile[name]["nulls"]) == (0, 2)


def test_duplicate_keys_are_refused_in_whatever_order_they_come() -> None:
    unique = metric("duplicateValues", arguments={"properties": ["id"]}, mustBe=0)
    for ids in ([1, 2, 2, 3], [2, 1, 3, 2], [3, 2, 2, 1], [2, 2], [None, None], [1, None, 2, None]):
        result = result_of([{"id": key} for key in ids], unique)

        assert (result.passed, result.observed, len(result.failing_keys)) == (False, {"broken_rows": 1}, 2)


def test_distinct_keys_pass_in_whatever_order_they_come() -> None:
    unique = metric("duplicateValues", arguments={"properties": ["id"]}, mustBe=0)

    for ids in ([1, 2, 3], [3, 1, 2], [1, 2, None], [None], [7], []):
        assert result_of([{"id": key} for key in ids], unique).passed


class _Asked(DuckDb):
    """An engine that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def row(self, sql: str) -> dict[str, Any]:
        self.asked.append(sql)
        return super().row(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        self.asked.append(sql)
        return super().rows(sql)


@pytest.mark.parametrize(("ids", "grouped"), [(["a", "b", "c"], False), (["b", "a", "c"], True)])
def test_keys_in_their_order_are_proved_unique_without_being_kept(ids: list[str], grouped: bool) -> None:
    unique = metric("duplicateValues", arguments={"properties": ["id"]}, mustBe=0)
    key = replace(contract([]).columns[0], type="string", logical_type="string")

    with _Asked() as engine:
        engine.add_arrow("things", pa.table({"id": ids}))
        verdict = audit(engine, "things", contract([unique], [key]), {"id": "string"})

    assert verdict.passed
    assert any("GROUP BY" in sql for sql in engine.asked) == grouped


def test_no_value_of_a_key_is_in_the_profile_even_of_one_row() -> None:
    unique = metric("duplicateValues", arguments={"properties": ["id"]}, mustBe=0)
    key = replace(contract([]).columns[0], type="string", logical_type="string")

    with DuckDb() as engine:
        engine.add_arrow("things", pa.table({"id": ["C000001"]}))
        verdict = audit(engine, "things", contract([unique], [key]), {"id": "string"})

    assert verdict.profile == {"id": {"count": 1, "nulls": 0, "distinct": 1, "top": []}}


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1.7e308, 5e-324, -0.0])
def test_an_odd_number_leaves_verdict_and_profile_json(odd: float) -> None:
    verdict = verdict_on(column("score", odd, odd, 1.0), *EVERY_RULE)

    text = json.dumps([dict(verdict.profile), [check.to_json() for check in verdict.checks]], allow_nan=False)

    assert json.loads(text)[0]["score"]["not_finite"] == (0 if math.isfinite(odd) else 2)


def test_a_text_of_ten_megabytes_is_judged_and_shown_cut() -> None:
    long = "x" * 10_000_000
    rule = expectation("expect_column_value_lengths_to_be_between", "name", max_value=1000)

    verdict = verdict_on(column("name", long, long, "a"), rule)

    assert verdict.checks[-1].observed == {"broken_rows": 2}
    assert verdict.profile["name"]["max_length"] == 10_000_000
    assert verdict.profile["name"]["top"][0] == {"value": "x" * 100 + "…", "count": 2}


def test_letters_of_every_script_are_counted_as_characters_and_shown_as_they_are() -> None:
    texts = ["Zoë", "日本", "🙂", "e\u0301", "\u202etxt", "a\x00b"]

    profile = verdict_on(column("name", *texts, *texts)).profile["name"]

    assert {item["value"] for item in profile["top"]} == set(texts)
    assert (profile["min_length"], profile["max_length"]) == (1, 4)


def test_days_at_the_ends_of_the_calendar_are_judged_and_profiled() -> None:
    days = [date(1, 1, 1), date(9999, 12, 31), date(1969, 12, 31)]
    recent = expectation("expect_column_values_to_be_between", "day", min_value="2000-01-01", max_value="2030-01-01")

    verdict = verdict_on(
        column("day", *days), recent, expectation("freshness", "day", engine="insightshare", max_age_hours=1)
    )

    assert [check.passed for check in verdict.checks[1:]] == [False, True]
    assert (verdict.profile["day"]["min"], verdict.profile["day"]["max"]) == ("0001-01-01", "9999-12-31")


def test_a_day_that_no_calendar_of_python_holds_is_judged_too() -> None:
    beyond = pa.table({"id": [1], "day": pa.array([5_000_000], pa.int32()).cast(pa.date32())})
    recent = expectation("expect_column_values_to_be_between", "day", max_value="2030-01-01")
    newest = expectation("expect_column_max_to_be_between", "day", max_value="2030-01-01")
    columns = [item for item in contract([]).columns if item.name in ("id", "day")]

    with DuckDb() as engine:
        engine.add_arrow("things", beyond)
        verdict = audit(engine, "things", contract([recent, newest], columns), {"id": "bigint", "day": "date"}, DAY)

    assert [check.passed for check in verdict.checks] == [True, False, False]
    assert verdict.profile["day"]["max"] == "15659-07-15"


def test_times_to_the_microsecond_are_told_apart() -> None:
    times = [datetime(2026, 1, 1, 0, 0, 0, 1), datetime(2026, 1, 1)]
    rule = expectation("expect_column_max_to_be_between", "at", max_value="2026-01-01T00:00:00")

    assert not result_of(column("at", *times), rule).passed
    assert result_of(column("at", times[1]), rule).passed


def test_freshness_without_a_day_to_measure_from_is_the_platforms_error() -> None:
    rule = expectation("freshness", "at", engine="insightshare", max_age_hours=1)

    with DuckDb() as engine, pytest.raises(PlatformError) as refused:
        engine.add_arrow("things", table([]))
        audit(engine, "things", contract([rule]), TYPES)

    assert str(refused.value) == (
        "rule_0: as_of: nothing is not a day to measure freshness from. Fix: pass as_of to the audit."
    )


def test_an_expectation_that_nothing_here_runs_is_the_platforms_error() -> None:
    rule = expectation("expect_column_value_z_scores_to_be_less_than", "n", threshold=3, double_sided=True)

    with pytest.raises(PlatformError) as refused:
        verdict_on([], rule)

    assert str(refused.value) == (
        "things: rule_0: no Great Expectations is not what runs this rule. "
        "Fix: install requirements/expectations.txt where this runs."
    )


def test_no_name_of_a_column_confuses_a_query() -> None:
    names = ["v", "n", "bin", "upto", "rows", "order", "found", "counts"]
    columns = [item for item in contract([]).columns if item.name == "n"]
    named: list[Any] = [type(columns[0])(**{**vars(columns[0]), "name": name}) for name in names]
    rules = [metric("duplicateValues", name, mustBe=0) for name in names]
    rules += [expectation("expect_column_median_to_be_between", name, min_value=1) for name in names]
    rules += [query("SELECT MAX({property}) FROM {object}", name, mustBe=2) for name in names]

    with DuckDb() as engine:
        engine.add_arrow("counts", pa.table({"id": [1, 2], **{name: pa.array([1, 2], pa.int32()) for name in names}}))
        columns = [contract([]).columns[0], *named]
        verdict = audit(engine, "counts", contract(rules, columns), {item.name: item.type for item in columns}, DAY)

    assert verdict.failures == ()
    assert [verdict.profile[name]["quantiles"] for name in names] == [[1, 1, 1, 2, 2]] * len(names)


def test_minus_zero_is_shown_as_zero() -> None:
    profile = verdict_on(column("score", -0.0, -0.0, -0.0)).profile["score"]

    assert [math.copysign(1, profile[name]) for name in ("min", "max", "mean")] == [1, 1, 1]
    assert math.copysign(1, profile["top"][0]["value"]) == 1


def test_a_restricted_part_of_a_key_is_not_in_a_verdict() -> None:
    columns = [item for item in contract([]).columns if item.name in ("id", "name")]
    columns[1] = replace(columns[1], classification="restricted")
    rules = replace(contract([metric("nullValues", "name", mustBe=1)], columns), key=("id", "name"))

    with DuckDb() as engine:
        engine.add_arrow("things", pa.table({"id": [7, 8], "name": pa.array([None, None], pa.string())}))
        verdict = audit(engine, "things", rules, {"id": "bigint", "name": "string"})

    assert verdict.checks[-1].failing_keys == (("7",), ("8",))
