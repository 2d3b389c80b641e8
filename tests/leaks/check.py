"""Asks the questions of one case; finds every answer that differs from what the model allows.

The expected answer of a query is what an engine gives over tables that hold the visible part alone: hidden data can
have had no part in it. Besides, no text that marks a hidden cell may occur anywhere in an answer or an error.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.leaks import model
from tests.leaks.attempts import attempt
from tests.leaks.emulator import Emulator
from tests.leaks.oracle import Answer, Oracle, Views, named_in
from tests.leaks.play import World
from tests.leaks.shares import DATABASE, READERS
from tests.leaks.world import Table

METADATA = ("SHOW COLUMNS IN {database}.{table}", "DESCRIBE {database}.{table}", "SHOW CREATE TABLE {database}.{table}")


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


@dataclass(frozen=True)
class Question:
    """A query that was handed in, and what its reader may see."""

    reader: str
    sql: str
    id: str
    views: Views


def run_case(emulator: Emulator, oracle: Oracle, world: World, seed: int, tally: Counter[str]) -> Iterator[Finding]:
    """Everything that is wrong in this case; `tally` counts what was asked and how it ended."""
    dice = random.Random(seed)  # noqa: S311 - cases, not secrets
    readers = (*dice.sample(READERS, 4), *(("stranger",) if dice.random() < 0.1 else ()))
    questions = [_ask(emulator, world, dice, reader) for reader in readers]
    for question in questions:
        reply = emulator.finish(question.reader, question.id, question.sql)
        tally[f"{'answered' if 'rows' in reply else 'refused'}"] += 1
        wanted = oracle.answer(question.sql, world.by_name, question.views, world.doors[question.reader])
        for wrong in judge(wanted, question.sql, reply, question.views):
            yield Finding(seed, question.reader, question.sql, *wrong)
    reader, table = dice.choice(readers), dice.choice(world.tables)
    yield from _described(emulator, world, reader, table, dice, seed, tally)


def _ask(emulator: Emulator, world: World, dice: random.Random, reader: str) -> Question:
    shares = world.arrived
    views = {table.name: model.view(table, shares, reader) for table in world.tables}
    visible = {name: view.columns for name, view in views.items() if view is not None}
    sql = attempt(dice, world.tables, visible)
    return Question(reader, sql, emulator.start(reader, sql), views)


def _described(
    emulator: Emulator, world: World, reader: str, table: Table, dice: random.Random, seed: int, tally: Counter[str]
) -> Iterator[Finding]:
    """Ask for the names of columns: Athena, or Glue."""
    sql = dice.choice((*METADATA, "")).format(database=DATABASE, table=table.name)
    reply = emulator.finish(reader, emulator.start(reader, sql), sql) if sql else emulator.described(reader, table.name)
    tally["described" if "rows" in reply else "undescribed"] += 1
    allowed = model.names(table, world.arrived, reader)
    for wrong in _judge_names(table, allowed, reply):
        yield Finding(seed, reader, sql or f"GetTable {table.name}", *wrong)


def judge(wanted: Answer, sql: str, reply: Mapping[str, Any], views: Views) -> Iterator[tuple[str, bool]]:
    """What is wrong with a reply, and whether it shows too much."""
    shown = str(reply)
    read = [views[name] for name in named_in(sql, views)]
    if any(mark in shown and mark not in sql for view in read if view for mark in view.hidden_marks):
        yield "a hidden value is in the answer", True
    if wanted.error:
        if "rows" in reply:
            yield f"answered, where the visible part gives {wanted.error}", True
        return
    if "error" in reply:
        if _names_two_types(reply["error"]):
            return
        yield f"failed ({reply['error']}), where the visible part gives rows", _depends_on_rows(reply["error"])
        return
    if [name.lower() for name in reply["names"]] != [name.lower() for name in wanted.names]:
        yield f"columns {reply['names']}, where the visible part has {wanted.names}", True
    found = Counter(_plain_row(row, reply["types"]) for row in reply["rows"])
    expected = Counter(_plain_row(row, [None] * len(row)) for row in wanted.rows)
    if found != expected:
        more = sum((found - expected).values())
        yield f"{more} rows too many, {sum((expected - found).values())} too few", more > 0


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
