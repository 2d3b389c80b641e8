"""What a change is: what becomes of what, how much that hurts readers, and which of them. Finds none itself.

A reader's query breaks where a table or a column goes, moves, changes type, or may suddenly be empty. A promise that is
weakened is a notice: queries go on, but somebody relied on it. What only adds or explains breaks nobody.
The version says the same in three numbers (https://semver.org): breaking, then additions and notices, then words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from insightshare.contract.problems import listed, shown

Effect = Literal["breaking", "notice", "compatible", "editorial"]
Readers = Mapping[str, frozenset[str]]
"""The columns of one insight that each client is shown."""


@dataclass(frozen=True, order=True)
class Change:
    """One change of one insight, or of what one client may read of it; `readers` are the clients that notice."""

    insight: str
    field: str
    what: str
    effect: Effect
    readers: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = f" for {together(self.readers)}" if self.readers else ""
        return f"{self.effect}: {self.insight}: {self.field}: {self.what}{told}"

    @property
    def of_agreement(self) -> bool:
        """Whether a client's agreement changed, and not the insight."""
        return self.field.startswith("agreement ")


def who_read(readers: Readers, column: str) -> tuple[str, ...]:
    """The clients that are shown the column."""
    return tuple(sorted(client for client, columns in readers.items() if column in columns))


def together(names: Iterable[str]) -> str:
    """The names, as "a", "a and b", "a, b and c"."""
    return listed(names).replace(" or ", " and ")


def said(value: object) -> str:
    """A value as a change says it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else shown(value)


def version_numbers(version: str) -> tuple[int, int, int]:
    """The three numbers of a version; 0.0.0 for one that is not three numbers, as the past may have it."""
    parts = version.split(".")
    if len(parts) != len(("major", "minor", "patch")) or not all(part.isdecimal() for part in parts):
        return 0, 0, 0
    major, minor, patch = map(int, parts)
    return major, minor, patch
