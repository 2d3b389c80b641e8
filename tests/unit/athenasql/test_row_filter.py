"""A row filter is what Lake Formation takes, and nothing else."""

from __future__ import annotations

import duckdb
import pytest

from athenasql import SqlError, parse_row_filter

COLUMNS = {
    "region": "string", "n": "int", "score": "double", "price": "decimal(10,2)", "ok": "boolean", "order": "string",
    "day": "date", "at": "timestamp", "tags": "array<string>",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("region = 'EU'", [1, 2]),
        ("region <> 'EU'", [3]),
        ("region != 'EU' OR region IS NULL", [3, 4]),
        ("region IN ('EU', 'US')", [1, 2, 3]),
        ("NOT region IN ('EU')", [3]),
        ("region NOT IN ('EU')", [3]),
        ("region LIKE 'E%'", [1, 2]),
        ("region like 'e%'", []),
        ("n BETWEEN 2 AND 3", [2, 3]),
        ("n > 1 AND (region = 'EU' OR ok = true)", [2, 3]),
        ("n = 1 OR n = 2 AND region = 'US'", [1]),
        ("score >= -0.5", [1, 2, 3, 4]),
        ("price < 2.50", [1]),
        ("ok = FALSE", [1, 2]),
        ("region IS NOT NULL", [1, 2, 3]),
        ("\"order\" = 'it''s'", [1]),
        ("REGION = 'EU'", [1, 2]),
    ],
)
def test_a_filter_keeps_the_rows_that_it_says(text: str, rows: list[int]) -> None:
    predicate = parse_row_filter(text, COLUMNS).sql

    with duckdb.connect() as connection:
        values = (
            "(1, 'EU', 0.5, 1.00, false, 'it''s'), (2, 'EU', 0.0, 2.50, false, ''), (3, 'US', 1.5, 9.99, true, ''), "
            "(4, NULL, 2.5, 5.00, NULL, '')"
        )
        found = connection.execute(
            f'SELECT n FROM (VALUES {values}) AS t(n, region, score, price, ok, "order") WHERE {predicate} ORDER BY n'
        ).fetchall()
    assert [row[0] for row in found] == rows


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the filter ends too early"),
        ("region", "'the end' is not a comparison"),
        ("nope = 1", "column nope is not in the table"),
        ("day = '2024-01-01'", "column day has type date, which row filters do not support"),
        ("at > '2024-01-01'", "column at has type timestamp, which row filters do not support"),
        ("tags = 'a'", "column tags has type array<string>, which row filters do not support"),
        ("lower(region) = 'eu'", "function lower is not allowed"),
        ("region = order", "'order' is not a constant; columns are compared with constants only"),
        ("region = 1", "the value compared with region is not a constant of type string"),
        ("n = '1'", "the value compared with n is not a constant of type int"),
        ("n + 1 = 2", "character 3 ('+') is not part of Lake Formation's grammar"),
        ("n LIKE 'a'", "LIKE needs text, column n is int"),
        ("region = 'a'; DROP TABLE t", "character 13 (';') is not part of Lake Formation's grammar"),
        ("region = 'a' --", "character 14 ('-') is not part of Lake Formation's grammar"),
        ("(region = 'a'", "the end is not the expected ')'"),
        ("region = 'a')", "')' is not expected here"),
        ("region = 'a' AND", "the filter ends too early"),
        ("region IS 'a'", "''a'' is not the expected 'NULL'"),
        ("region = (SELECT 1)", "the value compared with region is not a constant of type string"),
        ("1 = 1", "'1' is not a column name"),
        ("n IN ()", "the value compared with n is not a constant of type int"),
    ],
)
def test_what_lake_formation_refuses_is_refused_in_one_line(text: str, why: str) -> None:
    with pytest.raises(SqlError) as refused:
        parse_row_filter(text, COLUMNS)

    assert str(refused.value) == f"INVALID_ROW_FILTER: {why}"


def test_a_filter_is_at_most_2048_characters() -> None:
    text = " OR ".join(["region = 'EU'"] * 200)

    with pytest.raises(SqlError, match="at most 2048 are allowed"):
        parse_row_filter(text, COLUMNS)


def test_a_filter_tells_its_columns() -> None:
    assert parse_row_filter("Region = 'a' OR n = 1 OR region = 'b'", COLUMNS).columns == ("region", "n")
