"""Grants to accounts outside the organisation travel by RAM shares that these must accept, through plain boto3."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.behaviour.lake import Lake, client, make_admin, make_lake, make_role, refused
from tests.behaviour.parts import unique, until
from tests.conftest import ACME, PROVIDER, REGION, Cloud


@pytest.fixture
def lake(cloud: Cloud) -> Lake:
    return make_lake(cloud)


@pytest.fixture
def guest(cloud: Cloud) -> str:
    """An account outside the organisation, whose administrator is a data lake administrator."""
    account = f"4{random.randrange(10**11):011d}"  # noqa: S311 - a name, not a secret
    make_admin(cloud, account)
    return account


def share_churn(lake: Lake, account: str) -> None:
    """What a provider grants: the database's description, and one filter of one table."""
    database = {"Database": {"CatalogId": PROVIDER, "Name": lake.database}}
    lake.grant(account, database, "DESCRIBE", option=True)
    lake.make_filter("few", ColumnNames=["customer", "score"])
    lake.grant(account, lake.filter("few"), "SELECT", option=True)


def invitations(lake: Lake, account: str, status: str = "PENDING") -> list[dict[str, Any]]:
    found = lake.client("ram", account).get_resource_share_invitations()["resourceShareInvitations"]
    return [one for one in found if one["status"] == status]


def accept_all(lake: Lake, account: str) -> None:
    for one in invitations(lake, account):
        lake.client("ram", account).accept_resource_share_invitation(
            resourceShareInvitationArn=one["resourceShareInvitationArn"]
        )


def link(lake: Lake, account: str) -> None:
    target = {"CatalogId": PROVIDER, "DatabaseName": lake.database}
    lake.client("glue", account).create_database(DatabaseInput={"Name": lake.database, "TargetDatabase": target})


def outgoing(lake: Lake, account: str) -> list[dict[str, Any]]:
    """The provider's associations with this account."""
    reply = lake.client("ram").get_resource_share_associations(associationType="PRINCIPAL", principal=account)
    return list(reply["resourceShareAssociations"])


def join(lake: Lake, account: str) -> str:
    """Make the account one of the organisation, whose management account is returned."""
    management = lake.client("organizations").describe_organization()["Organization"]["MasterAccountId"]
    handshake = lake.client("organizations", management).invite_account_to_organization(
        Target={"Id": account, "Type": "ACCOUNT"}
    )["Handshake"]["Id"]
    lake.client("organizations", account).accept_handshake(HandshakeId=handshake)
    return str(management)


def ask(lake: Lake, account: str, sql: str) -> str:
    """Why a query through the account's link fails; empty if it does not."""
    bucket = unique("results")
    lake.client("s3", account).create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    athena = lake.client("athena", account)
    query = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": lake.database},
        ResultConfiguration={"OutputLocation": f"s3://{bucket}/"},
    )["QueryExecutionId"]

    def ended() -> dict[str, Any] | None:
        status: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        return None if status["State"] in ("QUEUED", "RUNNING") else status

    return str(until(ended).get("StateChangeReason", ""))


def advance(cloud: Cloud, hours: float) -> None:
    cloud.request("POST", f"/localcloud/advance?hours={hours}")


def columns_seen(lake: Lake, account: str) -> list[str]:
    table = lake.client("glue", account).get_table(CatalogId=PROVIDER, DatabaseName=lake.database, Name="churn")
    return [column["Name"] for column in table["Table"]["StorageDescriptor"]["Columns"]]


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


def test_all_tables_are_a_third_share(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)

    wildcard = {"Table": {"CatalogId": PROVIDER, "DatabaseName": lake.database, "TableWildcard": {}}}
    lake.grant(guest, wildcard, "DESCRIBE", option=True)

    assert len(invitations(lake, guest)) == 3


def test_accounts_of_the_organisation_are_not_invited(lake: Lake) -> None:
    make_admin(lake.cloud, ACME)

    share_churn(lake, ACME)

    shares = lake.client("ram", ACME).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    assert (invitations(lake, ACME), columns_seen(lake, ACME)) == ([], ["customer", "score"])
    assert {(one["status"], one["owningAccountId"]) for one in shares} == {("ACTIVE", PROVIDER)}
    assert {(one["status"], one["external"]) for one in outgoing(lake, ACME)} == {("ASSOCIATED", False)}


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
    assert len(outgoing(lake, guest)) == 2  # what the guest grants on is not shared once more


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


