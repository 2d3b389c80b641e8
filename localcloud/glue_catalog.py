"""What the Glue handlers share: finding catalog objects, asking for a right on them, writing them as replies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from moto.core.exceptions import JsonRESTError

from localcloud.gateway import AwsError, Call, Handler
from localcloud.lakeformation import access, rights
from localcloud.lakeformation.store import LOCK, Grant, Resource, store

TABLE_FIELDS = (
    "Description", "Owner", "LastAccessTime", "LastAnalyzedTime", "StorageDescriptor", "PartitionKeys",
    "ViewOriginalText", "ViewExpandedText", "TableType", "Parameters", "TargetTable", "ViewDefinition",
)  # fmt: skip
OWN_TABLE = frozenset({"ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT"})
OWN_LINK = frozenset({"DESCRIBE", "DROP"})


def handler(function: Callable[[Call], dict[str, Any]]) -> Handler:
    """One catalog operation: nobody else's changes come between its check and its effect."""

    @wraps(function)
    def run(call: Call) -> dict[str, Any]:
        try:
            with LOCK:
                return function(call)
        except JsonRESTError as error:
            raise AwsError(str(error.error_type), str(error.message)) from error

    return run


def invalid(message: str) -> AwsError:
    return AwsError("InvalidInputException", message)


def database_of(call: Call, field: str = "DatabaseName") -> Any:
    """moto's database that the request names, links followed."""
    return access.find_link_target(call.caller, call.region, named_database(call, field))


def named_database(call: Call, field: str = "DatabaseName") -> Any:
    """moto's database that the request names, the link itself if it is one."""
    name = str(call.params.get(field) or "")
    if not name:
        raise invalid(f"{field} is required.")
    return access.find_database(call.caller, call.region, call.params.get("CatalogId"), name)


def table_of(call: Call, field: str = "TableName") -> Any:
    """moto's table that the request names, links followed; somebody without any right on it is refused."""
    name = str(call.params.get(field) or "")
    found = access.find_table(call.caller, call.region, call.params.get("CatalogId"), _database_name(call), name)
    if not access.sees_table(call.caller, call.region, access.shape_of(found)):
        raise access.insufficient("Describe", found.name)
    return found


def writable(call: Call, permissions: Iterable[str], field: str = "TableName") -> Any:
    """moto's table that the request names, for a caller who holds one of these permissions on it."""
    table = table_of(call, field)
    need_table(call, table, permissions)
    return table


def need_table(call: Call, table: Any, permissions: Iterable[str]) -> None:
    wanted = list(permissions)
    held = rights.table_rights(call.caller, call.region, access.shape_of(table)).permissions
    if not held & set(wanted):
        raise access.insufficient(wanted[0].title(), table.name)


def need_database(call: Call, database: Any, permission: str) -> None:
    held = rights.database_rights(call.caller, call.region, database.catalog_id, database.name)
    if permission not in held:
        raise access.insufficient(permission.replace("_", " ").title(), database.name)


def need_location(call: Call, owner: str, location: str | None) -> None:
    """Pointing the catalog at a registered path needs a data location permission on it."""
    if not location or not access.registered(owner, call.region, location):
        return
    if not rights.location_allowed(call.caller, call.region, access.s3_path(location)):
        raise AwsError("AccessDeniedException", f"Insufficient Lake Formation permission(s) on {location}")


def own(call: Call, owner: str, resource: Resource, permissions: frozenset[str]) -> None:
    """Whoever creates something holds every permission on it, and may pass it on."""
    store(owner, call.region).add(Grant(call.caller.arn, resource, permissions, permissions, call.caller.arn))


def wire_database(database: Any, region: str) -> dict[str, Any]:
    """The database as AWS writes it; what was never set is left out."""
    found = {
        "Name": database.name,
        "CatalogId": database.catalog_id,
        "CreateTime": database.created_time.timestamp(),
        "CreateTableDefaultPermissions": database.input.get("CreateTableDefaultPermissions") or [],
    }
    for field in ("Description", "LocationUri", "Parameters", "TargetDatabase", "FederatedDatabase"):
        if database.input.get(field):
            found[field] = database.input[field]
    return found


def wire_table(call: Call, table: Any, version: str | None = None) -> dict[str, Any]:
    """The table as this caller may see it: columns without a right on them are not in it."""
    described = table.get_version(version) if version else access.latest(table)
    visible = set(access.visible_columns(call.caller, call.region, access.shape_of(table)))
    found = {field: described[field] for field in TABLE_FIELDS if described.get(field) is not None}
    if "StorageDescriptor" in found:
        found["StorageDescriptor"] = permitted(found["StorageDescriptor"], visible)
    if "PartitionKeys" in found:
        found["PartitionKeys"] = [key for key in found["PartitionKeys"] if key["Name"] in visible]
    location = (described.get("StorageDescriptor") or {}).get("Location") or ""
    return found | {
        "Name": table.name,
        "DatabaseName": table.database_name,
        "CatalogId": table.catalog_id,
        "Retention": described.get("Retention") or 0,
        "CreateTime": table.created_time.timestamp(),
        "UpdateTime": (table.updated_time or table.created_time).timestamp(),
        "CreatedBy": getattr(table, "localcloud_created_by", f"arn:aws:iam::{table.catalog_id}:user/admin"),
        "IsRegisteredWithLakeFormation": access.registered(table.catalog_id, call.region, location),
        "VersionId": version or str(table._current_version),
    }


def permitted(storage: dict[str, Any], visible: set[str]) -> dict[str, Any]:
    """A storage descriptor with only the columns that may be seen."""
    columns = [column for column in storage.get("Columns") or [] if column["Name"] in visible]
    return {**storage, "Columns": columns}


def _database_name(call: Call) -> str:
    name = str(call.params.get("DatabaseName") or "")
    if not name:
        raise invalid("DatabaseName is required.")
    return name
