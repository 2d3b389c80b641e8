"""Runs one case: a world, its readers, their queries; finds every answer that differs from what the model allows.

The expected answer of a query is what an engine gives over tables that hold the visible part alone: hidden data can
have had no part in it. Besides, no text that marks a hidden cell may occur anywhere in an answer or an error.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from tests.leaks import model, world
from tests.leaks.attempts import attempts
from tests.leaks.emulator import DATABASE, READERS, Emulator
from tests.leaks.world import Table, World

METADATA = ("SHOW COLUMNS IN {database}.{table}", "DESCRIBE {database}.{table}", "SHOW CREATE TABLE {database}.{table}")
QUERIES = 3  # of each reader, in each case


@dataclass(frozen=True)
class Finding:
    """One answer that the model does not allow. `leak` is false where too little was shown."""

    seed: int
    reader: str
    sql: str
    what: str
    leak: bool

    def __str__(self) -> str:
        kind = "LEAK" if self.leak else "TOO LITTLE"
        return f"{kind} seed={self.seed} reader={self.reader}: {self.what}: {self.sql}"


def run_case(emulator: Emulator, seed: int, tally: Counter[str]) -> Iterator[Finding]:
    """Everything that is wrong in the case of this seed; `tally` counts what was asked and how it ended."""
    made = world.make(seed)
    accepted = emulator.load(made)
    dice = random.Random(seed)  # noqa: S311 - cases, not secrets
    for reader in READERS:
        views = {table.name: model.view(made, table, reader, accepted) for table in made.tables}
        visible = {name: view.columns if view else () for name, view in views.items()}
        with _oracle(made, views) as oracle:
            for sql in attempts(dice, made.tables, visible, QUERIES):
                reply = emulator.query(reader, sql)
                tally["answered" if "rows" in reply else "refused"] += 1
                yield from (Finding(seed, reader, sql, *wrong) for wrong in _judge(oracle, sql, reply, views))
        table = dice.choice(made.tables)
        sql = dice.choice(METADATA).format(database=DATABASE, table=table.name)
        reply = emulator.query(reader, sql)
        tally["described" if "rows" in reply else "undescribed"] += 1
        allowed = model.names(made, table, reader, accepted)
        yield from (Finding(seed, reader, sql, *wrong) for wrong in _judge_names(table, allowed, reply))


def _oracle(made: World, views: dict[str, model.View | None]) -> duckdb.DuckDBPyConnection:
    """An engine that holds nothing but the visible part of the visible tables."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(f"CREATE SCHEMA {DATABASE}; SET schema = '{DATABASE}'")
    for table in made.tables:
        view = views[table.name]
        if view is None:
            continue
        types = {column.name: column.type.replace("string", "varchar") for column in table.all_columns}
        columns = ", ".join(f'"{name}" {types[name]}' for name in view.columns)
        connection.execute(f"CREATE TABLE {table.name} ({columns})")
        _fill(connection, table.name, [[row[name] for name in view.columns] for row in view.rows])
        if table.keys:
            # Which partitions there are is no secret to whoever may query the table.
            connection.execute(f'CREATE TABLE "{table.name}$partitions" (part varchar)')
            _fill(
                connection, f"{table.name}$partitions", [[value] for value in sorted({r["part"] for r in table.rows})]
            )
    return connection


def _fill(connection: duckdb.DuckDBPyConnection, table: str, rows: list[list[Any]]) -> None:
    if rows:
        connection.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" for _ in rows[0])})', rows)


def _judge(
    oracle: duckdb.DuckDBPyConnection, sql: str, reply: dict[str, Any], views: dict[str, model.View | None]
) -> Iterator[tuple[str, bool]]:
    shown = str(reply)
    read = [view for name, view in views.items() if view is not None and re.search(rf"\b{name}\b", sql)]
    if any(mark in shown and mark not in sql for view in read for mark in view.hidden_marks):
        yield "a hidden value is in the answer", True
    try:
        expected = oracle.execute(sql).fetchall()
    except duckdb.Error as error:
        if "rows" in reply:
            yield f"answered, where the visible part gives {type(error).__name__}", True
        return
    if "error" in reply:
        if _names_two_types(reply["error"]):
            return
        yield f"failed ({reply['error']}), where the visible part gives rows", _depends_on_rows(reply["error"])
        return
    names = [column[0] for column in oracle.description or ()]
    if [name.lower() for name in reply["names"]] != [name.lower() for name in names]:
        yield f"columns {reply['names']}, where the visible part has {names}", True
    found = Counter(_plain_row(row, reply["types"]) for row in reply["rows"])
    wanted = Counter(_plain_row(row, [None] * len(row)) for row in expected)
    if found != wanted:
        more = sum((found - wanted).values())
        yield f"{more} rows too many, {sum((wanted - found).values())} too few", more > 0


def _names_two_types(message: str) -> bool:
    """Whether Athena refuses to compare two types, which DuckDB casts: a hidden column can make a name mean another."""
    found = re.search(r"TYPE_MISMATCH: .* of the same type: (\w+) vs (\w+)$", message)
    return bool(found and found[1] != found[2])


def _depends_on_rows(message: str) -> bool:
    """Whether the failure tells something of rows, rather than of what the engine supports."""
    return any(word in message for word in ("CAST", "DIVISION", "NUMERIC", "INVALID_FUNCTION"))


def _judge_names(table: Table, allowed: tuple[str, ...], reply: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    words = set(re.findall(r"\w+", str(reply.get("rows", ""))))
    hidden = {column.name for column in table.all_columns} - set(allowed)
    if words & hidden:
        yield f"hidden columns are named: {sorted(words & hidden)}", True
    if allowed and "rows" in reply and not set(allowed) <= words:
        yield f"visible columns are missing: {sorted(set(allowed) - words)}", False
    if not allowed and "rows" in reply:
        yield "a table without any right is described", True
    if allowed and "error" in reply:
        yield f"failed ({reply['error']})", False


def _plain_row(row: Sequence[Any], kinds: Sequence[str | None]) -> tuple[str | None, ...]:
    return tuple(_plain(cell, kind) for cell, kind in zip(row, kinds, strict=True))


def _plain(cell: Any, kind: str | None = None) -> str | None:
    """One spelling for a value, whoever printed it."""
    if cell is None:
        return None
    if kind in ("double", "float", "decimal") or isinstance(cell, float | Decimal):
        return f"{float(cell):.6g}"
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
