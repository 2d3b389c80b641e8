"""Athena's types: read from DDL or SQL text, written for Glue, Trino, DuckDB, Spark and Arrow. Knows no expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from athenasql.errors import SqlError

SIMPLE = {
    # any spelling: name in Trino
    "boolean": "boolean",
    "tinyint": "tinyint",
    "smallint": "smallint",
    "int": "integer",
    "integer": "integer",
    "bigint": "bigint",
    "long": "bigint",
    "float": "real",
    "real": "real",
    "double": "double",
    "double precision": "double",
    "string": "varchar",
    "varchar": "varchar",
    "char": "char",
    "binary": "varbinary",
    "varbinary": "varbinary",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp with time zone": "timestamp with time zone",
    "json": "json",
    "unknown": "unknown",
    "interval day to second": "interval day to second",
    "interval year to month": "interval year to month",
}
_DDL = {"integer": "int", "real": "float", "varchar": "string", "varbinary": "binary"}
_DUCKDB = {
    "real": "FLOAT",
    "varbinary": "BLOB",
    "timestamp with time zone": "TIMESTAMPTZ",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
    "unknown": '"NULL"',
    "char": "VARCHAR",
}
_SPARK = {
    "integer": "INT",
    "real": "FLOAT",
    "varchar": "STRING",
    "char": "STRING",
    "varbinary": "BINARY",
    "timestamp with time zone": "TIMESTAMP",
    "unknown": "VOID",
    "json": "STRING",
}
INTEGERS = ("tinyint", "smallint", "integer", "bigint")
NUMBERS = (*INTEGERS, "decimal", "real", "double")


@dataclass(frozen=True)
class Type:
    """One Athena type. `name` is Trino's; `arguments` are numbers (of decimal, varchar), `fields` (name, type)."""

    name: str
    arguments: tuple[int, ...] = ()
    fields: tuple[tuple[str, Type], ...] = ()

    def __str__(self) -> str:
        if self.name == "row":
            return "row(" + ", ".join(f"{name} {kind}".strip() for name, kind in self.fields) + ")"
        inner = [str(number) for number in self.arguments] + [str(kind) for _, kind in self.fields]
        return f"{self.name}({', '.join(inner)})" if inner else self.name

    @property
    def element(self) -> Type:
        """The element of an array, or the value of a map."""
        return self.fields[-1][1]

    @property
    def key(self) -> Type:
        """The key of a map."""
        return self.fields[0][1]

    @property
    def is_number(self) -> bool:
        return self.name in NUMBERS

    @property
    def is_integer(self) -> bool:
        return self.name in INTEGERS

    def ddl(self) -> str:
        """The spelling of the Glue catalog, which is also a contract's `physicalType`."""
        if self.name == "row":
            return "struct<" + ",".join(f"{name}:{kind.ddl()}" for name, kind in self.fields) + ">"
        if self.fields:
            return f"{self.name}<{','.join(kind.ddl() for _, kind in self.fields)}>"
        if self.arguments:
            return f"{self.name}({','.join(map(str, self.arguments))})"
        return _DDL.get(self.name, self.name)

    def duckdb(self) -> str:
        """The type that holds the same values in DuckDB."""
        if self.name == "row":
            return "STRUCT(" + ", ".join(f'"{name}" {kind.duckdb()}' for name, kind in self.fields) + ")"
        if self.name == "map":
            return f"MAP({self.key.duckdb()}, {self.element.duckdb()})"
        if self.name == "array":
            return f"{self.element.duckdb()}[]"
        if self.name == "decimal":
            return f"DECIMAL({self.arguments[0]}, {self.arguments[1]})"
        return _DUCKDB.get(self.name, self.name.upper())

    def spark(self) -> str:
        """The type that holds the same values in Spark."""
        if self.name == "row":
            return "STRUCT<" + ", ".join(f"`{name}`: {kind.spark()}" for name, kind in self.fields) + ">"
        if self.fields:
            return f"{self.name.upper()}<{', '.join(kind.spark() for _, kind in self.fields)}>"
        if self.name == "decimal":
            return f"DECIMAL({self.arguments[0]}, {self.arguments[1]})"
        return _SPARK.get(self.name, self.name.upper())

    def arrow(self) -> Any:
        """The `pyarrow.DataType` that holds the same values."""
        import pyarrow as pa  # only here, so that reading SQL needs no Arrow

        if self.name == "row":
            return pa.struct([(name, kind.arrow()) for name, kind in self.fields])
        if self.name == "map":
            return pa.map_(self.key.arrow(), self.element.arrow())
        if self.name == "array":
            return pa.list_(self.element.arrow())
        if self.name == "decimal":
            return pa.decimal128(*self.arguments)
        return {
            "boolean": pa.bool_(), "tinyint": pa.int8(), "smallint": pa.int16(), "integer": pa.int32(),
            "bigint": pa.int64(), "real": pa.float32(), "double": pa.float64(), "varbinary": pa.binary(),
            "date": pa.date32(), "timestamp": pa.timestamp("us"),
            "timestamp with time zone": pa.timestamp("us", tz="UTC"), "unknown": pa.null(),
        }.get(self.name, pa.string())  # fmt: skip


