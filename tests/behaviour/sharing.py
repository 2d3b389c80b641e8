"""What two accounts do that share a table by Lake Formation and RAM, for the behaviour tests."""

from __future__ import annotations

import random
from typing import Any

from tests.behaviour.lake import Lake, make_admin
from tests.behaviour.parts import unique, until
from tests.conftest import PROVIDER, REGION, Cloud


def new_guest(cloud: Cloud) -> str:
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
