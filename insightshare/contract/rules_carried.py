"""What a column owes to the source's column that it carries, unchanged or renamed: tags and class. Follows by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from athenasql import TypedQuery
from insightshare.contract.facts import Classification, Field, Insight, Source
from insightshare.contract.lineage import carrying
from insightshare.contract.problems import Problem

_CLASSES: tuple[Classification, ...] = get_args(Classification)
"""From the least to the most protected."""


def carried_problems(
    file: str, insight: Insight, queries: Sequence[TypedQuery], sources: Mapping[str, Source]
) -> Iterator[Problem]:
    """Columns that say less of their data than the source says; `file` is the contract's."""
    columns = {column.name: column for column in insight.columns}
    for source in insight.pipeline.inputs:
        for given in sources[source].columns:
            for name in carrying(queries, (given.name,), renamed_only=True) if _says_something(given) else ():
                if name in columns:
                    where = f"schema[{insight.name}].properties[{name}]"
                    yield from _owed(file, where, columns[name], given, f"{source}.{given.name}")


def _owed(file: str, where: str, column: Field, given: Field, origin: str) -> Iterator[Problem]:
    missing = [tag for tag in _tags(given) if tag not in _tags(column)]
    if missing:
        found = " and ".join(_tags(column)) or "nothing"
        expected = f"{' and '.join(_tags(given))}, as {origin} is, which it holds"
        yield Problem(file, f"{where}.tags", found, expected, f"write tags: [{', '.join(_tags(given))}]")
    if _CLASSES.index(column.classification) < _CLASSES.index(given.classification):
        expected = f"{given.classification}, as {origin} is, which it holds"
        fix = f"write classification: {given.classification}"
        yield Problem(file, f"{where}.classification", column.classification, expected, fix)


def _says_something(given: Field) -> bool:
    return bool(_tags(given)) or given.classification in _CLASSES[2:]


def _tags(column: Field) -> list[str]:
    said = (("personal", column.personal), ("protected", column.protected))
    return [tag for tag, holds in said if holds]
