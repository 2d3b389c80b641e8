"""A whole share between two accounts, made by plain AWS calls as a deployment and a kit make it; and its doctor.

Everything of one share is named alike, so that a fault is one call on one name.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import boto3

from insightshare.aws.deployment import Deployment
from insightshare.aws.examination_client import client_facts
from insightshare.aws.examination_provider import promise_of, provider_facts, reading_place
from insightshare.contract.facts import Agreement, Environment, Grant, Project, ReadsFrom
from insightshare.contract.read import load_project
from insightshare.share.doctor import Finding
from insightshare.share.doctor_client import examine_client
from insightshare.share.doctor_facts import ProviderFacts
from insightshare.share.doctor_provider import examine_provider
from insightshare.share.grants import desired_grants
from insightshare.share.terms import Terms, share_terms
from tests.behaviour.lake import client
from tests.behaviour.share_parts import (
    NAME,
    administer,
    database,
    filter_on,
    make_bucket,
    make_key,
    make_role,
    table,
)
from tests.conftest import PROVIDER, REGION, Cloud

ROOT = Path(__file__).resolve().parents[2]
OUTSIDER = "444444444444"
TODAY = date(2026, 11, 21)
RECEIPTS = ("insight", "run_id", "as_of", "passed")
ENVIRONMENT = Environment("test", PROVIDER, REGION)
DEPLOYMENT = Deployment("test", PROVIDER, REGION)


@functools.cache
def _project() -> Project:
    return load_project(ROOT)


def project_with(account_id: str, reads_from: ReadsFrom = "own_account") -> Project:
    """The repository's project with one client, which reads two tables of one insight."""
    outside = "outside" if account_id == OUTSIDER else "inside"
    agreement = Agreement(
        client=NAME,
        account_id=account_id,
        reads_from=reads_from,
        organisation=outside if reads_from == "own_account" else None,  # type: ignore[arg-type]  # one of the two words
        purpose="Tests.",
        contact="data@acme.example",
        start=date(2026, 11, 1),
        end=date(2027, 10, 31),
        grants=(Grant("churn", ("customer_id", "contract"), "contract = 'One year'", ("history", "latest")),),
        assumed_by=(f"arn:aws:iam::{account_id}:root",) if reads_from == "provider_account" else (),
    )
    return replace(_project(), clients={NAME: agreement})


@dataclass(frozen=True)
class StageSession:
    """What the library uses of `boto3.Session`: an account's administrator on the local AWS."""

    cloud: Cloud
    account: str
    region_name: str = REGION
    credentials: Any = None

    def client(self, service: str) -> Any:
        if self.credentials:
            return self.cloud.client(service, credentials=self.credentials)
        return client(self.cloud, service, self.account)


@dataclass(frozen=True)
class ShareStage:
    """One share as it should be, in fresh accounts, and calls to break it."""

    cloud: Cloud
    account: str
    reads_from: ReadsFrom = "own_account"

    @property
    def project(self) -> Project:
        return project_with(self.account, self.reads_from)

    @property
    def terms(self) -> Terms:
        project = self.project
        return share_terms(project, project.clients[NAME], ENVIRONMENT, RECEIPTS)

    def ours(self, service: str) -> Any:
        return client(self.cloud, service, PROVIDER)

    def theirs(self, service: str) -> Any:
        return client(self.cloud, service, self.account)

    @property
    def principal(self) -> str:
        return self.account if self.reads_from == "own_account" else DEPLOYMENT.client_role_arn(NAME)

    @property
    def analyst(self) -> str:
        return f"arn:aws:iam::{self.account}:role/{self.terms.analyst_role}"

    def provider_findings(self, today: date = TODAY, session: Any = None, **agreed: object) -> tuple[Finding, ...]:
        """What the doctor finds, of the agreement with `agreed` in place of what the share was made for."""
        return examine_provider(self.provider_facts(today, session, **agreed))

    def provider_facts(self, today: date = TODAY, session: Any = None, **agreed: object) -> ProviderFacts:
        agreement = replace(self.project.clients[NAME], **agreed)  # type: ignore[arg-type]  # its own fields
        promise = promise_of(replace(self.project, clients={NAME: agreement}), agreement, DEPLOYMENT, today)
        place = reading_place(promise, DEPLOYMENT)
        return provider_facts(session or _session(StageSession(self.cloud, PROVIDER)), promise, place, today)

    def client_findings(self, today: date = TODAY, session: Any = None) -> tuple[Finding, ...]:
        return examine_client(
            client_facts(session or _session(StageSession(self.cloud, self.account)), self.terms, today)
        )

    def grant(
        self, side: str, principal: str, resource: dict[str, Any], *permissions: str, option: bool = False
    ) -> None:
        lakeformation = self.ours("lakeformation") if side == "ours" else self.theirs("lakeformation")
        lakeformation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": principal},
            Resource=resource,
            Permissions=list(permissions),
            PermissionsWithGrantOption=list(permissions) if option else [],
        )

    def revoke(self, side: str, principal: str, resource: dict[str, Any], *permissions: str) -> None:
        lakeformation = self.ours("lakeformation") if side == "ours" else self.theirs("lakeformation")
        lakeformation.revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": principal}, Resource=resource, Permissions=list(permissions)
        )


