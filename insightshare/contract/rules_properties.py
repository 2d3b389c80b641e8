"""A custom property is stated once: of two, the library would read the last and Terraform the first. Reads none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from insightshare.contract.problems import Problem


def repeated_properties(file: str, document: object) -> Iterator[Problem]:
    """Yield a problem for each property that the contract, its table or one of its columns states more than once."""
    for where, holder in _holders(document):
        names = [_named(item, "property") for item in _list(holder, "customProperties")]
        for name, times in Counter(name for name in names if name).items():
            if times > 1:
                field, found = f"{where}customProperties[{name}]", f"a property stated {times} times"
                yield Problem(file, field, found, "the only one of its name", "keep one of them")


def _holders(document: object) -> Iterator[tuple[str, object]]:
    """What may have custom properties, and where it stands."""
    yield "", document
    for table in _list(document, "schema"):
        where = f"schema[{_named(table, 'name')}]."
        yield where, table
        for column in _list(table, "properties"):
            yield f"{where}properties[{_named(column, 'name')}].", column


def _list(holder: object, key: str) -> list[object]:
    found = holder.get(key) if isinstance(holder, dict) else None
    return found if isinstance(found, list) else []


def _named(item: object, key: str) -> str:
    found = item.get(key) if isinstance(item, dict) else None
    return found if isinstance(found, str) else ""
