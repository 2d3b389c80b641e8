"""What our account has of one client's share, with the operator's own identity. Judges and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import boto3

from insightshare.aws.deployment import Deployment
from insightshare.aws.examination import account_of, key, limited_view, pages, role, s3_path, seen, seen_or_none
from insightshare.aws.examination_reader import reader_facts
from insightshare.aws.grants import database_of
from insightshare.aws.lakeformation import row_rule
from insightshare.contract.facts import Agreement, Project
from insightshare.share.doctor import Seen, Unseen
from insightshare.share.doctor_facts import (
    Association,
    Cells,
    HeldGrant,
    Key,
    Place,
    Promise,
    ProviderFacts,
    Registration,
)
from insightshare.share.grants import desired_grants
from insightshare.share.policies import Policy, parsed_policy

GLUE_KEY = "alias/aws/glue"


def promise_of(project: Project, agreement: Agreement, deployment: Deployment, today: date) -> Promise:
    """Return what the project says of one client in one environment."""
    own = agreement.reads_from == "own_account"
    grants = [one for one in desired_grants(project, today) if one.client == agreement.client]
    return Promise(
        client=agreement.client,
        client_account_id=agreement.account_id,
        principal=agreement.account_id if own else deployment.client_role_arn(agreement.client),
        organisation=agreement.organisation,
        start=agreement.start,
        end=agreement.end,
        environment=deployment.environment,
        account_id=deployment.account_id,
        region=deployment.region,
        database=deployment.database,
        lake_role=deployment.lakeformation_role_arn,
        grants={one.table: one for one in grants},
        assumed_by=agreement.assumed_by,
    )


def reading_place(promise: Promise, deployment: Deployment) -> Place | None:
    """Return where a client reads that reads from our account; None for others."""
    if promise.organisation is not None:
        return None
    glue = f"arn:aws:glue:{promise.region}:{promise.account_id}"
    return Place(
        whose="provider",
        account_id=promise.account_id,
        region=promise.region,
        role=promise.principal.rpartition("/")[2],
        workgroup=deployment.client_workgroup(promise.client),
        results_bucket=deployment.results,
        catalogs=(
            f"{glue}:database/{promise.database}",
            *(f"{glue}:table/{promise.database}/{name}" for name in sorted(promise.grants)),
        ),
        mend=promise.deploy,
    )


def provider_facts(session: boto3.Session, promise: Promise, place: Place | None, today: date) -> ProviderFacts:
    """Return the facts of the provider's side, as the caller sees them; `place` where the client reads from ours."""
    tables, registrations = _tables(session, promise.database), _registrations(session)
    paths = {} if tables is None or isinstance(tables, Unseen) else tables
    used = sorted({path for name, path in paths.items() if name in promise.grants})
    encryption = _catalog_encryption(session)
    arns = {one.role_arn for one in registrations if one.role_arn} if isinstance(registrations, tuple) else set()
    return ProviderFacts(
        promise=promise,
        today=today,
        account_id=account_of(session),
        parameters=_parameters(session),
        catalog_encryption=encryption,
        catalog_key=encryption if isinstance(encryption, Unseen) else _catalog_key(session, encryption),
        glue_policy=_glue_policy(session),
        tables=tables,
        registrations=registrations,
        lake_roles={arn: role(session, arn.rpartition("/")[2]) for arn in sorted(arns)},
        lake_keys={bucket: _bucket_key(session, bucket) for bucket in sorted({one.partition("/")[0] for one in used})},
        grants=_grants(session),
        filters={name: _cells(session, promise, name) for name in sorted(promise.grants)},
        associations=_associations(session, promise),
        reader=None if place is None else reader_facts(session, place),
    )


def _parameters(session: boto3.Session) -> Seen[Mapping[str, str]]:
    client: Any = session.client("lakeformation")

    def look() -> Mapping[str, str]:
        return dict(client.get_data_lake_settings()["DataLakeSettings"].get("Parameters", {}))

    return seen("data lake settings", look)


