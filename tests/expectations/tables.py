"""Tables of one shape on which our verdicts and Great Expectations' are compared. Holds no rule."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa

from insightshare.contract.facts import Field

ROWS = 60
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("number", pa.float64()),
        ("other", pa.float64()),
        ("whole", pa.int64()),
        ("bigger", pa.int64()),
        ("text", pa.string()),
        ("word", pa.string()),
        ("day", pa.date32()),
        ("moment", pa.timestamp("us")),
        ("flag", pa.bool_()),
        ("amount", pa.decimal128(10, 2)),
    ]
)
ATHENA = ("bigint", "double", "double", "bigint", "bigint", "string", "string", "date", "timestamp", "boolean")
TYPES: dict[str, str] = dict(zip(SCHEMA.names, (*ATHENA, "decimal(10,2)"), strict=True))
LOGICAL: dict[str, str] = {"bigint": "integer", "double": "number", "decimal(10,2)": "number"}
COLUMNS = tuple(Field(name, kind, LOGICAL.get(kind) or kind, "") for name, kind in TYPES.items())
NAN, INFINITY = math.nan, math.inf


@dataclass(frozen=True)
class Numbers:
    """What the double columns may hold beside finite numbers, and how often a value is null."""

    odd: Sequence[float] = ()
    nulls: float = 0.0
    rows: int = ROWS
    distinct: int = 12


VARIANTS = {
    "plain": Numbers(),
    "with nulls": Numbers(nulls=0.2),
    "without duplicates": Numbers(distinct=10_000),
    "with NaN": Numbers(odd=(NAN,), nulls=0.1),
    "with infinities": Numbers(odd=(INFINITY, -INFINITY), nulls=0.1),
    "all null": Numbers(nulls=1.0),
    "one row": Numbers(rows=1),
    "empty": Numbers(rows=0),
}
"""Each by what is special about it."""


def table(name: str) -> pa.Table:
    """Return one variant; always the same rows."""
    how, random = VARIANTS[name], Random(name)  # noqa: S311 - data for tests
    rows = [_row(place, how, random) for place in range(how.rows)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def without_nan(original: pa.Table) -> pa.Table:
    """Return the table with null wherever it holds NaN."""
    rows = [{name: _without_nan(value) for name, value in row.items()} for row in original.to_pylist()]
    return pa.Table.from_pylist(rows, schema=original.schema)


def _without_nan(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _row(place: int, how: Numbers, random: Random) -> dict[str, Any]:
    def drawn() -> int:
        return random.randrange(how.distinct)

    whole, number = drawn(), drawn() / 4
    values: dict[str, Any] = {
        "number": random.choice(how.odd) if how.odd and random.random() < 0.2 else number,
        "other": random.choice((number, number + 1, number - 1)),
        "whole": whole,
        "bigger": whole + random.choice((0, 1, 1, 1)),
        "text": random.choice(("", "a", "ab", "abc", "é", "naïve", "A1", "日本", "x y")) + (str(drawn()) * (place % 2)),
        "word": random.choice(("red", "green", "blue", "Red")),
        "day": date(2026, 1, 1) + timedelta(days=drawn() % 1000),
        "moment": datetime(2026, 1, 1) + timedelta(hours=drawn()),
        "flag": drawn() % 2 == 0,
        "amount": Decimal(drawn()) / 4,
    }
    kept = {name: None if random.random() < how.nulls else value for name, value in values.items()}
    return {"id": place, **kept}
