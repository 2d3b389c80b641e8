"""What a deployment changes when an agreement is added, changed, removed or over: exactly that agreement's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from insightshare.aws.deployment import Deployment
from insightshare.aws.expiry import DeployedShares, Settings
from lambdas.expire_shares.handler import handle
from scripts.lost_shares import holders, lost_grants
from scripts.lost_tables import lost_tables
from scripts.package import build
from tests.behaviour.lake import make_admin
from tests.conftest import PROVIDER, Cloud, running_cloud
from tests.policy.project_copy import ProjectCopy, Root

pytestmark = pytest.mark.xdist_group("plan")

DEPLOYMENT = Deployment("local", PROVIDER, "eu-west-1")
# What an agreement is deployed as; with what that needs, and nothing of registration and jobs.
AGREEMENT = (
    "module.agreement",
    "module.client_reader",
    "aws_lakeformation_permissions.default_database",
    "aws_s3_object.shares",
    "aws_sns_topic_subscription.contact",
    "aws_dynamodb_table.registry",
)
ACME = """# yaml-language-server: $schema=../schemas/client.schema.json
client: acme
account_id: "222222222222"
reads_from: own_account
organisation: inside
purpose: Test.
contact: data@acme.example
start: "2026-11-01"
end: "2028-03-31"
insights:
  churn:
    columns: [customer_id, contract]
    rows: contract = 'Month-to-month'
    tables: [history, latest]
"""
GLOBEX = """# yaml-language-server: $schema=../schemas/client.schema.json
client: globex
account_id: "333333333333"
reads_from: provider_account
assumed_by: ["arn:aws:iam::333333333333:root"]
purpose: Test.
contact: data@globex.example
start: "2026-11-01"
end: "2027-10-31"
insights:
  churn:
    columns: [customer_id, tenure_months]
    tables: [latest]
"""
UMBRELLA = """# yaml-language-server: $schema=../schemas/client.schema.json
client: umbrella
account_id: "555555555555"
reads_from: own_account
organisation: outside
purpose: Test.
contact: data@umbrella.example
start: "2026-11-01"
end: "2099-12-31"
insights:
  churn:
    columns: [customer_id, contract]
    tables: [runs]