def _catalog_encryption(session: boto3.Session) -> Seen[Mapping[str, Any]]:
    glue: Any = session.client("glue")

    def look() -> Mapping[str, Any]:
        return dict(glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"])

    return seen("encryption of the catalog", look)


def _catalog_key(session: boto3.Session, settings: Mapping[str, Any]) -> Seen[Key | None]:
    at_rest = settings.get("EncryptionAtRest", {})
    if at_rest.get("CatalogEncryptionMode", "DISABLED") == "DISABLED":
        return None
    return key(session, at_rest.get("SseAwsKmsKeyId") or GLUE_KEY)


def _glue_policy(session: boto3.Session) -> Seen[Policy | None]:
    glue: Any = session.client("glue")

    def look() -> Policy | None:
        text = glue.get_resource_policy().get("PolicyInJson")
        return parsed_policy(json.loads(text)) if text else None

    return seen_or_none("the catalog's resource policy", look)


def _tables(session: boto3.Session, database: str) -> Seen[dict[str, str] | None]:
    glue: Any = session.client("glue")

    def look() -> dict[str, str]:
        found = glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return {
            table["Name"]: s3_path(table.get("StorageDescriptor", {}).get("Location", ""))
            for page in found
            for table in page["TableList"]
        }

    return seen_or_none(f"tables of {database}", look)


def _registrations(session: boto3.Session) -> Seen[tuple[Registration, ...]]:
    client: Any = session.client("lakeformation")

    def look() -> tuple[Registration, ...]:
        found = [one for page in pages(client.list_resources) for one in page["ResourceInfoList"]]
        return tuple(
            Registration(s3_path(one["ResourceArn"]), one.get("RoleArn", ""), bool(one.get("HybridAccessEnabled")))
            for one in found
        )

    return seen("registered locations", look)


def _bucket_key(session: boto3.Session, bucket: str) -> Seen[Key | None]:
    s3: Any = session.client("s3")

    def look() -> str:
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        return str(rules[0]["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID", ""))

    found = seen_or_none(f"encryption of bucket {bucket}", look)
    return found if isinstance(found, Unseen) else key(session, found) if found else None


def _grants(session: boto3.Session) -> Seen[tuple[HeldGrant, ...]]:
    """Every grant, where the caller sees every grant."""
    client: Any = session.client("lakeformation")

    def look() -> tuple[HeldGrant, ...]:
        entries = [one for page in pages(client.list_permissions) for one in page["PrincipalResourcePermissions"]]
        return tuple(_held(entry) for entry in entries)

    hidden = limited_view(session)
    return seen("grants", look) if hidden is None else hidden


def _held(entry: dict[str, Any]) -> HeldGrant:
    """One listed grant."""
    kind, resource = next(iter(entry["Resource"].items()))
    of_table = "ALL_TABLES" if "TableWildcard" in resource else resource.get("TableName", resource.get("Name", ""))
    return HeldGrant(
        principal=entry["Principal"]["DataLakePrincipalIdentifier"],
        kind=kind,
        resource=entry["Resource"],
        database=database_of(entry["Resource"]),
        table=of_table if "DatabaseName" in resource else "",
        cells=resource["Name"] if kind == "DataCellsFilter" else "",
        permissions=frozenset(entry["Permissions"]),
        grantable=frozenset(entry.get("PermissionsWithGrantOption", ())),
        shares=tuple(entry.get("AdditionalDetails", {}).get("ResourceShare", ())),
    )


def _cells(session: boto3.Session, promise: Promise, table: str) -> Seen[Cells | None]:
    client: Any = session.client("lakeformation")
    where = {"TableCatalogId": promise.account_id, "DatabaseName": promise.database, "TableName": table}

    def look() -> Cells:
        found = client.get_data_cells_filter(**where, Name=promise.client)["DataCellsFilter"]
        names = found.get("ColumnNames")
        return Cells(
            columns=tuple(names) if names else None,
            rows=row_rule(found) or None,
            excluded=tuple(found.get("ColumnWildcard", {}).get("ExcludedColumnNames", ())),
        )

    return seen_or_none(f"filter {promise.client} on {table}", look)


def _associations(session: boto3.Session, promise: Promise) -> Seen[tuple[Association, ...]]:
    if promise.organisation is None:
        return ()
    ram: Any = session.client("ram")

    def look() -> tuple[Association, ...]:
        arguments = {"associationType": "PRINCIPAL", "principal": promise.client_account_id}
        found = pages(ram.get_resource_share_associations, **arguments)
        return tuple(
            Association(one["resourceShareArn"], one["status"], one["external"], one["creationTime"])
            for page in found
            for one in page["resourceShareAssociations"]
        )

    return seen("associations with the client's account", look)
