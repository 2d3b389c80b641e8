"""Between Lake Formation's JSON shapes and our records: resources, grants, pages. It checks shapes, not rights."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from localcloud.gateway import AwsError
from localcloud.lakeformation.store import ALL_TABLES, Grant, Resource

T = TypeVar("T")

UNSUPPORTED = ("LFTag", "LFTagPolicy", "LFTagExpression")
EXACTLY_ONE = "Resource must have exactly one of the resource fields populated."


def invalid(message: str) -> AwsError:
    return AwsError("InvalidInputException", message)


def parse_resource(wire: dict[str, Any] | None, default_catalog: str) -> Resource:
    """The resource that a request names; catalog ids that it leaves out are the request's own."""
    present = [kind for kind, value in (wire or {}).items() if value is not None]
    if len(present) != 1:
        raise invalid(EXACTLY_ONE)
    if present[0] in UNSUPPORTED:
        raise invalid(f"{present[0]} grants are not implemented by localcloud: use named resources.")
    parser = _PARSERS.get(present[0])
    if parser is None:
        raise invalid(EXACTLY_ONE)
    value = wire[present[0]] if wire else {}
    owner = value.get("TableCatalogId") or value.get("CatalogId") or default_catalog
    return parser(value, owner)


def wire_resource(resource: Resource) -> dict[str, Any]:
    """The resource as ListPermissions writes it."""
    table = {"CatalogId": resource.catalog_id, "DatabaseName": resource.database, "Name": resource.table}
    match resource.kind:
        case "catalog":
            return {"Catalog": {}}
        case "database":
            return {"Database": {"CatalogId": resource.catalog_id, "Name": resource.database}}
        case "table":
            return {"Table": table | ({"TableWildcard": {}} if resource.table == ALL_TABLES else {})}
        case "columns" if resource.columns:
            return {"TableWithColumns": table | {"ColumnNames": list(resource.columns)}}
        case "columns":
            excluded = {"ExcludedColumnNames": list(resource.excluded)} if resource.excluded else {}
            return {"TableWithColumns": table | {"ColumnWildcard": excluded}}
        case "filter":
            names = {"DatabaseName": resource.database, "TableName": resource.table, "Name": resource.filter_name}
            return {"DataCellsFilter": {"TableCatalogId": resource.catalog_id, **names}}
        case _:
            arn = f"arn:aws:s3:::{resource.location}"
            return {"DataLocation": {"CatalogId": resource.catalog_id, "ResourceArn": arn}}


def wire_grant(grant: Grant) -> dict[str, Any]:
    """One entry of ListPermissions."""
    return {
        "Principal": {"DataLakePrincipalIdentifier": grant.principal},
        "Resource": wire_resource(grant.resource),
        "Permissions": sorted(grant.permissions),
        "PermissionsWithGrantOption": sorted(grant.grantable),
        "LastUpdated": grant.updated_at,
        "LastUpdatedBy": grant.updated_by,
    }


def page(items: Sequence[T], params: dict[str, Any], limit: int) -> tuple[list[T], dict[str, str]]:
    """One page of a list, and what the reply adds so that the next one can be asked for."""
    size = min(int(params.get("MaxResults") or limit), limit)
    start = _start(params.get("NextToken"))
    rest = {"NextToken": _token(start + size)} if start + size < len(items) else {}
    return list(items[start : start + size]), rest


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from:{start}".encode()).decode()


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, start = base64.urlsafe_b64decode(token).decode().partition(":")
        if word != "from":
            raise ValueError(word)
        return int(start)
    except (binascii.Error, ValueError) as error:
        raise invalid("Invalid pagination token.") from error


def _catalog(_: dict[str, Any], owner: str) -> Resource:
    return Resource("catalog", owner)


def _database(value: dict[str, Any], owner: str) -> Resource:
    return Resource("database", owner, _required(value, "Name").lower())


def _table(value: dict[str, Any], owner: str) -> Resource:
    wildcard, name = value.get("TableWildcard") is not None, value.get("Name")
    if not wildcard and not name:
        raise invalid("Table name and table wildcard cannot both be empty.")
    if wildcard and name not in (None, ALL_TABLES):
        raise invalid("Table name and table wildcard cannot both be present.")
    table = ALL_TABLES if wildcard or name == ALL_TABLES else str(name).lower()
    return Resource("table", owner, _required(value, "DatabaseName").lower(), table)


def _columns(value: dict[str, Any], owner: str) -> Resource:
    names, wildcard = value.get("ColumnNames"), value.get("ColumnWildcard")
    if (names is None) == (wildcard is None) or names == []:
        raise invalid("Exactly one of ColumnNames and ColumnWildcard must be given.")
    table = _required(value, "Name")
    return Resource(
        "columns",
        owner,
        _required(value, "DatabaseName").lower(),
        table if table == ALL_TABLES else table.lower(),
        columns=tuple(sorted({name.lower() for name in names or ()})),
        excluded=tuple(sorted({name.lower() for name in (wildcard or {}).get("ExcludedColumnNames") or ()})),
    )


def _filter(value: dict[str, Any], owner: str) -> Resource:
    database, table = _required(value, "DatabaseName").lower(), _required(value, "TableName").lower()
    return Resource("filter", owner, database, table, filter_name=_required(value, "Name"))


def _location(value: dict[str, Any], owner: str) -> Resource:
    # As it was written: Terraform takes a lost slash at the end for another location.
    return Resource("location", owner, location=_required(value, "ResourceArn").removeprefix("arn:aws:s3:::"))


def _required(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    if not found:
        raise invalid(f"{key} is required.")
    return str(found)


_PARSERS = {
    "Catalog": _catalog,
    "Database": _database,
    "Table": _table,
    "TableWithColumns": _columns,
    "DataCellsFilter": _filter,
    "DataLocation": _location,
}
