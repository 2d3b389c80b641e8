"""Which RAM shares grants to other accounts make, inside and outside the organisation, and what can be read of them."""

from __future__ import annotations

import pytest

from tests.behaviour.lake import Lake, make_admin, make_lake, make_role, refused
from tests.behaviour.sharing import (
    accept_all,
    advance,
    columns_seen,
    invitations,
    join,
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


def test_a_role_elsewhere_reads_what_was_shared_with_it_alone_once_its_account_accepts(lake: Lake, guest: str) -> None:
    role = make_role(lake.cloud, guest, ["glue:*"])
    lake.grant(role, lake.columns(ColumnNames=["score"]), "SELECT")
    glue = lake.cloud.client("glue", credentials=lake.cloud.assume(role, guest))

    def columns() -> list[str]:
        table = glue.get_table(CatalogId=PROVIDER, DatabaseName=lake.database, Name="churn")["Table"]
        return [column["Name"] for column in table["StorageDescriptor"]["Columns"]]

    assert refused(columns)[0] == "AccessDeniedException"
    assert [one["receiverArn"] for one in invitations(lake, guest)] == [role]
    accept_all(lake, guest)

    assert columns() == ["score"]


def test_the_first_version_of_sharing_makes_a_share_of_each_resource(lake: Lake, guest: str) -> None:
    columns = [{"Name": "customer", "Type": "string"}]
    more = {"Name": "more", "StorageDescriptor": {"Columns": columns, "Location": "s3://lake/more/"}}
    lake.client("glue").create_table(DatabaseName=lake.database, TableInput=more)
    settings = lake.client("lakeformation").get_data_lake_settings()["DataLakeSettings"]
    settings["Parameters"]["CROSS_ACCOUNT_VERSION"] = "1"
    lake.client("lakeformation").put_data_lake_settings(DataLakeSettings=settings)
    try:
        lake.grant(guest, lake.table(), "DESCRIBE")
        lake.grant(guest, lake.table(Name="more"), "DESCRIBE")
    finally:
        make_admin(lake.cloud, PROVIDER)

    assert len(invitations(lake, guest)) == 2
    lake.revoke(guest, lake.table(Name="more"), "DESCRIBE")
    assert len(invitations(lake, guest)) == 1


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


def test_the_grants_list_names_the_share_that_carries_each(lake: Lake, guest: str) -> None:
    share_churn(lake, guest)

    listed = lake.client("lakeformation").list_permissions(
        Principal={"DataLakePrincipalIdentifier": guest}, Resource=lake.filter("few")
    )["PrincipalResourcePermissions"]

    carried = {arn for one in listed for arn in one["AdditionalDetails"]["ResourceShare"]}
    assert len(carried) == 1
    assert carried < {one["resourceShareArn"] for one in outgoing(lake, guest)}


def test_the_fifth_version_of_sharing_shares_tables_by_pattern_and_still_shows_only_the_granted(
    cloud: Cloud, guest: str
) -> None:
    owner = new_guest(cloud)
    admin = [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{owner}:user/admin"}]
    lakeformation, glue = cloud.client("lakeformation", owner), cloud.client("glue", owner)
    settings = {"DataLakeAdmins": admin, "Parameters": {"CROSS_ACCOUNT_VERSION": "5"}}
    lakeformation.put_data_lake_settings(DataLakeSettings=settings)
    glue.create_database(DatabaseInput={"Name": "weather"})
    for name in ("rain", "wind"):
        storage = {"Columns": [{"Name": "day", "Type": "string"}], "Location": f"s3://lake/{name}/"}
        glue.create_table(DatabaseName="weather", TableInput={"Name": name, "StorageDescriptor": storage})
    rain = {"Table": {"DatabaseName": "weather", "Name": "rain"}}
    principal = {"DataLakePrincipalIdentifier": guest}
    lakeformation.grant_permissions(Principal=principal, Resource=rain, Permissions=["DESCRIBE"])
    ram = cloud.client("ram", guest)
    invitation = ram.get_resource_share_invitations()["resourceShareInvitations"][0]
    ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])

    shared = {one["arn"].rpartition(":")[2] for one in ram.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]}
    seen = cloud.client("glue", guest).get_tables(CatalogId=owner, DatabaseName="weather")["TableList"]

    assert shared == {"catalog", "database/weather", "table/weather/*"}
    assert [table["Name"] for table in seen] == ["rain"]
