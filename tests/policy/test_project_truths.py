"""What must hold across the project's files, or a plan stops with the line that says so; needs no cloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.project_copy import ProjectCopy

pytestmark = pytest.mark.xdist_group("truths")

ACME, GLOBEX = "clients/acme.yaml", "clients/globex.yaml"
BROKEN = {
    "an insight without a pipeline": "insights/interests/pipeline.yaml: file: it is missing. Fix: say how",
    "an input that is no source": "insights/churn/pipeline.yaml: inputs: telco is not one of feedback_enriched,",
    "an agreement on no insight": "clients/acme.yaml: insights: films is not one of churn, interests, product_",
    "an agreement on an internal insight": "clients/umbrella.yaml: insights: share_usage is not an insight to share (",
    "an agreement on no column": "clients/acme.yaml: insights.churn.columns: risk is not one of customer_id,",
    "an agreement on columns still to come": "clients/globex.yaml: insights.churn.columns: none is not at least one",
    "an account without quotes": "clients/acme.yaml: account_id: 222222222222 is not 12 digits in quotes. Fix:",
    "our own account": "clients/globex.yaml: account_id: 111111111111 is our own account. Fix: give",
    "one account twice": "clients/umbrella.yaml: account_id: 444444444444 is also that of clients/initech.yaml. Fix:",
    "a day that does not exist": "clients/initech.yaml: start, end: 2026-11-01, 2028-02-30 are not two dates. Fix:",
    "a file named otherwise": "clients/umbrella.yaml: client: acme is not umbrella, its file. Fix: rename one of them.",
    "a contract named otherwise": "sources/telco_customers/contract.odcs.yaml: schema.name: telco_kunden is not telco_",
}
EMPTY = {
    "environment": "../project.yaml: environments: prod is not one of local. Fix: add it with its account and region.",
    "insights": "../insights: contracts: none is not at least one contract.odcs.yaml. Fix:",
    "sources": "../sources: contracts: none is not at least one contract.odcs.yaml. Fix:",
    "clients": "../clients: agreements: none is not at least one file. Fix:",
}


def plan(project: ProjectCopy, environment: str, expect: int) -> str:
    """What a plan of the project alone says; it asks no AWS."""
    words = ("plan", "-input=false", "-target=terraform_data.project", f"-var=environment={environment}")
    return project.root().run(*words, expect=(expect,))


@pytest.fixture(scope="module")
def said_of_broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a plan says of a project with one mistake of every kind."""
    project = ProjectCopy.at(tmp_path_factory.mktemp("broken"))
    acme = (project.folder / ACME).read_text().replace("222222222222", "444444444444")
    project.write("clients/umbrella.yaml", f"{acme.rstrip()}\n  share_usage:\n    columns: [client]\n")
    project.write("clients/initech.yaml", acme.replace("client: acme", "client: initech").replace("03-31", "02-30"))
    project.edit(ACME, '"222222222222"', "222222222222")
    project.edit(ACME, "  interests:", "  films:")
    project.edit(ACME, "columns: retention", "columns: risk")
    project.edit(GLOBEX, "columns: [customer_id, health_score, contract, tenure_months]", "columns: []")
    project.edit(GLOBEX, 'account_id: "333333333333"', 'account_id: "111111111111"')
    project.edit("insights/churn/pipeline.yaml", "  - telco_customers", "  - telco")
    project.edit("sources/telco_customers/contract.odcs.yaml", "- name: telco_customers", "- name: telco_kunden")
    (project.folder / "insights/interests/pipeline.yaml").unlink()
    return plan(project, "local", expect=1)


@pytest.fixture(scope="module")
def said_of_empty(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a plan for an unknown environment says of a project whose folders hold nothing."""
    project = ProjectCopy.at(tmp_path_factory.mktemp("empty"))
    for path in [*project.folder.glob("*/*/*.yaml"), *project.folder.glob("clients/*")]:
        path.unlink()
    return plan(project, "prod", expect=1)


def test_a_whole_project_is_planned_without_a_word(tmp_path: Path) -> None:
    said = plan(ProjectCopy.at(tmp_path / "whole"), "local", expect=0)

    assert "1 to add" in said
    assert "clients/" not in said


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_contradiction_between_files_stops_the_plan(said_of_broken: str, mistake: str) -> None:
    assert BROKEN[mistake] in said_of_broken


@pytest.mark.parametrize("missing", EMPTY)
def test_what_is_not_there_stops_the_plan(said_of_empty: str, missing: str) -> None:
    assert EMPTY[missing] in said_of_empty
