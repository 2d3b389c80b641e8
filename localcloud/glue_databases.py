"""Databases of the Glue Data Catalog, resource links included: create, read, change, drop, under Lake Formation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.backends import get_backend

from localcloud.gateway import AwsError, Call
from localcloud.glue_catalog import (
    OWN_LINK,
    database_of,
    invalid,
    named_database,
    need_database,
    need_location,
    own,
    wire_database,
)
from localcloud.lakeformation import access, rights
from localcloud.lakeformation.shapes import page
from localcloud.lakeformation.store import IAM_ALLOWED, Grant, Resource, store

PAGE = 100


def create_database(call: Call) -> dict[str, Any]:
    wire = dict(call.params.get("DatabaseInput") or {})
    owner = call.params.get("CatalogId") or call.caller.account_id
    name = str(wire.get("Name") or "").lower()
    if not name:
        raise invalid("Name is required.")
    if owner != call.caller.account_id:
        raise access.not_shared(call.caller, "glue:CreateDatabase", call.region, owner, f"database/{name}")
    admin = rights.is_admin(call.caller, call.region)
    if not admin and "CREATE_DATABASE" not in rights.catalog_rights(call.caller, call.region):
        raise access.insufficient("Create Database", "Catalog")
    need_location(call, owner, wire.get("LocationUri"))
    settings = store(owner, call.region).settings
    if wire.get("CreateTableDefaultPermissions") is None and not wire.get("TargetDatabase"):
        wire["CreateTableDefaultPermissions"] = settings.get("CreateTableDefaultPermissions") or []
    backend = get_backend("glue")[owner][call.region]
    if name in backend.databases:
        raise AwsError("AlreadyExistsException", "Database already exists.")
    backend.create_database(name, wire | {"Name": name}, call.params.get("Tags"))
    resource = Resource("database", owner, name)
    own(call, owner, resource, OWN_LINK if wire.get("TargetDatabase") else rights.DATABASE_ALL)
    if settings.get("CreateDatabaseDefaultPermissions"):
        store(owner, call.region).add(Grant(IAM_ALLOWED, resource, frozenset({"ALL"}), frozenset()))
    return {}


def get_database(call: Call) -> dict[str, Any]:
    """A link is returned as itself, not followed: its target is in TargetDatabase."""
    database = named_database(call, "Name")
    if not access.sees_database(call.caller, call.region, database.catalog_id, database.name):
        raise access.insufficient("Describe", database.name)
    return {"Database": wire_database(database, call.region)}


def get_databases(call: Call) -> dict[str, Any]:
    share = call.params.get("ResourceShareType")
    owner = call.params.get("CatalogId") or call.caller.account_id
    found = [] if share == "FOREIGN" else list(visible_databases(call, owner))
    if share in ("ALL", "FOREIGN"):
        found += [
            database for other in _other_accounts(owner, call.region) for database in visible_databases(call, other)
        ]
    databases, rest = page(found, call.params, PAGE)
    if call.params.get("AttributesToGet") == ["NAME"]:
        return {"DatabaseList": [{"Name": database.name} for database in databases], **rest}
    return {"DatabaseList": [wire_database(database, call.region) for database in databases], **rest}


def update_database(call: Call) -> dict[str, Any]:
    database = database_of(call, "Name")
    need_database(call, database, "ALTER")
    wire = dict(call.params.get("DatabaseInput") or {})
    if wire.get("LocationUri") != database.input.get("LocationUri"):
        need_location(call, database.catalog_id, wire.get("LocationUri"))
    kept = {"CreateTableDefaultPermissions": database.input.get("CreateTableDefaultPermissions") or []}
    database.input = kept | {key: value for key, value in wire.items() if value is not None} | {"Name": database.name}
    return {}


def delete_database(call: Call) -> dict[str, Any]:
    """Drops the link itself if it is one, else the database with all its tables and what was granted on them."""
    database = named_database(call, "Name")
    need_database(call, database, "DROP")
    get_backend("glue")[database.catalog_id][call.region].delete_database(database.name)
    store(database.catalog_id, call.region).forget_database(database.name)
    return {}


def visible_databases(call: Call, owner: str) -> Iterator[Any]:
    """Databases of one account that the caller may know of."""
    for database in get_backend("glue")[owner][call.region].databases.values():
        if access.sees_database(call.caller, call.region, owner, database.name):
            yield database


def _other_accounts(owner: str, region: str) -> list[str]:
    """The other accounts on this machine that hold a catalog."""
    catalogs = get_backend("glue")
    return sorted(account for account in list(catalogs) if account != owner and region in catalogs[account])
