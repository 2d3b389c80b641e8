"""The SQL that docs/drift.md shows to readers runs, and finds what the platform finds."""

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from athenasql import to_duckdb, typed_query
from insightshare.contract.drift import DriftRules
from insightshare.contract.read import load_project
from insightshare.engine.duckdb import DuckDb
from insightshare.quality.drift import Drift, measured, subject
from insightshare.quality.drift_queries import Pair

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/drift.md").read_text()
CAME, MOVES, DISTRIBUTION = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
EARLIER, LATER = "20260101T043000000Z-00000001", "20260102T043000000Z-00000002"
CHURN = load_project(ROOT).insights["churn"]


def churn_runs() -> pa.Table:
    """Two runs: forty customers go, twenty come, and whoever stays is more likely to leave."""
    rows = []
    for run, customers, shift in ((EARLIER, range(300), 0.0), (LATER, range(40, 320), 0.17)):
        for number in customers:
            score = min(1.0, (number * 37 % 300) / 300 + shift)
            band = "high" if score >= 0.8 else "medium" if score >= 0.5 else "low"
            rows.append((f"C{number:06d}", score, band, run))
    names = ("customer_id", "churn_probability", "risk_category", "run_id")
    return pa.table({name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)})


def asked(sql: str) -> list[tuple[Any, ...]]:
    types = {name: CHURN.types.get(name, "string") for name in churn_runs().column_names}
    with DuckDb() as engine:
        engine.add_arrow("churn_runs", churn_runs())
        return engine.rows(to_duckdb(typed_query(sql, {"churn_runs": types})))


@pytest.fixture(scope="module")
def drift() -> Drift:
    """What the platform measures of the same two runs."""
    rules = DriftRules(columns=("churn_probability", "risk_category"))
    before, after = (f"(SELECT * FROM churn_runs WHERE run_id = '{run}')" for run in (EARLIER, LATER))
    with DuckDb() as engine:
        engine.add_arrow("churn_runs", churn_runs())
        return measured(engine, Pair(before, after, "duckdb"), subject(CHURN, rules, {}), rules)


def test_who_came_went_and_stayed(drift: Drift) -> None:
    assert asked(CAME) == [(drift.came, drift.went, drift.stayed)] == [(20, 40, 260)]


def test_who_moved(drift: Drift) -> None:
    moves = sorted((move.before, move.after, move.entities) for move in drift.moves)

    assert asked(MOVES) == moves
    assert ("low", "medium") in {move[:2] for move in moves}


def test_psi_and_ks(drift: Drift) -> None:
    values = {found.measure: found.value for found in drift.measures if found.column == "churn_probability"}

    assert asked(DISTRIBUTION) == [(pytest.approx(values["psi"]), pytest.approx(values["ks"]))]
