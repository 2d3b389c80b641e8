"""The kit in a client's account: its stack and its function meet invitations as they come, lapse and come again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from inspect import getsource
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from insightshare.aws import onboarding
from insightshare.aws.onboarding import Refused, accept, prepare
from insightshare.errors import PlatformError
from insightshare.share.kit_queries import kit_queries
from insightshare.share.kit_stack import kit_stack
from insightshare.share.kit_template import synthesised
from insightshare.share.terms import TableTerms, Terms
from scripts.client_account import ClientAccount, is_settled, onboard
from tests.behaviour.lake import Lake, client, make_lake, make_role, refused
from tests.behaviour.sharing import accept_all, advance, invitations, join, new_guest
from tests.behaviour.stacks import Stacks
from tests.conftest import PROVIDER, REGION, Cloud

ACCEPT = "ram:AcceptResourceShareInvitation"
ANY_ACCOUNT = "000000000000"
COLUMNS = ("customer", "score", "as_of")


@pytest.fixture(scope="module")
def lake(cloud: Cloud) -> Lake:
    return make_lake(cloud)


@pytest.fixture
def guest(lake: Lake) -> Iterator[str]:
    """An account outside the organisation with which the lake is shared until the test ends."""
    account = new_guest(lake.cloud)
    offer(lake, account)
    yield account
    withdraw(lake, account)


def offer(lake: Lake, account: str) -> None:
    lake.grant(account, database(lake), "DESCRIBE", option=True)
    lake.make_filter(f"few-{account}", ColumnNames=["customer", "score"])
    lake.grant(account, lake.filter(f"few-{account}"), "SELECT", option=True)


def withdraw(lake: Lake, account: str) -> None:
    lake.revoke(account, lake.filter(f"few-{account}"), "SELECT")
    lake.revoke(account, database(lake), "DESCRIBE")
    lake.client("lakeformation").delete_data_cells_filter(**lake.filter(f"few-{account}")["DataCellsFilter"])


def database(lake: Lake) -> dict[str, Any]:
    return {"Database": {"CatalogId": PROVIDER, "Name": lake.database}}


def terms(lake: Lake, account: str) -> Terms:
    return Terms(
        client="initech",
        client_account_id=account,
        provider_account_id=PROVIDER,
        region=REGION,
        organisation="outside",
        database=lake.database,
        tables={"churn": TableTerms(COLUMNS)},
        start=date(2026, 1, 1),
        end=date(2027, 1, 1),
        purpose="Retention.",
        contact="data@initech.example",
        workgroup="insightshare-initech",
        results_bucket=f"insightshare-initech-results-{account}",
        analyst_role="insightshare-analyst",
        link=lake.database,
    )


@pytest.fixture(scope="module")
def template(lake: Lake) -> str:
    """The kit's template for the account ANY_ACCOUNT, which a test replaces by its own."""
    found = terms(lake, ANY_ACCOUNT)
    return yaml.safe_dump(synthesised(kit_stack(found, kit_queries(found), getsource(onboarding))))


@pytest.fixture(scope="module")
def onboarded(lake: Lake, template: str) -> tuple[str, Stacks]:
    """An account outside the organisation that has deployed its kit."""
    account = new_guest(lake.cloud)
    offer(lake, account)
    return account, deploy(lake, account, template, ScanLimitBytes="20971520")


def given(account: str, **more: str) -> dict[str, str]:
    """What the stack tells its function."""
    return {"Account": account, "Provider": PROVIDER, "Client": "initech", "WaitSeconds": "10", **more}


def deploy(lake: Lake, account: str, template: str, **parameters: str) -> Stacks:
    stacks = Stacks(lake.cloud, account)
    stacks.create(template.replace(ANY_ACCOUNT, account), **wanted(account, **parameters))
    return stacks


