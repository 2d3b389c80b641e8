"""Data lake settings and registered S3 locations. IAM decides who may call these; here it is checked what they say."""

from __future__ import annotations

import time
from typing import Any

from localcloud.gateway import AwsError, Call
from localcloud.lakeformation import grant_rules
from localcloud.lakeformation.access import s3_path
from localcloud.lakeformation.shapes import invalid, page
from localcloud.lakeformation.store import IAM_ALLOWED, LOCK, Location, default_settings, store

PAGE = 100
ADMINS = 30
VERSIONS = {"1", "2", "3", "4", "5"}
PARAMETERS = {"CROSS_ACCOUNT_VERSION", "SET_CONTEXT", "SET_SOURCE_IDENTITY"}
DEFAULTS = ("CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions")


def get_data_lake_settings(call: Call) -> dict[str, Any]:
    return {"DataLakeSettings": store(_own_catalog(call), call.region).settings}


def put_data_lake_settings(call: Call) -> dict[str, Any]:
    """Replaces everything: what the request leaves out is emptied, as AWS does."""
    wire = call.params.get("DataLakeSettings") or {}
    with LOCK:
        own = store(_own_catalog(call), call.region)
        _check_admins(wire)
        _check_defaults(wire)
        parameters = _parameters(wire.get("Parameters") or {}, own.settings["Parameters"])
        emptied = {key: [] if isinstance(value, list) else value for key, value in default_settings().items()}
        own.settings = emptied | {key: value for key, value in wire.items() if value is not None}
        own.settings["Parameters"] = parameters
    return {}


def get_data_lake_principal(call: Call) -> dict[str, Any]:
    return {"Identity": call.caller.arn}


def register_resource(call: Call) -> dict[str, Any]:
    params = call.params
    arn = str(params.get("ResourceArn") or "")
    if not arn.startswith("arn:aws:s3:::"):
        raise invalid("ResourceArn is not the ARN of an Amazon S3 location.")
    linked, role = bool(params.get("UseServiceLinkedRole")), params.get("RoleArn")
    if linked == bool(role):
        raise invalid("Exactly one of RoleArn and UseServiceLinkedRole must be given.")
    if role and not grant_rules.exists(role):
        raise invalid(f"Invalid principal, {role}")
    with LOCK:
        own = store(call.caller.account_id, call.region)
        if any(s3_path(held) == s3_path(arn) for held in own.locations):
            raise AwsError("AlreadyExistsException", "Resource is already registered")
        own.locations[arn] = Location(
            arn,
            role
            or f"arn:aws:iam::{call.caller.account_id}:role/aws-service-role/"
            "lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess",
            hybrid=bool(params.get("HybridAccessEnabled")),
            federation=bool(params.get("WithFederation")),
            service_linked=linked,
            registered_at=time.time(),
        )
    return {}


def update_resource(call: Call) -> dict[str, Any]:
    with LOCK:
        held = _location(call)
        role = call.params.get("RoleArn")
        if not role or not grant_rules.exists(role):
            raise invalid(f"Invalid principal, {role}")
        store(call.caller.account_id, call.region).locations[held.arn] = Location(
            held.arn,
            role,
            hybrid=bool(call.params.get("HybridAccessEnabled", held.hybrid)),
            federation=bool(call.params.get("WithFederation", held.federation)),
            service_linked=False,
            registered_at=time.time(),
        )
    return {}


def describe_resource(call: Call) -> dict[str, Any]:
    return {"ResourceInfo": _wire(_location(call))}


def deregister_resource(call: Call) -> dict[str, Any]:
    with LOCK:
        held = _location(call)
        del store(call.caller.account_id, call.region).locations[held.arn]
    return {}


def list_resources(call: Call) -> dict[str, Any]:
    found = list(store(call.caller.account_id, call.region).locations.values())
    locations, rest = page(found, call.params, PAGE)
    return {"ResourceInfoList": [_wire(one) for one in locations], **rest}


def _own_catalog(call: Call) -> str:
    catalog = call.params.get("CatalogId") or call.caller.account_id
    if catalog != call.caller.account_id:
        raise AwsError("AccessDeniedException", f"Not authorized for the catalog of account {catalog}.")
    return str(catalog)


def _location(call: Call) -> Location:
    arn = str(call.params.get("ResourceArn") or "")
    for held in store(call.caller.account_id, call.region).locations.values():
        if s3_path(held.arn) == s3_path(arn):
            return held
    raise AwsError("EntityNotFoundException", "Entity not found")


def _wire(one: Location) -> dict[str, Any]:
    return {
        "ResourceArn": one.arn,
        "RoleArn": one.role_arn,
        "LastModified": one.registered_at,
        "HybridAccessEnabled": one.hybrid,
        "WithFederation": one.federation,
        "WithPrivilegedAccess": False,
    }


def _check_admins(wire: dict[str, Any]) -> None:
    admins = [
        entry.get("DataLakePrincipalIdentifier") or ""
        for entry in [*(wire.get("DataLakeAdmins") or ()), *(wire.get("ReadOnlyAdmins") or ())]
    ]
    if len(admins) > ADMINS:
        raise invalid(f"DataLakeAdmins: {len(admins)} is more than {ADMINS}.")
    for admin in admins:
        if not grant_rules.exists(admin):
            raise invalid(f"Invalid principal, {admin}")


def _check_defaults(wire: dict[str, Any]) -> None:
    """Only the old behaviour, or nothing: everything of the new objects to the IAM group."""
    for key in DEFAULTS:
        for entry in wire.get(key) or ():
            principal = (entry.get("Principal") or {}).get("DataLakePrincipalIdentifier")
            if principal != IAM_ALLOWED or entry.get("Permissions") != ["ALL"]:
                raise invalid(f"{key}: only ALL for {IAM_ALLOWED} is allowed.")


def _parameters(wanted: dict[str, str], held: dict[str, str]) -> dict[str, str]:
    unknown = sorted(set(wanted) - PARAMETERS)
    if unknown:
        raise invalid(f"Parameters: {unknown[0]} is not a known key.")
    version = wanted.get("CROSS_ACCOUNT_VERSION") or ("5" if held.get("CROSS_ACCOUNT_VERSION") == "5" else "1")
    if version not in VERSIONS:
        raise invalid(f"CROSS_ACCOUNT_VERSION: {version} is not one of 1, 2, 3, 4, 5.")
    if held.get("CROSS_ACCOUNT_VERSION") == "5" and version != "5":
        raise invalid("CROSS_ACCOUNT_VERSION: a downgrade from 5 is not supported.")
    return {"SET_CONTEXT": "TRUE", **wanted, "CROSS_ACCOUNT_VERSION": version}
