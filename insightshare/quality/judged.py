"""Whether each check passed, from the numbers that the audit's query gave for it. Runs nothing."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from insightshare.contract.facts import Check, Limits, Value
from insightshare.quality.compiled import ROW_RULES
from insightshare.quality.verdict import CheckResult

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US


def judged_rows(check: Check, broken: int, considered_rows: int, rows: int) -> CheckResult:
    """Return the result of a rule on rows, `broken` of `considered_rows` of which break it."""
    if check.broken is not None:
        found = Fraction(100 * broken, rows) if check.percent and rows else Fraction(broken)
        passed = admits(check.broken, found)
    else:
        passed = considered_rows - broken >= Fraction(str(check.mostly)) * considered_rows
    return replace(CheckResult.of(check, passed, broken_rows=broken), considered_rows=considered_rows)


def judged_measure(check: Check, numbers: tuple[Any, ...], column_type: str, as_of: str | None) -> CheckResult:
    """Return the result of a rule on a number, from the numbers that were measured for it."""
    match check.kind:
        case "row_count":
            return CheckResult.of(check, admits(check.limits, Fraction(numbers[0])), rows=numbers[0])
        case "quantile":
            pairs = zip(check.quantiles, numbers, strict=True)
            outside = sum(not _within(limits, number, column_type) for (_, limits), number in pairs)
            return _with(CheckResult.of(check, outside == 0, quantiles_outside=outside), tuple(map(_float, numbers)))
        case "distinct_share" | "filled_share":
            share = Fraction(numbers[0], numbers[1]) if numbers[1] else None
            return _with(CheckResult.of(check, share is not None and admits(check.limits, share)), _float(share))
        case "most_common":
            modes, permitted = numbers
            passed = permitted > 0 if check.or_equal else modes == permitted == 1
            return CheckResult.of(check, passed, most_frequent_values=modes, permitted_among_them=permitted)
        case "distinct_in_set" | "distinct_contain" | "distinct_equal":
            strange = numbers[0] if check.kind != "distinct_contain" else 0
            absent = numbers[1] if check.kind != "distinct_in_set" else 0
            return CheckResult.of(check, not (strange or absent), rows_with_other_values=strange, absent_values=absent)
        case "freshness":
            return _fresh(check, numbers[0], column_type, as_of)
        case _:
            number = numbers[0]
            return _with(CheckResult.of(check, _within(check.limits, number, column_type)), _float(number))


def admits(limits: Limits, number: Fraction | float, column_type: str = "") -> bool:
    """Whether a number is where the limits want it; bounds that are dates or times are of that column type."""
    low, high = _bound(limits.minimum, column_type), _bound(limits.maximum, column_type)
    too_low = low is not None and (number < low or (limits.strict_minimum and number == low))
    too_high = high is not None and (number > high or (limits.strict_maximum and number == high))
    return (too_low or too_high) == limits.outside


def is_row_rule(check: Check) -> bool:
    """Whether a check is about the rows one by one."""
    return check.kind in ROW_RULES


def _within(limits: Limits, number: Any, column_type: str) -> bool:
    """Whether a measured number keeps its limits; nothing and NaN never do."""
    exact = _exact(number)
    return exact is not None and admits(limits, exact, column_type)


def _exact(number: Any) -> Fraction | float | None:
    """The number as it is; infinity stays the float that it is, and NaN is none."""
    if number is None or (isinstance(number, float) and math.isnan(number)):
        return None
    return number if isinstance(number, float) and math.isinf(number) else Fraction(number)


def _bound(value: Value | None, column_type: str) -> Fraction | None:
    """A bound as the engines give the column's values: days or microseconds since 1970 for dates and times."""
    if value is None:
        return None
    if isinstance(value, str):
        return Fraction(_instant(value) // _DAY_US if column_type == "date" else _instant(value))
    return Fraction(str(value))


def _instant(text: str) -> int:
    moment = datetime.fromisoformat(text)
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1)


def _float(number: Any) -> float | None:
    exact = _exact(number)
    return None if exact is None or math.isinf(exact) else float(exact)


def _with(result: CheckResult, measured: float | tuple[float | None, ...] | None) -> CheckResult:
    return replace(result, measured=measured)


def _fresh(check: Check, newest: int | None, column_type: str, as_of: str | None) -> CheckResult:
    if newest is None or as_of is None:
        return CheckResult.of(check, False, values=0)
    newest_us = newest * _DAY_US if column_type == "date" else newest
    age_us = max(_instant(as_of) - newest_us, 0)
    return CheckResult.of(check, age_us <= Fraction(str(check.argument)) * _HOUR_US, age_hours=age_us // _HOUR_US)
