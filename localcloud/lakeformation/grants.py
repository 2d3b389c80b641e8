"""Grant, revoke and list Lake Formation permissions. The rules are in `grant_rules`, their effect in `rights`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from localcloud.gateway import AwsError, Call
from localcloud.lakeformation import access, grant_rules, rights, sharing
from localcloud.lakeformation.shapes import invalid, page, parse_resource, wire_grant, wire_resource
from localcloud.lakeformation.store import ALL_TABLES, LOCK, Grant, Resource, Store, store

PAGE = 100
BATCH = 20  # the service's limit of entries in one batch call
NOTHING_HELD = "No permissions revoked. Grantee has no permissions and no grantable permissions on resource"
KINDS = {
    "CATALOG": {"catalog"},
    "DATABASE": {"database"},
    "TABLE": {"table", "columns", "filter"},
    "DATA_LOCATION": {"location"},
}


def grant_permissions(call: Call) -> dict[str, Any]:
    with LOCK:
        _grant(call, call.params)
    return {}


def revoke_permissions(call: Call) -> dict[str, Any]:
    with LOCK:
        _revoke(call, call.params)
    return {}


def batch_grant_permissions(call: Call) -> dict[str, Any]:
    return _batch(call, _grant)


def batch_revoke_permissions(call: Call) -> dict[str, Any]:
    return _batch(call, _revoke)


def list_permissions(call: Call) -> dict[str, Any]:
    """An administrator sees every grant, others their own and those to all of their account, without a refusal.

    Of what was shared, the grant to the account shows too. AWS also shows which others hold what the caller holds.
    """
    params, caller = call.params, call.caller
    principal = (params.get("Principal") or {}).get("DataLakePrincipalIdentifier")
    if principal and params.get("Resource") is None:
        raise invalid("Resource is mandatory if Principal is set in the input.")
    everything = rights.may_see_everything(caller, call.region)
    shown = (caller.arn, f"{caller.account_id}:IAMPrincipals")
    resource = _listed_resource(call)
    found = [grant for grant in _visible(call, resource) if principal in (None, grant.principal)]
    found = [grant for grant in found if everything or grant.principal in shown]
    kinds = KINDS.get(str(params.get("ResourceType"))) if params.get("ResourceType") else None
    if resource is not None:
        related = str(params.get("IncludeRelated", "")).upper() == "TRUE"
        found = [grant for grant in found if _matches(grant.resource, resource, related)]
    elif kinds is not None:
        found = [grant for grant in found if grant.resource.kind in kinds]
    found.sort(key=lambda grant: (grant.principal, str(wire_resource(grant.resource))))
    entries, rest = page(found, params, PAGE)
    return {"PrincipalResourcePermissions": [_listed(grant, call.region) for grant in entries], **rest}


def effective_permissions_for_path(call: Call) -> dict[str, Any]:
    """Grants on the databases and tables of this account that lie under one S3 path."""
    path = access.s3_path(str(call.params.get("ResourceArn") or "")) + "/"
    own = store(call.caller.account_id, call.region)
    if not rights.may_see_everything(call.caller, call.region):
        raise AwsError("AccessDeniedException", grant_rules.NOT_YOURS)
    under = set(access.catalog_under(call.caller.account_id, call.region, path))
    found = [grant for grant in own.grants.values() if (grant.resource.database, grant.resource.table) in under]
    entries, rest = page(found, call.params, PAGE)
    return {"Permissions": [wire_grant(grant) for grant in entries], **rest}


def split(grant: Grant) -> list[Grant]:
    """SELECT on a whole table is kept, and listed, as SELECT on all of its columns, apart from other permissions."""
    resource = grant.resource
    if resource.kind == "columns" and not (resource.columns or resource.excluded) and grant.permissions != {"SELECT"}:
        resource = Resource("table", resource.catalog_id, resource.database, resource.table)
    if resource.kind != "table":
        return [replace(grant, resource=resource)]
    reading, others = frozenset({"SELECT"}), grant.permissions - {"SELECT"}
    columns = Resource("columns", resource.catalog_id, resource.database, resource.table)
    parts = [
        replace(grant, resource=resource, permissions=others, grantable=grant.grantable - reading),
        replace(grant, resource=columns, permissions=grant.permissions & reading, grantable=grant.grantable & reading),
    ]
    return [part for part in parts if part.permissions or part.grantable]


def _grant(call: Call, entry: dict[str, Any]) -> None:
    grant = _parsed(call, entry)
    checked = grant
    if grant.resource.kind == "columns" and not (grant.resource.columns or grant.resource.excluded):
        whole = replace(grant.resource, kind="table")
        checked = replace(grant, resource=whole)
    grant_rules.check(call, checked)
    own = store(call.caller.account_id, call.region)
    for part in split(grant):
        before = own.grants.get((part.principal, part.resource))
        added = own.add(part)
        ours = own.account_id == part.resource.catalog_id  # what others own is not shared once more
        if ours and (before is None or (before.permissions, before.grantable) != (added.permissions, added.grantable)):
            sharing.share(added, call.region)


def _revoke(call: Call, entry: dict[str, Any]) -> None:
    grant = _parsed(call, entry)
    own = store(call.caller.account_id, call.region)
    if not rights.is_admin(call.caller, call.region):
        grant_rules.check(call, grant)
    if not (grant.permissions or grant.grantable):
        raise invalid(grant_rules.ILLEGAL)
    parts = [(part, _held(own, part)) for part in split(grant)]
    if not any(held for _, held in parts):
        raise invalid(NOTHING_HELD)
    missing = sorted({name for part, held in parts for name in part.permissions - _permissions(held)})
    if missing:
        raise invalid(f"No permissions revoked. Grantee does not have:[{', '.join(missing)}]")
    for part, held in parts:
        for one in held:
            _take(own, one, part)
            if own.account_id == one.resource.catalog_id:
                sharing.unshare(one, call.region)


def _take(own: Store, held: Grant, part: Grant) -> None:
    """Take away what `part` names; an include list loses only the columns that are named."""
    own.remove((held.principal, held.resource), part.permissions, part.grantable)
    left = tuple(name for name in held.resource.columns if name not in part.resource.columns)
    if held.resource.columns and left and part.permissions:
        own.add(replace(held, resource=replace(held.resource, columns=left)))


def _held(own: Store, part: Grant) -> list[Grant]:
    exact = own.grants.get((part.principal, part.resource))
    if exact is not None or not part.resource.columns:
        return [exact] if exact is not None else []
    named = set(part.resource.columns)
    unnamed = replace(part.resource, columns=())
    return [
        grant
        for grant in own.held_by([part.principal])
        if replace(grant.resource, columns=()) == unnamed and named & set(grant.resource.columns)
    ]


def _permissions(held: list[Grant]) -> frozenset[str]:
    return frozenset[str]().union(*(grant.permissions for grant in held))


def _parsed(call: Call, entry: dict[str, Any]) -> Grant:
    principal = (entry.get("Principal") or {}).get("DataLakePrincipalIdentifier")
    if not principal:
        raise invalid("Principal is required.")
    if principal.upper() == "IAM_ALLOWED_PRINCIPALS":
        principal = "IAM_ALLOWED_PRINCIPALS"
    return Grant(
        principal=principal,
        resource=parse_resource(entry.get("Resource"), call.params.get("CatalogId") or call.caller.account_id),
        permissions=frozenset(entry.get("Permissions") or ()),
        grantable=frozenset(entry.get("PermissionsWithGrantOption") or ()),
        updated_by=call.caller.arn,
        updated_at=time.time(),
    )


def _batch(call: Call, apply: Callable[[Call, dict[str, Any]], None]) -> dict[str, Any]:
    entries = call.params.get("Entries") or []
    if len(entries) > BATCH:
        raise invalid(f"Entries: {len(entries)} is more than {BATCH}.")
    failures = []
    for entry in entries:
        try:
            with LOCK:
                apply(call, entry)
        except AwsError as error:
            failures.append({"RequestEntry": entry, "Error": {"ErrorCode": error.code, "ErrorMessage": error.message}})
    return {"Failures": failures}


def _listed(grant: Grant, region: str) -> dict[str, Any]:
    """The entry, with the share that carries the grant to another account."""
    found = sharing.share_of(grant, region) if sharing.travels(grant) else None
    return wire_grant(grant) | ({"AdditionalDetails": {"ResourceShare": [found.arn]}} if found else {})


def _listed_resource(call: Call) -> Resource | None:
    if call.params.get("Resource") is None:
        return None
    resource = parse_resource(call.params["Resource"], call.params.get("CatalogId") or call.caller.account_id)
    if resource.database:
        database = access.find_database(call.caller, call.region, resource.catalog_id, resource.database)
        if resource.table not in ("", ALL_TABLES) and resource.table not in database.tables:
            raise AwsError("EntityNotFoundException", f"Table {resource.table} not found.")
    return resource


def _visible(call: Call, resource: Resource | None) -> list[Grant]:
    """The account's own grants, and those by which other accounts shared something with it."""
    found = list(store(call.caller.account_id, call.region).grants.values())
    owner = resource.catalog_id if resource is not None else call.caller.account_id
    if owner != call.caller.account_id:
        found += sharing.arrived(store(owner, call.region), call.region, [call.caller.account_id, call.caller.arn])
    return found


def _matches(held: Resource, wanted: Resource, related: bool) -> bool:
    if held.catalog_id != wanted.catalog_id or (held.database, held.table) != (wanted.database, wanted.table):
        return False
    if wanted.kind in ("table", "columns"):
        return held.kind in ("table", "columns") or (related and held.kind == "filter")
    return held == wanted
