"""Runs one SELECT for one caller: tables from the catalog, SQL from athenasql, rows from a sealed DuckDB."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from athenasql import SqlError, TypedQuery, table_names, to_duckdb, typed_query
from localcloud.athena import tables
from localcloud.athena.sealing import sealed
from localcloud.gateway import Caller


@dataclass(frozen=True)
class Session:
    """Who asks, and in which catalog and database an unqualified name is looked up."""

    caller: Caller
    region: str
    catalog_id: str | None
    database: str


@dataclass(frozen=True)
class Plan:
    """A query that may be run: what it reads and what that costs."""

    query: TypedQuery
    readings: tuple[tables.Reading, ...]

    @property
    def scanned_bytes(self) -> int:
        return sum(reading.scanned_bytes for reading in self.readings)


def plan(session: Session, sql: str) -> Plan:
    """Resolve, check and type the query against what its caller may see; reads no rows."""
    sources = {}
    for name in table_names(sql):
        source = tables.find_source(
            session.caller, session.region, session.catalog_id, name, name.database or session.database
        )
        sources[source.key] = source
    visible = {key: source.visible for key, source in sources.items()}
    query = typed_query(sql, visible, default_database=session.database or None)
    readings = tuple(tables.plan_reading(session.caller, query, sources[key]) for key in query.tables)
    return Plan(query, readings)


def run(found: Plan, started: Callable[[duckdb.DuckDBPyConnection], None]) -> pa.Table:
    """The rows, with the query's own types; `started` gets the connection, to interrupt it."""
    with sealed() as connection:
        started(connection)
        for reading in found.readings:
            tables.create_relation(connection, reading)
        try:
            result = connection.execute(to_duckdb(found.query)).to_arrow_table()
        except duckdb.Error as error:
            raise _failure(error) from error
    kinds = [kind.arrow() for _, kind in found.query.columns]
    columns = [_as_type(result.column(index), kind) for index, kind in enumerate(kinds)]
    return pa.Table.from_arrays(columns, names=[name for name, _ in found.query.columns])


def _as_type(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    return column if column.type == kind else column.cast(kind)


_CODED = re.compile(r"(?P<code>[A-Z_]{6,}): (?P<detail>.+)")
_CODES = {
    duckdb.ConversionException: "INVALID_CAST_ARGUMENT",
    duckdb.OutOfRangeException: "NUMERIC_VALUE_OUT_OF_RANGE",
    duckdb.BinderException: "SYNTAX_ERROR",
    duckdb.InvalidInputException: "INVALID_FUNCTION_ARGUMENT",
}


def _failure(error: duckdb.Error) -> Exception:
    """DuckDB's error with Athena's code; interruptions stay what they are."""
    if isinstance(error, duckdb.InterruptException):
        return error
    text = str(error).split("\n")[0]
    if found := _CODED.search(text):
        return SqlError(found["code"], found["detail"])
    if grouped := re.search(r'column "?([\w.]+)"? must appear in the GROUP BY', text):
        column = grouped[1].rpartition(".")[2]
        return SqlError(
            "EXPRESSION_NOT_AGGREGATE", f"'{column}' must be an aggregate expression or appear in GROUP BY clause"
        )
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), "GENERIC_INTERNAL_ERROR")
    return SqlError(code, text.partition(": ")[2] or text)
