"""Peers are held to the same checks as we are: two lists in two environments, held against each other."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.deployment import COLUMNS
from benchmarks.peers.expectations import expectations
from benchmarks.stage import INSIGHT, copy_project
from insightshare.contract.facts import Check, Insight
from insightshare.contract.read import load_project

OURS = {
    "expect_column_values_to_not_be_null": "not_null",
    "expect_column_values_to_be_unique": "unique",
    "expect_column_values_to_be_between": "range",
    "expect_column_values_to_be_in_set": "set",
}


@pytest.fixture(scope="module")
def insight(tmp_path_factory: pytest.TempPathFactory) -> Insight:
    root = tmp_path_factory.mktemp("benchmarks") / "project"
    copy_project(root)
    return load_project(root).insights[INSIGHT]


def said(kind: str, given: dict[str, Any]) -> tuple[Any, ...]:
    """One of the peers' expectations in the words of our checks."""
    values = tuple(given.get("value_set", ()))
    return OURS[kind], (given["column"],), given.get("min_value"), given.get("max_value"), values


def meant(check: Check) -> tuple[Any, ...]:
    return check.kind, check.columns, check.minimum, check.maximum, check.values


def test_the_peers_check_what_the_contract_checks(insight: Insight) -> None:
    peers = {said(kind, given) for kind, given in expectations()}

    assert peers == {meant(check) for check in insight.checks if check.kind != "schema"}


def test_there_are_fifteen_checks_as_the_page_says() -> None:
    assert len(expectations()) == 15


def test_the_tables_of_the_local_aws_have_the_contracts_columns(insight: Insight) -> None:
    assert insight.types == COLUMNS


def test_the_rows_have_the_contracts_columns_and_pass(insight: Insight, tmp_path: Path) -> None:
    from benchmarks.rows import write_rows
    from insightshare.engine.duckdb import DuckDb
    from insightshare.quality.audit import audit

    path = tmp_path / "rows.parquet"
    write_rows(2_000, path)

    with DuckDb() as engine:
        engine.add_files("run", [str(path)], insight.types)
        verdict = audit(engine, "run", insight, engine.found_types([str(path)], insight.types))

    assert (verdict.rows, verdict.summary()) == (2_000, "16 checks, none failed")
