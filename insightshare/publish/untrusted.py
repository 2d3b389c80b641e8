"""One JSON object that somebody else wrote: its fields by type, or a refusal that names the wrong one. Does no I/O."""

import re
from dataclasses import dataclass
from typing import Any

from insightshare.errors import ManifestRefused
from insightshare.publish.facts import is_date

MAX_ENTRIES = 10_000
MAX_NUMBER = 1e300  # no measure is larger; infinities and integers that no float holds are


def refused(key: str, name: str, found: str, expected: str) -> ManifestRefused:
    """Return the error for one thing that is wrong with a manifest."""
    fix = "run the job again; it writes a new run"
    return ManifestRefused.at(key, name, found, expected, fix)


@dataclass(frozen=True)
class Reader:
    """One JSON object of a manifest; reads its fields and refuses what has the wrong type."""

    key: str
    path: str
    value: Any

    def __post_init__(self) -> None:
        if not isinstance(self.value, dict):
            raise refused(self.key, self.path, "this", "a JSON object")

    def _typed(self, name: str, kind: type, expected: str) -> Any:
        value = self.value.get(name)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise refused(self.key, f"{self.path}.{name}", "absent" if value is None else "this", expected)
        return value

    def one_of(self, name: str, choices: set[Any]) -> None:
        value = self.value.get(name)
        if not isinstance(value, str | int) or value not in choices:
            raise refused(self.key, f"{self.path}.{name}", "this", f"one of {sorted(choices)}")

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        value = self._typed(name, str, "text")
        if pattern is not None and not pattern.fullmatch(value):
            raise refused(self.key, f"{self.path}.{name}", "this", f"text like {pattern.pattern}")
        return str(value)

    def date(self, name: str) -> str:
        value = self.text(name)
        if not is_date(value):
            raise refused(self.key, f"{self.path}.{name}", "this", "a date YYYY-MM-DD")
        return value

    def integer(self, name: str, most: int = 2**53) -> int:
        value = self._typed(name, int, "a whole number")
        if not 0 <= value <= most:
            raise refused(self.key, f"{self.path}.{name}", "this", f"between 0 and {most}")
        return int(value)

    def boolean(self, name: str) -> bool:
        return bool(self._typed(name, bool, "true or false"))

    def object(self, name: str) -> "Reader":
        return Reader(self.key, f"{self.path}.{name}", self.value.get(name))

    def number(self, name: str) -> float | None:
        """A measure that may be absent."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > MAX_NUMBER:
            raise refused(self.key, f"{self.path}.{name}", "this", "a number")
        return float(value)

    def objects(self, name: str, optional: bool = False) -> "list[Reader]":
        if optional and self.value.get(name) is None:
            return []
        items = self._typed(name, list, "a list")
        if len(items) > MAX_ENTRIES:
            raise refused(self.key, f"{self.path}.{name}", f"{len(items)} entries", f"at most {MAX_ENTRIES}")
        return [Reader(self.key, f"{self.path}.{name}[{index}]", item) for index, item in enumerate(items)]
