"""What a table looks like, column by column, as JSON: moments, exact quantiles, a histogram, the most frequent values.

One query per column reads that column alone and groups it by value: groupings spill to disk where they do not fit,
and one after the other they never need memory together. Bins lie between the extremes, which are known by then.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from insightshare.contract.facts import Contract, Field
from insightshare.quality.conditions import Target
from insightshare.quality.dialect import FLOATS, INTEGERS, NESTED, NUMBERS, Dialect, DialectName, base_type
from insightshare.quality.measures import at_or_above
from insightshare.quality.moments import moment_name, moments

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BINS = 20
TOP_VALUES = 20
TEXT_CHARACTERS = 100
_FINE = 64  # bins within a bin: a quantile is looked for in one of them, instead of sorting every value


class Rows(Protocol):
    """What the gate needs of an engine."""

    @property
    def dialect(self) -> DialectName:
        """Whose SQL it runs."""

    def row(self, sql: str) -> dict[str, Any]:
        """Return the one row of a query."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small result."""


@dataclass(frozen=True)
class _Spread:
    """Where a column's finite values lie, and how many there are."""

    low: float
    high: float
    values: int

    @property
    def width(self) -> float:
        """The width of a fine bin; nothing where there is one value only, or a range beyond what doubles hold."""
        width = (self.high - self.low) / (BINS * _FINE)
        return width if math.isfinite(width) else 0.0


def profile(
    engine: Rows, table: str, contract: Contract, columns: Sequence[str] | None = None, where: str | None = None
) -> dict[str, dict[str, Any]]:
    """Return the profile of a table's columns (all of the contract's, unless named) over the rows that `where` keeps.

    `where` is a predicate in the engine's own SQL.
    """
    target = Target(contract, table, Dialect(engine.dialect), where)
    chosen = [column for column in contract.columns if columns is None or column.name in columns]
    asked = {"rows": "COUNT(*)"}
    for column in chosen:
        asked |= moments(target, column)
    listed = ", ".join(f"{sql} AS {target.dialect.quoted(name)}" for name, sql in asked.items())
    row = engine.row(f"SELECT {listed} FROM {target.relation}")
    return {column.name: column_profile(engine, target, column, row, False) for column in chosen}


def column_profile(engine: Rows, target: Target, column: Field, row: Mapping[str, Any], unique: bool) -> dict[str, Any]:
    """Return the profile of one column, whose moments are in the audit's `row`; `unique` where that is proved."""
    prefix = moment_name(column.name, "")
    found = {name.removeprefix(prefix): _json(value) for name, value in row.items() if name.startswith(prefix)}
    found = {name: value for name, value in found.items() if name in _names(target, column)}
    found["nulls"] = row["rows"] - found["count"]
    kind = base_type(column.type)
    if kind in NESTED:
        return found
    numeric = kind in NUMBERS
    if unique and not numeric:
        return {**found, "distinct": found["count"], "top": []}
    spread = _spread(found) if numeric else None
    parts = engine.rows(distribution_query(target, column, spread)) if found["count"] else []
    return {**found, **_distribution(column, parts, spread, numeric, found["count"])}


def distribution_query(target: Target, column: Field, spread: _Spread | None) -> str:
    """Return the query for one column's distinct values, most frequent values, bins and quantiles.

    Its rows are (part, place, number, text, count). Quantiles are looked for in the fine bin that holds their rank.
    """
    write, name, kind = target.dialect, target.dialect.quoted(column.name), base_type(column.type)
    value = write.as_double(name) if kind in (*FLOATS, "decimal") else name
    grouped = f"SELECT v, COUNT(*) AS n FROM (SELECT {value} AS v FROM {target.relation}) AS found WHERE v IS NOT NULL"
    steps = [write.once("counts", f"{grouped} GROUP BY v")]
    nothing = "CAST(NULL AS DOUBLE), CAST(NULL AS {text})"
    selects = [f"SELECT 'distinct', 0, {nothing}, COUNT(*) FROM counts", _top(write, kind)]
    if spread:
        steps += _bins(write, kind, spread)
        selects.append(f"SELECT 'bin', bin, {nothing}, n FROM bins")
        selects += [_quantile(write, kind, place, share, spread) for place, share in enumerate(QUANTILES)]
    text = write.as_text("NULL").removeprefix("CAST(NULL AS ").removesuffix(")")
    return f"WITH {', '.join(steps)} {' UNION ALL '.join(selects)}".replace("{text}", text)


def _names(target: Target, column: Field) -> set[str]:
    prefix = moment_name(column.name, "")
    return {name.removeprefix(prefix) for name in moments(target, column)}


