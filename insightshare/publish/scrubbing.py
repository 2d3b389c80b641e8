"""Takes one person out of what was written down about runs: keys of failing rows, values of profiles. Does no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ERASED = "[erased]"
# What a run is, what readers were told of a check, and how many: no value of a row.
NEVER_DATA = frozenset({"claim", "files", "lineage", "id", "kind", "columns", "severity", "passed", "sentence"})
COUNTS = frozenset({"rows", "count", "counts", "nulls", "distinct", "not_finite", "observed", "considered_rows"})


@dataclass(frozen=True)
class Subject:
    """A person, as a column of an insight names it. Never printed and never stored."""

    column: str
    value: str = field(repr=False)


def scrubbed(document: Any, subject: Subject, about_subject: bool = False) -> Any:
    """Return the document without the person's value, wherever it says something about the person's column.

    Other columns keep an equal value: there it means something else.
    """
    if isinstance(document, Mapping):
        return {
            ERASED if about_subject and name == subject.value else name: value
            if name in NEVER_DATA | COUNTS
            else scrubbed(value, subject, about_subject or _is_about(document, name, subject))
            for name, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [scrubbed(item, subject, about_subject) for item in document]
    if about_subject and not isinstance(document, bool) and _names(document, subject):
        return ERASED if isinstance(document, str) else None
    return document


def _is_about(document: Mapping[str, Any], name: str, subject: Subject) -> bool:
    """Whether what has this name may hold values of the person's column: its profile, a check's measure, keys."""
    own_measure = name == "measured" and subject.column in (document.get("columns") or ())
    return name in (subject.column, "failing_keys") or own_measure


def _names(value: Any, subject: Subject) -> bool:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value) == subject.value
