"""The one error of this package: Athena's code and the place in the query, on one line. It never holds data."""

from __future__ import annotations


class SqlError(ValueError):
    """A query, type or row filter that Athena (or Lake Formation) would refuse, or that we do not support."""

    def __init__(self, code: str, detail: str, line: int = 0, column: int = 0) -> None:
        super().__init__(code, detail, line, column)
        self.code = code
        self.detail = " ".join(detail.split())
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = f"line {self.line}:{self.column}: " if self.line else ""
        return f"{self.code}: {place}{self.detail}"