def _spread(found: Mapping[str, Any]) -> _Spread | None:
    if found["min"] is None:
        return None
    return _Spread(float(found["min"]), float(found["max"]), found["count"] - found.get("not_finite", 0))


def _shown(write: Dialect, kind: str) -> tuple[str, str]:
    """A value as (number, text): doubles as they are, all else as text that loses nothing but length."""
    if kind in (*FLOATS, "decimal"):
        return "v", "CAST(NULL AS {text})"
    return "CAST(NULL AS DOUBLE)", f"substr({write.as_text('v')}, 1, {TEXT_CHARACTERS + 1})"


def _top(write: Dialect, kind: str) -> str:
    number, text = _shown(write, kind)
    finite = f"WHERE {write.finite('v')} " if kind in FLOATS else ""
    best = f"SELECT v, n FROM counts {finite}ORDER BY n DESC, v LIMIT {TOP_VALUES}"
    return f"SELECT 'top', 0, {number}, {text}, n FROM ({best}) AS best"


def _bins(write: Dialect, kind: str, spread: _Spread) -> list[str]:
    last = BINS * _FINE - 1
    number = "v" if kind in (*FLOATS, "decimal") else "CAST(v AS DOUBLE)"
    place = "0"
    if spread.width:
        steps = f"floor(({number} - {write.number(spread.low)}) / {write.number(spread.width)})"
        place = f"CAST(LEAST({steps}, {last}) AS INT)"
    finite = f" WHERE {write.finite('v')}" if kind in FLOATS else ""
    return [
        write.once("placed", f"SELECT v, n, {place} AS bin FROM counts{finite}"),
        write.once("bins", "SELECT bin, CAST(SUM(n) AS BIGINT) AS n FROM placed GROUP BY bin"),
        write.once("upto", "SELECT bin, n, CAST(SUM(n) OVER (ORDER BY bin) AS BIGINT) AS upto FROM bins"),
    ]


def _quantile(write: Dialect, kind: str, place: int, share: float, spread: _Spread) -> str:
    """The first value, in the first bin, at which the share is reached."""
    number, text = _shown(write, kind)
    reached = at_or_above("upto", share, str(spread.values))
    first = f"SELECT bin, upto - n AS earlier FROM upto WHERE {reached} ORDER BY bin LIMIT 1"
    within = f"SELECT v, earlier + SUM(n) OVER (ORDER BY v) AS upto FROM placed JOIN ({first}) AS first USING (bin)"
    return (
        f"SELECT 'quantile', {place}, {number}, {text}, n FROM (SELECT MIN(v) AS v, COUNT(*) AS n "
        f"FROM ({within}) AS ranked WHERE {reached}) AS reached"
    )


def _distribution(
    column: Field, parts: list[tuple[Any, ...]], spread: _Spread | None, numeric: bool, count: int
) -> dict[str, Any]:
    kind = base_type(column.type)
    by_part: dict[str, list[tuple[Any, ...]]] = {"distinct": [], "top": [], "bin": [], "quantile": []}
    for part, *rest in parts:
        by_part[part].append(tuple(rest))
    distinct = by_part["distinct"][0][3] if by_part["distinct"] else 0
    top = [{"value": _value(kind, number, text), "count": n} for _, number, text, n in by_part["top"]]
    top.sort(key=lambda item: (-item["count"], item["value"]))
    found: dict[str, Any] = {"distinct": distinct, "top": [] if distinct == count and count > 1 else top}
    if not numeric:
        return found
    quantiles = [_value(kind, number, text) for _, number, text, _ in sorted(by_part["quantile"])] if spread else None
    return {**found, "quantiles": quantiles, "histogram": _histogram(spread, by_part["bin"])}


def _histogram(spread: _Spread | None, bins: list[tuple[Any, ...]]) -> dict[str, Any] | None:
    if spread is None or not math.isfinite(spread.high - spread.low):
        return None
    if not spread.width:
        return {"edges": [spread.low, spread.high], "counts": [spread.values]}
    counts = [0] * BINS
    for place, _, _, n in bins:
        counts[place // _FINE] += n
    step = (spread.high - spread.low) / BINS
    return {"edges": [*(spread.low + step * place for place in range(BINS)), spread.high], "counts": counts}


def _value(kind: str, number: float | None, text: str | None) -> Any:
    if text is None:
        return number
    if kind in INTEGERS:
        return int(text)
    if kind == "boolean":
        return text == "true"
    return text if len(text) <= TEXT_CHARACTERS else text[:TEXT_CHARACTERS] + "…"


def _json(value: Any) -> Any:
    """A number that JSON has: an engine may answer with a decimal, or with NaN where nothing is finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, int | str) else float(value)
