"""A query is resolved and typed as Athena would, or refused with its words and place."""

from __future__ import annotations

import duckdb
import pytest

from athenasql import (
    SqlError,
    columns_used,
    partition_conditions,
    table_names,
    to_duckdb,
    to_spark,
    typed_query,
)

TABLES = {
    "db.t": {
        "id": "int",
        "name": "string",
        "day": "date",
        "tags": "array<string>",
        "r": "struct<f:int>",
        "as_of": "string",
    },
    "db.u": {"id": "bigint", "price": "decimal(10,2)"},
}
GONE = "cannot be resolved or requester is not authorized to access requested resources"


def typed(sql: str) -> object:
    return typed_query(sql, TABLES, default_database="db")


@pytest.mark.parametrize(
    ("sql", "output"),
    [
        ("SELECT 7/2", [("_col0", "int")]),
        ("SELECT id, Name AS Title FROM t", [("id", "int"), ("Title", "string")]),
        ("SELECT *, 1 FROM u", [("id", "bigint"), ("price", "decimal(10,2)"), ("_col2", "int")]),
        ("SELECT x.* FROM db.u AS x", [("id", "bigint"), ("price", "decimal(10,2)")]),
        ("SELECT db.t.id FROM db.t", [("id", "int")]),
        ('SELECT "ID" FROM "AwsDataCatalog"."DB"."T"', [("ID", "int")]),
        ("SELECT t.id, u.id FROM t JOIN u ON t.id = u.id", [("id", "int"), ("id", "bigint")]),
        ("SELECT id FROM t UNION ALL SELECT id FROM u", [("id", "bigint")]),
        ("WITH q(a) AS (SELECT id FROM t) SELECT a + 1 AS b FROM q", [("b", "int")]),
        ("SELECT r.f, t.r.f FROM t", [("f", "int"), ("f", "int")]),
        ("SELECT tag FROM t CROSS JOIN UNNEST(tags) AS x(tag)", [("tag", "string")]),
        ("SELECT (SELECT max(price) FROM u WHERE u.id = t.id) AS m FROM t", [("m", "decimal(10,2)")]),
        ("SELECT * FROM t AS a JOIN u USING (id)", [
            ("id", "bigint"), ("name", "string"), ("day", "date"), ("tags", "array<string>"), ("r", "struct<f:int>"),
            ("as_of", "string"), ("price", "decimal(10,2)"),
        ]),
        ("SELECT id FROM t FULL JOIN u USING (id)", [("id", "bigint")]),
        ("SELECT id, sum(id) OVER w FROM t WINDOW w AS (ORDER BY id)", [("id", "int"), ("_col1", "bigint")]),
        ("SELECT (SELECT 1) AS one, (SELECT 2)", [("one", "int"), ("_col1", "int")]),
        ("(SELECT 1 AS a) UNION (SELECT 2) ORDER BY a", [("a", "int")]),
        ("SELECT price / 3, price * 2, price + 1 FROM u", [
            ("_col0", "decimal(10,2)"), ("_col1", "decimal(20,2)"), ("_col2", "decimal(13,2)"),
        ]),
        ("SELECT count(*) AS n FROM t GROUP BY name HAVING max(id) > 1 ORDER BY n", [("n", "bigint")]),
    ],
)  # fmt: skip
def test_names_and_types_of_the_output_are_athenas(sql: str, output: list[tuple[str, str]]) -> None:
    query = typed_query(sql, TABLES, default_database="db")

    assert query.output == output
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA db; SET TimeZone = 'UTC'")
        connection.execute("CREATE TABLE db.t (id INT, name TEXT, day DATE, tags TEXT[], r STRUCT(f INT), as_of TEXT)")
        connection.execute("CREATE TABLE db.u (id BIGINT, price DECIMAL(10, 2))")
        found = connection.execute(to_duckdb(query)).to_arrow_table().schema
    assert [field.type for field in found] == [kind.arrow() for _, kind in query.columns]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT nope FROM t", f"COLUMN_NOT_FOUND: line 1:8: Column 'nope' {GONE}"),
        ("SELECT t.nope\nFROM t", f"COLUMN_NOT_FOUND: line 1:8: Column 'nope' {GONE}"),
        ("SELECT 1 FROM t\nWHERE nope = 1", f"COLUMN_NOT_FOUND: line 2:7: Column 'nope' {GONE}"),
        ("SELECT id AS a FROM t WHERE a = 1", f"COLUMN_NOT_FOUND: line 1:29: Column 'a' {GONE}"),
        ("SELECT id FROM t, u", "AMBIGUOUS_NAME: line 1:8: Column 'id' is ambiguous"),
        ("SELECT * FROM nope", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.db.nope' does not exist"),
        ("SELECT * FROM other.t", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.other.t' does not exist"),
        ("SELECT * FROM x.db.t", "TABLE_NOT_FOUND: line 1:15: Table 'x.db.t' does not exist"),
        ("SELECT foo(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'foo' not registered (or not supported here)"),
        ("SELECT 1 + 'a'", "TYPE_MISMATCH: line 1:8: Cannot apply operator: integer + varchar"),
        (
            "SELECT 1 FROM t WHERE id",
            "TYPE_MISMATCH: line 1:23: WHERE clause must evaluate to a boolean: actual type integer",
        ),
        ("SELECT day = '2024-01-01' FROM t", "TYPE_MISMATCH: line 1:8: Cannot apply operator: date = varchar"),
        ("SELECT CAST(tags AS int) FROM t", "TYPE_MISMATCH: line 1:13: Cannot cast array(varchar) to integer"),
        (
            "SELECT id FROM t UNION SELECT name FROM t",
            "TYPE_MISMATCH: line 1:8: All results must be coercible to a common type. Found: integer, varchar",
        ),
        ("SELECT row_number() FROM t", "MISSING_OVER: line 1:8: Window function row_number requires an OVER clause"),
        ("SELECT lower(DISTINCT name) FROM t", "FUNCTION_NOT_AGGREGATE: line 1:8: lower is not an aggregate function"),
        ("SELECT try(coalesce(1, 2))", "NOT_SUPPORTED: line 1:8: TRY is supported around arithmetic and casts only"),
        ("INSERT INTO t SELECT 1", "NOT_SUPPORTED: INSERT is not supported"),
        ("SELECT * FROM read_parquet('x')", "NOT_SUPPORTED: Table functions are not supported"),
        ("SELECT 1; SELECT 2", "SYNTAX_ERROR: line 1:1: Only one sql statement is allowed"),
        ("SELECT * FROM t TABLESAMPLE BERNOULLI (10)", "NOT_SUPPORTED: TABLESAMPLE is not supported"),
        ("SELECT CAST(1e0 AS varchar)", "NOT_SUPPORTED: line 1:13: CAST from double to varchar is not supported here"),
        ("SELECT * EXCLUDE (id) FROM t", "SYNTAX_ERROR: line 1:8: This form of STAR is not Athena's"),
        ("SELECT count(*) FROM t GROUP BY ALL", "SYNTAX_ERROR: This form of GROUP is not Athena's"),
        ("SELECT * FROM t NATURAL JOIN u", "SYNTAX_ERROR: line 1:30: This form of JOIN is not Athena's"),
        ("SELECT DISTINCT ON (id) name FROM t", "SYNTAX_ERROR: line 1:21: This form of DISTINCT is not Athena's"),
        ("SELECT", "SYNTAX_ERROR: This form of SELECT is not Athena's"),
        ("SELECT id FROM t GROUP BY ROLLUP (id)", "NOT_SUPPORTED: ROLLUP is not supported"),
    ],
)  # fmt: skip
def test_a_refused_query_says_where_and_why(sql: str, message: str) -> None:
    with pytest.raises(SqlError) as refused:
        typed(sql)

    assert str(refused.value) == message


