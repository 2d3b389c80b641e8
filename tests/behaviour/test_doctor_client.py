"""The doctor in the client's account: silent on a healthy share, and one thing broken is named by its check alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import boto3
import pytest

from insightshare.share.doctor import Finding
from tests.behaviour import cures
from tests.behaviour.share_stage import (
    OUTSIDER,
    Healthy,
    ShareStage,
    StageSession,
    database,
    document,
    filter_on,
    grant_again,
    make_bucket,
    make_link,
    make_role,
    table,
)
from tests.conftest import ACME, PROVIDER, Cloud

Plant = Callable[[ShareStage], Any]


@pytest.fixture(scope="module")
def healthy(cloud: Cloud) -> Healthy:
    return Healthy(cloud)


@pytest.mark.parametrize("account", [ACME, OUTSIDER])
def test_nothing_is_wrong_with_a_healthy_share(healthy: Healthy, account: str) -> None:
    stage = healthy.share(account)

    findings = stage.client_findings()

    assert {one.state for one in findings} == {"ok"}
    assert len(findings) >= 20
    healthy.is_whole(stage)


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


@pytest.mark.parametrize("fault", PLANTED)
def test_one_fault_is_named_by_its_check_alone(healthy: Healthy, fault: str) -> None:
    check, whose, plant = PLANTED[fault]
    stage = healthy.share()
    plant(stage)

    findings = stage.client_findings()

    failed = [one for one in findings if one.state == "failed"]
    assert {(one.check, one.whose) for one in failed} == {(check, whose)}, failed
    assert all(one.cure for one in failed)
    assert all("not judged before" in one.why for one in findings if one.state == "unknown"), findings
    assert ("One year" in str(failed), fault in CURED) == (False, all(cures.runs(one.cure) for one in failed))
    if fault in CURED:
        _cure(stage)
        healthy.is_whole(stage)


def _cure(stage: ShareStage) -> None:
    """One cure can show the next fault: a link that is made again has none of its old grants."""
    for _ in range(4):
        failed = [one for one in stage.client_findings() if one.state == "failed"]
        for one in failed:
            cures.run(one.cure, stage.theirs)
        if not failed:
            break
    assert {one.state for one in stage.client_findings()} == {"ok"}


def test_another_account_and_another_region_are_named_first(healthy: Healthy, cloud: Cloud) -> None:
    stage = healthy.share()

    elsewhere = stage.client_findings(session=StageSession(cloud, ACME))
    abroad = stage.client_findings(session=StageSession(cloud, OUTSIDER, "eu-central-1"))

    assert _failed(elsewhere) == ["account"]
    assert _failed(abroad) == ["region"]
    healthy.is_whole(stage)


@pytest.mark.parametrize(
    ("today", "whose"), [(date(2026, 10, 31), "client"), (date(2027, 11, 1), "provider")], ids=["before", "after"]
)
def test_a_day_outside_the_agreement_is_named(healthy: Healthy, today: date, whose: str) -> None:
    stage = healthy.share()

    findings = stage.client_findings(today)

    assert [(one.check, one.whose) for one in findings if one.state == "failed"] == [("dates", whose)]
    healthy.is_whole(stage)


def test_who_may_look_at_nothing_is_told_so_and_no_fault(healthy: Healthy, cloud: Cloud) -> None:
    stage = healthy.share()
    make_role(stage.theirs("iam"), "nobody", {"AWS": OUTSIDER}, [{"Effect": "Deny", "Action": "*", "Resource": "*"}])
    keys = cloud.assume(f"arn:aws:iam::{OUTSIDER}:role/nobody", OUTSIDER)

    findings = stage.client_findings(session=StageSession(cloud, OUTSIDER, credentials=keys))

    assert _failed(findings) == []
    unknown = {one.check: one.why for one in findings if one.state == "unknown"}
    assert {"administrator", "invitation-pending", "shares", "workgroup", "select"} <= set(unknown)
    assert all("could not be looked at" in why for why in unknown.values())


def _failed(findings: Sequence[Finding]) -> list[str]:
    return [one.check for one in findings if one.state == "failed"]