"""
Changes = dict[str, str]
"""What a plan does, by address: create, update, delete or replace."""


@dataclass(frozen=True)
class Deployed:
    """The agreements of the project, applied on a cloud of their own."""

    cloud: Cloud
    project: ProjectCopy
    root: Root

    def plan(self, *words: str) -> dict[str, Any]:
        return self.root.plan_json(*_targets(), *words)

    def expire(self, day: str) -> None:
        """What the daily function does, as it was deployed."""
        topic = f"arn:aws:sns:eu-west-1:{PROVIDER}:insightshare-local-notices"
        bucket, registry = f"insightshare-local-artefacts-{PROVIDER}", "insightshare-local-registry"
        settings = Settings(bucket, "shares.json", registry, topic)
        handle({"time": f"{day}T00:05:00Z"}, DeployedShares(self.cloud.session(), settings))

    def forget_lost_shares(self) -> None:
        """What a deployment does before it plans."""
        state = json.loads(self.root.run("state", "pull"))
        if lost := lost_grants(state, holders(self.cloud.session(), DEPLOYMENT)):
            self.root.run("state", "rm", *lost)


def _targets() -> list[str]:
    return ["-var-file=local.tfvars", *(f"-target={address}" for address in AGREEMENT)]


def changes(plan: dict[str, Any]) -> Changes:
    """What an apply would change."""
    found = {one["address"]: tuple(one["change"]["actions"]) for one in plan["resource_changes"]}
    return {address: "+".join(actions) for address, actions in found.items() if actions not in (("no-op",), ("read",))}


def of_agreement(client: str, verb: str, *tables: str) -> Changes:
    """The same change of everything that an agreement is: filters, SELECT through them, DESCRIBE on the database."""
    grants = f'module.agreement["{client}"].aws_lakeformation_permissions'
    select = {f'{grants}.select["{table}"]': verb for table in tables}
    return {**filters_of(client, verb, *tables), **select, f"{grants}.database": verb}


def filters_of(client: str, verb: str, *tables: str) -> Changes:
    filters = f'module.agreement["{client}"].aws_lakeformation_data_cells_filter.this'
    return {f'{filters}["{table}"]': verb for table in tables}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("agreements")
    with running_cloud(folder) as cloud:
        make_admin(cloud, PROVIDER)
        cloud.client("glue").create_database(DatabaseInput={"Name": "default"})
        project = ProjectCopy.at(folder / "project", cloud.environment(PROVIDER))
        for path in (project.folder / "clients").glob("*.yaml"):
            path.unlink()
        project.write("clients/acme.yaml", ACME)
        project.write("clients/globex.yaml", GLOBEX)
        build(project.folder, project.folder / "build")
        root = project.root()
        root.run("apply", "-input=false", "-auto-approve", "-parallelism=30", *_targets())
        yield Deployed(cloud, project, root)


OF_ACME, OF_GLOBEX = ("churn", "churn_latest", "insight_receipts"), ("churn_latest", "insight_receipts")
AGAIN = 'module.insight["churn"].aws_glue_catalog_table.latest'
SHARES = {"aws_s3_object.shares": "update"}


@pytest.fixture(scope="module")
def edited_plan(deployed: Deployed) -> dict[str, Any]:
    """One client comes, one gets other rows, one goes; and a table is told to be made again."""
    project = deployed.project.edited()
    project.write("clients/umbrella.yaml", UMBRELLA)
    project.edit("clients/acme.yaml", "rows: contract = 'Month-to-month'", "rows: contract = 'One year'")
    project.remove("clients/globex.yaml")
    return deployed.plan("-refresh=false", f"-var=project={project.folder}", f"-replace={AGAIN}")


def test_adding_and_changing_and_removing_plan_exactly_that(edited_plan: dict[str, Any]) -> None:
    planned = changes(edited_plan)

    acme = 'module.agreement["acme"].aws_lakeformation_data_cells_filter.this'
    globex = {address: verb for address, verb in planned.items() if "globex" in address}
    assert {address: verb for address, verb in planned.items() if address not in globex} == {
        **of_agreement("umbrella", "create", "churn_runs", "insight_receipts"),
        **{f'{acme}["{table}"]': "update" for table in ("churn", "churn_latest")},
        'aws_sns_topic_subscription.contact["data@umbrella.example"]': "create",
        **SHARES,
        AGAIN: "delete+create",
    }
    assert set(globex.values()) == {"delete"}
    assert of_agreement("globex", "delete", *OF_GLOBEX).items() <= globex.items()


def test_a_table_that_would_be_made_again_is_named_with_those_who_keep_reading_it(edited_plan: dict[str, Any]) -> None:
    assert lost_tables(edited_plan) == [
        "table insights.churn_latest: plan: made again under the grant of acme is not one that leaves readers their "
        f"table. Fix: undo what changes {AGAIN}, or end the agreement on it first."
    ]


def test_when_days_are_over_exactly_those_grants_go_and_the_role_in_ours_stays(deployed: Deployed) -> None:
    plan = deployed.plan("-refresh=false", f"-var=project={over(deployed).folder}")

    assert changes(plan) == {
        **of_agreement("acme", "delete", *OF_ACME),
        **of_agreement("globex", "delete", *OF_GLOBEX),
        'module.client_reader["globex"].aws_iam_role.this': "update",  # because this test moves its last day
        **SHARES,
    }


def test_a_client_that_moves_into_our_account_loses_what_its_own_account_held(deployed: Deployed) -> None:
    project = deployed.project.edited()
    inside = 'reads_from: provider_account\nassumed_by: ["arn:aws:iam::222222222222:root"]'
    project.edit("clients/acme.yaml", "reads_from: own_account\norganisation: inside", inside)
    deployed.forget_lost_shares()

    planned = changes(deployed.plan("-refresh=false", f"-var=project={project.folder}"))

    grants = 'module.agreement["acme"].aws_lakeformation_permissions'
    addresses = (*(f'{grants}.select["{table}"]' for table in OF_ACME), f"{grants}.database")
    assert {address: planned[address] for address in addresses} == dict.fromkeys(addresses, "delete+create")


def test_what_was_ended_by_itself_leaves_filters_to_delete_once_its_grants_are_forgotten(deployed: Deployed) -> None:
    deployed.expire("2028-04-01")

    deployed.forget_lost_shares()

    planned = changes(deployed.plan(f"-var=project={over(deployed).folder}"))
    assert planned == {
        **filters_of("acme", "delete", *OF_ACME),
        **filters_of("globex", "delete", *OF_GLOBEX),
        **SHARES,
        'module.client_reader["globex"].aws_iam_role.this': "update",
    }


def over(deployed: Deployed) -> ProjectCopy:
    """The project when both agreements are over."""
    project = deployed.project.edited()
    project.edit("clients/acme.yaml", '"2028-03-31"', '"2026-11-02"')
    project.edit("clients/globex.yaml", '"2027-10-31"', '"2026-11-02"')
    return project
