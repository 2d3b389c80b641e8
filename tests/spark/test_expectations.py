"""Expectations that are not compiled see the same rows from Spark as from DuckDB."""

import json
from pathlib import Path

import pytest

from insightshare.engine.duckdb import DuckDb
from insightshare.engine.facts import EngineName
from insightshare.quality.audit import audit
from insightshare.quality.expectations_runner import GreatExpectations
from insightshare.quality.verdict import CheckResult
from tests.spark.stage import engine_of
from tests.unit.quality.contracts import contract
from tests.unit.quality.stand_in import ANSWER, JSON_RULE, ROWS, stand_in

pytestmark = pytest.mark.spark


def asked(engine_name: EngineName, folder: Path) -> tuple[CheckResult, list[dict[str, object]]]:
    """The result of the rule, and the rows that Great Expectations was given."""
    types = contract().types
    folder.mkdir()
    with DuckDb() as writer:
        writer.add_arrow("things", ROWS)
        written = writer.write_sorted("SELECT * FROM things", types, ("id",), str(folder / "run"))
    with engine_of(engine_name) as engine:
        engine.add_files("things", [file.path for file in written], types)
        runner = GreatExpectations(stand_in(folder, ANSWER))
        verdict = audit(engine, "things", contract(JSON_RULE), types, expectations=runner, with_profile=False)
    return verdict.checks[1], json.loads((folder / "seen.json").read_text())["rows"]


def test_expectations_see_the_same_rows_from_either_engine(tmp_path: Path) -> None:
    assert asked("spark", tmp_path / "spark") == asked("duckdb", tmp_path / "duckdb")
