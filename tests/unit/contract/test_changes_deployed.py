"""What a deployment does to tables is told to those who are granted them there, whatever the project says by now."""

from dataclasses import replace

from insightshare.contract.changes_deployed import DeployedTable, deployed_changes
from tests.unit.contract.edits import small_project, with_insight, without

PROJECT = small_project()
SPEND = PROJECT.insights["spend"]
READERS = {"acme": frozenset({"customer_id", "total"}), "hooli": frozenset({"orders"})}
DEPLOYED = DeployedTable(SPEND.types, SPEND.version, READERS)


def said(table: DeployedTable, name: str = "spend") -> list[str]:
    return [str(change) for change in deployed_changes({name: table}, PROJECT)]


def test_what_is_deployed_already_is_no_change() -> None:
    assert said(DEPLOYED) == []


def test_what_is_deployed_is_compared_by_its_columns() -> None:
    narrow = DeployedTable({"customer_id": "string", "orders": "int"}, SPEND.version, READERS)

    assert said(narrow) == [
        "breaking: spend: column orders: int becomes bigint for hooli",
        "compatible: spend: column since: is new",
        "compatible: spend: column total: is new",
    ]


def test_a_column_goes_under_those_who_are_granted_it_although_their_agreements_let_go_of_it() -> None:
    after = with_insight(replace(PROJECT, clients={}), without("total"))

    (change,) = deployed_changes({"spend": DEPLOYED}, after)

    assert str(change) == "breaking: spend: column total: is gone for acme"


def test_an_insight_goes_under_those_who_are_granted_it_although_no_agreement_names_it() -> None:
    assert said(DEPLOYED, "gone") == ["breaking: gone: table: is gone for acme and hooli"]


def test_what_no_catalog_holds_breaks_by_the_first_number_of_the_version() -> None:
    assert said(replace(DEPLOYED, version="0.9.0")) == [
        "breaking: spend: version: 0.9.0 becomes 1.0.0 for acme and hooli"
    ]
    assert said(replace(DEPLOYED, version="1.7.3")) == []
    assert said(replace(DEPLOYED, version="")) == []
