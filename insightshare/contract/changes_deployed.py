"""What deploying a project does to the tables that are there, and to those who are granted them. Asks AWS nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from insightshare.contract.changes import Change, Readers, version_numbers
from insightshare.contract.changes_contract import column_changes
from insightshare.contract.facts import Insight, Project


@dataclass(frozen=True)
class DeployedTable:
    """An insight as it is deployed: Athena type by column, its contract's version (empty: unknown), who is shown what.

    The project does not say who reads: it has let go of a column that is to go, and of a client with its agreement.
    """

    types: Mapping[str, str]
    version: str = ""
    readers: Readers = field(default_factory=dict)


def deployed_changes(deployed: Mapping[str, DeployedTable], project: Project) -> tuple[Change, ...]:
    """Return what deploying the project does to each insight's table; readers are those of the deployment."""
    found: list[Change] = []
    for name, table in deployed.items():
        if name in project.insights:
            found += _table_changes(table, project.insights[name])
        else:
            found.append(Change(name, "table", "is gone", "breaking", tuple(sorted(table.readers))))
    return tuple(sorted(found))


def _table_changes(table: DeployedTable, insight: Insight) -> Iterator[Change]:
    """A catalog holds no key, unit or promise: that one of them broke is what the first number of the version says."""
    yield from column_changes(insight.name, table.types, insight.types, table.readers)
    if table.version and version_numbers(table.version)[0] != version_numbers(insight.version)[0]:
        what = f"{table.version} becomes {insight.version}"
        yield Change(insight.name, "version", what, "breaking", tuple(sorted(table.readers)))
