"""What a kit says, for one client alone, and whether CloudFormation would take it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from inspect import getsource
from pathlib import Path

import pytest
import yaml
from cfnlint import ManualArgs, lint
from click.testing import CliRunner

from insightshare.aws import onboarding
from insightshare.cli import main
from insightshare.cli.kits import client_terms, write_kit
from insightshare.contract.facts import Project
from insightshare.contract.read import load_project
from insightshare.share.analyst_policy import analyst_statements
from insightshare.share.kit_guide import TEMPLATE_BYTES, guide_text
from insightshare.share.kit_queries import kit_queries
from insightshare.share.kit_stack import Stack, kit_stack
from insightshare.share.kit_template import template_text
from insightshare.share.terms import TableTerms, Terms, read_terms

ROOT = Path(__file__).resolve().parents[3]
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2")
INLINE_CHARACTERS = 4096

TERMS = Terms(
    client="initech",
    client_account_id="444444444444",
    provider_account_id="111111111111",
    region="eu-west-1",
    organisation="outside",
    database="insights",
    tables={
        "churn": TableTerms(("customer_id", "contract", "as_of"), "contract = 'monthly'"),
        "churn_latest": TableTerms(("customer_id", "contract", "as_of"), "contract = 'monthly'"),
        "insight_receipts": TableTerms(("insight", "as_of"), "insight = 'churn'"),
    },
    start=date(2026, 1, 1),
    end=date(2027, 1, 1),
    purpose="Retention.",
    contact="data@initech.example",
    workgroup="insightshare-initech",
    results_bucket="insightshare-initech-results-444444444444",
    analyst_role="insightshare-analyst",
    link="insights",
)


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(ROOT)


@pytest.fixture(scope="module")
def kit(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit of acme, written."""
    folder = tmp_path_factory.mktemp("kit")
    write_kit(project, ROOT, "acme", project.environments["local"], folder)
    return folder


def stack() -> Stack:
    return kit_stack(TERMS, kit_queries(TERMS), "")


def test_a_kit_is_these_files(kit: Path) -> None:
    found = sorted(str(path.relative_to(kit)) for path in kit.rglob("*") if path.is_file())

    module = [f"terraform/{name}.tf" for name in ("main", "outputs", "variables", "versions")]
    assert found == ["README.md", "share.yaml", "smoke.sql", "template.yaml", *module]


def test_a_kit_says_its_terms(kit: Path, project: Project) -> None:
    assert read_terms(kit / "share.yaml") == client_terms(project, "acme", project.environments["local"])


def test_a_kit_says_nothing_of_other_clients_nor_of_what_is_not_shared(kit: Path, project: Project) -> None:
    text = "".join(path.read_text() for path in kit.rglob("*") if path.is_file())
    others = [one for name, one in project.clients.items() if name != "acme"]

    assert [one.client for one in others if one.client in text or one.account_id in text or one.contact in text] == []
    assert [name for name in ("product_area_impact", "health_score") if name in text] == []


def test_cloudformation_finds_no_fault_with_the_template_in_three_regions(kit: Path) -> None:
    found = lint((kit / "template.yaml").read_text(), config=ManualArgs(regions=list(REGIONS)))

    assert [str(one) for one in found] == []


def test_cfn_lint_would_find_one(kit: Path) -> None:
    broken = (kit / "template.yaml").read_text().replace("EnableKeyRotation: true", "EnableKeyRotation: perhaps")

    assert lint(broken, config=ManualArgs(regions=list(REGIONS))) != []


def test_the_template_needs_no_bootstrap_and_no_assets(kit: Path) -> None:
    template = yaml.safe_load((kit / "template.yaml").read_text())

    assert set(template["Parameters"]) == {"Deployer", "AssumedBy", "ScanLimitBytes", "Grants"}
    assert not re.search(r'cdk-|BootstrapVersion|S3Bucket|"Metadata"', json.dumps(template))


def test_the_functions_text_is_short_enough_to_be_inline_and_stands_alone(kit: Path) -> None:
    code = yaml.safe_load((kit / "template.yaml").read_text())["Resources"]["OnboardingFunction"]["Properties"]["Code"]

    assert code["ZipFile"].strip() == f"import cfnresponse\n{getsource(onboarding)}".strip()
    assert len(code["ZipFile"]) <= INLINE_CHARACTERS
    assert "insightshare." not in code["ZipFile"]


def test_every_shared_table_is_granted_and_nothing_else() -> None:
    grants = [one.properties for one in stack().resources.values() if one.type.endswith("PrincipalPermissions")]
    tables = [one["Resource"]["Table"] for one in grants if "Table" in one["Resource"]]
    databases = [one["Resource"]["Database"]["Name"] for one in grants if "Database" in one["Resource"]]

    assert [one["Name"] for one in tables] == ["churn", "churn_latest", "insight_receipts"]
    assert {(one["CatalogId"], one["DatabaseName"]) for one in tables} == {("111111111111", "insights")}
    assert databases == [{"Ref": "Link"}, "default", "insights"]
    assert {(*one["Permissions"], *one["PermissionsWithGrantOption"]) for one in grants} == {("SELECT",), ("DESCRIBE",)}


