"""Each kind of rule as the contract states it: what breaks it, what it says of nulls, NaN and an empty table."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from insightshare.contract.expectations import GREAT_EXPECTATIONS, OURS
from insightshare.contract.facts import Check, CheckKind
from tests.unit.quality.kinds import EVERY_RULE, MIXED, Row, column, expectation, metric, query, result_of, verdict_on

DATA = Path(__file__).resolve().parents[2] / "data" / "quality"


def cases(file: str) -> list[dict[str, Any]]:
    """The cases of a file, each a map."""
    found: list[dict[str, Any]] = yaml.safe_load((DATA / file).read_text(encoding="utf-8"))
    return found


def rule_of(case: Mapping[str, Any]) -> Check:
    """The rule of a case, as a contract would state it."""
    on, kwargs = case.get("column", ""), case.get("kwargs", {})
    if "metric" in case:
        return metric(case["metric"], on, **case["rule"])
    if "sql" in case:
        return query(case["sql"], on, **case["rule"])
    if "ours" in case:
        return expectation(case["ours"], on, engine="insightshare", **kwargs)
    return expectation(f"expect_{case['expect']}", on, **kwargs)


def rows_of(case: Mapping[str, Any]) -> list[Row]:
    """The rows of a case, whose values are given by column."""
    columns: dict[str, list[Any]] = case["values"]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def named(case: Mapping[str, Any]) -> str:
    return str(case.get("metric") or case.get("expect") or case.get("ours") or "sql")


@pytest.mark.parametrize("case", cases("rows.yaml"), ids=named)
def test_rows_that_break_a_rule_are_counted_among_those_it_considers(case: dict[str, Any]) -> None:
    result = result_of(rows_of(case), rule_of(case))

    assert (result.observed, result.considered_rows) == ({"broken_rows": case["broken"]}, case["considered"])
    assert result.passed == (case["broken"] == 0)


@pytest.mark.parametrize("case", cases("measures.yaml"), ids=named)
def test_a_measure_is_the_number_that_its_name_says_and_fails_where_there_is_none(case: dict[str, Any]) -> None:
    result = result_of(rows_of(case), rule_of(case))
    number = case["number"]

    assert result.measured == (tuple(number) if isinstance(number, list) else pytest.approx(number))
    assert result.passed == (number is not None)


@pytest.mark.parametrize(
    ("operator", "value", "passing"),
    [
        ("mustBe", 2, {2}),
        ("mustNotBe", 2, {0, 1, 3, 4}),
        ("mustBeGreaterThan", 2, {3, 4}),
        ("mustBeGreaterOrEqualTo", 2, {2, 3, 4}),
        ("mustBeLessThan", 2, {0, 1}),
        ("mustBeLessOrEqualTo", 2, {0, 1, 2}),
        ("mustBeBetween", [1, 3], {1, 2, 3}),
        ("mustNotBeBetween", [1, 3], {0, 4}),
    ],
)
def test_each_comparison_of_the_standard_holds_for_its_numbers(operator: str, value: Any, passing: set[int]) -> None:
    nulls = metric("nullValues", "n", **{operator: value})
    rows = metric("rowCount", **{operator: value})
    four = [column("n", *[None] * broken, *[1] * (4 - broken)) for broken in range(5)]

    assert {broken for broken in range(5) if result_of(four[broken], nulls).passed} == passing
    assert {count for count in range(5) if result_of(column("n", *[1] * count), rows).passed} == passing


def test_percent_is_of_all_rows() -> None:
    rows = column("n", None, 1, 1, 1)

    assert result_of(rows, metric("nullValues", "n", mustBeLessOrEqualTo=25, unit="percent")).passed
    assert not result_of(rows, metric("nullValues", "n", mustBeLessThan=25, unit="percent")).passed
    assert result_of([], metric("nullValues", "n", mustBeLessThan=25, unit="percent")).passed


def test_mostly_is_at_least_that_share_of_the_considered_rows() -> None:
    rows = [*column("n", *[1] * 19), {"n": 99}, {"n": None}]

    def kept(mostly: float) -> bool:
        return result_of(
            rows, expectation("expect_column_values_to_be_between", "n", max_value=9, mostly=mostly)
        ).passed

    assert kept(0.95)
    assert not kept(0.951)


@pytest.mark.parametrize(
    ("values", "set_", "ties", "passed"),
    [
        (["a", "a", "b"], ["a"], False, True),
        (["a", "b"], ["a"], False, False),
        (["a", "b"], ["a"], True, True),
        (["a", "a", "b"], ["b"], True, False),
        ([None, None, "a"], ["a"], False, True),
        ([], ["a"], True, False),
    ],
)
def test_the_most_common_value_is_permitted(values: list[Any], set_: list[str], ties: bool, passed: bool) -> None:
    rule = expectation("expect_column_most_common_value_to_be_in_set", "name", value_set=set_, ties_okay=ties)

    assert result_of(column("name", *values), rule).passed == passed


@pytest.mark.parametrize(
    ("name", "values", "passed"),
    [
        ("expect_column_distinct_values_to_be_in_set", [1, None], True),
        ("expect_column_distinct_values_to_be_in_set", [1, 3], False),
        ("expect_column_distinct_values_to_contain_set", [1, 2, 3], True),
        ("expect_column_distinct_values_to_contain_set", [1, None], False),
        ("expect_column_distinct_values_to_equal_set", [2, 1, 1], True),
        ("expect_column_distinct_values_to_equal_set", [1], False),
        ("expect_column_distinct_values_to_equal_set", [1, 2, 3], False),
    ],
)
def test_the_distinct_values_are_those_of_a_set(name: str, values: list[int | None], passed: bool) -> None:
    assert result_of(column("n", *values), expectation(name, "n", value_set=[1, 2])).passed == passed


@pytest.mark.parametrize(
    ("value", "hours", "passed"),
    [
        (datetime(2026, 1, 9, 12), 12, True),
        (datetime(2026, 1, 9, 11), 12, False),
        (datetime(2026, 1, 12), 0, True),
        (None, 12, False),
    ],
)
def test_data_are_fresh_where_the_newest_value_is_not_too_long_before_the_day(
    value: datetime | None, hours: int, passed: bool
) -> None:
    rule = expectation("freshness", "at", engine="insightshare", max_age_hours=hours)

    assert result_of(column("at", value, datetime(1970, 1, 1) if value else None), rule).passed == passed


def test_an_empty_table_breaks_no_rule_on_rows_and_every_measure_that_needs_a_value() -> None:
    verdict = verdict_on([], *EVERY_RULE)

    by_rows = [check for check in verdict.checks if check.considered_rows is not None]
    needing = [check for check in verdict.checks if check.kind in ("mean", "median", "min", "max", "sum", "freshness")]

    assert {check.considered_rows for check in by_rows} == {0}
    assert [check.kind for check in by_rows if not check.passed and check.kind != "unique"] == []
    assert needing and not any(check.passed for check in needing)


def test_a_stated_query_that_fails_on_the_data_fails_its_own_rule_and_no_other() -> None:
    verdict = verdict_on([], query("SELECT 1 / COUNT(*) FROM {object}", mustBe=1), metric("rowCount", mustBe=0))

    assert [(check.kind, check.passed) for check in verdict.checks[1:]] == [("sql", False), ("row_count", True)]


def test_every_kind_and_every_compiled_expectation_is_among_the_rules_of_these_tests() -> None:
    stated = {check.expectation for check in EVERY_RULE}
    compiled = {name for name, meant in {**GREAT_EXPECTATIONS, **OURS}.items() if meant.kind != "expectation"}
    kinds = {kind for part in get_args(CheckKind) for kind in get_args(part) or (part,)}
    similar = {name for name in compiled if "not_match_" in name or "_list" in name or "table_" in name}

    assert compiled - stated - similar == set()
    assert kinds - {check.kind for check in EVERY_RULE} == {"schema", "expectation"}


def test_a_table_of_every_sort_is_judged_by_rules_of_every_kind_at_once() -> None:
    checks = verdict_on(MIXED, *EVERY_RULE).checks

    assert [check.kind for check in checks[1:]] == [check.kind for check in EVERY_RULE]
    assert {check.passed for check in checks} == {True, False}
