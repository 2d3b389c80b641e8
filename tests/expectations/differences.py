"""Each way in which Great Expectations on pandas says another thing than we do, and how it shows that it is only that.

Each name is a row of the second table of `insightshare.quality`, which gives the reason.
"""

import math
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from tests.expectations.cases import Case
from tests.expectations.compared import Ending, ours
from tests.expectations.tables import without_nan

_DOUBLES = ("number", "other")


@dataclass(frozen=True)
class Point:
    """One case on one table, and both endings."""

    case: Case
    table: pa.Table
    ours: Ending
    theirs: Ending

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the case reads."""
        given = self.case[1]
        single = [given[name] for name in ("column", "column_A", "column_B") if name in given]
        return (*single, *given.get("column_list", ()))

    def values(self) -> list[Any]:
        """The values of the case's first column that are not null."""
        return [value for value in self.table.column(self.columns[0]).to_pylist() if value is not None]


def same(one: Ending, other: Ending) -> bool:
    """Whether two endings say the same: verdict, counts, measure to nine digits and, where both name keys, the keys."""
    if replace(one, measured=None, keys=()) != replace(other, measured=None, keys=()):
        return False
    if one.keys and other.keys and one.keys != other.keys:
        return False
    return one.measured is None or other.measured is None or _close(one.measured, other.measured)


def _close(one: tuple[float | None, ...], other: tuple[float | None, ...]) -> bool:
    return len(one) == len(other) and all(
        a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9))
        for a, b in zip(one, other, strict=True)
    )


def _nan(point: Point) -> bool:
    """With NaN written as null, we say what Great Expectations said of NaN."""
    columns = [point.table.column(name).to_pylist() for name in point.columns if name in _DOUBLES]
    if not any(value is not None and math.isnan(value) for column in columns for value in column):
        return False
    cleared = without_nan(point.table)
    ending = ours(cleared, [point.case])[0]
    without = Point(point.case, cleared, ending, point.theirs)
    return same(ending, point.theirs) or _median(without) or _quantile(without)


def _median(point: Point) -> bool:
    """Ours is the lower of the two middle values, theirs lies half-way between them."""
    if "_median_" not in point.case[0] or not point.values():
        return False
    values = [float(value) for value in point.values()]
    found = (point.ours.measured, point.theirs.measured)
    return found == ((statistics.median_low(values),), (statistics.median(values),))


def _quantile(point: Point) -> bool:
    """Ours is the smallest value with that share at or below it, theirs the value nearest to it; both are there."""
    if "_quantile_" not in point.case[0] or not point.values():
        return False
    values = sorted(float(value) for value in point.values())
    shares = point.case[1]["quantile_ranges"]["quantiles"]
    lower = [values[max(math.ceil(share * len(values)) - 1, 0)] for share in shares]
    there = {_if_finite(value) for value in values}
    return point.ours.measured == tuple(map(_if_finite, lower)) and set(point.theirs.measured or ()) <= there


def _if_finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _classes_of_characters(point: Point) -> bool:
    """Python's classes (word, digit, space) hold every script's characters, RE2's only ASCII."""
    pattern = str(point.case[1].get("regex", ""))
    if not re.search(r"\\[wds]", pattern, re.IGNORECASE):
        return False
    wrong = "not_match" in point.case[0]

    def broken(flags: int) -> int:
        return sum(bool(re.search(pattern, value, flags)) == wrong for value in point.values())

    return (point.ours.broken, point.theirs.broken) == (broken(re.ASCII), broken(0))


def _decimals(point: Point) -> bool:
    """Great Expectations stops at decimals beside nulls; as doubles, both measure the same."""
    if "amount" not in point.columns or not point.theirs.error or not point.ours.measured:
        return False
    values = [float(value) for value in point.values()]
    measures: dict[str, Callable[[list[float]], float]]
    measures = {"mean": statistics.fmean, "stdev": statistics.stdev, "sum": math.fsum}
    return _close(point.ours.measured, (measures[point.case[0].split("_")[2]](values),))


def _days_in_a_set(point: Point) -> bool:
    """Great Expectations finds no day equal to a text."""
    if point.columns != ("day",) or "value_set" not in point.case[1]:
        return False
    equal = sum(str(value) in point.case[1]["value_set"] for value in point.values())
    values, forbidden = len(point.values()), "not_be_in" in point.case[0]
    return (point.ours.broken, point.theirs.broken) == ((equal, 0) if forbidden else (values - equal, values))


def _distinct(point: Point) -> bool:
    """Great Expectations counts the distinct values that are not listed; the verdict is the same."""
    return "_distinct_values_" in point.case[0] and replace(point.theirs, broken=None) == point.ours


def _like(point: Point) -> bool:
    """Great Expectations has no `LIKE` outside of databases; we count as the standard's two signs say."""
    if "_like_pattern" not in point.case[0] or not point.theirs.error:
        return False
    given = point.case[1]
    patterns = [given["like_pattern"]] if "like_pattern" in given else given["like_pattern_list"]
    signs = [re.compile(re.escape(one).replace("%", ".*").replace("_", "."), re.DOTALL) for one in patterns]
    wrong = "not_match" in point.case[0]
    return point.ours.broken == sum(any(one.fullmatch(value) for one in signs) == wrong for value in point.values())


def _types(point: Point) -> bool:
    """Great Expectations wants the names of its engine's types, a contract holds Athena's."""
    return "_type" in point.case[0] and point.ours.passed and not point.theirs.passed


DIFFERENCES: dict[str, Callable[[Point], bool]] = {
    "NaN": _nan,
    "median": _median,
    "quantile": _quantile,
    "classes of characters in a pattern": _classes_of_characters,
    "decimals beside nulls": _decimals,
    "days in a set": _days_in_a_set,
    "counts of distinct values": _distinct,
    "`LIKE` patterns": _like,
    "names of types": _types,
}


def _one_side_null(point: Point) -> bool:
    """Spark finds a comparison with null neither kept nor broken; without nulls both say the same."""
    if not point.case[0].startswith("expect_column_pair_"):
        return False
    sides = zip(*(point.table.column(name).to_pylist() for name in point.columns), strict=True)
    halves = sum((a is None) != (b is None) for a, b in sides)
    unequal_nan = 0 if point.ours.broken is None else point.ours.broken - (point.theirs.broken or 0) - halves
    return 0 <= unequal_nan <= sum(value is not None and math.isnan(value) for value in point.values())


def _nan_in_quantiles(point: Point) -> bool:
    """Spark leaves NaN out of quantiles, though it takes it for a value elsewhere."""
    if not re.search("_(quantile|median)_", point.case[0]):
        return False
    cleared = without_nan(point.table)
    return same(replace(ours(cleared, [point.case])[0], keys=()), point.theirs)


ON_SPARK: dict[str, Callable[[Point], bool]] = {
    "counts of distinct values": _distinct,
    "`LIKE` patterns": _like,
    "names of types": _types,
    "on Spark: null beside a value": _one_side_null,
    "on Spark: NaN in quantiles": _nan_in_quantiles,
}
