"""The doctor in the provider's account: silent on a healthy share, and one thing broken is named by its check alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from insightshare.contract.facts import Organisation, ReadsFrom
from insightshare.share.doctor import Finding
from insightshare.share.doctor_facts import HeldGrant
from insightshare.share.doctor_provider import examine_provider
from tests.behaviour import cures
from tests.behaviour.doctor_faults_provider import CURED, PLANTED, READING_HERE
from tests.behaviour.share_parts import NAME, database, filter_on, make_role, table
from tests.behaviour.share_stage import DEPLOYMENT, OUTSIDER, Healthy, ShareStage, StageSession, grant_again
from tests.conftest import ACME, PROVIDER, Cloud


@pytest.fixture(scope="module")
def healthy(cloud: Cloud) -> Iterator[Healthy]:
    yield Healthy(cloud)
    cloud.reset()


@pytest.mark.parametrize(
    ("account", "reads_from"),
    [(ACME, "provider_account"), (ACME, "own_account"), (OUTSIDER, "own_account")],
    ids=["in ours", "inside the organisation", "outside it"],
)
def test_nothing_is_wrong_with_a_healthy_share(healthy: Healthy, account: str, reads_from: ReadsFrom) -> None:
    stage = healthy.share(account, reads_from)

    findings = stage.provider_findings()

    assert {one.state for one in findings} == {"ok"}
    assert len(findings) >= 20
    healthy.is_whole(stage)


def test_a_filter_of_all_rows_is_as_agreed(healthy: Healthy) -> None:
    stage = healthy.share()
    (grant,) = stage.project.clients[NAME].grants
    for name in ("churn", "churn_latest"):
        shown = stage.ours("lakeformation").get_data_cells_filter(**filter_on(name)["DataCellsFilter"])
        all_rows = {**shown["DataCellsFilter"], "RowFilter": {"AllRowsWildcard": {}}}
        stage.ours("lakeformation").update_data_cells_filter(TableData=all_rows)

    (found,) = [one for one in stage.provider_findings(grants=(replace(grant, rows=None),)) if one.check == "filters"]

    assert found.state == "ok"


@pytest.mark.parametrize("fault", PLANTED)
def test_one_fault_is_named_by_its_check_alone(healthy: Healthy, fault: str) -> None:
    check, whose, plant = PLANTED[fault]
    stage = healthy.share()
    plant(stage)

    findings = stage.provider_findings()

    failed = [one for one in findings if one.state == "failed"]
    assert {(one.check, one.whose) for one in failed} == {(check, whose)}, failed
    assert all(one.cure for one in failed)
    assert all("not judged before" in one.why for one in findings if one.state == "unknown"), findings
    assert ("One year" in str(failed), fault in CURED) == (False, all(cures.runs(one.cure) for one in failed))
    if fault in CURED:
        _cure(stage, failed)
        healthy.is_whole(stage)


def _cure(stage: ShareStage, failed: Sequence[Finding]) -> None:
    """One cure can show the next fault: a link that is made again has none of its old grants."""
    for _ in range(3):
        for one in failed:
            cures.run(one.cure, stage.ours)
        findings = stage.provider_findings()
        failed = [one for one in findings if one.state == "failed"]
        if not failed:
            break
    assert {one.state for one in findings} == {"ok"}


def test_an_organisation_that_does_not_share_is_named(healthy: Healthy, cloud: Cloud) -> None:
    stage = healthy.share(ACME)
    management = stage.ours("organizations").describe_organization()["Organization"]["MasterAccountId"]
    cloud.client("organizations", management).disable_aws_service_access(ServicePrincipal="ram.amazonaws.com")
    grant_again(stage)

    failed = [one for one in stage.provider_findings() if one.state == "failed"]

    assert [(one.check, one.whose) for one in failed] == [("organisation", "provider")]
    assert "enable-sharing-with-aws-organization" in failed[0].cure


@pytest.mark.parametrize("fault", READING_HERE)
def test_one_fault_of_a_client_that_reads_from_ours_is_ours_to_mend(healthy: Healthy, fault: str) -> None:
    check, plant = READING_HERE[fault]
    stage = healthy.share(ACME, "provider_account")
    plant(stage)

    failed = [one for one in stage.provider_findings() if one.state == "failed"]

    assert {(one.check, one.whose, one.cure) for one in failed} == {(check, "provider", "make deploy ENV=test")}


def test_the_catalog_is_never_left_without_encryption_and_keeps_its_other_settings(healthy: Healthy) -> None:
    stage = healthy.share()
    passwords = {"ReturnConnectionPasswordEncrypted": True, "AwsKmsKeyId": "alias/passwords"}
    at_rest = {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "alias/aws/glue"}
    stage.ours("glue").put_data_catalog_encryption_settings(
        DataCatalogEncryptionSettings={"EncryptionAtRest": at_rest, "ConnectionPasswordEncryption": passwords}
    )

    (failed,) = [one for one in stage.provider_findings() if one.state == "failed"]

    assert failed.check == "catalog-key"
    assert "DISABLED" not in failed.cure
    assert json.dumps({**at_rest, "SseAwsKmsKeyId": "<ARN of that key>"}) in failed.cure
    assert json.dumps(passwords) in failed.cure


EVERYBODY = f"{PROVIDER}:IAMPrincipals"
ALL_TABLES = {"Table": {"CatalogId": PROVIDER, "DatabaseName": "insights", "TableWildcard": {}}}


@pytest.mark.parametrize(
    ("principal", "resource", "permissions"),
    [
        (EVERYBODY, table("churn"), ["DELETE", "SELECT"]),
        (EVERYBODY, ALL_TABLES, ["INSERT"]),
        (EVERYBODY, database(PROVIDER, "insights"), ["CREATE_TABLE"]),
        (EVERYBODY, {"Catalog": {}}, ["CREATE_DATABASE"]),
        (DEPLOYMENT.client_role_arn(NAME), filter_on("churn"), ["DROP"]),
    ],
    ids=["a table", "all tables", "the database", "the catalog", "its own filter"],
)
def test_what_a_client_holds_with_others_or_besides_is_named_and_taken_away(
    healthy: Healthy, principal: str, resource: dict[str, Any], permissions: list[str]
) -> None:
    stage = healthy.share(ACME, "provider_account")
    stage.grant("ours", principal, resource, *permissions, option=True)

    failed = [one for one in stage.provider_findings() if one.state == "failed"]
    for one in failed:
        cures.run(one.cure, stage.ours)

    assert {one.check for one in failed} == {"nothing-more"}
    left = {one.check for one in stage.provider_findings() if one.state != "ok"}
    assert left == ({"select"} if principal != EVERYBODY else set())  # its own grant is Terraform's to make again


@pytest.mark.parametrize(
    ("principal", "organisation", "more"),
    [
        (ACME, "inside", True),
        (f"arn:aws:organizations::{PROVIDER}:organization/o-ours", "inside", True),
        (f"arn:aws:organizations::{PROVIDER}:ou/o-ours/ou-1", "inside", True),
        (f"arn:aws:organizations::{PROVIDER}:organization/o-ours", "outside", False),
        (f"{ACME}:IAMPrincipals", "outside", True),
        (f"{PROVIDER}:IAMPrincipals", "outside", False),
        ("555555555555", "inside", False),
    ],
)
def test_a_grant_by_tags_counts_to_whomever_the_client_is_among(
    healthy: Healthy, principal: str, organisation: Organisation, more: bool
) -> None:
    stage = healthy.share(ACME)
    tags = {"ResourceType": "TABLE", "Expression": [{"TagKey": "kind", "TagValues": ["insight"]}]}
    by_tags = HeldGrant(
        principal, "LFTagPolicy", {"LFTagPolicy": tags}, "", "", "", frozenset({"SELECT"}), frozenset({"SELECT"})
    )
    facts = stage.provider_facts(organisation=organisation)
    assert isinstance(facts.grants, tuple)

    found = examine_provider(replace(facts, grants=(*facts.grants, by_tags)))

    faults = [one for one in found if one.check == "nothing-more" and one.state == "failed"]
    assert [one.why for one in faults] == more * [
        f"{principal} has SELECT on what its LFTagPolicy names, which the agreement does not give now"
    ]
    assert all(json.dumps(tags) in one.cure and "--permissions-with-grant-option SELECT" in one.cure for one in faults)
    healthy.is_whole(stage)


def test_an_account_of_our_organisation_that_the_file_calls_outside_is_named(healthy: Healthy) -> None:
    stage = healthy.share(ACME)

    (failed,) = [one for one in stage.provider_findings(organisation="outside") if one.state == "failed"]

    assert (failed.check, failed.whose) == ("organisation", "provider")
    assert failed.why == f"account {ACME} is in our organisation, and clients/acme.yaml says outside"
    assert failed.cure == "say `organisation: inside` in clients/acme.yaml, then make deploy ENV=test"
    healthy.is_whole(stage)


@pytest.mark.parametrize("today", [date(2026, 10, 31), date(2027, 11, 1)], ids=["before", "after"])
def test_grants_outside_the_agreements_days_are_named(healthy: Healthy, today: date) -> None:
    stage = healthy.share()

    failed = [one for one in stage.provider_findings(today) if one.state == "failed"]

    assert {one.check for one in failed} == {"dates", "nothing-more"}
    assert len(failed) == 1 + 4  # the database, and three tables
    healthy.is_whole(stage)


def test_another_account_is_named_first(healthy: Healthy, cloud: Cloud) -> None:
    stage = healthy.share()

    findings = stage.provider_findings(session=StageSession(cloud, ACME))

    assert [one.check for one in findings if one.state == "failed"] == ["account"]
    healthy.is_whole(stage)


def test_who_may_look_at_nothing_is_told_so_and_no_fault(healthy: Healthy, cloud: Cloud) -> None:
    stage = healthy.share()
    make_role(stage.ours("iam"), "nobody", {"AWS": PROVIDER}, [{"Effect": "Deny", "Action": "*", "Resource": "*"}])
    keys = cloud.assume(f"arn:aws:iam::{PROVIDER}:role/nobody")

    findings = stage.provider_findings(session=StageSession(cloud, PROVIDER, credentials=keys))

    assert not any(one.state == "failed" for one in findings)
    unknown = {one.check: one.why for one in findings if one.state == "unknown"}
    assert {"version", "location", "filters", "select", "nothing-more", "share"} <= set(unknown)
    assert all("could not be looked at" in why for why in unknown.values())


def test_who_is_no_administrator_is_not_told_that_grants_are_missing(healthy: Healthy, cloud: Cloud) -> None:
    stage = healthy.share()
    make_role(stage.ours("iam"), "plain", {"AWS": PROVIDER}, [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
    keys = cloud.assume(f"arn:aws:iam::{PROVIDER}:role/plain")

    findings = stage.provider_findings(session=StageSession(cloud, PROVIDER, credentials=keys))

    (select,) = [one for one in findings if one.check == "select"]
    assert (select.state, "no data lake administrator" in select.why) == ("unknown", True)
    assert [one for one in findings if one.state == "failed"] == []
