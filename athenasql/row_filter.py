"""Lake Formation's row filter grammar (a PartiQL subset): reads a filter, refuses the rest, writes it as SQL.

https://docs.aws.amazon.com/lake-formation/latest/dg/partiql-support.html. Applies no filter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from athenasql.errors import SqlError
from athenasql.types import Type, parse_type

MAXIMUM_LENGTH = 2048
_TYPES = ("varchar", "char", "integer", "bigint", "real", "decimal", "double", "boolean")
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[+-]?\d+(?:\.\d+)?(?![\w.]))|(?P<text>'(?:[^']|'')*')|(?P<name>"[^"]+"|[A-Za-z_]\w*)|"""
    r"(?P<sign><=|>=|<>|!=|=|<|>|\(|\)|,))"
)
_SIGNS = ("=", ">", "<", ">=", "<=", "<>", "!=")
_RESERVED = {"and", "or", "not", "in", "between", "like", "is", "null", "true", "false"}


@dataclass(frozen=True)
class RowFilter:
    """A filter that Lake Formation would accept. `columns` are those that it names."""

    text: str
    columns: tuple[str, ...]
    sql: str
    """The predicate over columns of the same names, in SQL that Athena and DuckDB read alike."""


def parse_row_filter(text: str, columns: Mapping[str, str]) -> RowFilter:
    """The filter checked against the table's columns (name → Athena type); SqlError for what AWS would refuse."""
    if len(text) > MAXIMUM_LENGTH:
        raise _invalid(f"the filter has {len(text)} characters, at most {MAXIMUM_LENGTH} are allowed")
    reader = _Reader(_tokens(text), {name.lower(): parse_type(kind) for name, kind in columns.items()})
    sql = reader.any_of()
    if reader.rest:
        raise _invalid(f"'{reader.rest[0][1]}' is not expected here")
    return RowFilter(text, tuple(dict.fromkeys(reader.named)), sql)


def _invalid(detail: str) -> SqlError:
    return SqlError("INVALID_ROW_FILTER", detail)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if not match or match.end() == position:
            at = len(text) - len(text[position:].lstrip())
            raise _invalid(f"character {at + 1} ('{text[at]}') is not part of Lake Formation's grammar")
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        position = match.end()
    return found


class _Reader:
    """Recursive descent over: or > and > not > (parentheses | comparison)."""

    def __init__(self, tokens: list[tuple[str, str]], columns: dict[str, Type]) -> None:
        self.rest = tokens
        self.columns = columns
        self.named: list[str] = []
        self.depth = 0

    def any_of(self) -> str:
        parts = [self._all_of()]
        while self._take("or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"

    def _all_of(self) -> str:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else "(" + " AND ".join(parts) + ")"

    def _one(self) -> str:
        if self._take("("):
            self.depth += 1
            if self.depth > 100:
                raise _invalid("parentheses are nested too deeply")
            inside = self.any_of()
            self._need(")")
            self.depth -= 1
            return f"({inside})"
        if self._take("not"):
            return f"(NOT {self._one()})"
        return self._comparison()

    def _comparison(self) -> str:
        name, kind = self._column()
        column = f'"{name}"'
        if self._take("is"):
            word = "IS NOT NULL" if self._take("not") else "IS NULL"
            self._need("null")
            return f"({column} {word})"
        negated = "NOT " if self._take("not") else ""
        if self._take("in"):
            self._need("(")
            values = [self._value(kind, name)]
            while self._take(","):
                values.append(self._value(kind, name))
            self._need(")")
            return f"({column} {negated}IN ({', '.join(values)}))"
        if self._take("between"):
            low = self._value(kind, name)
            self._need("and")
            return f"({column} {negated}BETWEEN {low} AND {self._value(kind, name)})"
        if self._take("like"):
            if kind.name not in ("varchar", "char"):
                raise _invalid(f"LIKE needs text, column {name} is {kind.ddl()}")
            return f"({column} {negated}LIKE {self._value(kind, name)})"
        sign = self.rest[0][1] if self.rest else "the end"
        if negated or sign not in _SIGNS:
            raise _invalid(f"'{sign}' is not a comparison")
        self.rest = self.rest[1:]
        return f"({column} {sign} {self._value(kind, name)})"

    def _column(self) -> tuple[str, Type]:
        group, text = self._next()
        if group != "name" or (text.lower() in _RESERVED):
            raise _invalid(f"'{text}' is not a column name")
        if self.rest[:1] == [("sign", "(")]:
            raise _invalid(f"function {text} is not allowed")
        name = text.strip('"').lower()
        if name not in self.columns:
            raise _invalid(f"column {name} is not in the table")
        if self.columns[name].name not in _TYPES:
            raise _invalid(f"column {name} has type {self.columns[name].ddl()}, which row filters do not support")
        self.named.append(name)
        return name, self.columns[name]

    def _value(self, kind: Type, name: str) -> str:
        group, text = self._next()
        if group == "text" and kind.name in ("varchar", "char"):
            return text
        if group == "number" and kind.is_number:
            return f"CAST({text} AS {kind.name.upper()})" if kind.name in ("real", "double") else text
        if group == "name" and text.lower() in ("true", "false") and kind.name == "boolean":
            return text.upper()
        if group == "name" and text.lower() not in _RESERVED:
            raise _invalid(f"'{text}' is not a constant; columns are compared with constants only")
        raise _invalid(f"the value compared with {name} is not a constant of type {kind.ddl()}")

    def _next(self) -> tuple[str, str]:
        if not self.rest:
            raise _invalid("the filter ends too early")
        token, self.rest = self.rest[0], self.rest[1:]
        return token

    def _take(self, word: str) -> bool:
        if self.rest and self.rest[0][0] in ("name", "sign") and self.rest[0][1].lower() == word:
            self.rest = self.rest[1:]
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._take(word):
            found = f"'{self.rest[0][1]}'" if self.rest else "the end"
            raise _invalid(f"{found} is not the expected '{word.upper()}'")
