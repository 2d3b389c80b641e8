"""A random world of one case: two tables, their rows, and who was granted what. It says what is, not who sees what.

Everything is drawn from one seed, so a seed reproduces a case.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

PROVIDER, CONSUMER = "111111111111", "222222222222"
NUMBERS = ("1", "2", "3", "4", "oops")  # text that mostly casts: whether a cast fails tells which rows were met
WORDS = ("red", "green", "blue", "o'hara", "Red", "100%")

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
    rows: tuple[dict[str, Any], ...]

    @property
    def all_columns(self) -> tuple[Column, ...]:
        return self.columns + self.keys


@dataclass(frozen=True)
class Share:
    """One grant: to whom, on which table, and which columns and rows. `kind` says by which shape of the API."""

    to: str  # "role" (in the provider's account), "account", "analyst" (in the consumer's account), "guest", "other"
    by: str  # "provider" or "consumer"
    table: str
    kind: str  # table | include | exclude | filter | describe | all_tables
    names: tuple[str, ...] = ()  # columns that are listed, for include or exclude
    excludes: bool = False  # for filters: whether the names are an exclude list
    predicate: Predicate | None = None
    revoked: bool = False


@dataclass(frozen=True)
class World:
    seed: int
    tables: tuple[Table, ...]
    shares: tuple[Share, ...] = field(default_factory=tuple)


def make(seed: int) -> World:
    """The world of this seed."""
    dice = random.Random(seed)  # noqa: S311 - cases, not secrets
    tables = tuple(_table(dice, f"t{number}") for number in range(2))
    shares = [share for table in tables for share in _shares(dice, table)]
    dice.shuffle(shares)
    return World(seed, tables, tuple(_distinct(sorted(shares, key=lambda share: share.by, reverse=True))))


def _distinct(shares: list[Share]) -> list[Share]:
    """Without grants of which one taken back would take another along: the naive model stays naive."""
    found: dict[tuple[str, ...], Share] = {}
    for number, share in enumerate(shares):
        same = ("include", share.to, share.table) if share.kind == "include" else (share.kind, share.to, share.table)
        key = {"filter": (*same, str(number)), "exclude": (*same, *share.names), "all_tables": same[:2]}
        found.setdefault(key.get(share.kind, same), share)
    return list(found.values())


def _table(dice: random.Random, name: str) -> Table:
    types = [
        "string",
        "int",
        *dice.choices(("string", "int", "bigint", "double", "boolean", "decimal(8,2)", "date"), k=3),
    ]
    columns = [Column("id", "int", False), Column("number", "string", False)]
    columns += [Column(f"c{number}", kind, False) for number, kind in enumerate(types)]
    columns += [Column(f"s{number}", "string", True) for number in range(dice.randint(1, 2))]
    dice.shuffle(columns)
    keys = (Column("part", "string", False),) if dice.random() < 0.5 else ()
    rows = [_row(dice, name, number, [*columns, *keys]) for number in range(dice.randint(0, 9))]
    return Table(name, tuple(columns), keys, tuple(rows))


def _row(dice: random.Random, table: str, number: int, columns: list[Column]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in columns:
        if column.name == "id":
            row["id"] = number
        elif column.name == "part":
            row["part"] = dice.choice(("x", "y"))
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


def _shares(dice: random.Random, table: Table) -> list[Share]:
    """Up to three grants for each holder; sometimes one that is taken back, sometimes none at all."""
    found: list[Share] = []
    for to, by in (("role", "provider"), ("account", "provider"), ("analyst", "consumer"), ("guest", "provider")):
        for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
            found.append(_share(dice, table, to, by))
    found.append(Share("other", "provider", table.name, "table"))
    return found


def _share(dice: random.Random, table: Table, to: str, by: str) -> Share:
    kind = dice.choice(
        ("table", "include", "exclude", "filter", "filter", "filter", "filter", "describe", "all_tables")
    )
    names = tuple(dice.sample([column.name for column in table.columns], dice.randint(1, len(table.columns) - 1)))
    revoked = dice.random() < 0.12
    if kind == "filter":
        predicate = predicate_of(dice, table, depth=2) if dice.random() < 0.8 else None
        how = dice.choice(("include", "exclude", "all"))
        return Share(to, by, table.name, kind, names if how != "all" else (), how != "include", predicate, revoked)
    if kind == "all_tables" and dice.random() < 0.7:
        kind = "include"
    if kind == "exclude" and to in ("account", "guest"):
        kind = "include"
    listed = names if kind in ("include", "exclude") else ()
    return Share(to, by, table.name, kind, listed, kind == "exclude", None, revoked)


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
    values = (("x", "y") if column in table.keys else None, column)
    pick = (lambda: dice.choice(values[0])) if values[0] else (lambda: _value(dice, column.type))
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
