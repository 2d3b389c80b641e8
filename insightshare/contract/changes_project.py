"""Every change from one state of a project to another: of insights, and of what clients may read. Reads no files."""

from __future__ import annotations

from datetime import date

from insightshare.contract.changes import Change
from insightshare.contract.changes_client import agreement_changes, grants_in_force
from insightshare.contract.changes_contract import contract_changes
from insightshare.contract.facts import Project


def changes(before: Project, after: Project, today: date) -> tuple[Change, ...]:
    """Return every change, sorted; readers are those whose agreement was in force before it."""
    readers: dict[str, dict[str, frozenset[str]]] = {name: {} for name in before.insights}
    for client, grant, columns in grants_in_force(before, today):
        readers.setdefault(grant.insight, {})[client] = columns
    found: list[Change] = []
    for name, insight in before.insights.items():
        if name in after.insights:
            found += contract_changes(insight, after.insights[name], readers[name])
        else:
            found.append(Change(name, "table", "is gone", "breaking", tuple(sorted(readers[name]))))
    for name in after.insights.keys() - before.insights.keys():
        found.append(Change(name, "table", "is new", "compatible"))
    for client in before.clients.keys() | after.clients.keys():
        found += agreement_changes(before, after, client, today)
    return tuple(sorted(found))
