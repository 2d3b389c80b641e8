"""May this grant be made? Every rule that Lake Formation checks before it stores one. It changes nothing.

Sources: lf-permissions-reference, cross-account-notes, data-filtering-notes, granting-table-permissions.
Not checked: LF-Tags and organisations as principals (both refused), hybrid opt-ins, most quotas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend

from localcloud.gateway import AwsError, Call
from localcloud.lakeformation import access, rights
from localcloud.lakeformation.shapes import invalid
from localcloud.lakeformation.store import ALL_TABLES, IAM_ALLOWED, Grant, Resource, store

FILTERS_PER_PRINCIPAL = 100
LEGAL = {
    "catalog": rights.CATALOG_ALL,
    "database": rights.DATABASE_ALL,
    "table": rights.TABLE_ALL,
    "columns": frozenset({"SELECT"}),
    "filter": rights.FILTER_ALL,
    "location": frozenset({"DATA_LOCATION_ACCESS"}),
}
LINK = frozenset({"ALL", "DESCRIBE", "DROP"})
ILLEGAL = "Permissions modification is invalid."
NOT_YOURS = "Resource does not exist or requester is not authorized to access requested permissions."
_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(role|user)/.+")


@dataclass(frozen=True)
class Target:
    """The catalog object behind a resource, as far as a grant has one."""

    link: bool = False
    table: Any = None  # moto's table


def check(call: Call, grant: Grant) -> None:
    """Raise what Lake Formation would answer if this grant must not be made."""
    resource = grant.resource
    account = principal_account(grant.principal, call.caller.account_id)
    if not grant.permissions or not grant.grantable <= grant.permissions:
        raise invalid(ILLEGAL)
    target = _target(call, resource)
    legal = LINK if target.link else LEGAL[resource.kind]
    if not grant.permissions <= legal:
        raise invalid(ILLEGAL)
    _check_principal(grant.principal)
    _check_columns(grant, target)
    if grant.principal == IAM_ALLOWED:
        _check_iam_group(call, grant)
    elif account != resource.catalog_id and resource.catalog_id == call.caller.account_id:
        _check_external(call, grant)
    if resource.catalog_id != call.caller.account_id and account != call.caller.account_id:
        raise AwsError("AccessDeniedException", "Not authorized to grant permissions for the resource")
    _check_authority(call, grant, target)
    _check_partial_select(call, grant)


def principal_account(principal: str, default: str) -> str:
    """The account that a principal belongs to."""
    if _ACCOUNT.fullmatch(principal):
        return principal
    if principal.endswith(":IAMPrincipals"):
        return principal.partition(":")[0]
    match = _PRINCIPAL.fullmatch(principal)
    return match.group(1) if match else default


def exists(principal: str) -> bool:
    """Whether IAM knows this user or role; the account's administrator always is."""
    match = _PRINCIPAL.fullmatch(principal)
    if match is None:
        return False
    iam = get_backend("iam")[match.group(1)]["aws"]
    known = iam.roles.values() if match.group(2) == "role" else iam.users.values()
    return principal.endswith(":user/admin") or any(entry.arn == principal for entry in known)


def _check_principal(principal: str) -> None:
    if principal == IAM_ALLOWED or _ACCOUNT.fullmatch(principal):
        return
    if re.fullmatch(r"\d{12}:IAMPrincipals", principal) or exists(principal):
        return
    raise invalid(f"Invalid principal, {principal}")


def _target(call: Call, resource: Resource) -> Target:
    """Find what the grant is about; only those who may see it learn that it is missing."""
    if resource.kind == "catalog":
        return Target()
    if resource.kind == "location":
        if not access.registered(resource.catalog_id, call.region, resource.location):
            raise invalid("You must register the S3 path before you grant permissions on it.")
        return Target()
    database = access.find_database(call.caller, call.region, resource.catalog_id, resource.database)
    if resource.kind == "database":
        return Target(link=bool(database.input.get("TargetDatabase")))
    if database.input.get("TargetDatabase"):
        raise invalid("Database cannot be a link")
    if resource.table == ALL_TABLES:
        return Target()
    table = database.tables.get(resource.table)
    if table is None:
        raise AwsError("EntityNotFoundException", f"Table {resource.table} not found.")
    if resource.kind == "filter" and _filter(call, resource) is None:
        raise AwsError("EntityNotFoundException", f"Data cells filter {resource.filter_name} not found.")
    return Target(link=bool(access.latest(table).get("TargetTable")), table=table)


def _filter(call: Call, resource: Resource) -> Any:
    key = (resource.catalog_id, resource.database, resource.table, resource.filter_name)
    stores = (store(call.caller.account_id, call.region), store(resource.catalog_id, call.region))
    return next((found.filters[key] for found in stores if key in found.filters), None)


