"""An engine that holds nothing but what one reader may see: its answers are what the reader may be told."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from tests.leaks.emulator import ARROW, BORROWED, DESK
from tests.leaks.model import View
from tests.leaks.shares import DATABASE
from tests.leaks.world import Table

# How a query may come to a table: these stand before its name.
DOORS = rf'{DATABASE}\.|"{DATABASE}"\.|{BORROWED}\.|{DESK}\.to_'
Views = Mapping[str, View | None]


@dataclass(frozen=True)
class Answer:
    """What the visible part alone gives: names and rows, or the kind of error."""

    names: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    error: str = ""


def named_in(sql: str, tables: Iterable[str]) -> list[str]:
    """The tables that a query names, by whichever door."""
    code = re.sub(r"'(?:[^']|'')*'", "''", sql)
    return [name for name in tables if re.search(rf"\b(to_)?{name}\b", code)]


class Oracle:
    """One engine for all readers, with nothing in it between questions."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1})

    def answer(self, sql: str, tables: Mapping[str, Table], views: Views, doors: Collection[str]) -> Answer:
        """The query's answer over the tables that it names, as far as they are visible through open doors."""
        named = {name: views[name] for name in named_in(sql, views)}
        closed = any(f"{door}." in sql for door in (BORROWED, DESK) if door not in doors)
        if closed or None in named.values():
            return Answer(error="no such table")
        held: dict[str, pa.Table] = {}
        for name, view in named.items():
            held |= _relations(tables[name], view) if view else {}
        for name, rows in held.items():
            self.connection.register(name, rows)
        try:
            return self._run(_without_doors(sql))
        finally:
            for name in held:
                self.connection.unregister(name)

    def _run(self, sql: str) -> Answer:
        try:
            found = self.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            return Answer(error=type(error).__name__)
        return Answer(tuple(column[0] for column in self.connection.description or ()), tuple(found))


def _relations(table: Table, view: View) -> dict[str, pa.Table]:
    types = {column.name: ARROW[column.type] for column in table.all_columns}
    arrays = [pa.array([row[name] for row in view.rows], type=types[name]) for name in view.columns]
    found = {table.name: pa.Table.from_arrays(arrays, names=list(view.columns))}
    if table.keys:  # which partitions there are is no secret to whoever may query the table
        key = table.keys[0].name
        values = pa.array(sorted({row[key] for row in table.rows}), type=pa.string())
        found[f"{table.name}$partitions"] = pa.table({key: values})
    return found


def _without_doors(sql: str) -> str:
    return re.sub(rf"\bFROM ({DOORS})|\bJOIN ({DOORS})", lambda found: found[0].split()[0] + " ", sql)
