"""Random tables with their rows, and predicates over them. It says what is, not who was granted or sees what."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

RECEIPTS = "insight_receipts"
NUMBERS = ("1", "2", "3", "4", "oops")  # text that mostly casts: whether a cast fails tells which rows were met
WORDS = ("red", "green", "blue", "o'hara", "Red", "100%")

# Values of the columns that are partition keys somewhere.
KEYS = {"part": ("x", "y"), "as_of": ("2026-01-05", "2026-01-12")}
Row = dict[str, Any]

# A predicate is a tuple: ("=", column, value), ("in", column, values), ("null", column), ("and", p, q), ...
Predicate = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    marked: bool  # whether its values are unique text that must never show where the cell is hidden


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def all_columns(self) -> tuple[Column, ...]:
        return self.columns + self.keys


def table_of(dice: random.Random, name: str, key: str) -> Table:
    """A table with columns of every kind; with `key` its partition key (empty for none)."""
    types = [
        "string",
        "int",
        *dice.choices(("string", "int", "bigint", "double", "boolean", "decimal(8,2)", "date"), k=3),
    ]
    columns = [Column("id", "int", False), Column("number", "string", False)]
    columns += [Column(f"c{number}", kind, False) for number, kind in enumerate(types)]
    columns += [Column(f"s{number}", "string", True) for number in range(dice.randint(1, 2))]
    dice.shuffle(columns)
    keys = (Column(key, "string", False),) if key else ()
    return Table(name, tuple(columns), keys, rows_of(dice, name, (*columns, *keys)))


def rows_of(dice: random.Random, name: str, columns: tuple[Column, ...]) -> tuple[Row, ...]:
    """Up to nine rows of a table."""
    return tuple(_row(dice, name, number, columns) for number in range(dice.randint(0, 9)))


def receipts_of(dice: random.Random, insights: tuple[str, ...]) -> Table:
    """The receipts of some runs of these insights."""
    columns = (Column("insight", "string", False), Column("run_id", "string", True), Column("sequence", "int", False))
    rows = [_row(dice, "r", number, columns[1:]) for number in range(dice.randint(0, 9))]
    return Table(RECEIPTS, columns, (), tuple({**row, "insight": dice.choice(insights)} for row in rows))


def _row(dice: random.Random, table: str, number: int, columns: Sequence[Column]) -> Row:
    row: Row = {}
    for column in columns:
        if column.name == "id":
            row["id"] = number
        elif column.name in KEYS:
            row[column.name] = dice.choice(KEYS[column.name])
        elif dice.random() < 0.2:
            row[column.name] = None
        elif column.name == "number":
            row["number"] = dice.choice(NUMBERS)
        elif column.marked:
            row[column.name] = f"mark{dice.randrange(10**9):09d}{table}{column.name}"
        else:
            row[column.name] = _value(dice, column.type)
    return row


def _value(dice: random.Random, kind: str) -> Any:
    match kind:
        case "string":
            return dice.choice(WORDS)
        case "int" | "bigint":
            return dice.randint(0, 4)
        case "double":
            return dice.randint(0, 8) / 4
        case "boolean":
            return dice.random() < 0.5
        case "date":
            return datetime.date(2026, 1, dice.randint(1, 4))
        case _:
            return Decimal(dice.randint(0, 400)) / 100


def predicate_of(dice: random.Random, table: Table, depth: int) -> Predicate:
    """A random row filter over any column, shown or not."""
    if depth and dice.random() < 0.4:
        parts = predicate_of(dice, table, depth - 1), predicate_of(dice, table, depth - 1)
        return (dice.choice(("and", "or")), *parts)
    filterable = [column for column in table.all_columns if column.type not in ("date", "double") and not column.marked]
    column = dice.choice(filterable)
    if column.type == "boolean":
        return ("=", column.name, dice.random() < 0.5)
    if dice.random() < 0.15 and column not in table.keys:
        return (dice.choice(("null", "not null")), column.name)
    values = KEYS.get(column.name, ())
    pick = (lambda: dice.choice(values)) if values else (lambda: _value(dice, column.type))
    operator = dice.choice(("=", "<>", "<", ">=", "in", "between") + (("like",) if column.type == "string" else ()))
    if operator == "in":
        return ("in", column.name, tuple(pick() for _ in range(2)))
    if operator == "between":
        low, high = sorted((pick(), pick()))
        return ("between", column.name, low, high)
    if operator == "like":
        return ("like", column.name, dice.choice(("%e%", "r_d", "%", "R%")))
    return (operator, column.name, pick())


def text(predicate: Predicate) -> str:
    """The predicate in Lake Formation's grammar."""
    operator = predicate[0]
    match operator:
        case "and" | "or":
            return f"({text(predicate[1])}) {operator.upper()} ({text(predicate[2])})"
        case "null" | "not null":
            return f"{predicate[1]} IS {operator.upper()}"
        case "in":
            return f"{predicate[1]} IN ({', '.join(literal(value) for value in predicate[2])})"
        case "between":
            return f"{predicate[1]} BETWEEN {literal(predicate[2])} AND {literal(predicate[3])}"
        case _:
            return f"{predicate[1]} {operator.upper()} {literal(predicate[2])}"


def literal(value: Any) -> str:
    """A value as SQL writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"DATE '{value}'" if isinstance(value, datetime.date) else str(value)
