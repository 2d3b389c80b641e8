"""What lint reports: one problem, one line. Finds none itself; the rules do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from insightshare.contract.facts import Severity

MAX_SHOWN_CHARACTERS = 80


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in one file; `field` says where in it, `fix` what to do, as an instruction without a full stop."""

    file: str
    field: str
    found: str
    expected: str
    fix: str
    severity: Severity = "error"

    def __str__(self) -> str:
        prefix = "warning: " if self.severity == "warning" else ""
        line = f"{prefix}{self.file}: {self.field}: {self.found} is not {self.expected}. Fix: {self.fix.rstrip('.')}."
        return " ".join(line.split())


def shown(value: object) -> str:
    """A value as it may stand in a message: short, on one line, text in quotes."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif value is None:
        text = "nothing"
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, dict):
        return "a map"
    elif isinstance(value, list):
        return "a list"
    else:
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= MAX_SHOWN_CHARACTERS else text[: MAX_SHOWN_CHARACTERS - 1] + "…"


def listed(names: Iterable[str]) -> str:
    """The choices, as "a", "a or b", "a, b or c"."""
    choices = list(names)
    if not choices:
        return "anything, as there is nothing to choose from"
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice that was most likely meant: one that looks alike, or the only one that holds the name's words."""
    known = list(choices)
    words = set(name.split("_"))
    longer = [choice for choice in known if words < set(choice.split("_")) or words > set(choice.split("_"))]
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.6) or (longer if len(longer) == 1 else [])
    return found[0] if found else None


def instead(name: str, choices: Iterable[str], otherwise: str) -> str:
    """The instruction for a misspelt name: the nearest choice, or what to do if none is near."""
    near = nearest(name, choices)
    return f"write {near}" if near else otherwise
