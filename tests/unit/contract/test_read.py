"""The facts that this project's own files become, and the example that its documentation gives."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from insightshare.contract.facts import Agreement, Check, Gate, Grant, Waiver
from insightshare.contract.lint import lint
from insightshare.contract.read import load_project
from tests.unit.contract.test_lint import base, change

ROOT = Path(__file__).resolve().parents[3]
PROJECT = load_project(ROOT)


def test_an_agreement_says_who_may_read_what_until_when() -> None:
    assert PROJECT.clients["globex"] == Agreement(
        client="globex",
        account_id="333333333333",
        reads_from="provider_account",
        purpose="Product planning from feedback, and account reviews for customers on yearly contracts.",
        contact="analytics@globex.example",
        start=date(2026, 11, 1),
        end=date(2027, 10, 31),
        grants=(
            Grant(
                insight="churn",
                columns=("customer_id", "health_score", "contract", "tenure_months"),
                rows="contract IN ('One year', 'Two year')",
                tables=("history", "latest"),
                purposes=("account_reviews",),
            ),
            Grant("product_area_impact", tuple(PROJECT.insights["product_area_impact"].types), stated="all"),
        ),
        assumed_by=("arn:aws:iam::333333333333:root",),
        scan_limit_mib=1024,
    )


def test_a_row_filter_is_what_terraform_grants_without_the_space_around_it(tmp_path: Path) -> None:
    project = base(tmp_path)
    rows = "rows: total > 100 AND customer_id LIKE 'C%'"
    change(project, [{"file": "clients/acme.yaml", "find": rows, "replace": "rows: |\n\n      total > 100\n"}])

    assert load_project(project).clients["acme"].grants[0].rows == "total > 100"


def test_all_columns_are_those_that_the_contract_had_when_the_agreement_began(tmp_path: Path) -> None:
    project = base(tmp_path)
    said = "description: What they cost together."
    later = f"{said}\n        customProperties:\n          - property: since\n            value: "
    change(
        project,
        [
            {
                "file": "insights/spend/contract.odcs.yaml",
                "find": said,
                "replace": f'{later}"2026-06-01"',
            },
            {"file": "clients/acme.yaml", "find": "columns: [customer_id, total]", "replace": "columns: all"},
        ],
    )

    before = load_project(project).clients["acme"].grants[0]
    change(project, [{"file": "clients/acme.yaml", "find": 'start: "2026-01-01"', "replace": 'start: "2026-06-01"'}])
    since = load_project(project).clients["acme"].grants[0]
    change(
        project,
        [
            {
                "file": "clients/acme.yaml",
                "find": "  spend:\n    columns: all",
                "replace": "  spend:\n    columns: all_and_later",
            }
        ],
    )

    assert before.columns == ("customer_id", "orders", "since")
    assert since.columns == ("customer_id", "orders", "total", "since")
    assert load_project(project).clients["acme"].grants[0].columns is None


def test_a_word_grants_the_columns_of_its_set() -> None:
    grant = PROJECT.clients["acme"].grants[0]

    assert (grant.stated, grant.columns) == (
        "retention",
        ("customer_id", "churn_probability", "risk_category", "contract"),
    )


@pytest.mark.parametrize(
    ("today", "in_force"),
    [("2026-10-31", False), ("2026-11-01", True), ("2027-10-31", True), ("2027-11-01", False)],
)
def test_an_agreement_is_in_force_on_its_first_and_its_last_day(today: str, in_force: bool) -> None:
    assert PROJECT.clients["globex"].in_force(date.fromisoformat(today)) is in_force


def test_a_contracts_checks_are_what_its_columns_imply_and_what_it_states() -> None:
    checks = {check.id: check for check in PROJECT.insights["product_area_impact"].checks}

    assert checks["schema"].columns == tuple(PROJECT.insights["product_area_impact"].types)
    assert checks["product_area_not_null"].kind == "not_null"
    assert checks["key_unique"].columns == ("product_area",)
    assert "sentiment_score_not_null" not in checks
    assert checks["priority_score_in_range"] == Check(
        id="priority_score_in_range",
        kind="range",
        columns=("priority_score",),
        severity="error",
        sentence="A priority score is between 0 and 100.",
        minimum=0,
        maximum=100,
        expectation="expect_column_values_to_be_between",
        kwargs={"min_value": 0, "max_value": 100},
    )
    assert (checks["enough_rows"].minimum, checks["enough_rows"].maximum) == (15, 25)


def test_the_key_is_in_the_order_of_its_positions() -> None:
    assert PROJECT.insights["interests"].key == ("user_id", "genre")
    assert PROJECT.insights["interests"].order_by == ("user_id", "genre")


def test_a_model_has_gates_and_no_protected_feature() -> None:
    churn = PROJECT.insights["churn"].pipeline
    assert churn.model is not None

    assert churn.model.gates == (Gate("auc", 0.80), Gate("precision_at_top_20_percent", 0.60))
    assert PROJECT.sources["telco_customers"].protected_columns == {"female", "senior_citizen"}
    assert not PROJECT.sources["telco_customers"].protected_columns & {*churn.model.features}


def test_a_pipeline_short_of_history_states_a_waiver() -> None:
    waivers = PROJECT.insights["interests"].pipeline.waivers

    assert waivers == (
        Waiver(
            rule="twelve_months_of_history",
            reason="MovieLens 100k covers seven months and will never cover more.",
            approved_by="data-platform",
            until=date(2028, 12, 31),
        ),
    )


def test_the_account_of_each_environment_is_known() -> None:
    assert {name: item.account_id for name, item in PROJECT.environments.items()} == {"local": "111111111111"}


def test_the_example_of_an_agreement_in_the_documentation_has_no_problem(tmp_path: Path) -> None:
    for name in ("sources", "insights", "clients", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "project.yaml", tmp_path)
    example = re.search(r"```yaml\n(.*?)```", (ROOT / "clients" / "README.md").read_text(), re.DOTALL)
    assert example is not None

    (tmp_path / "clients" / "umbrella.yaml").write_text(example[1])

    assert lint(tmp_path, date(2026, 12, 1)) == []
