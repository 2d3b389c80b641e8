"""The naive model: lists of dicts, one loop per cell. It shares nothing with the emulator and means to be obvious."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.leaks.shares import ACCOUNTS, HOMES, PROVIDER, Share, account_of
from tests.leaks.world import Predicate, Row, Table

ACCOUNT_NAMES = {account: name for name, account in ACCOUNTS.items()}
Way = tuple[Share, ...]  # grants that must all agree: one for a direct grant, two under an account's ceiling


@dataclass(frozen=True)
class View:
    """What one reader may see of one table: None for a table that it may not query at all."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    hidden_marks: tuple[str, ...]


def view(table: Table, shares: Iterable[Share], reader: str) -> View | None:
    """The reader's part of a table, given the grants that are in force and have arrived."""
    return _seen(table, _ways(table, shares, reader))


def agreed(table: Table, shares: Iterable[Share], holder: str) -> View | None:
    """What a holder's own grants show, whatever its account then passes on."""
    return _seen(table, _whole(table, [(share,) for share in _reading(table, shares) if share.to == holder]))


def names(table: Table, shares: Iterable[Share], reader: str) -> tuple[str, ...]:
    """The columns whose names the reader may know: all with a right to describe the table, else those that it reads."""
    shares = list(shares)
    describes = [share for share in shares if share.kind == "describe" and share.table == table.name]
    if _combined(describes, reader):
        return tuple(column.name for column in table.all_columns)
    seen = view(table, shares, reader)
    return seen.columns if seen else ()


def _seen(table: Table, ways: list[Way]) -> View | None:
    columns = tuple(column.name for column in table.columns if any(_shows(column.name, way) for way in ways))
    marks = {row[column.name] for row in table.rows for column in table.columns if column.marked and row[column.name]}
    if not columns:
        return None
    seen = []
    for row in table.rows:
        cells = {
            name: row[name] if any(_shows(name, way) and _holds(way, row) for way in ways) else None for name in columns
        }
        if any(_holds(way, row) for way in ways):
            seen.append(cells | {key.name: row[key.name] for key in table.keys})
    shown = {value for row in seen for value in row.values() if isinstance(value, str)}
    names = columns + tuple(key.name for key in table.keys)
    return View(names, tuple(seen), tuple(sorted(marks - shown)))


def _ways(table: Table, shares: Iterable[Share], reader: str) -> list[Way]:
    return _whole(table, _combined(_reading(table, shares), reader))


def _reading(table: Table, shares: Iterable[Share]) -> list[Share]:
    reading = [share for share in shares if share.kind not in ("describe", "database")]
    return [share for share in reading if share.kind == "all_tables" or share.table == table.name]


def _combined(shares: list[Share], reader: str) -> list[Way]:
    """Straight from the owner, or from the reader's account under what the owner gave to that account."""
    home = HOMES[reader]
    direct: list[Way] = [(share,) for share in shares if share.by == PROVIDER and share.to == reader]
    ceilings = [share for share in shares if share.by == PROVIDER and share.to == ACCOUNT_NAMES.get(home)]
    below = [share for share in shares if share.by == home != PROVIDER and _is_or_includes(share.to, reader)]
    return direct + [(ceiling, grant) for ceiling in ceilings for grant in below]


def _is_or_includes(holder: str, reader: str) -> bool:
    return holder == reader or (holder.startswith("all ") and account_of(holder) == HOMES[reader])


def _whole(table: Table, ways: list[Way]) -> list[Way]:
    return [way for way in ways if any(_shows(column.name, way) for column in table.columns)]


def _shows(name: str, way: Way) -> bool:
    for share in way:
        if share.kind in ("table", "all_tables"):
            continue
        listed = name in share.names
        if listed if share.excludes else not listed:
            return False
    return True


def _holds(way: Way, row: Row) -> bool:
    return all(share.predicate is None or truth(share.predicate, row) is True for share in way)


def truth(predicate: Predicate, row: Row) -> bool | None:
    """SQL's three-valued truth of a predicate for one row."""
    operator = predicate[0]
    if operator in ("and", "or"):
        left, right = truth(predicate[1], row), truth(predicate[2], row)
        decisive = operator == "or"
        if left is decisive or right is decisive:
            return decisive
        return None if None in (left, right) else not decisive
    value: Any = row[predicate[1]]
    if operator in ("null", "not null"):
        return bool((value is None) == (operator == "null"))
    if value is None:
        return None
    match operator:
        case "=":
            return bool(value == predicate[2])
        case "<>":
            return bool(value != predicate[2])
        case "<":
            return bool(value < predicate[2])
        case ">=":
            return bool(value >= predicate[2])
        case "in":
            return any(value == one for one in predicate[2])
        case "between":
            return bool(predicate[2] <= value <= predicate[3])
        case _:
            pattern = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in predicate[2])
            return re.fullmatch(pattern, value, re.DOTALL) is not None
