"""A receipt has exactly the columns of the table `insight_receipts`, and nothing that the data said."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from athenasql import Type, parse_type
from insightshare.errors import NotFound
from insightshare.publish import read_receipt, receipt_columns
from insightshare.publish.receipts import receipt, write_receipt
from tests.unit.publish.scenes import INSIGHT, fresh, manifest_of, started

DRIFT = {
    "since_run_id": "20260130T120000000Z-8cf2ccca",
    "since_as_of": "2026-01-04",
    "rows_before": 90,
    "rows": 100,
    "came": 20,
    "went": 10,
    "stayed": 80,
    "measures": [
        {"measure": "came", "column": "", "value": 0.2, "level": None},
        {"measure": "psi", "column": "score", "value": 0.3, "level": "warn"},
    ],
    "moves": [{"column": "kind", "before": "low", "after": "high", "entities": 3}],
}


def shape(value: Any, kind: Type) -> str:
    """The type that a JSON value shows, as the catalog spells it; of null, and of what is empty, the one wanted."""
    if value is None or value == []:
        return kind.ddl()
    if isinstance(value, dict) and kind.name == "row":
        assert [name for name, _ in kind.fields] == list(value)
        return "struct<" + ",".join(f"{name}:{shape(value[name], part)}" for name, part in kind.fields) + ">"
    if isinstance(value, list):
        assert {shape(item, kind.element) for item in value} == {kind.element.ddl()}
        return f"array<{kind.element.ddl()}>"
    if isinstance(value, dict):
        return "map<string,double>" if all(isinstance(item, float) for item in value.values()) else "map"
    return {bool: "boolean", int: "bigint", float: "double", str: "string"}[type(value)]


def test_a_receipt_has_the_columns_of_the_table_in_their_order() -> None:
    _, ports = fresh()

    found = receipt(manifest_of(started(ports)), "2026-01-31T12:00:00.000Z")

    assert list(found) == [name for name, _ in receipt_columns()]


def test_every_part_of_a_receipt_has_the_type_of_its_column() -> None:
    _, ports = fresh()
    found = receipt(replace(manifest_of(started(ports)), drift=DRIFT), "2026-01-31T12:00:00.000Z")

    shapes = {name: shape(found[name], parse_type(kind)) for name, kind in receipt_columns()}

    assert shapes == {name: parse_type(kind).ddl() for name, kind in receipt_columns()}


def test_the_public_drift_has_measures_and_counts_and_not_who_moved_where() -> None:
    _, ports = fresh()

    drift = receipt(replace(manifest_of(started(ports)), drift=DRIFT), "2026-01-31T12:00:00.000Z")["drift"]

    assert drift == {
        "since_run_id": "20260130T120000000Z-8cf2ccca",
        "since_as_of": "2026-01-04",
        "rows_before": 90,
        "came": 20,
        "went": 10,
        "stayed": 80,
        "measures": [
            {"measure": "came", "column_name": None, "value": 0.2, "level": None},
            {"measure": "psi", "column_name": "score", "value": 0.3, "level": "warn"},
        ],
    }


def test_without_a_run_before_there_is_no_drift() -> None:
    _, ports = fresh()

    assert receipt(manifest_of(started(ports)), "2026-01-31T12:00:00.000Z")["drift"] is None


@pytest.mark.parametrize(("promised_hours", "kept"), [(24.0, False), (636.0, True), (None, None)])
def test_freshness_is_held_against_the_promise(promised_hours: float | None, kept: bool | None) -> None:
    _, ports = fresh()
    manifest = replace(manifest_of(started(ports)), promised_hours=promised_hours)

    freshness = receipt(manifest, "2026-01-31T12:00:00.000Z")["freshness"]

    assert manifest.claim.as_of == "2026-01-05"
    assert (freshness["published_after_hours"], freshness["promise_kept"]) == (636.0, kept)
    assert (
        freshness["oldest_input_days"] == (date(2026, 1, 5) - date.fromisoformat(manifest.lineage.inputs[0].as_of)).days
    )


def test_a_rejected_run_keeps_no_promise_as_nobody_can_read_it() -> None:
    _, ports = fresh()
    rejected = replace(manifest_of(started(ports)), passed=False, promised_hours=636.0)

    freshness = receipt(rejected, "2026-01-31T12:00:00.000Z")["freshness"]

    assert (freshness["published_after_hours"], freshness["promise_kept"]) == (None, None)


def test_a_receipt_is_one_line_so_that_a_table_of_json_lines_can_read_it() -> None:
    world, ports = fresh()
    own = started(ports)

    write_receipt(ports.storage, manifest_of(own), "2026-01-31T12:00:00.000Z")

    lines = world.objects[f"receipts/churn/{own.run_id}.json"].decode().splitlines()
    assert [json.loads(line)["run_id"] for line in lines] == [own.run_id]


def test_a_receipt_that_does_not_exist_is_named() -> None:
    _, ports = fresh()

    with pytest.raises(NotFound, match=r"churn: run: 'x' is not a registered run\. Fix: take a run of"):
        read_receipt(ports.storage, INSIGHT, "x")
