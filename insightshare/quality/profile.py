"""What a table looks like, column by column, as JSON: counts, moments, exact quantiles, histogram, frequent values.

One query per column reads that column alone; one after the other they never need memory together. Bins lie between the
extremes, which the audit's query has found by then.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from insightshare.contract.facts import Contract, Field
from insightshare.quality.conditions import Target
from insightshare.quality.dialect import FLOATS, INTEGERS, NESTED, NUMBERS, Dialect, DialectName, base_type
from insightshare.quality.distribution import BINS, FINE, QUANTILES, TEXT_CHARACTERS, Spread, distribution_query
from insightshare.quality.moments import moment_name, moments

__all__ = ["QUANTILES", "Rows", "column_profile", "profile"]


class Rows(Protocol):
    """What the gate needs of an engine."""

    @property
    def dialect(self) -> DialectName:
        """Whose SQL it runs."""

    def row(self, sql: str) -> dict[str, Any]:
        """Return the one row of a query."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small result."""


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
    found = {
        name: row[moment_name(column.name, name)]
        for name in ("count", "min", "max", "min_length", "max_length")
        if moment_name(column.name, name) in moments(target, column)
    }
    found["nulls"] = row["rows"] - found["count"]
    kind = base_type(column.type)
    if kind in NESTED:
        return found
    if kind not in NUMBERS:
        if unique:  # a key: no value of it is to be found in a profile
            return {**found, "distinct": found["count"], "top": []}
        parts = engine.rows(distribution_query(target, column, None)) if found["count"] else []
        return {**found, **_of_values(kind, parts, found["count"]), **_lengths(parts)}
    spread, found = _spread(engine, target, column, found)
    parts = engine.rows(distribution_query(target, column, spread)) if found["count"] else []
    return {**found, **_of_values(kind, parts, found["count"]), **_of_numbers(kind, parts, spread)}


def _spread(
    engine: Rows, target: Target, column: Field, found: Mapping[str, Any]
) -> tuple[Spread | None, dict[str, Any]]:
    """Where the finite numbers lie; asked again, of these alone, where the extremes of all are not finite."""
    low, high, others = found["min"], found["max"], 0
    is_float = base_type(column.type) in FLOATS
    if is_float and low is not None and not (math.isfinite(low) and math.isfinite(high)):
        number = f"CAST({target.dialect.quoted(column.name)} AS DOUBLE)"
        finite = f"CASE WHEN {target.dialect.finite(number)} THEN {number} END"
        counted = f"SELECT MIN({finite}), MAX({finite}), COUNT({number}) - COUNT({finite}) FROM {target.relation}"
        ((low, high, others),) = engine.rows(counted)
    if base_type(column.type) not in INTEGERS and low is not None:
        low, high = float(low) + 0.0, float(high) + 0.0  # minus zero is zero
    known = {**found, "min": low, "max": high, **({"not_finite": others} if is_float else {})}
    if low is None:
        return None, known
    return Spread(float(low), float(high), found["count"] - others, others > 0), known


def _part(parts: Sequence[tuple[Any, ...]], name: str) -> list[tuple[Any, ...]]:
    """The (place, number, text, count) of one part, in order of place."""
    return sorted((tuple(rest) for part, *rest in parts if part == name), key=lambda row: row[0])


def _of_values(kind: str, parts: Sequence[tuple[Any, ...]], count: int) -> dict[str, Any]:
    distinct = sum(row[3] for row in _part(parts, "distinct"))
    top = [{"value": _value(kind, number, text), "count": n} for _, number, text, n in _part(parts, "top")]
    top.sort(key=lambda item: (-item["count"], item["value"]))
    return {"distinct": distinct, "top": [] if distinct == count > 1 else top}


def _lengths(parts: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    lengths = [row[3] for row in _part(parts, "length")]
    return dict(zip(("min_length", "max_length"), lengths, strict=False))


def _of_numbers(kind: str, parts: Sequence[tuple[Any, ...]], spread: Spread | None) -> dict[str, Any]:
    (mean, *_), (stdev, *_) = ([*(row[1] for row in _part(parts, name)), None] for name in ("mean", "stdev"))
    quantiles = [_value(kind, number, text) for _, number, text, _ in _part(parts, "quantile")] if spread else None
    return {"mean": mean, "stdev": stdev, "quantiles": quantiles, "histogram": _histogram(parts, spread)}


def _histogram(parts: Sequence[tuple[Any, ...]], spread: Spread | None) -> dict[str, Any] | None:
    if spread is None or not math.isfinite(spread.high - spread.low):
        return None
    if not spread.width:
        return {"edges": [spread.low, spread.high], "counts": [spread.values]}
    counts = [0] * BINS
    for place, _, _, n in _part(parts, "bin"):
        counts[place // FINE] += n
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
