"""A table with a column of every sort, and rules of every kind stated as a contract states them. Holds no assertion."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from athenasql import athena_to_arrow
from insightshare.contract.checks import StatedRule, stated_check
from insightshare.contract.facts import Check, Field, Source
from insightshare.engine.duckdb import DuckDb
from insightshare.quality.audit import audit
from insightshare.quality.verdict import CheckResult, Verdict

LOGICAL = {
    "id": ("bigint", "integer"),
    "name": ("string", "string"),
    "score": ("double", "number"),
    "share": ("float", "number"),
    "n": ("int", "integer"),
    "other": ("int", "integer"),
    "price": ("decimal(10,2)", "number"),
    "day": ("date", "date"),
    "at": ("timestamp", "timestamp"),
    "ok": ("boolean", "boolean"),
    "tags": ("array<string>", "array"),
    "vector": ("array<double>", "array"),
}
COLUMNS = tuple(Field(name, *kinds, "A column.") for name, kinds in LOGICAL.items())
TYPES = {name: kinds[0] for name, kinds in LOGICAL.items()}
SCHEMA = pa.schema([(name, athena_to_arrow(kind)) for name, kind in TYPES.items()])
DAY = "2026-01-10"

Row = Mapping[str, Any]


def expectation(name: str, column: str = "", engine: str = "greatExpectations", **kwargs: Any) -> Check:
    """An expectation as a contract states it, under a column or, without one, under the table."""
    implementation = {"type": name, "kwargs": kwargs}
    return stated({"type": "custom", "engine": engine, "implementation": implementation}, column)


def metric(name: str, column: str = "", **rule: Any) -> Check:
    """A metric of the standard as a contract states it."""
    return stated({"metric": name, "unit": "rows", **rule}, column)


def query(text: str, column: str = "", **rule: Any) -> Check:
    """A rule of type sql as a contract states it."""
    return stated({"type": "sql", "query": text, **rule}, column)


def stated(rule: Mapping[str, Any], column: str) -> Check:
    """What the rule means."""
    return stated_check(StatedRule({"id": "rule", "description": "A rule.", "severity": "error", **rule}, column, ""))


def contract(checks: Sequence[Check], columns: Sequence[Field] = COLUMNS) -> Source:
    """A contract of these checks; its key is `id`."""
    names = tuple(column.name for column in columns)
    schema = Check("schema", "schema", names, "error", "The table has exactly the contract's columns.")
    texts: dict[str, Any] = dict.fromkeys(
        ("title", "version", "description", "purpose", "usage", "limitations", "owner"), ""
    )
    return Source(name="things", columns=tuple(columns), key=("id",), checks=(schema, *ruled(*checks)), **texts)


def ruled(*checks: Check) -> tuple[Check, ...]:
    """The rules with ids of their own."""
    return tuple(replace(check, id=f"rule_{place}") for place, check in enumerate(checks))


def table(rows: Sequence[Row]) -> pa.Table:
    """The rows as a table; a column that a row leaves out is null, but for its id."""
    cents = [{**row, "price": Decimal(str(row["price"]))} if row.get("price") else row for row in rows]
    return pa.Table.from_pylist([{"id": place, **row} for place, row in enumerate(cents)], schema=SCHEMA)


def verdict_on(rows: Sequence[Row], *checks: Check) -> Verdict:
    """What the gate says of the rows."""
    with DuckDb() as engine:
        engine.add_arrow("things", table(rows))
        return audit(engine, "things", contract(checks), TYPES, DAY)


def result_of(rows: Sequence[Row], check: Check) -> CheckResult:
    """What the gate says of one rule."""
    return verdict_on(rows, check).checks[-1]


def column(name: str, *values: Any) -> list[Row]:
    """Rows that differ in one column."""
    return [{name: value} for value in values]


MIXED: list[Row] = [
    {
        "id": place,
        "name": [None, "a", "bb", "ccc", "Zoë", "a b"][place % 6],
        "score": [None, 0.5, -0.0, 1.5, float("nan"), float("inf"), 0.25][place % 7],
        "share": [0.5, None, 0.1][place % 3],
        "n": [None, 1, 2, 3, 5][place % 5],
        "other": [1, 2, None, 3][place % 4],
        "price": [Decimal("1.10"), Decimal("2.20"), None][place % 3],
        "day": [date(2026, 1, 1), date(2026, 1, 9), None][place % 3],
        "at": [datetime(2026, 1, 9, 12), None, datetime(1969, 12, 31, 23, 59, 59, 500000)][place % 3],
        "ok": [True, False, None][place % 3],
        "tags": [["a"], [], None, ["a", "b", None]][place % 4],
        "vector": [[1.0, 2.0], [3.0, 4.0], None, [float("nan"), 1.0], [None, 1.0], []][place % 6],
    }
    for place in range(60)
]
"""Rows with nulls, NaN, infinity, minus zero, empty arrays and letters beyond ASCII."""

_BETWEEN: dict[str, Any] = {"min_value": 0, "max_value": 1}
EVERY_RULE: tuple[Check, ...] = (
    metric("nullValues", "n", mustBeLessThan=5),
    metric("missingValues", "name", arguments={"missingValues": [None, "a"]}, mustBe=0),
    metric("invalidValues", "name", arguments={"validValues": ["a", "bb"]}, mustBeLessOrEqualTo=50, unit="percent"),
    metric("invalidValues", "name", arguments={"pattern": r"^\w+$"}, mustBe=0),
    metric("duplicateValues", "n", mustBe=0),
    metric("duplicateValues", arguments={"properties": ["n", "other"]}, mustBeGreaterThan=3),
    metric("rowCount", mustNotBeBetween=[10, 20]),
    query("SELECT AVG(CAST({property} AS DOUBLE)) FROM {object} WHERE ok", "n", mustBeBetween=[2, 3]),
    query("SELECT COUNT(*) FILTER (WHERE regexp_like(name, 'a')) * 100.0 / COUNT(*) FROM {object}", mustBeLessThan=90),
    expectation("expect_column_values_to_not_be_null", "n", mostly=0.8),
    expectation("expect_column_values_to_be_null", "n"),
    expectation("expect_column_values_to_be_unique", "n"),
    expectation(
        "expect_compound_columns_to_be_unique", column_list=["n", "other"], ignore_row_if="any_value_is_missing"
    ),
    expectation("expect_column_values_to_be_between", "score", **_BETWEEN),
    expectation("expect_column_values_to_be_between", "share", **_BETWEEN, strict_min=True),
    expectation("expect_column_values_to_be_between", "price", min_value=1.1, strict_min=True),
    expectation("expect_column_values_to_be_between", "n", min_value=1.5, max_value=4.5),
    expectation("expect_column_values_to_be_between", "day", min_value="2026-01-02"),
    expectation("expect_column_values_to_be_between", "at", max_value="2026-01-09T00:00:00"),
    expectation("expect_column_values_to_be_in_set", "name", value_set=["a", "Zoë"], mostly=0.4),
    expectation("expect_column_values_to_not_be_in_set", "n", value_set=[1, 2]),
    expectation("expect_column_values_to_match_regex", "name", regex=r"^.$|\bb\b"),
    expectation("expect_column_values_to_not_match_regex", "name", regex=r"(?i)z|[\[]"),
    expectation("expect_column_values_to_match_regex_list", "name", regex_list=["a", "b"], match_on="all"),
    expectation("expect_column_values_to_match_like_pattern", "name", like_pattern="a%"),
    expectation("expect_column_value_lengths_to_be_between", "name", min_value=1, max_value=2),
    expectation("expect_column_value_lengths_to_equal", "name", value=3),
    expectation("expect_column_values_to_be_of_type", "n", type_="int"),
    expectation("expect_table_row_count_to_equal", value=60),
    expectation("expect_table_column_count_to_equal", value=12),
    expectation("expect_column_to_exist", column="n"),
    expectation("expect_column_mean_to_be_between", "price", **_BETWEEN),
    expectation("expect_column_mean_to_be_between", "score", **_BETWEEN),
    expectation("expect_column_median_to_be_between", "n", min_value=2, max_value=2),
    expectation("expect_column_stdev_to_be_between", "n", min_value=1, max_value=2),
    expectation("expect_column_sum_to_be_between", "n", min_value=132, max_value=132),
    expectation("expect_column_min_to_be_between", "day", min_value="2026-01-01"),
    expectation("expect_column_max_to_be_between", "at", max_value="2026-01-09T11:59:59"),
    expectation("expect_column_max_to_be_between", "score", **_BETWEEN),
    expectation(
        "expect_column_quantile_values_to_be_between", "n",
        quantile_ranges={"quantiles": [0.25, 0.75], "value_ranges": [[1, 1], [None, 2]]},
    ),
    expectation("expect_column_unique_value_count_to_be_between", "name", min_value=5, max_value=5),
    expectation("expect_column_proportion_of_unique_values_to_be_between", "name", **_BETWEEN, strict_max=True),
    expectation("expect_column_proportion_of_non_null_values_to_be_between", "n", min_value=0.8),
    expectation("expect_column_most_common_value_to_be_in_set", "name", value_set=["a", "bb"], ties_okay=True),
    expectation("expect_column_distinct_values_to_be_in_set", "n", value_set=[1, 2, 3]),
    expectation("expect_column_distinct_values_to_contain_set", "n", value_set=[1, 7]),
    expectation("expect_column_distinct_values_to_equal_set", "ok", value_set=[True, False]),
    expectation("expect_column_pair_values_to_be_equal", column_A="n", column_B="other"),
    expectation("expect_column_pair_values_a_to_be_greater_than_b", column_A="score", column_B="n", or_equal=True),
    expectation("expect_multicolumn_sum_to_equal", column_list=["n", "other"], sum_total=3),
    expectation("freshness", "at", engine="insightshare", max_age_hours=24),
    expectation("freshness", "day", engine="insightshare", max_age_hours=23),
    expectation("list_length", "tags", engine="insightshare", min_value=1, max_value=2),
    expectation("embedding_dimension", "vector", engine="insightshare", dimension=2),
    expectation("embedding_finite", "vector", engine="insightshare"),
    expectation("embedding_norm", "vector", engine="insightshare", min_value=5, max_value=5),
    expectation("minimum_cell", engine="insightshare", column_list=["name", "ok"], minimum=4),
    expectation("minimum_cell", engine="insightshare", column_list=["score"], minimum=5, of="n"),
)  # fmt: skip
