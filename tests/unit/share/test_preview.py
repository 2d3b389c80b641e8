"""What a client would see is what its agreement says, of each table, and what that changes for it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from athenasql import typed_query
from insightshare.contract.facts import Project
from insightshare.contract.read import load_project
from insightshare.errors import AccessRefused, QueryFailed
from insightshare.publish.receipts import receipt_columns
from insightshare.share.preview import (
    Difference,
    View,
    agreed_views,
    day_to_preview,
    differences,
    preview_query,
    rows_query,
    table_types,
)

TODAY = date(2026, 11, 21)
PROJECT: Project = load_project(Path(__file__).resolve().parents[3])
TYPES = table_types(PROJECT, dict(receipt_columns()))
ACME = agreed_views(PROJECT, "acme", TODAY, TYPES)


def test_an_agreement_shows_its_columns_and_the_keys_of_its_tables_in_its_rows() -> None:
    columns = ("customer_id", "churn_probability", "risk_category", "contract")

    rows = "contract = 'Month-to-month'"
    assert ACME["churn"] == View((*columns, "as_of"), rows)
    assert ACME["churn_latest"] == View((*columns, "as_of"), rows)
    assert ACME["churn_runs"] == View((*columns, "as_of", "run_id"), rows)


def test_an_agreement_shows_the_receipts_of_its_insights() -> None:
    assert ACME["insight_receipts"].rows == "insight = 'churn' OR insight = 'interests'"


def test_an_agreement_that_is_over_shows_nothing() -> None:
    assert agreed_views(PROJECT, "acme", date(2099, 1, 1), TYPES) == {}


def test_an_agreement_still_to_begin_is_previewed_as_of_its_first_day() -> None:
    acme, before = PROJECT.clients["acme"], date(2026, 1, 1)

    assert day_to_preview(acme, before) == acme.start
    assert agreed_views(PROJECT, "acme", day_to_preview(acme, before), TYPES) == ACME


def test_an_agreement_that_began_is_previewed_as_of_today() -> None:
    assert day_to_preview(PROJECT.clients["acme"], TODAY) == TODAY


def test_a_query_is_answered_from_what_the_client_would_see() -> None:
    asked = "SELECT contract, count(*) AS n FROM churn_latest GROUP BY contract"

    sql = preview_query(asked, "acme", "insights", ACME, TYPES)

    types = {f"insights.{name}": columns for name, columns in TYPES.items()}
    assert typed_query(sql, types).output == [("contract", "string"), ("n", "bigint")]
    assert "\"contract\" = 'Month-to-month'" in sql


def test_a_table_outside_the_agreement_is_refused() -> None:
    with pytest.raises(AccessRefused, match=r"Table 'insights\.product_area_impact' is not one that the agreement"):
        preview_query("SELECT * FROM product_area_impact", "acme", "insights", ACME, TYPES)


def test_a_query_that_does_not_parse_is_one_line() -> None:
    with pytest.raises(QueryFailed, match=r"preview of acme: query: .SYNTAX_ERROR") as failed:
        preview_query("SELEC 1", "acme", "insights", ACME, TYPES)

    assert "\n" not in str(failed.value)


def test_an_empty_query_is_one_too() -> None:
    with pytest.raises(QueryFailed, match=r"preview of acme: query: .SYNTAX_ERROR"):
        preview_query("", "acme", "insights", ACME, TYPES)


def test_a_hidden_column_is_not_there() -> None:
    sql = preview_query("SELECT health_score FROM churn", "acme", "insights", ACME, TYPES)

    types = {f"insights.{name}": columns for name, columns in TYPES.items()}
    with pytest.raises(ValueError, match="Column 'health_score' cannot be resolved"):
        typed_query(sql, types)


def test_a_difference_names_the_columns_that_come_and_go() -> None:
    changed = replace(ACME["churn"], columns=("customer_id", "health_score", "as_of"))

    found = {
        one.table: one
        for one in differences({"churn": ACME["churn"]}, {"churn": changed, "interests": ACME["interests"]})
    }

    assert found["churn"].gained == ("health_score",)
    assert found["churn"].lost == ("churn_probability", "risk_category", "contract")
    assert found["interests"] == Difference("interests", None, ACME["interests"])


def test_rows_are_counted_now_then_and_both_in_one_query() -> None:
    sql = rows_query(Difference("churn", None, ACME["churn"]), "insights", TYPES["churn"])

    output = typed_query(sql, {"insights.churn": TYPES["churn"]}).output
    assert [name for name, _ in output] == ["seen_now", "seen_then", "seen_both"]
