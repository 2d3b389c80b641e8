"""Grants to other accounts travel by RAM: which share carries a grant, and whether it has arrived. It checks no rights.

As AWS makes them from cross-account version 2 on: one share per principal for databases, one for tables, one for "all
tables", named LakeFormation-V<version>-<ten characters>; version 1 has one share per resource. Later grants join the
share that there is; with the last one it goes. Version 5 shares `table/<database>/*` instead of each table.
"""

from __future__ import annotations

import base64
import secrets

from localcloud import ram_shares
from localcloud.lakeformation.store import ALL_TABLES, Grant, Resource, Store, store
from localcloud.ram_shares import Share

PERMISSION = "arn:aws:ram::aws:permission/"
PERMISSIONS = {
    "database": ("AWSRAMLFEnabledGlueDatabaseReadWrite", "AWSRAMPermissionGlueDatabaseReadWriteForCatalog"),
    "all tables": (
        "AWSRAMLFEnabledGlueAllTablesReadWriteForDatabase",
        "AWSRAMPermissionGlueAllTablesReadWriteForCatalog",
    ),
    "table": (
        "AWSRAMLFEnabledGlueTableReadWrite",
        "AWSRAMPermissionGlueTableReadWriteForDatabase",
        "AWSRAMPermissionGlueTableReadWriteForCatalog",
    ),
}


def share(grant: Grant, region: str) -> None:
    """Let this grant, just made, travel: into the principal's share of its kind, or a new one."""
    if not travels(grant):
        return
    owner = grant.resource.catalog_id
    version = int((store(owner, region).settings.get("Parameters") or {}).get("CROSS_ACCOUNT_VERSION") or 1)
    with ram_shares.LOCK:
        found = share_of(grant, region)
        if found is None:
            found = _new_share(grant, region, version)
        ram_shares.associate(found, [grant.principal], _arns(grant.resource, region, version))


def unshare(revoked: Grant, region: str) -> None:
    """After a revoke: take out of the share what no grant needs any more, and the share with its last grant."""
    if not travels(revoked):
        return
    with ram_shares.LOCK:
        found = share_of(revoked, region)
        if found is None:
            return
        own = store(revoked.resource.catalog_id, region)
        left = [one for one in own.held_by([revoked.principal]) if travels(one) and share_of(one, region) is found]
        needed = {arn for one in left for version in (1, 5) for arn in _arns(one.resource, region, version)}
        if not left:
            ram_shares.delete(found)
        else:
            ram_shares.disassociate(found, [], [arn for arn in found.shared_resources() if arn not in needed])


def arrived(own: Store, region: str, principals: list[str]) -> list[Grant]:
    """The grants of this account to principals of others that their shares have brought there."""
    return [grant for grant in own.held_by(principals) if in_force(grant, region)]


def in_force(grant: Grant, region: str) -> bool:
    if not travels(grant):
        return True
    found = share_of(grant, region)
    return found is not None and found.reaches(grant.principal) and found.has_resource(_leaf(grant.resource, region))


def travels(grant: Grant) -> bool:
    """Whether a grant is to another account's principal, on something that RAM carries."""
    account_id = ram_shares.account_of(grant.principal)
    external = account_id.isdigit() and account_id != grant.resource.catalog_id
    return external and _kind(grant.resource) != ""


def share_of(grant: Grant, region: str) -> Share | None:
    """The share that carries this grant, by the purpose that Lake Formation gave it."""
    shared = (grant.principal, _kind(grant.resource))
    wanted = (shared, (*shared, _leaf(grant.resource, region)))
    shares = ram_shares.book(grant.resource.catalog_id, region).shares.values()
    return next((one for one in shares if one.status == "ACTIVE" and one.purpose in wanted), None)


def _new_share(grant: Grant, region: str, version: int) -> Share:
    letters = base64.b32encode(secrets.token_bytes(7)).decode()[:10]
    name = f"LakeFormation-V{version}-{letters}" if version > 1 else f"LakeFormation-{letters}"
    made = ram_shares.new_share(grant.resource.catalog_id, region, name)
    made.permissions = [PERMISSION + word for word in PERMISSIONS[_kind(grant.resource)]]
    shared = (grant.principal, _kind(grant.resource))
    made.purpose = shared if version > 1 else (*shared, _leaf(grant.resource, region))
    return made


def _kind(resource: Resource) -> str:
    if resource.kind == "database":
        return "database"
    if resource.kind in ("table", "columns", "filter"):
        return "all tables" if resource.table == ALL_TABLES else "table"
    return ""


def _leaf(resource: Resource, region: str) -> str:
    prefix = f"arn:aws:glue:{region}:{resource.catalog_id}:"
    if _kind(resource) == "table":
        return f"{prefix}table/{resource.database}/{resource.table}"
    return f"{prefix}database/{resource.database}"


def _arns(resource: Resource, region: str, version: int) -> list[str]:
    """The resource with what it lies in."""
    prefix = f"arn:aws:glue:{region}:{resource.catalog_id}:"
    leaf = _leaf(resource, region)
    if _kind(resource) == "table" and version >= 5:
        leaf = f"{prefix}table/{resource.database}/*"
    return list(dict.fromkeys([f"{prefix}catalog", f"{prefix}database/{resource.database}", leaf]))
