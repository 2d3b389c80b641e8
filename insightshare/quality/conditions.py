"""The rules on single rows as SQL conditions: which rows a rule considers, and which break it. Counts nothing."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from insightshare.contract.facts import Check, Contract, Value
from insightshare.quality.dialect import FLOATS, INTEGERS, TIMES, Dialect, base_type, plain

_LARGEST_INTEGER = 2**63 - 1
_COLUMNS_TOGETHER = ("pair_equal", "pair_greater", "sum_equal", "unique_values")
_ABOUT_NULLS = ("not_null", "null", "missing", "unique", "minimum_cell")
_BOUNDED = ("range", "length", "list_length", "norm")


@dataclass(frozen=True)
class Target:
    """A table that holds a contract's columns, and the engine that reads it; `where` keeps some of its rows."""

    contract: Contract
    table: str
    dialect: Dialect
    where: str | None = None

    @property
    def relation(self) -> str:
        """What follows FROM."""
        name = self.dialect.quoted(self.table)
        return f"(SELECT * FROM {name} WHERE {self.where}) AS chosen" if self.where else name

    def type_of(self, column: str) -> str:
        """Return the name of a column's Athena type, without its arguments."""
        return base_type(self.contract.types[column])


def how_many(condition: str) -> str:
    """Return the number of rows that a condition holds for; DuckDB counts so three times as fast as with FILTER."""
    return f"COUNT(CASE WHEN {condition} THEN 1 END)"


def considered(target: Target, check: Check) -> str | None:
    """Return the condition of the rows that a rule is about; None where it is about all of them."""
    if check.kind in _ABOUT_NULLS:
        return None
    columns = [target.dialect.quoted(name) for name in check.columns]
    if check.kind not in _COLUMNS_TOGETHER:
        return f"{columns[0]} IS NOT NULL"
    if check.ignore_rows == "never":
        return None
    word = " OR " if check.ignore_rows == "all_null" else " AND "
    return "(" + word.join(f"{column} IS NOT NULL" for column in columns) + ")"


def breaks(target: Target, check: Check) -> str:
    """Return the condition that holds for the rows that break a rule on rows, and is false or null for the others."""
    if check.kind in _COLUMNS_TOGETHER:
        kept = f"NOT COALESCE({_kept_together(target, check)}, FALSE)"
        among = considered(target, check)
        return f"{among} AND {kept}" if among else kept
    column = target.dialect.quoted(check.columns[0])
    if check.kind in _ABOUT_NULLS:
        return _about_nulls(target, check, column)
    if check.kind in _BOUNDED:
        return _out_of_bounds(target, check, column)
    return _strange(target, check, column)


def literal(write: Dialect, value: Value, kind: str) -> str:
    """Return a value of a contract as SQL, to be compared with a column of that type."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return write.cast(write.text(value), kind) if kind in TIMES else write.text(value)
    return write.number(float(value)) if kind in FLOATS or not math.isfinite(value) else plain(value)


def _about_nulls(target: Target, check: Check, column: str) -> str:
    if check.kind == "null":
        return f"{column} IS NOT NULL"
    missing = _among(target, check) if check.kind == "missing" else ()
    return " OR ".join([f"{column} IS NULL", *missing])


def _out_of_bounds(target: Target, check: Check, column: str) -> str:
    write = target.dialect
    match check.kind:
        case "range":
            return _outside(target, check, column, target.type_of(check.columns[0]))
        case "norm":
            return f"{write.any_not_finite(column)} OR {_outside(target, check, write.norm(column), 'double')}"
        case _:
            size = write.length(column) if check.kind == "length" else write.elements(column)
            return _outside(target, check, size, "bigint")


def _strange(target: Target, check: Check, column: str) -> str:
    match check.kind:
        case "set" | "regex":
            kept = (*_among(target, check), *_matched(target.dialect, column, check))
            return " OR ".join(f"NOT ({part})" for part in kept) or "FALSE"
        case "not_set":
            return " OR ".join(_among(target, check)) or "FALSE"
        case "not_regex":
            return " OR ".join(target.dialect.matches(column, pattern) for pattern in check.patterns) or "FALSE"
        case "finite":
            return target.dialect.any_not_finite(column)
    raise ValueError(f"{check.id}: a check of kind {check.kind} is not about single rows")


def _among(target: Target, check: Check) -> Iterator[str]:
    if check.values:
        name = check.columns[0]
        listed = ", ".join(literal(target.dialect, value, target.type_of(name)) for value in check.values)
        yield f"{target.dialect.quoted(name)} IN ({listed})"


def _matched(write: Dialect, column: str, check: Check) -> Iterator[str]:
    if check.patterns:
        word = " AND " if check.match_all else " OR "
        yield word.join(write.matches(column, pattern) for pattern in check.patterns)


def _outside(target: Target, check: Check, value: str, kind: str) -> str:
    """Out of a range; NaN, which both engines take for greater than every number, is outside of every range."""
    parts = [f"isnan({value})"] if kind in FLOATS else []
    if check.minimum is not None:
        parts.append(_compared(target.dialect, value, "<=" if check.strict_minimum else "<", check.minimum, kind))
    if check.maximum is not None:
        parts.append(_compared(target.dialect, value, ">=" if check.strict_maximum else ">", check.maximum, kind))
    return " OR ".join(parts) or "FALSE"


def _compared(write: Dialect, value: str, sign: str, bound: Value, kind: str) -> str:
    """A comparison that is exact: a bound is never rounded to the column's type, nor the column to the bound's."""
    if isinstance(bound, str) or kind not in (*FLOATS, *INTEGERS, "decimal"):
        return f"{value} {sign} {literal(write, bound, kind)}"
    if kind in INTEGERS:
        if abs(bound) > _LARGEST_INTEGER:
            return f"{value} IS NOT NULL" if (bound > 0) == (sign[0] == "<") else "FALSE"
        if not float(bound).is_integer():  # x < 0.5 is x < 1, and x > 0.5 is x > 0
            bound = math.ceil(bound) if sign[0] == "<" else math.floor(bound)
            sign = sign[0]
        return f"{value} {sign} {int(bound)}"
    return f"{value} {sign} {literal(write, bound, kind)}"


def _kept_together(target: Target, check: Check) -> str:
    """What a row must hold; NaN, equal to itself and greater than all in both engines, keeps no such rule."""
    write, columns = target.dialect, [target.dialect.quoted(name) for name in check.columns]
    if check.kind in ("pair_equal", "pair_greater"):
        sign = "=" if check.kind == "pair_equal" else ">=" if check.or_equal else ">"
        numbers = [c for c, name in zip(columns, check.columns, strict=True) if target.type_of(name) in FLOATS]
        return " AND ".join([f"{columns[0]} {sign} {columns[1]}", *(f"NOT isnan({column})" for column in numbers)])
    if check.kind == "sum_equal":
        floats = any(target.type_of(name) in FLOATS for name in check.columns)
        summed = " + ".join(f"CAST({column} AS {'DOUBLE' if floats else 'DECIMAL(38, 9)'})" for column in columns)
        return f"{summed} = {literal(write, check.argument or 0, 'double' if floats else 'decimal')}"
    raise ValueError(f"{check.id}: a check of kind {check.kind} is not about single rows")
