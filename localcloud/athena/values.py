"""How Athena writes values and types in results: GetQueryResults, CSV files and DDL output. Runs nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from athenasql import Type

# (precision, scale) that GetQueryResults reports where the type itself does not say.
_PRECISION = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "real": 17, "double": 17, "timestamp": 3,
              "timestamp with time zone": 3, "varchar": 2147483647, "varbinary": 1073741824}  # fmt: skip
Format = Callable[[Any], str]


def column_info(name: str, kind: Type) -> dict[str, Any]:
    """One entry of ResultSetMetadata."""
    numbers = kind.arguments
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": "float" if kind.name == "real" else kind.name,
        "Precision": numbers[0] if numbers else _PRECISION.get(kind.name, 0),
        "Scale": numbers[1] if kind.name == "decimal" else 0,
        "Nullable": "UNKNOWN",
        "CaseSensitive": kind.name in ("varchar", "char"),
    }


def text_of(value: Any, kind: Type) -> str | None:
    """The value as Athena prints it, None for NULL."""
    return None if value is None else _formatter(kind)(value)


def _formatter(kind: Type) -> Format:
    if kind.name in ("real", "double"):
        return lambda value: double_text(float(value), kind.name == "real")
    if kind.name in ("array", "map", "row"):
        return lambda value: _nested(value, kind)
    return _SIMPLE.get(kind.name, str)


def _nested(value: Any, kind: Type) -> str:
    if kind.name == "array":
        return "[" + ", ".join(_inner(item, kind.element) for item in value) + "]"
    if kind.name == "map":
        pairs = value.items() if isinstance(value, dict) else value
        return "{" + ", ".join(f"{_inner(k, kind.key)}={_inner(v, kind.element)}" for k, v in pairs) + "}"
    parts = zip(value.values() if isinstance(value, dict) else value, kind.fields, strict=True)
    return "{" + ", ".join(f"{name}={_inner(v, k)}" if name else _inner(v, k) for v, (name, k) in parts) + "}"


def _inner(value: Any, kind: Type) -> str:
    found = text_of(value, kind)
    return "null" if found is None else found


def double_text(value: float, single: bool = False) -> str:
    """Java's Double.toString: decimal between 1e-3 and 1e7, else scientific, always with a fraction."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    digits = _single_digits(value) if single else repr(value)
    sign, numbers, exponent = Decimal(digits).as_tuple()
    text = "".join(map(str, numbers)).rstrip("0") or "0"
    point = len(numbers) + int(exponent)
    if 1e-3 <= abs(value) < 1e7:
        shown = f"{Decimal(digits):f}"
        return shown if "." in shown else shown + ".0"
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{point - 1}"


def _single_digits(value: float) -> str:
    for precision in range(6, 10):
        text = f"{value:.{precision}g}"
        if _as_single(float(text)) == value:
            return text
    return repr(value)


def _as_single(value: float) -> float:
    import struct

    found: float = struct.unpack("f", struct.pack("f", value))[0]
    return found


def _timestamp(value: datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}"


def _zoned(value: datetime) -> str:
    return _timestamp(value.astimezone(UTC)) + " UTC"


_SIMPLE: dict[str, Format] = {
    "boolean": lambda value: "true" if value else "false",
    "date": lambda value: value.isoformat() if isinstance(value, date) else str(value),
    "timestamp": _timestamp,
    "timestamp with time zone": _zoned,
    "varbinary": lambda value: bytes(value).hex(" "),
    "decimal": lambda value: f"{value:f}" if isinstance(value, Decimal) else str(value),
}


def csv_text(rows: list[list[str | None]]) -> bytes:
    """Athena's CSV: every value quoted, NULL as nothing."""
    lines = (",".join("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    return "".join(line + "\n" for line in lines).encode()
