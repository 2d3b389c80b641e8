"""Inviting a client again: from a lapsed invitation, from a half, and never by accident."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from insightshare.aws.deployment import Deployment
from insightshare.cli.desk import Desk
from insightshare.cli.reissuing import reissue_command
from insightshare.contract.facts import Agreement, Environment, Field, Grant, Insight, Pipeline, Project
from tests.behaviour.lake import Lake, make_lake
from tests.behaviour.sharing import accept_all, advance, invitations, new_guest
from tests.conftest import PROVIDER, Cloud

TODAY = date(2026, 11, 21)
CHURN = Insight(
    name="churn",
    title="Churn",
    version="1.0.0",
    description="One row per customer.",
    purpose="",
    usage="",
    limitations="",
    owner="",
    columns=tuple(Field(name, "string", "string", name) for name in ("customer", "score", "income")),
    key=("customer",),
    checks=(),
    pipeline=Pipeline("sql", "duckdb", "", "", (), {}),
)


@dataclass(frozen=True)
class Scene:
    """A client outside the organisation, whose shares were just made as its agreement says."""

    cloud: Cloud
    lake: Lake
    agreement: Agreement

    @property
    def account(self) -> str:
        return self.agreement.account_id

    def reissue(self, *words: str, agreement: Agreement | None = None, answer: str = "") -> Result:
        project = Project(
            name="test",
            environments={"local": Environment("local", PROVIDER, "eu-west-1")},
            sources={},
            insights={"churn": CHURN},
            clients={"guest": agreement or self.agreement},
        )
        desk = Desk(Path(), "local", TODAY)
        deployment = Deployment("local", PROVIDER, "eu-west-1", database=self.lake.database)
        desk.__dict__.update(project=project, deployment=deployment, session=self.cloud.session())
        return CliRunner().invoke(reissue_command, ["guest", *words], obj=desk, input=answer)

    def granted(self) -> list[tuple[str, list[str], list[str]]]:
        """What the account is granted here: on what, which permissions, and which of them to pass on."""
        listed = self.lake.client("lakeformation").list_permissions()["PrincipalResourcePermissions"]
        return sorted(
            (
                names.get("TableName") or names.get("Name"),
                item["Permissions"],
                item["PermissionsWithGrantOption"],
            )
            for item in listed
            for names in item["Resource"].values()
            if item["Principal"]["DataLakePrincipalIdentifier"] == self.account
        )


@pytest.fixture
def scene(cloud: Cloud) -> Scene:
    lake = make_lake(cloud)
    columns = [{"Name": "insight", "Type": "string"}]
    lake.client("glue").create_table(
        DatabaseName=lake.database,
        TableInput={"Name": "insight_receipts", "StorageDescriptor": {"Columns": columns, "Location": "s3://l/r/"}},
    )
    account = new_guest(cloud)
    lake.make_filter("guest", ColumnNames=["customer", "income"], RowFilter={"FilterExpression": "income > 1"})
    receipts = {"TableCatalogId": PROVIDER, "DatabaseName": lake.database, "TableName": "insight_receipts"}
    lake.client("lakeformation").create_data_cells_filter(
        TableData={
            **receipts,
            "Name": "guest",
            "ColumnWildcard": {},
            "RowFilter": {"FilterExpression": "insight = 'churn'"},
        }
    )
    lake.grant(account, {"Database": {"CatalogId": PROVIDER, "Name": lake.database}}, "DESCRIBE", option=True)
    lake.grant(account, lake.filter("guest"), "SELECT", option=True)
    lake.grant(account, {"DataCellsFilter": {**receipts, "Name": "guest"}}, "SELECT", option=True)
    agreement = Agreement(
        client="guest",
        account_id=account,
        reads_from="own_account",
        organisation="outside",
        purpose="Test.",
        contact="data@guest.example",
        start=date(2026, 1, 1),
        end=date(2027, 1, 1),
        grants=(Grant("churn", ("customer", "income"), "income > 1", ("history",)),),
    )
    return Scene(cloud, lake, agreement)


def test_an_invitation_that_lapsed_is_sent_again_and_the_grants_are_as_before(scene: Scene) -> None:
    before = scene.granted()
    advance(scene.cloud, 12)
    lapsed = invitations(scene.lake, scene.account)

    done = scene.reissue("--yes")

    sent = invitations(scene.lake, scene.account)
    assert (done.exit_code, lapsed, len(sent), scene.granted()) == (0, [], 2, before)
    assert done.output.endswith(
        "guest is shared with anew; its account has 12 hours to accept, and applies its kit again\n"
    )


def test_what_lapsed_by_half_is_made_anew_as_a_whole(scene: Scene) -> None:
    first = invitations(scene.lake, scene.account)[0]["resourceShareInvitationArn"]
    ram = scene.lake.client("ram", scene.account)
    ram.accept_resource_share_invitation(resourceShareInvitationArn=first)
    advance(scene.cloud, 12)

    done = scene.reissue("--yes")

    assert (done.exit_code, len(invitations(scene.lake, scene.account))) == (0, 2)


def test_what_was_cut_short_is_finished_by_the_next(scene: Scene) -> None:
    before = scene.granted()
    scene.lake.revoke(scene.account, scene.lake.filter("guest"), "SELECT")

    scene.reissue("--yes")

    assert scene.granted() == before


def test_the_plan_says_what_goes_and_then_what_comes(scene: Scene) -> None:
    said = scene.reissue("--dry-run")

    database = scene.lake.database
    assert said.output.splitlines() == [
        "guest: revoke SELECT on table churn through filter guest",
        "guest: revoke SELECT on table insight_receipts through filter guest",
        f"guest: revoke DESCRIBE on database {database}",
        f"guest: grant DESCRIBE on database {database}",
        "guest: grant SELECT on table churn through filter guest",
        "guest: grant SELECT on table insight_receipts through filter guest",
    ]


@pytest.mark.parametrize(("words", "answer"), [(("--dry-run",), ""), (("--dry-run", "--json"), ""), ((), "n\n")])
def test_nothing_is_done_unless_told(scene: Scene, words: tuple[str, ...], answer: str) -> None:
    before = [one["resourceShareInvitationArn"] for one in invitations(scene.lake, scene.account)]

    scene.reissue(*words, answer=answer)

    assert [one["resourceShareInvitationArn"] for one in invitations(scene.lake, scene.account)] == before


def test_json_has_every_step(scene: Scene) -> None:
    said = json.loads(scene.reissue("--dry-run", "--json").output)

    assert (said["client"], said["dry_run"]) == ("guest", True)
    assert [(step["do"], step["permissions"]) for step in said["steps"][:3]] == [
        ("revoke", ["SELECT"]),
        ("revoke", ["SELECT"]),
        ("revoke", ["DESCRIBE"]),
    ]


def test_a_client_that_is_served_is_not_cut_off_unless_told(scene: Scene) -> None:
    accept_all(scene.lake, scene.account)

    refused, done = scene.reissue("--yes"), scene.reissue("--yes", "--anyway")

    assert str(refused.exception) == (
        "client guest: shares: accepted is not lapsed or lost. Fix: leave it; or add --anyway, and have the client "
        "apply its kit again: its own grants go with ours."
    )
    assert (done.exit_code, len(invitations(scene.lake, scene.account))) == (0, 2)


def test_a_client_of_all_rows_is_as_agreed(scene: Scene) -> None:
    cells = {**scene.lake.filter("guest")["DataCellsFilter"], "ColumnNames": ["customer", "income"]}
    scene.lake.client("lakeformation").update_data_cells_filter(
        TableData={**cells, "RowFilter": {"AllRowsWildcard": {}}}
    )
    all_rows = replace(scene.agreement, grants=(Grant("churn", ("customer", "income"), None, ("history",)),))

    assert scene.reissue("--dry-run", agreement=all_rows).exit_code == 0


def test_an_agreement_that_differs_from_what_is_deployed_is_deployed_first(scene: Scene) -> None:
    wider = replace(scene.agreement, grants=(Grant("churn", None, "income > 1", ("history",)),))

    refused = scene.reissue("--yes", agreement=wider)

    assert str(refused.exception) == (
        "client guest: filters of churn: other is not as agreed. "
        "Fix: deploy first: the filters are Terraform's to make."
    )


def test_an_agreement_that_is_over_invites_nobody(scene: Scene) -> None:
    refused = scene.reissue("--yes", agreement=replace(scene.agreement, end=date(2026, 11, 20)))

    assert str(refused.exception) == (
        "client guest: start, end: 2026-01-01 to 2026-11-20 is not days around today, 2026-11-21. "
        "Fix: agree on new days, and deploy."
    )


def test_a_client_that_reads_from_our_account_has_no_invitation(scene: Scene) -> None:
    refused = scene.reissue("--yes", agreement=replace(scene.agreement, reads_from="provider_account"))

    assert "reads_from: provider_account is not own_account" in str(refused.exception)


def test_a_program_that_cannot_be_asked_says_yes_or_looks(scene: Scene) -> None:
    assert "--json: alone is not with --dry-run or --yes" in str(scene.reissue("--json").exception)
