"""The CloudTrail records of what Athena reads for a query: shapes and identities as AWS writes them. Delivers nothing.

Per table that Lake Formation vends: `GetDataAccess` in the caller's account, the same event in the owner's account, and
`GetObject` per file by a session of the registered role, whose name joins the two. A table that is read with the
caller's own rights leaves `GetObject` alone.
"""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from localcloud.gateway import Caller
from localcloud.lakeformation.access import ResolvedTable, s3_path
from localcloud.lakeformation.store import Location
from localcloud.lakeformation.store import store as lakeformation
from localcloud.store import backend

Event = dict[str, Any]
_VERSION = "1.11"
_ENGINE = "athena.amazonaws.com"
_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class FileRead:
    """One object of a table, with the bytes of it that were read."""

    bucket: str
    key: str
    read_bytes: int


@dataclass(frozen=True)
class TableRead:
    """What one query read of one table; `link` is the ARN by which the caller named it, where that is a link."""

    table: ResolvedTable
    files: tuple[FileRead, ...]
    link: str = ""


def events_of(caller: Caller, region: str, query_id: str, read: TableRead) -> Iterator[tuple[str, Event]]:
    """(account that gets it, event) for one table of one query."""
    location = location_of(read.table, region)
    if location is None:
        yield from _objects(read, region, _caller_identity(caller))
        return
    session = f"AWSLF-00-AT-{caller.account_id}-{_random(10)}"
    yield from _accesses(caller, region, query_id, read, session)
    yield from _objects(read, region, _vended_identity(caller, region, read.table.catalog_id, location, session))


def _accesses(caller: Caller, region: str, query_id: str, read: TableRead, session: str) -> Iterator[tuple[str, Event]]:
    owner = read.table.catalog_id
    target = f"arn:aws:glue:{region}:{owner}:table/{read.table.database}/{read.table.name}"
    named = _caller_identity(caller)
    if owner == caller.account_id:
        yield caller.account_id, _access(region, named, target, query_id, session, caller.arn)
        return
    if read.link:
        yield caller.account_id, _access(region, named, read.link, query_id, session, caller.arn)
    trusts = owner in (lakeformation(caller.account_id, region).settings.get("TrustedResourceOwners") or ())
    stranger = {"type": "AWSAccount", "principalId": named["principalId"], "accountId": caller.account_id}
    event = _access(region, stranger, target, query_id, session, caller.arn if trusts else "")
    event["sharedEventID"] = str(uuid4())
    for account in (caller.account_id, owner):
        yield account, {**event, "eventID": str(uuid4())}


def _access(region: str, identity: Event, table_arn: str, query_id: str, session: str, principal: str) -> Event:
    return {
        **_common(region, identity, "lakeformation.amazonaws.com", "GetDataAccess"),
        "requestParameters": {
            "tableArn": table_arn,
            "permissions": ["SELECT"],
            "auditContext": {"additionalAuditContext": f"{{queryId: {query_id}}}"},
            "cellLevelSecurityEnforced": True,
        },
        "additionalEventData": {
            "requesterService": "ATHENA",
            "LakeFormationTrustedCallerInvocation": "true",
            **({"lakeFormationPrincipal": principal} if principal else {}),
            "lakeFormationRoleSessionName": session,
        },
        "managementEvent": True,
        "eventCategory": "Management",
    }


def _objects(read: TableRead, region: str, identity: Event) -> Iterator[tuple[str, Event]]:
    for file in read.files:
        owner = _bucket_owner(file.bucket)
        yield (
            owner,
            {
                **_common(region, identity, "s3.amazonaws.com", "GetObject"),
                "requestParameters": {
                    "bucketName": file.bucket,
                    "Host": f"{file.bucket}.s3.{region}.amazonaws.com",
                    "key": file.key,
                },
                "additionalEventData": {
                    "SignatureVersion": "SigV4",
                    "bytesTransferredIn": 0,
                    "bytesTransferredOut": file.read_bytes,
                    "AuthenticationMethod": "AuthHeader",
                },
                "resources": [
                    {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{file.bucket}/{file.key}"},
                    {"accountId": owner, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{file.bucket}"},
                ],
                "managementEvent": False,
                "eventCategory": "Data",
            },
        )


def _common(region: str, identity: Event, source: str, name: str) -> Event:
    return {
        "eventVersion": _VERSION,
        "userIdentity": identity,
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": _ENGINE,
        "userAgent": _ENGINE,
        "responseElements": None,
        "requestID": str(uuid4()),
        "eventID": str(uuid4()),
        "readOnly": True,
        "eventType": "AwsApiCall",
    }


def _caller_identity(caller: Caller) -> Event:
    held: Any = backend("iam", caller.account_id, "aws")
    name = caller.arn.rpartition("/")[2]
    common = {"accountId": caller.account_id, "accessKeyId": caller.access_key_id, "invokedBy": _ENGINE}
    if ":role/" not in caller.arn:
        user = held.users.get(name)
        identifier = user.id if user is not None else caller.account_id
        return {"type": "IAMUser", "principalId": identifier, "arn": caller.arn, "userName": name, **common}
    session = next(
        (
            one.session_name
            for one in backend("sts", caller.account_id, "aws").assumed_roles
            if one.access_key_id == caller.access_key_id
        ),
        "session",
    )
    return _session_identity(caller.arn, session) | common


def _vended_identity(caller: Caller, region: str, owner: str, location: Location, session: str) -> Event:
    """The registered role; with the caller's role beside it where the owner's settings ask for that."""
    identity = _session_identity(location.role_arn, session)
    if lakeformation(owner, region).settings["Parameters"].get("SET_SOURCE_IDENTITY") == "TRUE":
        principal = _caller_identity(caller)["principalId"].partition(":")[0]
        identity["sessionContext"]["sourceIdentity"] = f"V2.{caller.account_id}.{principal}"
    return identity | {"accessKeyId": f"ASIA{_random(16).upper()}", "invokedBy": _ENGINE}


def _session_identity(role_arn: str, session: str) -> Event:
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    roles = backend("iam", account, "aws").roles.values()
    identifier = next((role.id for role in roles if role.arn == role_arn), "AROAUNKNOWN")
    issuer = {
        "type": "Role",
        "principalId": identifier,
        "arn": role_arn,
        "accountId": account,
        "userName": name,
    }
    return {
        "type": "AssumedRole",
        "principalId": f"{identifier}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "accountId": account,
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
    }


def location_of(table: ResolvedTable, region: str) -> Location | None:
    """The registered location that the table lies in; the nearest one where they are nested."""
    path = s3_path(table.location) + "/"
    known = lakeformation(table.catalog_id, region).locations.values()
    found = [one for one in known if path.startswith(s3_path(one.arn) + "/")]
    return max(found, key=lambda one: len(one.arn), default=None)


def _bucket_owner(bucket: str) -> str:
    from moto.backends import get_backend

    backends: Any = get_backend("s3")
    return str(backends.bucket_accounts[bucket][1])


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
