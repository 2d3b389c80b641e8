"""What filters leave of a table is the same whoever asks, and a query over it reads nothing else."""

from __future__ import annotations

import duckdb
import pytest

from athenasql import SqlError, over_relations, typed_query, visible_cells

TYPES = {"id": "int", "region": "string", "total": "double", "as_of": "string"}
ROWS = "VALUES (1, 'EU', 10.0, 'd'), (2, 'US', 20.0, 'd'), (3, NULL, 30.0, 'd')"


def seen(*filters: tuple[tuple[str, ...], str | None]) -> list[tuple[object, ...]]:
    """The rows that the filters leave of ROWS, in order of id as it really is."""
    columns, rows = visible_cells(filters, list(TYPES), TYPES, ["as_of"])
    table = f"(SELECT * FROM ({ROWS}) AS t(id, region, total, as_of) ORDER BY id)"
    return duckdb.sql(f"SELECT {', '.join(columns)} FROM {table} WHERE {rows}").fetchall()


def test_one_filter_shows_its_columns_in_its_rows_and_the_partition_key() -> None:
    assert seen((("id", "region", "total"), "region = 'EU'")) == [(1, "EU", 10.0, "d")]


def test_two_filters_show_each_value_where_one_of_them_lists_it() -> None:
    eu, rich = (("id", "region"), "region = 'EU'"), (("id", "total"), "total >= 20")

    assert seen(eu, rich) == [(1, "EU", None, "d"), (2, None, 20.0, "d"), (3, None, 30.0, "d")]


def test_a_filter_without_rows_shows_every_row() -> None:
    assert seen((("id",), None)) == [(1, None, None, "d"), (2, None, None, "d"), (3, None, None, "d")]


@pytest.mark.parametrize(
    ("sql", "times"),
    [
        ("SELECT region, count(*) AS n FROM sales GROUP BY 1", 1),
        ("SELECT s.id FROM insights.sales AS s JOIN other AS o ON s.id = o.id", 2),
        ("SELECT insights.sales.id FROM insights.sales WHERE insights.sales.id > 1", 1),
        ("WITH sales AS (SELECT 1 AS id) SELECT id FROM sales", 0),
        ("SELECT id FROM sales WHERE id IN (SELECT id FROM other) UNION ALL SELECT id FROM other ORDER BY 1", 3),
        ("SELECT * FROM (SELECT id FROM sales) AS t CROSS JOIN other", 2),
    ],
)
def test_each_table_of_a_query_is_replaced_and_the_query_stays_athenas(sql: str, times: int) -> None:
    columns = {"id": "int", "region": "string"}
    relation = 'SELECT "id", "region" FROM "insights"."{}" WHERE ("region" = \'EU\')'

    rewritten = over_relations(sql, "insights", {name: relation.format(name) for name in ("sales", "other")})

    types = {"insights.sales": columns, "insights.other": columns}
    assert rewritten.count("'EU'") == times
    assert typed_query(rewritten, types).output == typed_query(sql, types, default_database="insights").output


def test_a_table_without_a_relation_is_refused() -> None:
    with pytest.raises(SqlError, match=r"Table 'insights\.secrets' is not one that the agreement grants"):
        over_relations("SELECT * FROM secrets", "insights", {"sales": "SELECT 1"})


def test_a_table_of_another_database_is_refused() -> None:
    with pytest.raises(SqlError, match=r"Table 'elsewhere\.sales' is not one"):
        over_relations("SELECT * FROM elsewhere.sales", "insights", {"sales": "SELECT 1"})


def test_a_table_of_another_catalog_is_refused() -> None:
    with pytest.raises(SqlError, match=r"Table 'other\.insights\.sales' is not one"):
        over_relations("SELECT * FROM other.insights.sales", "insights", {"sales": "SELECT 1"})


def test_our_catalog_may_be_named() -> None:
    rewritten = over_relations("SELECT * FROM AwsDataCatalog.insights.sales", "insights", {"sales": "SELECT 1 AS id"})

    assert typed_query(rewritten, {}).output == [("id", "int")]