def test_tables_are_named_before_anything_is_resolved() -> None:
    found = table_names("WITH q AS (SELECT * FROM a.b) SELECT * FROM q JOIN C ON true JOIN a.b AS again ON true")

    assert [(name.database, name.table) for name in found] == [("a", "b"), ("", "c")]


def test_only_the_columns_that_a_query_touches_are_read() -> None:
    query = typed_query(
        "SELECT t.id FROM t JOIN u ON t.id = u.id WHERE name = 'x' ORDER BY day", TABLES, default_database="db"
    )

    assert columns_used(query) == {"db.t": {"id", "name", "day"}, "db.u": {"id"}}


@pytest.mark.parametrize(
    ("sql", "conditions"),
    [
        ("SELECT id FROM t WHERE as_of = 'a' AND id = 1", ['"t"."as_of" = \'a\'']),
        ("SELECT id FROM t WHERE as_of = 'a' OR id = 1", []),
        ("SELECT id FROM t WHERE as_of IN (SELECT name FROM t)", []),
        ("SELECT a.id FROM t AS a JOIN t AS b ON a.id = b.id WHERE a.as_of = 'a'", []),
        ("SELECT t.id FROM u LEFT JOIN t ON t.id = u.id WHERE t.as_of = 'a'", []),
        ("SELECT id FROM (SELECT * FROM t) AS q WHERE as_of = 'a'", []),
    ],
)
def test_partitions_are_pruned_only_by_what_they_alone_decide(sql: str, conditions: list[str]) -> None:
    query = typed_query(sql, TABLES, default_database="db")

    assert partition_conditions(query, "db.t", {"as_of"})[1] == conditions


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "SELECT json_extract_scalar('{}', '$.a')",
            "NOT_SUPPORTED: Function json_extract_scalar is not supported on Spark",
        ),
        ("SELECT array_agg(id ORDER BY id) FROM t", "NOT_SUPPORTED: array_agg with ORDER BY is not supported on Spark"),
    ],
)
def test_what_spark_cannot_do_alike_is_refused(sql: str, message: str) -> None:
    query = typed_query(sql, TABLES, default_database="db")

    with pytest.raises(SqlError) as refused:
        to_spark(query)

    assert str(refused.value) == message