BOOLEAN, INTEGER, BIGINT, DOUBLE, REAL = (Type(n) for n in ("boolean", "integer", "bigint", "double", "real"))
VARCHAR, VARBINARY, DATE, TIMESTAMP = (Type(n) for n in ("varchar", "varbinary", "date", "timestamp"))
TIMESTAMP_TZ, JSON, UNKNOWN = Type("timestamp with time zone"), Type("json"), Type("unknown")
DAY_INTERVAL, MONTH_INTERVAL = Type("interval day to second"), Type("interval year to month")


def decimal(precision: int, scale: int) -> Type:
    return Type("decimal", (min(38, max(1, precision)), min(38, scale)))


def array(element: Type) -> Type:
    return Type("array", (), (("element", element),))


def map_of(key: Type, value: Type) -> Type:
    return Type("map", (), (("key", key), ("value", value)))


def row(fields: list[tuple[str, Type]]) -> Type:
    return Type("row", (), tuple(fields))


_TOKEN = re.compile(r"\s*(\"[^\"]+\"|[A-Za-z_][\w$-]*|\d+|[<>(),:])")


@lru_cache(maxsize=4096)
def parse_type(text: str) -> Type:
    """`array<struct<a:int>>` (DDL) and `array(row(a integer))` (SQL) alike; SqlError for anything else."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s+", "", text) or not tokens:
        raise _unknown(text)
    found, rest = _read(tokens, text)
    if rest:
        raise _unknown(text)
    return found


def _read(tokens: list[str], text: str) -> tuple[Type, list[str]]:
    if not tokens:
        raise _unknown(text)
    name, rest = tokens[0].lower(), tokens[1:]
    if name in ("array", "map", "struct", "row") and rest[:1] in (["<"], ["("]):
        return _read_nested(name, rest[1:], text)
    words = [token.lower() for token in rest]
    if name == "double" and words[:1] == ["precision"]:
        rest = rest[1:]
    arguments: list[int] = []
    if rest[:1] == ["("]:
        close = rest.index(")") if ")" in rest else len(rest)
        if not all(part.isdigit() or part == "," for part in rest[1:close]):
            raise _unknown(text)
        arguments, rest = [int(token) for token in rest[1:close] if token.isdigit()], rest[close + 1 :]
    if name == "timestamp" and [token.lower() for token in rest[:3]] == ["with", "time", "zone"]:
        return TIMESTAMP_TZ, rest[3:]
    if name == "decimal":
        return decimal(*([*arguments, 0][:2] if arguments else (10, 0))), rest
    if name not in SIMPLE:
        raise _unknown(text)
    return Type(SIMPLE[name], tuple(arguments) if name in ("varchar", "char") else ()), rest


def _read_nested(name: str, rest: list[str], text: str) -> tuple[Type, list[str]]:
    fields: list[tuple[str, Type]] = []
    while True:
        label = ""
        if name in ("struct", "row") and len(rest) > 1 and rest[1] not in (",", ")", ">", "(", "<"):
            label, rest = rest[0].strip('"').lower(), rest[2:] if rest[1] == ":" else rest[1:]
        inner, rest = _read(rest, text)
        fields.append((label, inner))
        if rest[:1] != [","]:
            break
        rest = rest[1:]
    if rest[:1] not in ([">"], [")"]) or (name == "array" and len(fields) != 1) or (name == "map" and len(fields) != 2):
        raise _unknown(text)
    kinds = [kind for _, kind in fields]
    if name == "array":
        return array(kinds[0]), rest[1:]
    return (map_of(*kinds) if name == "map" else row(fields)), rest[1:]


def _unknown(text: str) -> SqlError:
    return SqlError("TYPE_NOT_FOUND", f"Unknown type: {text}")


def athena_to_duckdb(text: str) -> str:
    return parse_type(text).duckdb()


def athena_to_arrow(text: str) -> Any:
    return parse_type(text).arrow()
