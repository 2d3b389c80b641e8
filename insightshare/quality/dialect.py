"""What DuckDB and Spark spell differently, so that every query of the gate is written once. Knows no checks.

Wherever they agree (`FILTER`, `LEAST`, window sums, `IS DISTINCT FROM`), both are asked in the same words.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from athenasql import parse_type
from insightshare.contract.regex import java_regex

DialectName = Literal["duckdb", "spark"]
FLOATS = ("real", "double")
INTEGERS = ("tinyint", "smallint", "integer", "bigint")
NUMBERS = (*FLOATS, *INTEGERS, "decimal")
TIMES = ("date", "timestamp", "timestamp with time zone")
NESTED = ("array", "map", "row")
TEXTS = ("varchar", "char")


@dataclass(frozen=True)
class Dialect:
    """How one engine writes SQL."""

    name: DialectName

    def quoted(self, identifier: str) -> str:
        """Return an identifier as SQL."""
        mark = '"' if self.name == "duckdb" else "`"
        return mark + identifier.replace(mark, mark * 2) + mark

    def text(self, value: str) -> str:
        """Return a text literal."""
        if self.name == "duckdb":
            return "'" + value.replace("'", "''") + "'"
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def number(self, value: float) -> str:
        """Return a double, exactly this one."""
        return f"CAST('{value!r}' AS DOUBLE)"

    def cast(self, sql: str, athena_type: str) -> str:
        """Return an expression converted to an Athena type."""
        kind = parse_type(athena_type)
        return f"CAST({sql} AS {kind.duckdb() if self.name == 'duckdb' else kind.spark()})"

    def as_text(self, sql: str) -> str:
        """Return an expression as text."""
        return self.cast(sql, "string")

    def as_double(self, sql: str) -> str:
        """Return a number as a double; minus zero as zero, so that engines cannot choose one of the two."""
        return f"(CAST({sql} AS DOUBLE) + CAST(0 AS DOUBLE))"

    def finite(self, sql: str) -> str:
        """Return whether a double is neither NaN nor infinite; null of a null."""
        return f"isfinite({sql})" if self.name == "duckdb" else f"(abs({sql}) < CAST('Infinity' AS DOUBLE))"

    def length(self, sql: str) -> str:
        """Return how many characters (code points) a text has."""
        return f"length({sql})" if self.name == "duckdb" else f"char_length({sql})"

    def elements(self, sql: str) -> str:
        """Return how many elements an array has; null of a null."""
        return f"len({sql})" if self.name == "duckdb" else f"CASE WHEN {sql} IS NOT NULL THEN size({sql}) END"

    def matches(self, sql: str, pattern: str) -> str:
        """Return whether a regular expression of the RE2 subset is found anywhere in a text."""
        if self.name == "duckdb":
            return f"regexp_matches({sql}, {self.text(pattern)})"
        return f"({sql} RLIKE {self.text(java_regex(pattern))})"

    def any_not_finite(self, sql: str) -> str:
        """Return whether an array has an element that is null, NaN or infinite."""
        odd = f"x IS NULL OR NOT {self.finite('CAST(x AS DOUBLE)')}"
        return (
            f"len(list_filter({sql}, lambda x: {odd})) > 0" if self.name == "duckdb" else f"exists({sql}, x -> {odd})"
        )

    def norm(self, sql: str) -> str:
        """Return the Euclidean length of an array of finite numbers."""
        square = "CAST(x AS DOUBLE) * CAST(x AS DOUBLE)"
        if self.name == "duckdb":
            total = f"COALESCE(list_sum(list_transform({sql}, lambda x: {square})), 0)"
            return f"CASE WHEN {sql} IS NOT NULL THEN sqrt({total}) END"
        return f"sqrt(aggregate({sql}, CAST(0 AS DOUBLE), (total, x) -> total + {square}))"

    def once(self, name: str, sql: str) -> str:
        """Return a named sub-query that is computed once, however often it is read."""
        return f"{name} AS {'MATERIALIZED ' if self.name == 'duckdb' else ''}({sql})"


def base_type(athena_type: str) -> str:
    """Return the name of a type without its arguments, as Trino spells it."""
    return parse_type(athena_type).name


def plain(value: float) -> str:
    """Return a number without an exponent, which is an exact decimal in both engines."""
    return format(Decimal(repr(value)), "f")