class Healthy:
    """A healthy share on the cloud, made again only where the one before was left broken: making one is slow."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._whole: ShareStage | None = None

    def share(self, account: str = OUTSIDER, reads_from: ReadsFrom = "own_account") -> ShareStage:
        wanted = ShareStage(self._cloud, account, reads_from)
        if self._whole != wanted:
            self._cloud.reset()
            make_share(wanted)
        self._whole = None
        return wanted

    def is_whole(self, stage: ShareStage) -> None:
        """Say that the share is healthy still, or again."""
        self._whole = stage


def make_share(stage: ShareStage) -> None:
    """Both halves, invitations accepted."""
    _provider_half(stage)
    if stage.reads_from == "own_account":
        accept(stage)
        _client_half(stage)


def accept(stage: ShareStage) -> None:
    ram = stage.theirs("ram")
    for one in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        if one["status"] == "PENDING":
            ram.accept_resource_share_invitation(resourceShareInvitationArn=one["resourceShareInvitationArn"])


def grant_again(stage: ShareStage) -> None:
    """The provider takes everything back and grants it again, so that an account outside is invited anew."""
    grants = [(filter_on(one.table), "SELECT") for one in desired_grants(stage.project, TODAY)]
    grants.append((database(PROVIDER, "insights"), "DESCRIBE"))
    for resource, permission in grants:
        stage.revoke("ours", stage.principal, resource, permission)
    for resource, permission in grants:
        stage.grant("ours", stage.principal, resource, permission, option=stage.reads_from == "own_account")


def _provider_half(stage: ShareStage) -> None:
    administer(stage.ours("lakeformation"), PROVIDER)
    key = make_key(stage.ours("kms"))
    bucket = DEPLOYMENT.lake
    make_bucket(stage.ours("s3"), bucket)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    stage.ours("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    lake = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/insights/*"},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key},
    ]
    role = make_role(
        stage.ours("iam"), "insightshare-test-lakeformation", {"Service": "lakeformation.amazonaws.com"}, lake
    )
    glue = stage.ours("glue")
    glue.create_database(DatabaseInput={"Name": "insights"})
    glue.create_database(DatabaseInput={"Name": "default"})
    stage.ours("lakeformation").register_resource(ResourceArn=f"arn:aws:s3:::{bucket}/insights", RoleArn=role)
    if stage.reads_from == "provider_account":
        _workplace(stage, "ours", PROVIDER, f"insightshare-test-client-{NAME}", DEPLOYMENT.results, stage.account)
    grants = desired_grants(stage.project, TODAY)
    for one in grants:
        names = [*one.columns, "hidden"] if one.columns else RECEIPTS
        columns = [{"Name": name, "Type": "string"} for name in names]
        keys = [{"Name": "as_of", "Type": "string"}] if one.table == "churn" else []
        where = {"Columns": columns, "Location": f"s3://{bucket}/insights/{one.table}/"}
        glue.create_table(
            DatabaseName="insights", TableInput={"Name": one.table, "StorageDescriptor": where, "PartitionKeys": keys}
        )
        make_filter(stage, one.table, list(one.columns) or None, one.row_filter)
        own = stage.reads_from == "own_account"
        stage.grant("ours", stage.principal, filter_on(one.table), "SELECT", option=own)
        stage.grant("ours", stage.principal, database(PROVIDER, "insights"), "DESCRIBE", option=own)
    if stage.reads_from == "provider_account":
        stage.grant("ours", stage.principal, database(PROVIDER, "default"), "DESCRIBE")


def _client_half(stage: ShareStage) -> None:
    administer(stage.theirs("lakeformation"), stage.account)
    glue = stage.theirs("glue")
    glue.create_database(DatabaseInput={"Name": "default"})
    make_link(stage, "insights")
    _workplace(stage, "theirs", stage.account, stage.terms.workgroup, stage.terms.results_bucket, stage.account)
    for name in ("default", "insights"):
        stage.grant("theirs", stage.analyst, database(stage.account, name), "DESCRIBE")
    for name in stage.terms.tables:
        stage.grant("theirs", stage.analyst, table(name), "SELECT")


def _workplace(stage: ShareStage, side: str, account: str, workgroup: str, results: str, trusted: str) -> None:
    """A bucket, a key, a role and a workgroup of a reader."""
    ask = stage.ours if side == "ours" else stage.theirs
    make_bucket(ask("s3"), results)
    key = make_key(ask("kms"))
    ask("kms").create_alias(AliasName=f"alias/{workgroup}-results", TargetKeyId=key)
    rights = [{"Effect": "Allow", "Action": ["glue:Get*", "athena:*", "lakeformation:GetDataAccess"], "Resource": "*"}]
    rights += [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{results}/*"},
        {"Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": f"arn:aws:s3:::{results}"},
        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key},
    ]
    role = workgroup if side == "ours" else stage.terms.analyst_role
    make_role(ask("iam"), role, {"AWS": f"arn:aws:iam::{trusted}:root"}, rights)
    ask("athena").create_work_group(
        Name=workgroup,
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "BytesScannedCutoffPerQuery": 2**30,
            "ResultConfiguration": {
                "OutputLocation": f"s3://{results}/{workgroup}/",
                "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": key},
            },
        },
    )


def make_link(stage: ShareStage, target: str, owner: str = PROVIDER) -> None:
    link = {"Name": "insights", "TargetDatabase": {"CatalogId": owner, "DatabaseName": target}}
    stage.theirs("glue").create_database(DatabaseInput=link)


def make_filter(stage: ShareStage, name: str, columns: list[str] | None, rows: str) -> None:
    shown: dict[str, Any] = {"ColumnNames": columns} if columns else {"ColumnWildcard": {}}
    some: dict[str, Any] = {"FilterExpression": rows} if rows else {"AllRowsWildcard": {}}
    stage.ours("lakeformation").create_data_cells_filter(
        TableData={**filter_on(name)["DataCellsFilter"], **shown, "RowFilter": some}
    )


def _session(one: StageSession) -> boto3.Session:
    return cast(boto3.Session, one)
