"""How the API of Lake Formation writes a share: its resource, and its data cells filter. Calls nothing."""

from __future__ import annotations

from typing import Any

from tests.leaks.shares import DATABASE, PROVIDER, Share
from tests.leaks.world import text


def resource_of(share: Share) -> dict[str, Any]:
    """The resource of a grant."""
    where: dict[str, Any] = {"CatalogId": PROVIDER, "DatabaseName": DATABASE}
    match share.kind:
        case "database":
            return {"Database": {"CatalogId": PROVIDER, "Name": DATABASE}}
        case "table" | "describe":
            return {"Table": {**where, "Name": share.table}}
        case "all_tables":
            return {"Table": {**where, "TableWildcard": {}}}
        case "include":
            return {"TableWithColumns": {**where, "Name": share.table, "ColumnNames": list(share.names)}}
        case "exclude":
            hidden = {"ExcludedColumnNames": list(share.names)}
            return {"TableWithColumns": {**where, "Name": share.table, "ColumnWildcard": hidden}}
        case _:
            names = ("TableCatalogId", "DatabaseName", "TableName", "Name")
            return {"DataCellsFilter": {name: filter_data(share)[name] for name in names}}


def filter_data(share: Share) -> dict[str, Any]:
    """The data cells filter that a share goes through."""
    hidden = {"ExcludedColumnNames": list(share.names)} if share.names else {}
    columns = {"ColumnWildcard": hidden} if share.excludes else {"ColumnNames": list(share.names)}
    rows = share.text or (text(share.predicate) if share.predicate else "")
    return {
        "TableCatalogId": PROVIDER,
        "DatabaseName": DATABASE,
        "TableName": share.table,
        "Name": f"{share.to} {share.number}",
        "RowFilter": {"FilterExpression": rows} if rows else {"AllRowsWildcard": {}},
        **columns,
    }