def test_grants_are_made_one_after_another() -> None:
    grants = {name: one for name, one in stack().resources.items() if one.type.endswith("PrincipalPermissions")}

    earlier = [one.after for one in grants.values()]
    assert earlier == [("Administrator", "Onboarding"), *((name,) for name in list(grants)[:-1])]


def test_settings_are_added_to_and_stay_when_the_stack_goes() -> None:
    settings = stack().resources["Administrator"]

    assert (settings.properties["MutationType"], settings.keep) == ("APPEND", True)


def test_a_table_more_lets_the_function_look_for_an_invitation_more() -> None:
    more = replace(TERMS, tables={**TERMS.tables, "churn_runs": TableTerms(("customer_id",))})

    before, after = (kit_stack(one, {}, "").resources["Onboarding"].properties for one in (TERMS, more))

    assert before != after


def test_an_analyst_has_no_right_on_the_providers_bucket_or_keys() -> None:
    statements = analyst_statements(TERMS, {"Fn::GetAtt": ["ResultsKey", "Arn"]})

    storage = [one for one in statements if any(action.startswith(("s3:", "kms:")) for action in one["Action"])]
    assert "111111111111" not in json.dumps(storage)
    assert [one["Sid"] for one in storage] == ["FindResults", "ListResults", "Results", "ResultsKey"]
    assert [one["Sid"] for one in statements if one["Resource"] == "*"] == ["Lists", "FilteredData"]


def test_an_analyst_may_do_what_a_reader_in_our_account_may_and_look_around_in_its_own() -> None:
    module = (ROOT / "infra/modules/reader/main.tf").read_text()
    ours = set(re.findall(r'"((?:athena|glue|lakeformation|s3|kms):[A-Z][A-Za-z]+)"', module))

    theirs = {action for one in analyst_statements(TERMS, "") for action in one["Action"]}

    assert theirs - ours == {"s3:ListBucketMultipartUploads"}
    assert ours - theirs == set()
    assert 'var.knows_other_readers ? ["athena:ListWorkGroups"] : []' in module


def test_the_smoke_query_asks_every_table_once() -> None:
    smoke = kit_queries(TERMS)["smoke"]

    assert re.findall(r"FROM (\w+)", smoke) == ["churn", "churn_latest", "insight_receipts"]


def test_the_guide_says_which_rows_and_what_each_column_means(kit: Path) -> None:
    guide = (kit / "README.md").read_text()

    assert "| `churn_latest` | contract = 'Month-to-month' |" in guide
    assert "| `churn_probability` | `double` | Probability that the customer leaves within a month. |" in guide
    assert not re.search(r"\$[a-z]", guide)


def test_the_guide_says_which_columns_are_inferred_and_how_sure_they_are(kit: Path) -> None:
    guide = (kit / "README.md").read_text()

    assert re.search(
        r"- `risk_category`: .+ How sure it is: `churn_probability`; no number about fewer than \d+", guide
    )
    assert "`contract`: " not in guide


@pytest.mark.parametrize(
    ("organisation", "says"),
    [("inside", "there is no invitation to accept"), ("outside", "which **lapse after 12 hours**")],
)
def test_the_guide_speaks_of_invitations_only_where_there_are_some(organisation: str, says: str) -> None:
    terms = replace(TERMS, organisation=organisation)  # type: ignore[arg-type]  # as the file says it

    guide = guide_text(terms, {}, kit_queries(terms))

    assert says in guide
    assert ("12 hours" in guide) == (organisation == "outside")


def test_the_guide_says_how_a_large_template_is_deployed() -> None:
    small, large = (guide_text(TERMS, {}, kit_queries(TERMS), size) for size in (51_200, 51_201))

    assert "--s3-bucket" not in small and "terraform -chdir=terraform apply" in small
    assert "--s3-bucket <a bucket of yours>" in large and "terraform -chdir=terraform apply" not in large
    assert "the template has 51201 bytes, and 51200 are the most" in large


def test_fourteen_insights_fit_into_one_request() -> None:
    columns = tuple(f"column_of_a_name_{number}" for number in range(20))
    kinds = ("", "_latest", "_runs")
    tables = {f"insight_named_{one}{kind}": TableTerms((*columns, "as_of")) for one in range(14) for kind in kinds}
    terms = replace(TERMS, tables={**TERMS.tables, **tables})

    text = template_text(kit_stack(terms, kit_queries(terms), getsource(onboarding)))

    assert len(text.encode()) <= TEMPLATE_BYTES


@pytest.mark.parametrize(
    "says",
    [
        "aws cloudformation delete-stack --region eu-west-1 --stack-name insightshare-initech",
        "aws glue create-database --region eu-west-1 --database-input Name=default",
        "then deploy with `Grants=off`",
        "We offer them again; then delete the stack that failed, and deploy it anew.",
    ],
)
def test_the_guide_leaves_nobody_with_a_stack_that_failed(says: str) -> None:
    assert says in guide_text(TERMS, {}, kit_queries(TERMS))


def test_the_command_names_what_cannot_be_made() -> None:
    def said(*words: str) -> str:
        return CliRunner().invoke(main, ["--root", str(ROOT), *words]).stderr

    assert said("client", "kit", "nobody").startswith("client kit: name: 'nobody' is not one of acme, ")
    assert said("client", "kit", "globex").startswith("clients/globex.yaml: reads_from: provider_account is not one ")
