"""What a reader has in its account beside the share: role, `default`, workgroup, results. Judges nothing."""

from __future__ import annotations

from typing import Any

import boto3

from insightshare.aws.examination import key, limited_view, pages, registered_paths, role, seen_or_none
from insightshare.share.doctor import Seen, Unseen
from insightshare.share.doctor_facts import Key, Place, ReaderFacts, Role, Workgroup
from insightshare.share.doctor_reader import DEFAULT


def reader_facts(session: boto3.Session, place: Place) -> ReaderFacts:
    """Return everything that a reader needs, as the caller sees it."""
    found_role = role(session, place.role)
    found_workgroup = _workgroup(session, place.workgroup)
    return ReaderFacts(
        place=place,
        role=found_role,
        default_database=_default(session),
        describes_default=granted(session, principal_of(found_role, place), _default_resource(place), "DESCRIBE"),
        workgroup=found_workgroup,
        results_region=_bucket_region(session, place),
        results_key=found_workgroup if isinstance(found_workgroup, Unseen) else _key(session, found_workgroup),
        locations=registered_paths(session),
    )


def principal_of(found: Seen[Role | None], place: Place) -> str:
    """Return the role's ARN, as it would be where the role could not be looked at."""
    return found.arn if isinstance(found, Role) else f"arn:aws:iam::{place.account_id}:role/{place.role}"


def granted(session: boto3.Session, principal: str, resource: dict[str, Any], permission: str) -> Seen[bool]:
    """Return whether the principal holds a permission of Lake Formation there, itself or as one of its account."""
    for holder in (principal, f"{principal.split(':')[4]}:IAMPrincipals"):
        held = _held(session, holder, resource)
        if isinstance(held, Unseen):
            return held
        if permission in held:
            return True
    return limited_view(session, principal) or False


def _held(session: boto3.Session, principal: str, resource: dict[str, Any]) -> Seen[frozenset[str]]:
    client: Any = session.client("lakeformation")
    whose = {"DataLakePrincipalIdentifier": principal}

    def look() -> frozenset[str]:
        entries = [
            one
            for page in pages(client.list_permissions, Principal=whose, Resource=resource)
            for one in page["PrincipalResourcePermissions"]
        ]
        held = {name for one in entries for name in one["Permissions"]}
        return frozenset(held | {"DESCRIBE", "SELECT"} if "ALL" in held else held)

    found = seen_or_none(f"grants of {principal}", look)
    return frozenset() if found is None else found


def _default_resource(place: Place) -> dict[str, Any]:
    return {"Database": {"CatalogId": place.account_id, "Name": DEFAULT}}


def _default(session: boto3.Session) -> Seen[bool]:
    glue = session.client("glue")
    found = seen_or_none(f"database {DEFAULT}", lambda: glue.get_database(Name=DEFAULT)["Database"])
    return found if isinstance(found, Unseen) else found is not None


def _workgroup(session: boto3.Session, name: str) -> Seen[Workgroup | None]:
    athena = session.client("athena")

    def look() -> Workgroup:
        found = athena.get_work_group(WorkGroup=name)["WorkGroup"]
        settings: Any = found.get("Configuration", {})
        results = settings.get("ResultConfiguration", {})
        return Workgroup(
            enabled=found.get("State") == "ENABLED",
            enforced=bool(settings.get("EnforceWorkGroupConfiguration")),
            output=results.get("OutputLocation", ""),
            key=results.get("EncryptionConfiguration", {}).get("KmsKey", ""),
            scan_limit_bytes=settings.get("BytesScannedCutoffPerQuery"),
            engine=settings.get("EngineVersion", {}).get("SelectedEngineVersion", ""),
        )

    return seen_or_none(f"workgroup {name}", look)


def _bucket_region(session: boto3.Session, place: Place) -> Seen[str | None]:
    s3 = session.client("s3")

    def look() -> str:
        found = s3.get_bucket_location(Bucket=place.results_bucket, ExpectedBucketOwner=place.account_id)
        return found.get("LocationConstraint") or "us-east-1"  # the one region that S3 does not name

    return seen_or_none(f"bucket {place.results_bucket}", look)


def _key(session: boto3.Session, workgroup: Workgroup | None) -> Seen[Key | None]:
    if workgroup is None or not workgroup.key:
        return None
    return key(session, workgroup.key)
