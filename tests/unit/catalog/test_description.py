"""An insight as its reader sees it, read from table metadata."""

from typing import Any

from insightshare.catalog.description import Column, InsightDescription, column_types, descriptions


def table(name: str, columns: list[tuple[str, str, str]], insight: str | None = "churn", **more: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "Description": "One row per customer.",
        "Parameters": {"insight": insight, "title": "Churn", "version": "1.0.0"} if insight else {},
        "StorageDescriptor": {"Columns": [{"Name": n, "Type": t, "Comment": c} for n, t, c in columns]},
        **more,
    }


LATEST = table("churn_latest", [("customer_id", "string", "The customer."), ("as_of", "string", "The date.")])
HISTORY = table(
    "churn", [("customer_id", "string", "The customer.")], PartitionKeys=[{"Name": "as_of", "Type": "string"}]
)


def test_the_tables_of_one_insight_are_one_description() -> None:
    assert descriptions([HISTORY, LATEST]) == {
        "churn": InsightDescription(
            name="churn",
            title="Churn",
            meaning="One row per customer.",
            version="1.0.0",
            columns=(Column("customer_id", "string", "The customer."), Column("as_of", "string", "The date.")),
            tables=("churn", "churn_latest"),
        )
    }


def test_a_reader_without_latest_sees_the_history() -> None:
    found = descriptions([HISTORY])["churn"]

    assert [column.name for column in found.columns] == ["customer_id", "as_of"]


def test_a_table_that_is_no_insight_is_left_out() -> None:
    assert descriptions([table("insight_receipts", [("run_id", "string", "")], insight=None)]) == {}


def test_a_description_reads_as_text() -> None:
    text = str(descriptions([LATEST])["churn"])

    assert text.splitlines() == [
        "Churn (churn, version 1.0.0)",
        "",
        "One row per customer.",
        "",
        "  customer_id  string  The customer.",
        "  as_of        string  The date.",
        "",
        "Tables: churn_latest",
    ]


def test_partition_keys_are_typed_like_columns() -> None:
    assert column_types([HISTORY, LATEST], "churn") == {"customer_id": "string", "as_of": "string"}


def test_a_table_that_is_not_visible_has_no_types() -> None:
    assert column_types([HISTORY], "churn_runs") == {}
