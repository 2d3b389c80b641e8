"""Two runs of an insight compared, as SQL for DuckDB, Spark and Athena. Runs nothing and judges nothing.

A relation is whatever may stand behind FROM: a table's quoted name, or a sub-query in brackets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

DriftDialect = Literal["duckdb", "spark", "athena"]
TENTHS = 10
OTHER_BAND, NO_BAND = -1, -2  # places of a value that the contract does not list, and of null


@dataclass(frozen=True)
class Pair:
    """Two runs of the same columns, as relations, in the dialect of the engine that reads them."""

    before: str
    after: str
    dialect: DriftDialect

    def quoted(self, identifier: str) -> str:
        """Return an identifier as SQL."""
        mark = "`" if self.dialect == "spark" else '"'
        return mark + identifier.replace(mark, mark * 2) + mark

    def text(self, value: str) -> str:
        """Return a text literal."""
        if self.dialect == "spark":
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return "'" + value.replace("'", "''") + "'"

    def not_a_number(self, sql: str) -> str:
        """Return whether a double is NaN."""
        return f"is_nan({sql})" if self.dialect == "athena" else f"isnan({sql})"


def rows_query(pair: Pair) -> str:
    """Return the query for (rows before, rows after)."""
    before, after = (f"(SELECT COUNT(*) FROM {run} AS r)" for run in (pair.before, pair.after))
    return f"SELECT {before} AS rows_before, {after} AS rows_after"


def entities_query(pair: Pair, key: Sequence[str], bands: Mapping[str, Sequence[str]]) -> str:
    """Return the query for (was there, is there, place before and place after of each banded column, entities).

    A place is the position of the value in the column's bands. Keys are never null, and identify a row in each run.
    """
    parts = [f"{pair.quoted(name)} AS k{place}" for place, name in enumerate(key)]
    parts += [f"{_place(pair, name, values)} AS v{place}" for place, (name, values) in enumerate(bands.items())]
    side = f"SELECT 1 AS here, {', '.join(parts)} FROM"
    same = " AND ".join(f"b.k{place} = a.k{place}" for place in range(len(key)))
    shown = [
        f"COALESCE({letter}.v{place}, {NO_BAND}) AS {letter}v{place}" for place in range(len(bands)) for letter in "ba"
    ]
    columns = ["was", "now", *(f"{letter}v{place}" for place in range(len(bands)) for letter in "ba")]
    both = (
        f"SELECT {', '.join(['COALESCE(b.here, 0) AS was', 'COALESCE(a.here, 0) AS now', *shown])} "
        f"FROM ({side} {pair.before} AS r) AS b FULL JOIN ({side} {pair.after} AS r) AS a ON {same}"
    )
    return f"SELECT {', '.join(columns)}, COUNT(*) AS n FROM ({both}) AS entities GROUP BY {', '.join(columns)}"


def shift_query(pair: Pair, column: str, rows: tuple[int, int]) -> str:
    """Return the query for the total variation distance of a column's values, null among them, between the runs."""
    counts = f"SELECT v, SUM(w) AS w, SUM(n) AS n FROM ({_stacked(pair, pair.quoted(column))}) AS stacked GROUP BY v"
    distance = f"ABS(CAST(w AS DOUBLE) / {rows[0]}E0 - CAST(n AS DOUBLE) / {rows[1]}E0)"
    return f"SELECT SUM({distance}) / 2E0 FROM ({counts}) AS counts"


def tenths_query(pair: Pair, column: str, is_float: bool, few_values: bool) -> str:
    """Return the query for (tenth, values before, values after, largest distance of the distribution functions).

    A value lies in the tenth in which the distribution function of the run before, at the value, lies: the first tenth
    is open below, the last one above. Nulls and NaN are left out. One sort; of few values, they are counted first.
    """
    name = pair.quoted(column)
    value = f"CAST({name} AS DOUBLE) + CAST(0 AS DOUBLE)" if is_float else name  # no minus zero
    kept = f"v IS NOT NULL AND NOT {pair.not_a_number('v')}" if is_float else "v IS NOT NULL"
    stacked = f"SELECT v, w, n FROM ({_stacked(pair, value)}) AS stacked WHERE {kept}"
    if few_values:
        stacked = f"SELECT v, SUM(w) AS w, SUM(n) AS n FROM ({stacked}) AS kept GROUP BY v"
    totals = "SELECT CAST(SUM(w) AS DOUBLE) AS tw, CAST(SUM(n) AS DOUBLE) AS tn FROM found"
    running = "SELECT w, n, SUM(w) OVER (ORDER BY v) AS cw, SUM(n) OVER (ORDER BY v) AS cn FROM found"
    share = "CAST(cw AS DOUBLE) / NULLIF(tw, 0E0)"
    tenth = f"GREATEST(1, CAST(CEIL({TENTHS}E0 * CAST(cw AS DOUBLE) / NULLIF(tw, 0E0)) AS INTEGER))"
    gap = f"ABS({share} - CAST(cn AS DOUBLE) / NULLIF(tn, 0E0))"
    placed = f"SELECT {tenth} AS tenth, w, n, {gap} AS gap FROM running CROSS JOIN totals"
    return (
        f"WITH found AS ({stacked}), totals AS ({totals}), running AS ({running}) "
        f"SELECT tenth, SUM(w) AS w, SUM(n) AS n, MAX(gap) AS gap FROM ({placed}) AS placed GROUP BY tenth"
    )


def changed_rows_query(pair: Pair, key: Sequence[str], columns: Sequence[str], limit: int) -> str:
    """Return the query for the rows that came, went or changed: (what, key…, before and after of each column…)."""
    keys = [pair.quoted(name) for name in key]
    same = " AND ".join(f"b.{name} = a.{name}" for name in keys)
    what = f"CASE WHEN b.{keys[0]} IS NULL THEN 'came' WHEN a.{keys[0]} IS NULL THEN 'went' ELSE 'changed' END"
    shown = [f"COALESCE(a.{name}, b.{name})" for name in keys]
    order = [f"COALESCE(a.{name}, b.{name})" for name in keys]
    for name in map(pair.quoted, columns):
        shown += [f"b.{name}", f"a.{name}"]
    differs = [f"b.{name} IS DISTINCT FROM a.{name}" for name in map(pair.quoted, columns)]
    gone = [f"b.{keys[0]} IS NULL", f"a.{keys[0]} IS NULL"]
    named = [f"{sql} AS c{place}" for place, sql in enumerate([what, *shown])]
    return (
        f"SELECT {', '.join(named)} FROM {pair.before} AS b FULL JOIN {pair.after} AS a ON {same} "
        f"WHERE {' OR '.join([*gone, *differs])} ORDER BY {', '.join(order)} LIMIT {limit}"
    )


def _stacked(pair: Pair, value: str) -> str:
    return (
        f"SELECT {value} AS v, 1 AS w, 0 AS n FROM {pair.before} AS b "
        f"UNION ALL SELECT {value}, 0, 1 FROM {pair.after} AS a"
    )


def _place(pair: Pair, column: str, bands: Sequence[str]) -> str:
    text = f"CAST({pair.quoted(column)} AS {'STRING' if pair.dialect == 'spark' else 'VARCHAR'})"
    cases = [f"WHEN {pair.text(band)} THEN {place}" for place, band in enumerate(bands)]
    listed = f"CASE {text} {' '.join(cases)} ELSE {OTHER_BAND} END"
    return f"CASE WHEN {pair.quoted(column)} IS NULL THEN {NO_BAND} ELSE {listed} END"
