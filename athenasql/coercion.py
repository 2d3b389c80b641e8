"""Trino's rules of types: what converts by itself, what CAST converts, what arithmetic yields. Sees no query."""

from __future__ import annotations

from sqlglot import exp

from athenasql.types import DOUBLE, INTEGERS, NUMBERS, REAL, UNKNOWN, VARCHAR, Type, decimal

_INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}


def common_type(left: Type, right: Type) -> Type | None:
    """The type that both coerce to in Trino, or None."""
    if left == right or right == UNKNOWN:
        return left
    if left == UNKNOWN:
        return right
    if left.is_number and right.is_number:
        return _common_number(left, right)
    if left.name == right.name and left.name in ("varchar", "char"):
        return VARCHAR
    names = {left.name, right.name}
    if names <= {"varchar", "char"}:
        return VARCHAR
    for order in (("date", "timestamp", "timestamp with time zone"),):
        if names <= set(order):
            return Type(max(left.name, right.name, key=order.index))
    if left.name == right.name and left.fields and len(left.fields) == len(right.fields):
        inner = [common_type(a, b) for (_, a), (_, b) in zip(left.fields, right.fields, strict=True)]
        labels = [a if a == b else "" for (a, _), (b, _) in zip(left.fields, right.fields, strict=True)]
        if None not in inner:
            return Type(left.name, (), tuple((n, k) for n, k in zip(labels, inner, strict=True) if k is not None))
    return None


def as_decimal(kind: Type) -> Type:
    return kind if kind.name == "decimal" else decimal(_INTEGER_DIGITS[kind.name], 0)


def _common_number(left: Type, right: Type) -> Type:
    names = (left.name, right.name)
    if "double" in names:
        return DOUBLE
    if "real" in names:
        return REAL
    if "decimal" in names:
        (p1, s1), (p2, s2) = as_decimal(left).arguments, as_decimal(right).arguments
        scale = max(s1, s2)
        return decimal(max(p1 - s1, p2 - s2) + scale, scale)
    return Type(max(names, key=INTEGERS.index))


def coerces(source: Type, target: Type) -> bool:
    """Whether Trino converts `source` to `target` by itself."""
    return common_type(source, target) == target or (target.name == "char" and source.name == "varchar")


def moment_arithmetic(kind: type[exp.Expr], left: Type, right: Type) -> Type | None:
    """Dates and timestamps with intervals; None when it is not that."""
    if kind is exp.Add and left.name.startswith("interval"):
        left, right = right, left
    if kind not in (exp.Add, exp.Sub):
        return None
    if left.name.startswith("interval") and right == left:
        return left
    moments = ("date", "timestamp", "timestamp with time zone")
    if left.name in moments and right.name.startswith("interval"):
        return left
    return None


def decimal_result(kind: type[exp.Expr], left: Type, right: Type) -> Type:
    """https://trino.io/docs/current/functions/decimal.html: precision and scale of the result."""
    (p1, s1), (p2, s2) = left.arguments, right.arguments
    if kind is exp.Mul:
        return decimal(p1 + p2, s1 + s2)
    if kind is exp.Div:
        return decimal(p1 + s2 + max(0, s2 - s1), max(s1, s2))
    if kind is exp.Mod:
        return decimal(min(p2 - s2, p1 - s1) + max(s1, s2), max(s1, s2))
    return decimal(max(s1, s2) + max(p1 - s1, p2 - s2) + 1, max(s1, s2))


_TEXT_FROM = ("varchar", "char", "boolean", *INTEGERS, "decimal", "date", "timestamp", "json")
_CASTS: dict[str, tuple[str, ...]] = {
    "varchar": _TEXT_FROM,
    "boolean": ("boolean", "varchar", *NUMBERS),
    **dict.fromkeys(NUMBERS, (*NUMBERS, "varchar", "boolean")),
    "date": ("date", "varchar", "timestamp", "timestamp with time zone"),
    "timestamp": ("date", "timestamp", "timestamp with time zone", "varchar"),
    "timestamp with time zone": ("date", "timestamp", "timestamp with time zone", "varchar"),
    "json": ("json", "varchar", "boolean", *INTEGERS),
}


def castable(source: Type, target: Type) -> bool:
    if source in (UNKNOWN, target):
        return True
    if target.fields:
        same = source.name == target.name and len(source.fields) == len(target.fields)
        return same and all(castable(a, b) for (_, a), (_, b) in zip(source.fields, target.fields, strict=True))
    return source.name in _CASTS.get(target.name, ())