def wanted(account: str, **parameters: str) -> dict[str, Any]:
    said = {"Deployer": f"arn:aws:iam::{account}:user/admin", **parameters}
    return {"Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in said.items()]}


def analyst_columns(lake: Lake, account: str) -> list[str]:
    """What the analyst sees of the table through its link."""
    keys = lake.cloud.assume(f"arn:aws:iam::{account}:role/insightshare-analyst", account)
    table = lake.cloud.client("glue", credentials=keys).get_table(DatabaseName=lake.database, Name="churn")["Table"]
    return [column["Name"] for column in table["StorageDescriptor"]["Columns"]]


def test_a_stack_takes_an_account_from_its_invitations_to_reading(lake: Lake, onboarded: tuple[str, Stacks]) -> None:
    account, stacks = onboarded

    assert stacks.reasons("CREATE_FAILED") == {}
    assert stacks.outputs()["Accepted"] == "2"
    assert analyst_columns(lake, account) == ["customer", "score"]
    databases = lake.client("glue", account).get_databases()["DatabaseList"]
    assert sorted(one["Name"] for one in databases) == sorted(["default", lake.database])


def test_the_workgroup_decides_where_results_go_and_how_much_is_scanned(
    lake: Lake, onboarded: tuple[str, Stacks]
) -> None:
    account, _ = onboarded
    workgroup = lake.client("athena", account).get_work_group(WorkGroup="insightshare-initech")["WorkGroup"]

    found = workgroup["Configuration"]
    result = found["ResultConfiguration"]
    assert (found["EnforceWorkGroupConfiguration"], found["BytesScannedCutoffPerQuery"]) == (True, 20971520)
    assert result["OutputLocation"] == f"s3://insightshare-initech-results-{account}/insightshare-initech/"
    assert result["EncryptionConfiguration"]["EncryptionOption"] == "SSE_KMS"


def test_each_invitation_that_the_function_accepted_is_on_record(lake: Lake, onboarded: tuple[str, Stacks]) -> None:
    account, _ = onboarded
    calls = [one for one in lake.cloud.calls() if "asked" in one and account in one["principal"]]

    asked = [permission for one in calls for permission in one["asked"] if permission[0] == ACCEPT]
    arn = f"arn:aws:ram:{REGION}:{PROVIDER}:resource-share-invitation/"
    assert [(action, resource.startswith(arn)) for action, resource, _ in asked] == [(ACCEPT, True)] * 2


def test_grants_are_made_anew_by_turning_them_off_and_on(
    lake: Lake, onboarded: tuple[str, Stacks], template: str
) -> None:
    account, stacks = onboarded
    text = template.replace(ANY_ACCOUNT, account)

    stacks.update(text, **wanted(account, Grants="off"))
    denied = refused(lambda: analyst_columns(lake, account))
    stacks.update(text, **wanted(account, Grants="on"))

    assert "Insufficient Lake Formation permission" in denied[1]
    assert analyst_columns(lake, account) == ["customer", "score"]


def test_a_stack_goes_after_the_share_has_ended(lake: Lake, guest: str, template: str) -> None:
    stacks = deploy(lake, guest, template)
    withdraw(lake, guest)

    off = stacks.update(template.replace(ANY_ACCOUNT, guest), **wanted(guest, Grants="off"))
    gone = stacks.delete()
    offer(lake, guest)

    assert (off, gone) == ("UPDATE_COMPLETE", "DELETE_COMPLETE"), stacks.reasons("DELETE_FAILED")


def test_a_deleted_stack_leaves_the_share_to_others(lake: Lake, guest: str, template: str) -> None:
    stacks = deploy(lake, guest, template)
    other = make_role(lake.cloud, guest, ["glue:*", "lakeformation:*"])
    lake.client("lakeformation", guest).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": other}, Resource=lake.table(), Permissions=["SELECT"]
    )

    assert stacks.delete() == "DELETE_COMPLETE", stacks.reasons("DELETE_FAILED")

    glue = lake.cloud.client("glue", credentials=lake.cloud.assume(other, guest))
    seen = glue.get_table(CatalogId=PROVIDER, DatabaseName=lake.database, Name="churn")["Table"]["StorageDescriptor"]
    assert [column["Name"] for column in seen["Columns"]] == ["customer", "score"]
    assert [one["Name"] for one in lake.client("glue", guest).get_databases()["DatabaseList"]] == ["default"]


def test_a_lapsed_invitation_stops_the_stack_which_says_what_to_ask_for(lake: Lake, guest: str, template: str) -> None:
    advance(lake.cloud, 13)

    stacks = deploy(lake, guest, template)

    asked = f"Ask account {PROVIDER} to offer it again: insightshare client reissue initech"
    assert f"An invitation lapsed after 12 hours. {asked}" in stacks.reasons("CREATE_FAILED")["Onboarding"]


