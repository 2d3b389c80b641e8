"""The doctor in the client's account: silent on a healthy share, and one thing broken is named by its check alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import cast

import boto3
import pytest

from insightshare.aws.examination_reader import granted
from insightshare.share.doctor import Finding
from tests.behaviour import cures
from tests.behaviour.doctor_faults_client import CURED, PLANTED
from tests.behaviour.share_parts import database, document, make_role
from tests.behaviour.share_stage import OUTSIDER, Healthy, ShareStage, StageSession
from tests.conftest import ACME, Cloud


@pytest.fixture(scope="module")
def healthy(cloud: Cloud) -> Iterator[Healthy]:
    yield Healthy(cloud)
    cloud.reset()


@pytest.mark.parametrize("account", [ACME, OUTSIDER])
def test_nothing_is_wrong_with_a_healthy_share(healthy: Healthy, account: str) -> None:
    stage = healthy.share(account)

    findings = stage.client_findings()

    assert {one.state for one in findings} == {"ok"}
    assert len(findings) >= 20
    healthy.is_whole(stage)


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
        _cure(stage, failed)
        healthy.is_whole(stage)


def _cure(stage: ShareStage, failed: Sequence[Finding]) -> None:
    """One cure can show the next fault: a link that is made again has none of its old grants."""
    for _ in range(3):
        for one in failed:
            cures.run(one.cure, stage.theirs)
        findings = stage.client_findings()
        failed = [one for one in findings if one.state == "failed"]
        if not failed:
            break
    assert {one.state for one in findings} == {"ok"}


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


def test_who_is_no_administrator_is_not_told_that_anything_is_broken(healthy: Healthy, cloud: Cloud) -> None:
    stage = healthy.share()
    make_role(stage.theirs("iam"), "plain", {"AWS": OUTSIDER}, [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
    keys = cloud.assume(f"arn:aws:iam::{OUTSIDER}:role/plain", OUTSIDER)

    findings = stage.client_findings(session=StageSession(cloud, OUTSIDER, credentials=keys))

    assert _failed(findings) == []
    unknown = {one.check: one.why for one in findings if one.state == "unknown"}
    assert {"target", "tables", "select", "columns", "describe-default"} <= set(unknown)
    assert "no data lake administrator" in unknown["target"]


def test_a_role_sees_what_it_holds_itself_and_what_it_lacks(healthy: Healthy, cloud: Cloud) -> None:
    stage = healthy.share()
    looks = [{"Effect": "Allow", "Action": "lakeformation:*", "Resource": "*"}]
    stage.theirs("iam").put_role_policy(
        RoleName=stage.terms.analyst_role, PolicyName="looks", PolicyDocument=document(*looks)
    )
    own = StageSession(cloud, OUTSIDER, credentials=cloud.assume(stage.analyst, OUTSIDER))
    default = database(OUTSIDER, "default")

    before = granted(cast(boto3.Session, own), stage.analyst, default, "DESCRIBE")
    stage.revoke("theirs", stage.analyst, default, "DESCRIBE")

    assert (before, granted(cast(boto3.Session, own), stage.analyst, default, "DESCRIBE")) == (True, False)


def _failed(findings: Sequence[Finding]) -> list[str]:
    return [one.check for one in findings if one.state == "failed"]
