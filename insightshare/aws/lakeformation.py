"""Lake Formation: what is granted of a database's tables through data cells filters. Grants nothing."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import boto3

from insightshare.aws.failures import named
from insightshare.errors import PlatformError
from insightshare.share.preview import Types, View

if TYPE_CHECKING:
    from mypy_boto3_lakeformation.client import LakeFormationClient


def granted_views(
    session: boto3.Session, database: str, principal: str, types: Types, keys: Mapping[str, str | None]
) -> dict[str, View]:
    """Return what the principal (an account id or a role's ARN) sees now of each of these tables, by table.

    `keys` holds the partition key by table (None: it has none), which no filter lists and everybody sees.
    A column that a filter lists and `types` lacks is seen too, after the others: the project no longer has it.
    """
    client: LakeFormationClient = session.client("lakeformation")
    views: dict[str, View] = {}
    with named(f"grants of {principal}"):
        for cells in _granted_filters(client, database, principal):
            table = cells["TableName"]
            if table in views:
                fix = "revoke the filter that no agreement made"
                raise PlatformError.at(f"grants of {principal}", f"table {table}", "two filters", "one filter", fix)
            if table in types:
                views[table] = _view(client, cells, tuple(types[table]), keys[table])
    return views


def filtered_columns(session: boto3.Session, database: str, types: Types) -> dict[str, dict[str, frozenset[str]]]:
    """Return which columns each granted filter of each table shows: by table, and by filter, named as its client.

    A filter through which nobody may read, as the end of a share leaves it, shows nothing.
    """
    client: LakeFormationClient = session.client("lakeformation")
    found: dict[str, dict[str, frozenset[str]]] = {table: {} for table in types}
    with named(f"filters of database {database}"):
        for cells in _granted_filters(client, database):
            table = cells["TableName"]
            if table in types and cells["Name"] not in found[table]:
                shown = client.get_data_cells_filter(**cells)["DataCellsFilter"]
                found[table][cells["Name"]] = frozenset(column for column in types[table] if _shows(shown, column))
    return found


def row_rule(cells: Mapping[str, Any]) -> str:
    """Return the predicate of a data cells filter as AWS answers it; empty for all rows, which AWS also calls TRUE."""
    rule = cells.get("RowFilter", {})
    text = str(rule.get("FilterExpression") or "")
    return "" if "AllRowsWildcard" in rule or text.strip().upper() == "TRUE" else text


def _granted_filters(
    client: "LakeFormationClient", database: str, principal: str | None = None
) -> Iterator[dict[str, Any]]:
    """The names (catalog, database, table, filter) of the filters through which the principal, or anybody, may read."""
    arguments: dict[str, Any] = {}  # a principal may only be named together with one resource
    while True:  # there is no paginator for it
        reply = client.list_permissions(**arguments)
        for item in reply["PrincipalResourcePermissions"]:
            cells = dict(item["Resource"].get("DataCellsFilter") or {})
            mine = principal in (None, item["Principal"]["DataLakePrincipalIdentifier"])
            if cells and mine and cells["DatabaseName"] == database and "SELECT" in item["Permissions"]:
                yield cells
        if not reply.get("NextToken"):
            return
        arguments["NextToken"] = reply["NextToken"]


def _view(client: "LakeFormationClient", cells: dict[str, Any], columns: tuple[str, ...], key: str | None) -> View:
    found = client.get_data_cells_filter(**cells)["DataCellsFilter"]
    shown = [column for column in columns if column == key or _shows(found, column)]
    gone = [column for column in found.get("ColumnNames", []) if column not in columns]
    return View((*shown, *gone), row_rule(found))


def _shows(cells: Mapping[str, Any], column: str) -> bool:
    listed = cells.get("ColumnNames")
    return column in listed if listed else column not in cells.get("ColumnWildcard", {}).get("ExcludedColumnNames", [])