@dataclass(frozen=True)
class Elsewhere(ClientAccount):
    """A client's account on the cloud of these tests, not on the laptop's own."""

    cloud: Cloud

    @property
    def session(self) -> boto3.Session:
        return self.cloud.session(self.terms.client_account_id)


def test_a_kit_is_deployed_over_one_that_failed_at_first(lake: Lake, guest: str, template: str, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(template.replace(ANY_ACCOUNT, guest))
    account = Elsewhere(terms(lake, guest), tmp_path, lake.cloud)
    advance(lake.cloud, 13)
    with pytest.raises(PlatformError, match="An invitation lapsed after 12 hours"):
        onboard(account)
    withdraw(lake, guest)
    offer(lake, guest)
    settled = is_settled(account)

    said = onboard(account)

    assert (settled, said, is_settled(account)) == (False, "stack insightshare-initech deployed", True)
    assert analyst_columns(lake, guest) == ["customer", "score"]


def test_what_is_offered_again_after_it_lapsed_is_accepted(lake: Lake, guest: str) -> None:
    advance(lake.cloud, 13)
    lapsed = len(invitations(lake, guest, "EXPIRED"))
    withdraw(lake, guest)
    offer(lake, guest)

    accepted = accept(given(guest), lake.client("ram", guest), never)

    assert (lapsed, accepted) == (2, 2)


def test_a_kit_in_another_account_than_its_own_is_refused(lake: Lake) -> None:
    account = new_guest(lake.cloud)

    with pytest.raises(Refused, match=f"This kit is for account {ANY_ACCOUNT}, and this is {account}."):
        prepare(given(ANY_ACCOUNT), lambda service: lake.client(service, account), never)


def test_the_function_accepts_once_and_then_finds_it_done(lake: Lake, guest: str) -> None:
    def prepared() -> dict[str, str]:
        return prepare(given(guest), lambda service: lake.client(service, guest), never)

    assert [prepared(), prepared()] == [{"Accepted": "2"}, {"Accepted": "0"}]


def test_inside_the_organisation_nothing_is_accepted_and_all_is_well(lake: Lake) -> None:
    account = new_guest(lake.cloud)
    join(lake, account)
    offer(lake, account)

    accepted = accept(given(account), lake.client("ram", account), never)

    withdraw(lake, account)
    assert accepted == 0


def test_invitations_of_others_are_left_alone(lake: Lake, guest: str) -> None:
    stranger = new_guest(lake.cloud)
    arn = f"arn:aws:glue:{REGION}:{stranger}:database/x"
    ram = client(lake.cloud, "ram", stranger)
    ram.create_resource_share(name="LakeFormation-V4-X", principals=[guest], resourceArns=[arn])

    accept(given(guest), lake.client("ram", guest), never)

    assert [one["senderAccountId"] for one in invitations(lake, guest)] == [stranger]


def test_an_account_to_which_nothing_was_offered_waits_and_is_told(lake: Lake) -> None:
    account = new_guest(lake.cloud)
    waits: list[float] = []

    with pytest.raises(Refused, match=r"Nothing is shared that can be used\. Ask account 111111111111 to offer it"):
        accept(given(account), lake.client("ram", account), waits.append)

    assert waits == [5, 5]


def test_half_a_share_is_not_enough(lake: Lake) -> None:
    account = new_guest(lake.cloud)
    lake.grant(account, database(lake), "DESCRIBE", option=True)

    with pytest.raises(Refused, match="Nothing is shared that can be used"):
        accept(given(account, WaitSeconds="0"), lake.client("ram", account), never)

    lake.revoke(account, database(lake), "DESCRIBE")


def test_an_invitation_that_somebody_else_accepted_meanwhile_is_no_mistake(lake: Lake, guest: str) -> None:
    ram = lake.client("ram", guest)
    seen = invitations(lake, guest)
    accept_all(lake, guest)

    with pytest.raises(ram.exceptions.ResourceShareInvitationAlreadyAcceptedException):
        ram.accept_resource_share_invitation(resourceShareInvitationArn=seen[0]["resourceShareInvitationArn"])
    assert accept(given(guest), ram, never) == 0


def never(seconds: float) -> None:
    raise AssertionError("it waited")