def _check_columns(grant: Grant, target: Target) -> None:
    resource = grant.resource
    if resource.kind != "columns" or target.table is None:
        return
    shape = access.shape_of(target.table)
    if not set(resource.columns + resource.excluded) <= set(shape.all_columns):
        raise invalid("You cannot grant/revoke permission on non-existent column.")
    if set(resource.excluded) & set(shape.partition_keys):
        raise invalid("Column filtering cannot be applied on partition keys.")
    if resource.excluded and grant.grantable:
        raise invalid("A grant option with column filtering needs an include list.")


def _check_iam_group(call: Call, grant: Grant) -> None:
    if grant.resource.catalog_id != call.caller.account_id:
        raise AwsError("AccessDeniedException", "Not authorized to grant permissions for the resource")
    if grant.permissions != {"ALL"} or grant.grantable:
        raise invalid(ILLEGAL)


def _check_external(call: Call, grant: Grant) -> None:
    resource = grant.resource
    own = store(resource.catalog_id, call.region)
    if resource.kind == "catalog" or (resource.kind == "database" and grant.permissions & {"ALL", "DROP"}):
        raise invalid(ILLEGAL)
    if resource.kind == "filter" and grant.permissions - {"SELECT"}:
        raise invalid(ILLEGAL)
    if resource.excluded:
        raise invalid("Excluded columns are not supported for cross-account grants.")
    version = int((own.settings.get("Parameters") or {}).get("CROSS_ACCOUNT_VERSION") or 1)
    if not _ACCOUNT.fullmatch(grant.principal) and version < 3:
        raise invalid("Granting to principals of another account needs cross account version 3 or above.")
    for held in own.held_by([IAM_ALLOWED]):
        same = (held.resource.kind, held.resource.database) == (
            "database" if resource.kind == "database" else "table",
            resource.database,
        )
        if same and (ALL_TABLES in (resource.table, held.resource.table) or held.resource.table == resource.table):
            raise AwsError("AccessDeniedException", "Insufficient Lake Formation permissions: Illegal combination")


def _check_authority(call: Call, grant: Grant, target: Target) -> None:
    """Administrators grant what their account owns or was given to grant; others what they hold with the option."""
    resource, caller, region = grant.resource, call.caller, call.region
    admin, home = rights.is_admin(caller, region), resource.catalog_id == caller.account_id
    if admin and (home or resource.kind == "catalog"):
        return
    if resource.kind == "database":
        held = rights.database_rights(caller, region, resource.catalog_id, resource.database, grantable=True)
        if admin:
            held |= rights.account_database_rights(
                caller.account_id, region, resource.catalog_id, resource.database, grantable=True
            )
        if grant.permissions <= held:
            return
    elif resource.kind == "filter" and grant.permissions - {"SELECT"}:
        if grant.permissions <= rights.filter_rights(caller, region, resource, grantable=True):
            return
    elif resource.kind in ("table", "columns", "filter"):
        table = _shape(resource, target)
        passable = rights.table_rights(caller, region, table, grantable=True)
        if admin:
            # An account's administrator may pass on all columns: what the account was given stays the ceiling.
            given = rights.account_rights(caller.account_id, region, table, grantable=True)
            if grant.permissions <= given.permissions:
                return
        reads = bool(grant.permissions & {"ALL", "SELECT"})
        if grant.permissions <= passable.permissions and (not reads or _covers(passable, resource, table)):
            return
    raise AwsError("AccessDeniedException", NOT_YOURS)


def _shape(resource: Resource, target: Target) -> rights.TableShape:
    if target.table is not None:
        return access.shape_of(target.table)
    # "All tables" has no columns of its own; one that stands for any lets whole-table grants count.
    return rights.TableShape(resource.catalog_id, resource.database, ALL_TABLES, ("*",))


def _covers(passable: rights.Rights, resource: Resource, table: rights.TableShape) -> bool:
    """Whoever passes SELECT on needs it on every row, and on every column that is passed on."""
    if resource.kind == "table":
        wanted = set(table.columns)
    elif resource.columns:
        wanted = set(resource.columns)
    else:
        wanted = set(table.columns) - set(resource.excluded)
    whole = {name for columns, predicate in passable.cells if predicate is None for name in columns}
    return wanted <= whole


def _check_partial_select(call: Call, grant: Grant) -> None:
    """Who may read only a part of a table gets no other right on it."""
    resource = grant.resource
    held = [
        one.resource
        for one in store(call.caller.account_id, call.region).held_by([grant.principal])
        if "SELECT" in one.permissions
        and one.resource.covers_table(resource.catalog_id, resource.database, resource.table)
    ]
    partial = [one for one in held if one.kind == "filter" or one.columns or one.excluded]
    if resource.kind == "table" and grant.permissions - {"SELECT"} and partial:
        raise invalid(ILLEGAL)
    filters = {one.filter_name for one in held if one.kind == "filter"} | {resource.filter_name}
    if resource.kind == "filter" and len(filters) > FILTERS_PER_PRINCIPAL:
        raise AwsError("ResourceNumberLimitExceededException", "Too many data cells filters for this principal.")
