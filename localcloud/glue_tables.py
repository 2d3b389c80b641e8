"""Tables of the Glue Data Catalog, resource links included, under Lake Formation; UpdateTable is a compare-and-swap."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from moto.backends import get_backend

from localcloud.gateway import AwsError, Call
from localcloud.glue_catalog import (
    OWN_LINK,
    OWN_TABLE,
    database_of,
    invalid,
    named_database,
    need_database,
    need_location,
    need_table,
    own,
    table_of,
    wire_table,
    writable,
)
from localcloud.glue_databases import visible_databases
from localcloud.lakeformation import access
from localcloud.lakeformation.shapes import page
from localcloud.lakeformation.store import IAM_ALLOWED, Grant, Resource, store

PAGE = 100
TABLES_TO_DELETE = 100
VERSIONS_TO_DELETE = 100


def create_table(call: Call) -> dict[str, Any]:
    database = database_of(call)
    need_database(call, database, "CREATE_TABLE")
    wire = dict(call.params.get("TableInput") or {})
    name = str(wire.get("Name") or call.params.get("Name") or "").lower()
    if not name:
        raise invalid("Name is required.")
    link = bool(wire.get("TargetTable"))
    if link and database is not named_database(call):
        raise invalid("A table link cannot be created through a database link.")
    location = (wire.get("StorageDescriptor") or {}).get("Location")
    if not _under(database, call.region, location):
        need_location(call, database.catalog_id, location)
    if name in database.tables:
        raise AwsError("AlreadyExistsException", "Table already exists.")
    backend: Any = get_backend("glue")[database.catalog_id][call.region]
    table = backend.create_table(database.name, name, _normal(wire, name), call.params.get("OpenTableFormatInput"))
    table.localcloud_created_by = call.caller.arn
    table.localcloud_indexes = {
        index["IndexName"]: list(index["Keys"]) for index in call.params.get("PartitionIndexes") or []
    }
    _grant_to_creator(call, database, name, link)
    return {}


def get_table(call: Call) -> dict[str, Any]:
    return {"Table": _through_link(call, wire_table(call, table_of(call, "Name")), "Name")}


def get_tables(call: Call) -> dict[str, Any]:
    named = named_database(call)
    if not access.sees_database(call.caller, call.region, named.catalog_id, named.name):
        raise access.insufficient("Describe", named.name)
    database = access.find_link_target(call.caller, call.region, named)
    pattern = call.params.get("Expression")
    matching = [name for name in database.tables if not pattern or _matches(pattern, name)]
    found = [database.tables[name] for name in matching if _visible(call, database.tables[name])]
    tables, rest = page(found, call.params, PAGE)
    if call.params.get("AttributesToGet") == ["NAME"]:
        return {"TableList": [{"Name": table.name} for table in tables], **rest}
    return {"TableList": [wire_table(call, table) for table in tables], **rest}


def search_tables(call: Call) -> dict[str, Any]:
    """Tables whose visible description holds the text; filters compare the fields of a table as text."""
    share = call.params.get("ResourceShareType")
    owners = [call.caller.account_id] if share not in ("ALL", "FOREIGN") else sorted(get_backend("glue"))
    text = str(call.params.get("SearchText") or "").strip('"').lower()
    found = [
        wire
        for owner in owners
        if not (share == "FOREIGN" and owner == call.caller.account_id)
        for database in visible_databases(call, owner)
        for wire in (wire_table(call, table) for table in database.tables.values() if _visible(call, table))
        if text in json.dumps(wire, default=str).lower()
        and all(_passes(wire, one) for one in call.params.get("Filters") or [])
    ]
    tables, rest = page(found, call.params, PAGE)
    return {"TableList": tables, **rest}


def update_table(call: Call) -> dict[str, Any]:
    wire = dict(call.params.get("TableInput") or {})
    params = {**call.params, "Name": wire.get("Name") or call.params.get("Name")}
    table = writable(replace(call, params=params), ("ALTER",), "Name")
    held = access.latest(table)
    expected = call.params.get("VersionId")
    if expected is not None and expected != str(table._current_version):
        raise AwsError("ConcurrentModificationException", "Update table failed due to concurrent modifications.")
    location = (wire.get("StorageDescriptor") or {}).get("Location")
    if location != (held.get("StorageDescriptor") or {}).get("Location"):
        need_location(call, table.catalog_id, location)
    replaced = str(table._current_version)
    table.update(_normal(wire, table.name))
    if call.params.get("SkipArchive"):
        table.delete_version(replaced)
    return {}


def delete_table(call: Call) -> dict[str, Any]:
    _drop(call, str(call.params.get("Name") or "").lower())
    return {}


def batch_delete_table(call: Call) -> dict[str, Any]:
    names = call.params.get("TablesToDelete") or []
    if len(names) > TABLES_TO_DELETE:
        raise invalid(f"TablesToDelete: {len(names)} is more than {TABLES_TO_DELETE}.")
    errors = []
    for name in names:
        try:
            _drop(call, name.lower())
        except AwsError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": name, "ErrorDetail": detail})
    return {"Errors": errors} if errors else {}


def get_table_version(call: Call) -> dict[str, Any]:
    table = table_of(call)
    version = str(call.params.get("VersionId") or table._current_version)
    return {"TableVersion": {"Table": wire_table(call, table, version), "VersionId": version}}


def get_table_versions(call: Call) -> dict[str, Any]:
    table = table_of(call)
    versions, rest = page(sorted(table.versions, key=int, reverse=True), call.params, PAGE)
    return {"TableVersions": [{"Table": wire_table(call, table, one), "VersionId": one} for one in versions], **rest}


def delete_table_version(call: Call) -> dict[str, Any]:
    table = writable(call, ("DROP", "ALTER"))
    _delete_version(table, str(call.params.get("VersionId")))
    return {}


def batch_delete_table_version(call: Call) -> dict[str, Any]:
    table = writable(call, ("DROP", "ALTER"))
    wanted = call.params.get("VersionIds") or []
    if len(wanted) > VERSIONS_TO_DELETE:
        raise invalid(f"VersionIds: {len(wanted)} is more than {VERSIONS_TO_DELETE}.")
    errors = []
    for version in wanted:
        try:
            _delete_version(table, version)
        except AwsError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": table.name, "VersionId": version, "ErrorDetail": detail})
    return {"Errors": errors} if errors else {}


def _delete_version(table: Any, version: str) -> None:
    if version == str(table._current_version):
        raise invalid("The current version of a table cannot be deleted.")
    if version not in table.versions:
        raise AwsError("EntityNotFoundException", f"Table version {version} not found.")
    table.delete_version(version)


def _drop(call: Call, name: str) -> None:
    """Drops the named object itself: of a table link the link, through a database link the target's table."""
    database = database_of(call)
    table = database.tables.get(name)
    if table is None:
        raise AwsError("EntityNotFoundException", f"Table {name} not found.")
    need_table(call, table, ("DROP",))
    del database.tables[name]
    store(database.catalog_id, call.region).forget_table(database.name, name)


