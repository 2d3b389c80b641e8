"""The naive model: lists of dicts, one loop per cell. It shares nothing with the emulator and means to be obvious."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.leaks.world import Predicate, Share, Table, World

# Whose grants count for which reader: grants straight to it, and pairs of (ceiling for the account, grant under it).
DIRECT = {"role": "role", "guest": "guest"}


@dataclass(frozen=True)
class View:
    """What one reader may see of one table: None for a table that it may not query at all."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    hidden_marks: tuple[str, ...]


def view(world: World, table: Table, reader: str, accepted: frozenset[int]) -> View | None:
    """The reader's part of a table, given which grants (by position) were accepted and not taken back."""
    shares = [share for number, share in enumerate(world.shares) if number in accepted and not share.revoked]
    ways = _ways(table, shares, reader)
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


def names(world: World, table: Table, reader: str, accepted: frozenset[int]) -> tuple[str, ...]:
    """The columns whose names the reader may know: all with a right to describe the table, else those that it reads."""
    shares = [share for number, share in enumerate(world.shares) if number in accepted and not share.revoked]
    describers = {share.to for share in shares if share.kind == "describe" and share.table == table.name}
    wanted = {"account", "analyst"} if reader == "analyst" else {reader}
    if wanted <= describers:
        return tuple(column.name for column in table.all_columns)
    seen = view(world, table, reader, accepted)
    return seen.columns if seen else ()


Way = tuple[Share, ...]  # grants that must all agree: one for a direct grant, two under an account's ceiling


def _ways(table: Table, shares: list[Share], reader: str) -> list[Way]:
    reading = [share for share in shares if share.kind != "describe"]
    mine = [share for share in reading if share.kind == "all_tables" or share.table == table.name]
    if reader == "analyst":
        ceilings = [share for share in mine if share.to == "account"]
        below = [share for share in mine if share.to == "analyst"]
        found: list[Way] = [(ceiling, grant) for ceiling in ceilings for grant in below]
    else:
        found = [(share,) for share in mine if share.to == DIRECT[reader]]
    return [way for way in found if any(_shows(column.name, way) for column in table.columns)]


def _shows(name: str, way: Way) -> bool:
    for share in way:
        if share.kind in ("table", "all_tables"):
            continue
        listed = name in share.names
        if listed if share.excludes else not listed:
            return False
    return True


def _holds(way: Way, row: dict[str, Any]) -> bool:
    return all(share.predicate is None or truth(share.predicate, row) is True for share in way)


def truth(predicate: Predicate, row: dict[str, Any]) -> bool | None:
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
