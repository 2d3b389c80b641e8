"""Accounts outside the organisation have what was granted to them once they accept an invitation, in time."""

from __future__ import annotations

import functools
import subprocess
import sys
from typing import Any

import pytest

from tests.behaviour.lake import Lake, client, make_lake, make_role, refused
from tests.behaviour.parts import policy
from tests.behaviour.sharing import (
    accept_all,
    advance,
    ask,
    columns_seen,
    invitations,
    link,
    new_guest,
    outgoing,
    share_churn,
)
from tests.conftest import ACME, PROVIDER, Cloud


@pytest.fixture
def lake(cloud: Cloud) -> Lake:
    return make_lake(cloud)


@pytest.fixture
def guest(cloud: Cloud) -> str:
    """An account outside the organisation."""
    return new_guest(cloud)


def test_a_first_share_is_two_invitations_from_shares_that_lake_formation_names(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)

    found = invitations(lake, guest)

    assert [(one["senderAccountId"], one["receiverAccountId"]) for one in found] == [(PROVIDER, guest)] * 2
    assert all(one["resourceShareName"].startswith("LakeFormation-V4-") for one in found)
    assert [(one["status"], one["external"]) for one in outgoing(lake, guest)] == [("ASSOCIATING", True)] * 2


def test_a_pending_invitation_says_what_it_is_about(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    ram = lake.client("ram", guest)

    told = set()
    for one in invitations(lake, guest):
        arn = one["resourceShareInvitationArn"]
        resources = ram.list_pending_invitation_resources(resourceShareInvitationArn=arn)["resources"]
        told.add(tuple(sorted(resource["type"] for resource in resources)))

    assert told == {("glue:Catalog", "glue:Database"), ("glue:Catalog", "glue:Database", "glue:Table")}


def test_before_acceptance_the_other_account_has_nothing(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    glue = lake.client("glue", guest)
    link(lake, guest)

    refusals = {
        refused(lambda: columns_seen(lake, guest))[0],
        refused(lambda: glue.get_tables(DatabaseName=lake.database))[0],
        refused(lambda: glue.get_database(CatalogId=PROVIDER, Name=lake.database))[0],
    }

    assert refusals == {"AccessDeniedException"}
    assert lake.client("ram", guest).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []
    assert lake.client("ram", guest).list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"] == []


def test_a_query_through_a_link_lacks_permissions_until_the_share_is_accepted(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    link(lake, guest)

    reader = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{guest}:user/admin"}

    before = ask(lake, guest, "SELECT customer FROM churn")
    accept_all(lake, guest)
    lake.client("lakeformation", guest).grant_permissions(
        Principal=reader, Resource=lake.table(), Permissions=["SELECT"]
    )

    assert "Insufficient Lake Formation permission(s): Required Describe on" in before
    assert ask(lake, guest, "SELECT customer FROM churn") == ""
    assert "COLUMN_NOT_FOUND" in ask(lake, guest, "SELECT income FROM churn")


def test_each_invitation_carries_its_own_grants(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    ram, glue = lake.client("ram", guest), lake.client("glue", guest)
    arns = [one["resourceShareInvitationArn"] for one in invitations(lake, guest)]
    kinds = {
        len(ram.list_pending_invitation_resources(resourceShareInvitationArn=arn)["resources"]): arn for arn in arns
    }

    ram.accept_resource_share_invitation(resourceShareInvitationArn=kinds[2])

    assert glue.get_database(CatalogId=PROVIDER, Name=lake.database)["Database"]["Name"] == lake.database
    assert refused(lambda: columns_seen(lake, guest))[0] == "AccessDeniedException"


def test_once_accepted_links_resolve_and_the_account_stays_the_ceiling(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    accept_all(lake, guest)
    link(lake, guest)
    role = make_role(lake.cloud, guest, ["glue:*"])
    grant = client(lake.cloud, "lakeformation", guest).grant_permissions
    grant(Principal={"DataLakePrincipalIdentifier": role}, Resource=lake.table(), Permissions=["SELECT"])
    local = {"Database": {"CatalogId": guest, "Name": lake.database}}
    grant(Principal={"DataLakePrincipalIdentifier": role}, Resource=local, Permissions=["DESCRIBE"])

    analyst = lake.cloud.client("glue", credentials=lake.cloud.assume(role, guest))
    table = analyst.get_table(DatabaseName=lake.database, Name="churn")["Table"]

    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["customer", "score"]
    every = lake.client("ram").get_resource_share_associations(associationType="PRINCIPAL")["resourceShareAssociations"]
    assert role not in {one["associatedEntity"] for one in every}  # what the guest grants on is not shared once more


def test_later_grants_join_an_accepted_share_without_a_new_invitation(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    accept_all(lake, guest)

    lake.make_filter("more", ColumnNames=["income"])
    lake.grant(guest, lake.filter("more"), "SELECT", option=True)

    assert (invitations(lake, guest), columns_seen(lake, guest)) == ([], ["customer", "score", "income"])


def test_with_its_last_grant_a_share_goes(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    accept_all(lake, guest)

    lake.revoke(guest, lake.filter("few"), "SELECT")

    shares = lake.client("ram", guest).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    assert len(shares) == 1
    assert sorted(one["status"] for one in outgoing(lake, guest)) == ["ASSOCIATED", "DISASSOCIATED"]
    assert refused(lambda: columns_seen(lake, guest))[0] == "AccessDeniedException"


def test_a_share_keeps_the_tables_that_other_grants_need(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    lake.make_filter("more", ColumnNames=["income"])
    lake.grant(guest, lake.filter("more"), "SELECT", option=True)
    accept_all(lake, guest)

    lake.revoke(guest, lake.filter("few"), "SELECT")

    assert columns_seen(lake, guest) == ["income"]


@pytest.mark.parametrize(
    ("first", "then", "code"),
    [
        ("accept", "accept", "AlreadyAccepted"),
        ("accept", "reject", "AlreadyAccepted"),
        ("reject", "accept", "AlreadyRejected"),
        ("lapse", "accept", "Expired"),
    ],
)
def test_an_invitation_is_answered_once(lake: Lake, guest: str, first: str, then: str, code: str) -> None:
    share_churn(lake, guest)
    arn = invitations(lake, guest)[0]["resourceShareInvitationArn"]
    ram = lake.client("ram", guest)
    answers = {"accept": ram.accept_resource_share_invitation, "reject": ram.reject_resource_share_invitation}

    if first == "lapse":
        advance(lake.cloud, 12)
    else:
        answers[first](resourceShareInvitationArn=arn)

    again = refused(lambda: answers[then](resourceShareInvitationArn=arn))
    assert again[0] == f"ResourceShareInvitation{code}Exception"


def test_unknown_and_malformed_arns_are_told_apart(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    arn = invitations(lake, guest)[0]["resourceShareInvitationArn"]

    def accept(arn: str, account: str) -> str:
        ram = lake.client("ram", account)
        return refused(lambda: ram.accept_resource_share_invitation(resourceShareInvitationArn=arn))[0]

    assert accept("churn", guest) == "MalformedArnException"
    assert accept(arn[:-1] + "_", guest) == "ResourceShareInvitationArnNotFoundException"
    assert accept(arn, ACME) == "ResourceShareInvitationArnNotFoundException"  # somebody else's


def test_an_invitation_lapses_after_twelve_hours_and_revoke_and_grant_send_a_new_one(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)

    advance(lake.cloud, 11.9)
    assert len(invitations(lake, guest)) == 2
    advance(lake.cloud, 0.2)

    assert len(invitations(lake, guest, "EXPIRED")) == 2
    assert {one["status"] for one in outgoing(lake, guest)} == {"DISASSOCIATED"}
    lake.revoke(guest, lake.filter("few"), "SELECT")
    lake.grant(guest, lake.filter("few"), "SELECT", option=True)
    accept_all(lake, guest)
    assert columns_seen(lake, guest) == ["customer", "score"]


def test_a_grant_that_changes_nothing_sends_no_new_invitation(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    advance(lake.cloud, 12)

    lake.grant(guest, lake.filter("few"), "SELECT", option=True)

    assert invitations(lake, guest) == []


def test_a_role_accepts_only_with_a_policy_that_lets_it(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    arn = invitations(lake, guest)[0]["resourceShareInvitationArn"]

    def answer(**statement: Any) -> Any:
        role = make_role(lake.cloud, guest, ["none:None"])
        allowed = {"Effect": "Allow", "Action": "ram:AcceptResourceShareInvitation", "Resource": "*", **statement}
        client(lake.cloud, "iam", guest).put_role_policy(
            RoleName=role.rpartition("/")[2], PolicyName="may", PolicyDocument=policy(allowed)
        )
        ram = lake.cloud.client("ram", credentials=lake.cloud.assume(role, guest))
        return ram.accept_resource_share_invitation(resourceShareInvitationArn=arn)

    owner = {"StringEquals": {"ram:ShareOwnerAccountId": ACME}}
    elsewhere = f"arn:aws:ram:*:{ACME}:resource-share-invitation/*"
    wrong: list[dict[str, Any]] = [{"Action": "ram:Get*"}, {"Resource": elsewhere}, {"Condition": owner}]
    for statement in wrong:
        assert refused(functools.partial(answer, **statement))[0] == "AccessDeniedException"
    owner["StringEquals"]["ram:ShareOwnerAccountId"] = PROVIDER
    answered = answer(Resource=elsewhere.replace(ACME, PROVIDER), Condition=owner)
    assert answered["resourceShareInvitation"]["status"] == "ACCEPTED"


def test_the_command_moves_the_clock(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    command = [sys.executable, "-m", "localcloud", "advance", "12", "--directory", str(lake.cloud.directory)]

    subprocess.run(command, check=True, capture_output=True)

    assert len(invitations(lake, guest, "EXPIRED")) == 2


def test_a_share_deleted_in_ram_blocks_its_grants(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    accept_all(lake, guest)

    for one in outgoing(lake, guest):
        lake.client("ram").delete_resource_share(resourceShareArn=one["resourceShareArn"])

    assert refused(lambda: columns_seen(lake, guest))[0] == "AccessDeniedException"
    assert len(lake.listed(guest, lake.filter("few"))) == 1
