"""An insight as its reader sees it, read from the tables that the reader may see. Asks AWS nothing itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LATEST_SUFFIX = "_latest"
RUNS_SUFFIX = "_runs"


@dataclass(frozen=True)
class Column:
    """One column that the reader may see: its name, Athena type and meaning."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class InsightDescription:
    """One insight: what it is, and the columns that the caller's agreement shows.

    `tables` holds which of the insight's three tables the caller may read: `churn`, `churn_latest`, `churn_runs`.
    """

    name: str
    title: str
    meaning: str
    version: str
    columns: tuple[Column, ...]
    tables: tuple[str, ...]

    def __str__(self) -> str:
        width = max((len(column.name) for column in self.columns), default=0)
        type_width = max((len(column.type) for column in self.columns), default=0)
        lines = [f"{self.title} ({self.name}, version {self.version})", "", self.meaning.strip(), ""]
        lines += [f"  {c.name:<{width}}  {c.type:<{type_width}}  {c.meaning}".rstrip() for c in self.columns]
        return "\n".join([*lines, "", "Tables: " + ", ".join(self.tables)])


def descriptions(tables: Iterable[Mapping[str, Any]]) -> dict[str, InsightDescription]:
    """Return one description per insight, by name, from the `TableList` entries of Glue's GetTables.

    Tables without the parameter `insight` are not insights and are left out.
    """
    families: dict[str, list[Mapping[str, Any]]] = {}
    for table in tables:
        insight = table.get("Parameters", {}).get("insight")
        if insight:
            families.setdefault(insight, []).append(table)
    return {name: _description(name, family) for name, family in sorted(families.items())}


def column_types(tables: Iterable[Mapping[str, Any]], name: str) -> dict[str, str]:
    """Return the Athena type of each visible column of the table `name`, partition keys last; empty if not visible."""
    return {
        column["Name"]: column["Type"]
        for table in tables
        if table["Name"] == name
        for column in [*table["StorageDescriptor"]["Columns"], *table.get("PartitionKeys", [])]
    }


def _description(name: str, family: list[Mapping[str, Any]]) -> InsightDescription:
    by_name = {table["Name"]: table for table in family}
    shown = by_name.get(name + LATEST_SUFFIX) or by_name.get(name) or family[0]
    parameters = shown["Parameters"]
    columns = [*shown["StorageDescriptor"]["Columns"], *shown.get("PartitionKeys", [])]
    return InsightDescription(
        name=name,
        title=parameters.get("title", name),
        meaning=shown.get("Description", ""),
        version=parameters.get("version", "unknown"),
        columns=tuple(Column(c["Name"], c["Type"], c.get("Comment", "")) for c in columns),
        tables=tuple(sorted(by_name)),
    )
