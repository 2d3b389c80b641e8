"""What the agreements mean as grants."""

from dataclasses import replace
from datetime import date

import pytest

from insightshare.contract.facts import Agreement, Environment, Field, Grant, Insight, Pipeline, Project
from insightshare.share.grants import DesiredGrant, desired_grants, visible_columns

TODAY = date(2026, 11, 21)


def column(name: str) -> Field:
    return Field(name, "string", "string", f"The {name}.")


CHURN = Insight(
    name="churn",
    title="Churn",
    version="1.0.0",
    description="One row per customer.",
    purpose="",
    usage="",
    limitations="",
    owner="",
    columns=(column("customer_id"), column("score"), column("contract")),
    key=("customer_id",),
    checks=(),
    pipeline=Pipeline("sql", "duckdb", "", "", (), {}),
)
ACME = Agreement(
    client="acme",
    account_id="222222222222",
    reads_from="own_account",
    purpose="Retention.",
    contact="data@acme.example",
    start=date(2026, 1, 1),
    end=date(2027, 1, 1),
    grants=(Grant("churn", ("contract", "customer_id"), "contract = 'monthly'", ("history", "latest")),),
)


def project(*agreements: Agreement) -> Project:
    return Project(
        "test",
        {"local": Environment("local", "111111111111", "eu-west-1")},
        {},
        {"churn": CHURN},
        {agreement.client: agreement for agreement in agreements},
    )


def churn_grants(*agreements: Agreement) -> list[DesiredGrant]:
    return [grant for grant in desired_grants(project(*agreements), TODAY) if grant.table.startswith("churn")]


def test_a_grant_lists_its_columns_in_the_order_of_the_table_and_as_of_only_where_it_is_ordinary() -> None:
    rows = "contract = 'monthly'"

    assert churn_grants(ACME) == [
        DesiredGrant("acme", "222222222222", "churn", ("customer_id", "contract"), rows, True),
        DesiredGrant("acme", "222222222222", "churn_latest", ("customer_id", "contract", "as_of"), rows, True),
    ]


def test_all_columns_are_still_listed_so_that_a_later_one_stays_hidden() -> None:
    agreement = replace(ACME, grants=(Grant("churn", None, None, ("history",)),))

    assert churn_grants(agreement)[0].columns == ("customer_id", "score", "contract")


def test_a_grant_of_no_column_is_none() -> None:
    nothing = Grant("churn", (), None, ("history",))

    assert churn_grants(replace(ACME, grants=(nothing,))) == []
    assert visible_columns(nothing, CHURN, "history") == ("as_of",)


def test_a_client_that_reads_from_our_account_cannot_grant_on() -> None:
    grants = desired_grants(project(replace(ACME, reads_from="provider_account")), TODAY)

    assert {grant.with_grant_option for grant in grants} == {False}


@pytest.mark.parametrize(("start", "end"), [("2025-01-01", "2026-11-20"), ("2026-11-22", "2027-01-01")])
def test_an_agreement_outside_its_dates_grants_nothing(start: str, end: str) -> None:
    agreement = replace(ACME, start=date.fromisoformat(start), end=date.fromisoformat(end))

    assert desired_grants(project(agreement), TODAY) == []


def test_an_agreement_holds_on_its_last_day() -> None:
    assert desired_grants(project(replace(ACME, end=TODAY)), TODAY) != []


def test_a_client_reads_the_receipts_of_its_own_insights_only() -> None:
    receipts = [grant for grant in desired_grants(project(ACME), TODAY) if grant.table == "insight_receipts"]

    assert [grant.row_filter for grant in receipts] == ["insight = 'churn'"]


def test_the_partition_key_is_always_visible() -> None:
    grant = ACME.grants[0]

    assert visible_columns(grant, CHURN, "history") == ("customer_id", "contract", "as_of")
    assert visible_columns(grant, CHURN, "runs") == ("customer_id", "contract", "as_of", "run_id")
