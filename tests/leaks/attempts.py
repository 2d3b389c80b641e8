"""Queries that try to see too much: every way in which a query can touch a column or a row. It judges nothing."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.leaks.world import Column, Table, literal

# SELECT * FROM t, in the ways in which a table can stand behind a name.
Maker = Callable[["Attempt"], str]


class Attempt:
    """Draws columns and values: mostly visible columns, so that queries run, often hidden ones, so that they probe."""

    def __init__(self, dice: random.Random, tables: tuple[Table, ...], visible: dict[str, tuple[str, ...]]) -> None:
        self.dice, self.tables, self.visible = dice, tables, visible
        seen = [table for table in tables if table.name in visible]
        self.table = dice.choice(seen if seen and dice.random() < 0.7 else tables)

    @property
    def name(self) -> str:
        """The table by its own name, or by another door, which is not open to every reader."""
        name = self.table.name
        if self.dice.random() < 0.8:
            return self.dice.choice((name, f"insights.{name}", f'"insights"."{name}"'))
        return self.dice.choice((f"borrowed.{name}", f"desk.to_{name}"))

    @property
    def key(self) -> str:
        return "id" if any(column.name == "id" for column in self.table.columns) else "insight"

    def column(self, *kinds: str, table: Table | None = None) -> Column:
        table = table or self.table
        fitting = [column for column in table.all_columns if not kinds or column.type in kinds]
        seen = [column for column in fitting if column.name in self.visible.get(table.name, ())]
        return self.dice.choice(seen if seen and self.dice.random() < 0.7 else fitting or list(table.all_columns))

    def value(self, column: Column) -> str:
        """A value that is really there, in whichever row, or one that is not."""
        found = [row[column.name] for row in self.table.rows if row[column.name] is not None]
        return literal(self.dice.choice(found)) if found else "NULL"

    def condition(self, alias: str = "") -> str:
        column = self.column()
        name, value = f"{alias}{column.name}", self.value(column)
        forms = [f"{name} = {value}", f"{name} IS NULL", f"{name} IS NOT NULL", f"NOT ({name} <> {value})"]
        if column.type == "string":
            forms += [f"{name} LIKE {value}", f"length({name}) > 3", f"upper({name}) = upper({value})"]
        return self.dice.choice(forms)


def attempt(dice: random.Random, tables: tuple[Table, ...], visible: dict[str, tuple[str, ...]]) -> str:
    """A query of some kind."""
    return dice.choice(MAKERS)(Attempt(dice, tables, visible))


def _two(attempt: Attempt) -> tuple[Table, Column, Column]:
    """A second table, and a column of each that can be compared."""
    left = attempt.column()
    alike = [one for one in attempt.tables if any(column.type == left.type for column in one.all_columns)]
    other = attempt.dice.choice(alike)
    return other, left, attempt.column(left.type, table=other)


def _join(attempt: Attempt) -> str:
    other, left, right = _two(attempt)
    kind = attempt.dice.choice(("JOIN", "LEFT JOIN", "FULL JOIN"))
    shown = attempt.column()
    return f"SELECT a.{shown.name}, b.* FROM {attempt.name} a {kind} {other.name} b ON a.{left.name} = b.{right.name}"


def _using(attempt: Attempt) -> str:
    column = attempt.column()
    return f"SELECT count(*) AS n FROM {attempt.name} a JOIN {attempt.table.name} b USING ({column.name})"


def _in(attempt: Attempt) -> str:
    other, left, right = _two(attempt)
    return f"SELECT * FROM {attempt.name} WHERE {left.name} IN (SELECT {right.name} FROM {other.name})"


def _exists(attempt: Attempt) -> str:
    other, left, right = _two(attempt)
    inner = f"SELECT 1 FROM {other.name} b WHERE b.{right.name} = a.{left.name}"
    return f"SELECT count(*) AS n FROM {attempt.name} a WHERE EXISTS ({inner})"


def _scalar(attempt: Attempt) -> str:
    column = attempt.column()
    return f"SELECT (SELECT max({column.name}) FROM {attempt.name}) AS m"


def _with(attempt: Attempt) -> str:
    column = attempt.column()
    return f"WITH x AS (SELECT * FROM {attempt.name}), y AS (SELECT * FROM x) SELECT {column.name} AS z FROM y"


def _group(attempt: Attempt) -> str:
    column = attempt.column()
    having = f" HAVING count({attempt.column().name}) > 0" if attempt.dice.random() < 0.5 else ""
    return f"SELECT {column.name}, count(*) AS n FROM {attempt.name} GROUP BY {column.name}{having}"


def _window(attempt: Attempt) -> str:
    column, over = attempt.column(), attempt.column()
    function = attempt.dice.choice((f"max({column.name})", "count(*)", f"min({column.name})"))
    return f"SELECT {function} OVER (PARTITION BY {over.name}) AS w FROM {attempt.name}"


def _rank(attempt: Attempt) -> str:
    return f"SELECT {attempt.key}, rank() OVER (ORDER BY {attempt.column().name}) AS r FROM {attempt.name}"


def _case(attempt: Attempt) -> str:
    return (
        f"SELECT {attempt.key}, CASE WHEN {attempt.condition()} THEN 'yes' ELSE 'no' END AS guess FROM {attempt.name}"
    )


def _error(attempt: Attempt) -> str:
    """Fails if any row that the query meets satisfies the condition: a hidden row must not be met."""
    bait = f"CASE WHEN {attempt.condition()} THEN 'caught' ELSE '1' END"
    if attempt.dice.random() < 0.5:
        return f"SELECT count(*) AS n FROM {attempt.name} WHERE CAST({bait} AS INTEGER) = 1"
    return f"SELECT sum(CAST({bait} AS INTEGER)) AS n FROM {attempt.name}"


def _cast(attempt: Attempt) -> str:
    """Fails, and would quote the value, if it meets a row that does not cast."""
    numbers = [column.name for column in attempt.table.columns if column.name == "number"]
    name = numbers[0] if numbers and attempt.dice.random() < 0.8 else attempt.column("string").name
    return f"SELECT count(*) AS n FROM {attempt.name} WHERE CAST({name} AS INTEGER) > 0"


def _union(attempt: Attempt) -> str:
    other, left, right = _two(attempt)
    operator = attempt.dice.choice(("UNION ALL", "UNION", "EXCEPT", "INTERSECT"))
    return f"SELECT {left.name} FROM {attempt.name} {operator} SELECT {right.name} FROM {other.name}"


def _aggregate(attempt: Attempt) -> str:
    column = attempt.column()
    parts = [f"count({column.name})", f"count(DISTINCT {column.name})", f"min({column.name})", f"max({column.name})"]
    return f"SELECT {', '.join(f'{part} AS a{number}' for number, part in enumerate(parts))} FROM {attempt.name}"


def _partitions(attempt: Attempt) -> str:
    return f'SELECT * FROM "{attempt.table.name}$partitions"'


def _values(attempt: Attempt) -> str:
    column = attempt.column("string")
    guesses = f"(SELECT {attempt.value(column)} AS guess) g"
    return f"SELECT count(*) AS n FROM {attempt.name} t CROSS JOIN {guesses} WHERE t.{column.name} = g.guess"


MAKERS: tuple[Maker, ...] = (
    lambda attempt: f"SELECT * FROM {attempt.name}",
    lambda attempt: f"SELECT * FROM {attempt.name} WHERE {attempt.condition()}",
    lambda attempt: f"SELECT x.{attempt.column().name} AS a, {attempt.column().name} AS b FROM {attempt.name} x",
    lambda attempt: f"SELECT * FROM {attempt.name} ORDER BY {attempt.column().name}",
    lambda attempt: f"SELECT {attempt.key} FROM {attempt.name} WHERE {attempt.condition()} OR {attempt.condition()}",
    lambda attempt: f"SELECT * FROM (SELECT * FROM {attempt.name}) s WHERE {attempt.condition('s.')}",
    lambda attempt: f'SELECT "{attempt.column().name.upper()}" FROM {attempt.name}',
    lambda attempt: f"SELECT count(*) AS n FROM {attempt.name} WHERE {attempt.condition()}",
    _join, _join, _using, _in, _exists, _scalar, _with, _group, _window, _rank, _case, _error, _error, _cast, _cast,
    _union, _aggregate, _partitions, _values,
)  # fmt: skip
