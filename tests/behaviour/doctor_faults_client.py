"""What can be wrong on the client's side of a share: each fault breaks one thing; one check tells it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3

from tests.behaviour.share_parts import database, document, filter_on, make_bucket, table
from tests.behaviour.share_stage import OUTSIDER, ShareStage, grant_again, make_link
from tests.conftest import ACME, PROVIDER

Plant = Callable[[ShareStage], Any]


def _settings(stage: ShareStage, **updates: Any) -> None:
    stage.theirs("athena").update_work_group(WorkGroup=stage.terms.workgroup, ConfigurationUpdates=updates)


def _lapse(stage: ShareStage) -> None:
    grant_again(stage)
    stage.cloud.request("POST", "/localcloud/advance?hours=13")


def _reject(stage: ShareStage) -> None:
    grant_again(stage)
    ram = stage.theirs("ram")
    for one in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        if one["status"] == "PENDING":
            ram.reject_resource_share_invitation(resourceShareInvitationArn=one["resourceShareInvitationArn"])


def _no_administrator(stage: ShareStage) -> None:
    stage.theirs("lakeformation").put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": []})


def _link_to(target: str, owner: str = PROVIDER) -> Plant:
    def plant(stage: ShareStage) -> None:
        stage.theirs("glue").delete_database(Name="insights")
        make_link(stage, target, owner)
        stage.grant("theirs", stage.analyst, database(stage.account, "insights"), "DESCRIBE")

    return plant


def _no_link(stage: ShareStage) -> None:
    stage.theirs("glue").delete_database(Name="insights")
    stage.theirs("glue").create_database(DatabaseInput={"Name": "insights"})


def _no_role(stage: ShareStage) -> None:
    iam, name = stage.theirs("iam"), stage.terms.analyst_role
    iam.delete_role_policy(RoleName=name, PolicyName="rights")
    iam.delete_role(RoleName=name)


def _without_data_access(stage: ShareStage) -> None:
    iam, name = stage.theirs("iam"), stage.terms.analyst_role
    held = iam.get_role_policy(RoleName=name, PolicyName="rights")["PolicyDocument"]
    text = json.dumps(held).replace("lakeformation:GetDataAccess", "lakeformation:GetWorkUnits")
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=text)


def _no_glue_of_the_provider(stage: ShareStage) -> None:
    deny = {"Effect": "Deny", "Action": "glue:*", "Resource": f"arn:aws:glue:*:{PROVIDER}:*"}
    name = stage.terms.analyst_role
    stage.theirs("iam").put_role_policy(RoleName=name, PolicyName="more", PolicyDocument=document(deny))


def _bucket_elsewhere(stage: ShareStage) -> None:
    name = stage.terms.results_bucket
    stage.theirs("s3").delete_bucket(Bucket=name)
    elsewhere = boto3.client(
        "s3",
        region_name="eu-central-1",
        endpoint_url=stage.cloud.endpoint,
        aws_access_key_id=stage.account,
        aws_secret_access_key="any",
    )
    make_bucket(elsewhere, name, "eu-central-1")


def _register_results(stage: ShareStage) -> None:
    arn = f"arn:aws:s3:::{stage.terms.results_bucket}"
    stage.theirs("lakeformation").register_resource(ResourceArn=arn, RoleArn=stage.analyst)


def _results_key(stage: ShareStage) -> str:
    settings = stage.theirs("athena").get_work_group(WorkGroup=stage.terms.workgroup)["WorkGroup"]["Configuration"]
    return str(settings["ResultConfiguration"]["EncryptionConfiguration"]["KmsKey"])


def _key_for_nobody(stage: ShareStage) -> None:
    nobody = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OUTSIDER}:role/x"}, "Action": "kms:*"}
    policy = document({**nobody, "Resource": "*"})
    stage.theirs("kms").put_key_policy(KeyId=_results_key(stage), PolicyName="default", Policy=policy)


def _fewer_columns(stage: ShareStage) -> None:
    rows = {"FilterExpression": "contract = 'One year'"}
    shown = {"ColumnNames": ["customer_id", "hidden"], "RowFilter": rows}
    data = {**filter_on("churn")["DataCellsFilter"], **shown}
    stage.ours("lakeformation").update_data_cells_filter(TableData=data)


PLANTED: dict[str, tuple[str, str, Plant]] = {
    "the account has no administrator": ("administrator", "client", _no_administrator),
    "invitations wait": ("invitation-pending", "client", lambda stage: grant_again(stage)),
    "invitations lapsed": ("invitation-lapsed", "provider", _lapse),
    "invitations were rejected": ("invitation-lapsed", "provider", _reject),
    "a table is not shared": (
        "shares",
        "provider",
        lambda stage: stage.revoke("ours", OUTSIDER, filter_on("churn_latest"), "SELECT"),
    ),
    "the provider dropped the database": (
        "target",
        "provider",
        lambda stage: stage.ours("glue").delete_database(Name="insights"),
    ),
    "the provider dropped a table": (
        "tables",
        "provider",
        lambda stage: stage.ours("glue").delete_table(DatabaseName="insights", Name="churn"),
    ),
    "other columns are shared": ("columns", "provider", _fewer_columns),
    "there is no link": ("link", "client", lambda stage: stage.theirs("glue").delete_database(Name="insights")),
    "the link points to another database": ("link-target", "client", _link_to("insight")),
    "the link points to another account": ("link-target", "client", _link_to("insights", ACME)),
    "the link is no link": ("link-target", "client", _no_link),
    "there is no default database": (
        "default-database",
        "client",
        lambda stage: stage.theirs("glue").delete_database(Name="default"),
    ),
    "the analyst may not describe default": (
        "describe-default",
        "client",
        lambda stage: stage.revoke("theirs", stage.analyst, database(OUTSIDER, "default"), "DESCRIBE"),
    ),
    "the analyst may not describe the link": (
        "describe-link",
        "client",
        lambda stage: stage.revoke("theirs", stage.analyst, database(OUTSIDER, "insights"), "DESCRIBE"),
    ),
    "the analyst may not read a table": (
        "select",
        "client",
        lambda stage: stage.revoke("theirs", stage.analyst, table("churn_latest"), "SELECT"),
    ),
    "there is no analyst role": ("reader-role", "client", _no_role),
    "the analyst's policy lacks Lake Formation": ("reader-rights", "client", _without_data_access),
    "a policy denies the provider's catalog": ("reader-rights", "client", _no_glue_of_the_provider),
    "there is no workgroup": (
        "workgroup",
        "client",
        lambda stage: stage.theirs("athena").delete_work_group(WorkGroup=stage.terms.workgroup),
    ),
    "the workgroup is disabled": (
        "workgroup",
        "client",
        lambda stage: stage.theirs("athena").update_work_group(WorkGroup=stage.terms.workgroup, State="DISABLED"),
    ),
    "queries may override the workgroup": (
        "workgroup-settings",
        "client",
        lambda stage: _settings(stage, EnforceWorkGroupConfiguration=False),
    ),
    "nothing limits scans": (
        "workgroup-settings",
        "client",
        lambda stage: _settings(stage, RemoveBytesScannedCutoffPerQuery=True),
    ),
    "results go elsewhere": (
        "workgroup-settings",
        "client",
        lambda stage: _settings(stage, ResultConfigurationUpdates={"OutputLocation": "s3://elsewhere/"}),
    ),
    "results are not encrypted": (
        "workgroup-settings",
        "client",
        lambda stage: _settings(stage, ResultConfigurationUpdates={"RemoveEncryptionConfiguration": True}),
    ),
    "the engine is an old one": (
        "engine",
        "client",
        lambda stage: _settings(stage, EngineVersion={"SelectedEngineVersion": "Athena engine version 2"}),
    ),
    "there is no bucket for results": (
        "results-bucket",
        "client",
        lambda stage: stage.theirs("s3").delete_bucket(Bucket=stage.terms.results_bucket),
    ),
    "the bucket is in another region": ("results-bucket", "client", _bucket_elsewhere),
    "the bucket is registered": ("results-unregistered", "client", _register_results),
    "the key for results is off": (
        "results-key",
        "client",
        lambda stage: stage.theirs("kms").disable_key(KeyId=_results_key(stage)),
    ),
    "the key for results goes": (
        "results-key",
        "client",
        lambda stage: stage.theirs("kms").schedule_key_deletion(KeyId=_results_key(stage)),
    ),
    "the key for results lets nobody in": ("results-key", "client", _key_for_nobody),
}


CURED = (
    "invitations wait",
    "there is no link",
    "the link points to another database",
    "the link points to another account",
    "there is no default database",
    "the analyst may not describe default",
    "the analyst may not describe the link",
    "the analyst may not read a table",
    "the workgroup is disabled",
    "queries may override the workgroup",
    "results go elsewhere",
    "nothing limits scans",
    "results are not encrypted",
    "the engine is an old one",
    "the bucket is registered",
    "the key for results is off",
    "the key for results goes",
)