def _grant_to_creator(call: Call, database: Any, name: str, link: bool) -> None:
    owner = database.catalog_id
    resource = Resource("table", owner, database.name, name)
    own(call, owner, resource, OWN_LINK if link else OWN_TABLE)
    if not link:
        own(call, owner, Resource("columns", owner, database.name, name), frozenset({"SELECT"}))
    for entry in database.input.get("CreateTableDefaultPermissions") or []:
        permissions = frozenset(entry.get("Permissions") or ())
        if entry.get("Principal", {}).get("DataLakePrincipalIdentifier") == IAM_ALLOWED and permissions:
            store(owner, call.region).add(Grant(IAM_ALLOWED, resource, permissions, frozenset()))


def _through_link(call: Call, wire: dict[str, Any], field: str) -> dict[str, Any]:
    """A table that was reached by a table link keeps the link's name."""
    named = access.find_link_target(call.caller, call.region, named_database(call))
    link = named.tables.get(str(call.params[field]).lower())
    target = access.latest(link).get("TargetTable") if link is not None else None
    if not target:
        return wire
    return wire | {
        "Name": link.name,
        "DatabaseName": link.database_name,
        "CatalogId": link.catalog_id,
        "TargetTable": target,
    }


def _visible(call: Call, table: Any) -> bool:
    return access.sees_table(call.caller, call.region, access.shape_of(table))


def _under(database: Any, region: str, location: str | None) -> bool:
    """Whether the table lies below its database's own registered location, which needs no further right."""
    parent = database.input.get("LocationUri")
    if not parent or not location or not access.registered(database.catalog_id, region, parent):
        return False
    return (access.s3_path(location) + "/").startswith(access.s3_path(parent) + "/")


def _normal(wire: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in wire.items() if value is not None} | {"Name": name}


def _matches(pattern: str, name: str) -> bool:
    """Glue's expression: a regular expression in which a lone * stands for any text."""
    return re.fullmatch(re.sub(r"(?<![.\])])\*", ".*", pattern), name) is not None


def _passes(wire: dict[str, Any], one: dict[str, Any]) -> bool:
    fields: Iterator[Any] = (value for key, value in wire.items() if key.lower() == str(one.get("Key")).lower())
    found, wanted = str(next(fields, "")).lower(), str(one.get("Value") or "").lower()
    return wanted in found if one.get("Comparator") == "CONTAINS" else wanted == found
