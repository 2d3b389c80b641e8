"""Single changes of one client's grants, as plans hold them, and the resources that they name. Makes none of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verb = Literal["revoke", "grant"]
Resource = Mapping[str, Any]
"""A resource as Lake Formation's API writes it."""


@dataclass(frozen=True)
class Step:
    """One call of Lake Formation for one client."""

    verb: Verb
    resource: Resource = field(hash=False)
    permissions: tuple[str, ...]
    grantable: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.verb} {', '.join(self.permissions)} on {described(self.resource)}"

    def to_json(self) -> dict[str, Any]:
        """Return the step for programs."""
        return {
            "do": self.verb,
            "on": described(self.resource),
            "permissions": list(self.permissions),
            "grantable": list(self.grantable),
        }


def database_resource(catalog_id: str, database: str) -> Resource:
    """Return the resource that is a database itself."""
    return {"Database": {"CatalogId": catalog_id, "Name": database}}


def filter_resource(catalog_id: str, database: str, table: str, name: str) -> Resource:
    """Return the resource that is one data cells filter of a table."""
    names = {"TableCatalogId": catalog_id, "DatabaseName": database, "TableName": table, "Name": name}
    return {"DataCellsFilter": names}


def described(resource: Resource) -> str:
    """Return what a person calls the resource: `table churn through filter acme`."""
    ((kind, names),) = resource.items()
    if kind == "DataCellsFilter":
        return f"table {names['TableName']} through filter {names['Name']}"
    if kind == "Database":
        return f"database {names['Name']}"
    if kind == "TableWithColumns":
        columns = ", ".join(names.get("ColumnNames", ())) or "all"
        return f"table {names['Name']} (columns: {columns})"
    return f"table {names.get('Name', '*')}" if kind == "Table" else kind
