"""Which plans would take a table from under a client's grant."""

from typing import Any

import pytest

from scripts.lost_tables import lost_tables

READ = ("no-op",)


def change(kind: str, address: str, actions: tuple[str, ...], before: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": kind, "address": address, "change": {"actions": list(actions), "before": before}}


def table(*actions: str, name: str = "churn") -> dict[str, Any]:
    before = None if actions == ("create",) else {"database_name": "insights", "name": name}
    return change("aws_glue_catalog_table", f'module.insight["{name}"].aws_glue_catalog_table.history', actions, before)


def database(*actions: str, name: str = "insights") -> dict[str, Any]:
    return change("aws_glue_catalog_database", f"aws_glue_catalog_database.{name}", actions, {"name": name})


def cells(client: str, *actions: str, name: str = "churn") -> dict[str, Any]:
    data = {"table_data": [{"database_name": "insights", "table_name": name, "name": client}]}
    before = None if actions == ("create",) else data
    address = f'module.agreement["{client}"].aws_lakeformation_data_cells_filter.this["{name}"]'
    return change("aws_lakeformation_data_cells_filter", address, actions, before)


def lost(*changes: dict[str, Any]) -> list[str]:
    return lost_tables({"resource_changes": changes})


@pytest.mark.parametrize("actions", [("delete", "create"), ("create", "delete")])
def test_a_table_is_never_made_again_under_a_grant(actions: tuple[str, ...]) -> None:
    assert lost(table(*actions), cells("acme", *READ), cells("globex", "update")) == [
        "table insights.churn: plan: made again under the grant of acme, globex is not one that leaves readers their "
        'table. Fix: undo what changes module.insight["churn"].aws_glue_catalog_table.history, or end the agreement on '
        "it first."
    ]


def test_a_table_does_not_go_under_a_grant() -> None:
    (line,) = lost(table("delete"), cells("acme", *READ))

    assert line.startswith("table insights.churn: plan: deleted under the grant of acme is not")


def test_a_filter_that_is_made_again_with_its_table_does_not_excuse_it() -> None:
    assert len(lost(table("delete", "create"), cells("acme", "delete", "create"))) == 1


def test_a_database_does_not_go_under_the_grants_on_its_tables() -> None:
    (line,) = lost(database("delete", "create"), cells("acme", *READ, name="interests"))

    assert line.startswith("database insights: plan: made again under the grant of acme is not")


@pytest.mark.parametrize(
    "changes",
    [
        (table("delete"), cells("acme", "delete")),  # its grant goes by the same plan
        (table("delete", "create"), cells("acme", "create")),  # whoever gets it gets the new one
        (table("delete", name="old"), cells("acme", *READ)),  # nobody reads that one
        (table("update"), cells("acme", *READ)),
        (table("create"), cells("acme", "create")),
        (database("delete", name="sources"), cells("acme", *READ)),
        (),
    ],
)
def test_every_other_plan_is_free(changes: tuple[dict[str, Any], ...]) -> None:
    assert lost(*changes) == []
