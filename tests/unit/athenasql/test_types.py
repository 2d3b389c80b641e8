"""Athena's types are read from DDL and from SQL, and written for every engine."""

from __future__ import annotations

import pyarrow as pa
import pytest

from athenasql import SqlError, athena_to_arrow, athena_to_duckdb, parse_type
from athenasql.coercion import common_type

NESTED = "map<string,array<struct<a:int,b:decimal(10,2)>>>"


@pytest.mark.parametrize(
    ("text", "duckdb", "spark", "arrow"),
    [
        ("string", "VARCHAR", "STRING", pa.string()),
        ("varchar(3)", "VARCHAR", "STRING", pa.string()),
        ("char(2)", "VARCHAR", "STRING", pa.string()),
        ("int", "INTEGER", "INT", pa.int32()),
        ("bigint", "BIGINT", "BIGINT", pa.int64()),
        ("float", "FLOAT", "FLOAT", pa.float32()),
        ("double", "DOUBLE", "DOUBLE", pa.float64()),
        ("boolean", "BOOLEAN", "BOOLEAN", pa.bool_()),
        ("decimal(10,2)", "DECIMAL(10, 2)", "DECIMAL(10, 2)", pa.decimal128(10, 2)),
        ("date", "DATE", "DATE", pa.date32()),
        ("timestamp", "TIMESTAMP", "TIMESTAMP", pa.timestamp("us")),
        ("binary", "BLOB", "BINARY", pa.binary()),
        ("array<string>", "VARCHAR[]", "ARRAY<STRING>", pa.list_(pa.string())),
    ],
)
def test_a_type_of_the_catalog_has_one_name_in_each_engine(text: str, duckdb: str, spark: str, arrow: object) -> None:
    assert (athena_to_duckdb(text), parse_type(text).spark(), athena_to_arrow(text)) == (duckdb, spark, arrow)
    assert parse_type(text).ddl() == text


def test_nested_types_are_read_in_both_spellings() -> None:
    sql = parse_type("map(varchar, array(row(a integer, b decimal(10, 2))))")

    assert sql == parse_type(NESTED)
    assert parse_type(NESTED).ddl() == NESTED
    assert str(sql) == "map(varchar, array(row(a integer, b decimal(10, 2))))"


@pytest.mark.parametrize(
    "text", ["", "strin", "array<", "array<int", "array<int,int>", "map<int>", "int)", "decimal(x)", "a b"]
)
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(SqlError) as refused:
        parse_type(text)

    assert str(refused.value) == f"TYPE_NOT_FOUND: Unknown type: {text}".strip()


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        ("int", "bigint", "bigint"),
        ("bigint", "decimal(5,2)", "decimal(21,2)"),
        ("decimal(10,2)", "double", "double"),
        ("float", "bigint", "float"),
        ("date", "timestamp", "timestamp"),
        ("varchar(3)", "string", "string"),
        ("array<int>", "array<double>", "array<double>"),
    ],
)
def test_types_meet_where_trino_lets_them(left: str, right: str, both: str) -> None:
    found = common_type(parse_type(left), parse_type(right))

    assert found is not None
    assert found.ddl() == both


@pytest.mark.parametrize(
    ("left", "right"), [("int", "string"), ("date", "string"), ("boolean", "int"), ("array<int>", "int")]
)
def test_types_that_trino_keeps_apart_do_not_meet(left: str, right: str) -> None:
    assert common_type(parse_type(left), parse_type(right)) is None