def test_the_grants_list_names_the_share_that_carries_each(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)

    listed = lake.client("lakeformation").list_permissions(
        Principal={"DataLakePrincipalIdentifier": guest}, Resource=lake.filter("few")
    )["PrincipalResourcePermissions"]

    carried = {arn for one in listed for arn in one["AdditionalDetails"]["ResourceShare"]}
    assert len(carried) == 1
    assert carried < {one["resourceShareArn"] for one in outgoing(lake, guest)}


def test_permissions_and_principals_of_a_share_can_be_read(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    accept_all(lake, guest)
    arns = {one["resourceShareArn"] for one in outgoing(lake, guest)}
    owner, ram = lake.client("ram"), lake.client("ram", guest)

    permissions = [owner.list_resource_share_permissions(resourceShareArn=arn)["permissions"] for arn in sorted(arns)]
    principals = owner.list_principals(resourceOwner="SELF", resourceShareArns=sorted(arns))["principals"]
    givers = ram.list_principals(resourceOwner="OTHER-ACCOUNTS")["principals"]

    names = {permission["name"] for entries in permissions for permission in entries}
    assert {"AWSRAMLFEnabledGlueTableReadWrite", "AWSRAMLFEnabledGlueDatabaseReadWrite"} <= names
    assert [one["id"] for one in principals] == [guest, guest]
    assert {(one["id"], one["external"]) for one in givers} == {(PROVIDER, True)}


def test_a_role_accepts_only_with_a_policy_that_lets_it(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    arn = invitations(lake, guest)[0]["resourceShareInvitationArn"]

    def answer(*actions: str) -> Any:
        role = make_role(lake.cloud, guest, list(actions))
        ram = lake.cloud.client("ram", credentials=lake.cloud.assume(role, guest))
        return ram.accept_resource_share_invitation(resourceShareInvitationArn=arn)

    assert refused(lambda: answer("ram:GetResourceShareInvitations"))[0] == "AccessDeniedException"
    assert answer("ram:AcceptResourceShareInvitation")["resourceShareInvitation"]["status"] == "ACCEPTED"


def test_who_joins_the_organisation_needs_no_invitation_and_who_leaves_it_loses_its_shares(
    lake: Lake, guest: str
) -> None:
    join(lake, guest)
    share_churn(lake, guest)
    assert (invitations(lake, guest), columns_seen(lake, guest)) == ([], ["customer", "score"])

    lake.client("organizations", guest).leave_organization()

    assert refused(lambda: columns_seen(lake, guest))[0] == "AccessDeniedException"


def test_an_organisation_that_does_not_share_invites_its_own(lake: Lake, guest: str) -> None:
    management = join(lake, guest)
    lake.client("organizations", management).disable_aws_service_access(ServicePrincipal="ram.amazonaws.com")
    try:
        share_churn(lake, guest)
        pending = invitations(lake, guest)
    finally:
        lake.client("ram", management).enable_sharing_with_aws_organization()

    assert len(pending) == 2
    assert refused(lambda: lake.client("ram", guest).enable_sharing_with_aws_organization())[0] == (
        "OperationNotPermittedException"
    )


def test_a_share_of_a_users_own_lasts_a_week_and_its_guest_may_leave_it(lake: Lake, guest: str) -> None:
    ram = lake.client("ram")
    subnet = f"arn:aws:ec2:eu-west-1:{PROVIDER}:subnet/subnet-0123456789abcdef0"
    arn = ram.create_resource_share(name="net", principals=[guest], resourceArns=[subnet])["resourceShare"][
        "resourceShareArn"
    ]
    advance(lake.cloud, 6 * 24)
    accept_all(lake, guest)
    mine = lake.client("ram", guest)
    assert [one["arn"] for one in mine.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]] == [subnet]

    mine.disassociate_resource_share(resourceShareArn=arn, principals=[guest])

    assert mine.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"] == []
    assert outgoing(lake, guest)[0]["status"] == "DISASSOCIATED"


def test_a_share_deleted_in_ram_blocks_its_grants(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)
    accept_all(lake, guest)

    for one in outgoing(lake, guest):
        lake.client("ram").delete_resource_share(resourceShareArn=one["resourceShareArn"])

    assert refused(lambda: columns_seen(lake, guest))[0] == "AccessDeniedException"
    assert len(lake.listed(guest, lake.filter("few"))) == 1
