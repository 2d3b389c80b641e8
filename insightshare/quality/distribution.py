"""One column's distribution as one query on its values and how often each occurs. Runs nothing; `profile` reads it.

Grouping by value is exact and spills to disk where it does not fit. Quantiles are looked for in the one narrow bin that
holds their rank, so that no engine sorts every value.
"""

import math
from dataclasses import dataclass

from insightshare.contract.facts import Field
from insightshare.quality.conditions import Target
from insightshare.quality.dialect import FLOATS, TEXTS, Dialect, base_type
from insightshare.quality.measures import LARGEST_SQUARABLE, at_or_above

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BINS = 20
FINE = 64  # narrow bins within a bin
TOP_VALUES = 20
TEXT_CHARACTERS = 100
_NO_NUMBER, _NO_TEXT = "CAST(NULL AS DOUBLE)", "CAST(NULL AS {text})"


@dataclass(frozen=True)
class Spread:
    """Where a column's finite values lie, how many there are, and whether others are among them."""

    low: float
    high: float
    values: int
    others: bool = False

    @property
    def width(self) -> float:
        """The width of a narrow bin; nothing where there is one value only, or a range beyond what doubles hold."""
        width = (self.high - self.low) / (BINS * FINE)
        return width if math.isfinite(width) else 0.0

    @property
    def is_squarable(self) -> bool:
        """Whether no sum of squares overflows."""
        return max(abs(self.low), abs(self.high)) <= LARGEST_SQUARABLE


def distribution_query(target: Target, column: Field, spread: Spread | None) -> str:
    """Return the query whose rows are (part, place, number, text, count).

    Parts are distinct, top, length; for numbers, whose finite values `spread` describes, mean, stdev, bin and quantile.
    """
    write, name, kind = target.dialect, target.dialect.quoted(column.name), base_type(column.type)
    value = write.as_double(name) if _is_double(kind) else name
    found = f"(SELECT {value} AS v FROM {target.relation}) AS found"
    steps = [write.once("counts", f"SELECT v, COUNT(*) AS n FROM {found} WHERE v IS NOT NULL GROUP BY v")]
    finite = f" WHERE {write.finite('v')}" if kind in FLOATS and (spread is None or spread.others) else ""
    distinct = "CAST(SUM(different) AS BIGINT) FROM bins" if spread and not finite else "COUNT(*) FROM counts"
    selects = [f"SELECT 'distinct', 0, {_NO_NUMBER}, {_NO_TEXT}, {distinct}", _top(write, kind, finite)]
    if kind in TEXTS:
        selects += [_length(write, place, function) for place, function in enumerate(("MIN", "MAX"))]
    if spread:
        steps += _bins(write, kind, spread, finite)
        selects += [*_moments(spread), f"SELECT 'bin', bin, {_NO_NUMBER}, {_NO_TEXT}, n FROM bins"]
        selects += [_quantile(write, kind, place, share, spread) for place, share in enumerate(QUANTILES)]
    text = write.as_text("NULL").removeprefix("CAST(NULL AS ").removesuffix(")")
    return f"WITH {', '.join(steps)} {' UNION ALL '.join(selects)}".replace("{text}", text)


def _is_double(kind: str) -> bool:
    return kind in (*FLOATS, "decimal")


def _number(kind: str) -> str:
    return "v" if _is_double(kind) else "CAST(v AS DOUBLE)"


def _shown(write: Dialect, kind: str) -> tuple[str, str]:
    """A value as (number, text): doubles as they are, all else as text that loses nothing but length."""
    if _is_double(kind):
        return "v", _NO_TEXT
    return _NO_NUMBER, f"substr({write.as_text('v')}, 1, {TEXT_CHARACTERS + 1})"


def _top(write: Dialect, kind: str, finite: str) -> str:
    number, text = _shown(write, kind)
    best = f"SELECT v, n FROM counts{finite} ORDER BY n DESC, v LIMIT {TOP_VALUES}"
    return f"SELECT 'top', 0, {number}, {text}, n FROM ({best}) AS best"


def _length(write: Dialect, place: int, function: str) -> str:
    return f"SELECT 'length', {place}, {_NO_NUMBER}, {_NO_TEXT}, {function}({write.length('v')}) FROM counts"


def _moments(spread: Spread) -> list[str]:
    """The mean and the deviation from it, by way of each narrow bin's middle: no large sums are subtracted."""
    if not spread.is_squarable:
        return []
    mean = f"SELECT SUM(n * middle + apart) / {spread.values} FROM bins"
    off = f"(middle - ({mean}))"
    squares = f"SELECT SUM(squares + 2 * {off} * apart + n * {off} * {off}) AS total FROM bins"
    rows = [f"SELECT 'mean', 0, ({mean}), {_NO_TEXT}, 0"]
    if spread.values > 1:
        deviation = f"sqrt(GREATEST(total, 0) / {spread.values - 1})"
        rows.append(f"SELECT 'stdev', 0, {deviation}, {_NO_TEXT}, 0 FROM ({squares}) AS squared")
    return rows


def _bins(write: Dialect, kind: str, spread: Spread, finite: str) -> list[str]:
    """The narrow bins with their counts, and the values in those that hold a quantile, with their ranks."""
    place, middle = "0", write.number(spread.low)
    if spread.width:
        steps = f"floor(({_number(kind)} - {middle}) / {write.number(spread.width)})"
        place = f"CAST(LEAST({steps}, {BINS * FINE - 1}) AS INT)"
        middle = f"({middle} + (bin + CAST(0.5 AS DOUBLE)) * {write.number(spread.width)})"
    placed = f"(SELECT v, n, {place} AS bin FROM counts{finite}) AS placed"
    apart = f"({_number(kind)} - {middle})"
    sums = f"SUM(n * {apart}) AS apart, SUM(n * {apart} * {apart}) AS squares" if spread.is_squarable else "0 AS apart"
    bins = f"SELECT bin, {middle} AS middle, CAST(SUM(n) AS BIGINT) AS n, COUNT(*) AS different, {sums}"
    running = "SELECT bin, n, SUM(n) OVER (ORDER BY bin) AS upto FROM bins"
    firsts = (f"bin = (SELECT MIN(bin) FROM upto WHERE {_reached(share, spread)})" for share in QUANTILES)
    ranked = "SELECT v, earlier + SUM(near.n) OVER (PARTITION BY near.bin ORDER BY v) AS upto"
    return [
        write.once("bins", f"{bins} FROM {placed} GROUP BY bin"),
        write.once("upto", f"SELECT bin, upto, upto - n AS earlier FROM ({running}) AS running"),
        write.once("near", f"SELECT v, n, bin FROM {placed} WHERE {' OR '.join(firsts)}"),
        write.once("ranked", f"{ranked} FROM near JOIN upto ON near.bin = upto.bin"),
    ]


def _reached(share: float, spread: Spread) -> str:
    return at_or_above("upto", share, str(spread.values))


def _quantile(write: Dialect, kind: str, place: int, share: float, spread: Spread) -> str:
    """The smallest value at which the share is reached."""
    number, text = _shown(write, kind)
    first = f"SELECT MIN(v) AS v FROM ranked WHERE {_reached(share, spread)}"
    return f"SELECT 'quantile', {place}, {number}, {text}, 0 FROM ({first}) AS first"
