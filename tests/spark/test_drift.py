"""Two runs compared by two engines: the same measures, the same moves, the same changed rows, and readers' profiles."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insightshare.contract.drift import DriftRules
from insightshare.contract.facts import Agreement, Grant
from insightshare.engine.duckdb import DuckDb
from insightshare.engine.facts import Engine
from insightshare.engine.spark import Spark
from insightshare.quality.difference import Difference, Question, difference
from insightshare.quality.drift import subject
from insightshare.quality.drift_queries import Pair
from insightshare.quality.reader_profiles import reader_profiles
from tests.spark.stage import near
from tests.unit.quality.contracts import KIND_KNOWN, contract
from tests.unit.share.test_visibility import agreement

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore:distutils Version classes:DeprecationWarning"),
]
NAN, INFINITY = float("nan"), float("inf")
THINGS = contract(KIND_KNOWN)
RULES = DriftRules(columns=("kind", "score"))
FILTER = "kind IN ('a', 'it''s') AND NOT score < 0.25"


def rows(first: int, last: int, shift: float) -> pa.Table:
    numbers = list(range(first, last))
    scores = [(number * 7 % 20) / 20 + shift for number in numbers]
    special: list[float | None] = [None, NAN, INFINITY, -INFINITY, -0.0, 0.0]
    kinds = ["a", "b", None, "it's", "back\\slash"]
    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()),
            "kind": [kinds[int(number + shift * 10) % 5] for number in numbers],
            "score": pa.array([*special, *scores[len(special) :]], pa.float64()),
        }
    )


def asked(engine: Engine, folder: Path, few: bool) -> Difference:
    for name in ("before", "after"):
        engine.add_files(name, [str(folder / f"{name}.parquet")], THINGS.types)
    what = subject(THINGS, RULES, {"score": {"distinct": 20}} if few else {})
    return difference(engine, Pair("before", "after", engine.dialect), Question(what, ("kind",), 30, RULES))


@pytest.fixture(scope="module")
def spark(folder: Path) -> Spark:
    return Spark("local[1]")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    pq.write_table(rows(0, 60, 0.0), folder / "before.parquet")
    pq.write_table(rows(10, 80, 0.3), folder / "after.parquet")
    return folder


@pytest.mark.parametrize("few", [False, True])
def test_two_engines_find_the_same_difference(folder: Path, spark: Spark, few: bool) -> None:
    with DuckDb() as duckdb:
        expected = asked(duckdb, folder, few)

    found = asked(spark, folder, few)

    assert near(found.drift.to_json(), expected.drift.to_json())
    assert found.rows == expected.rows
    assert {move.before for move in found.drift.moves} == {"a", "b", "other", "empty"}


def test_two_engines_profile_the_same_rows_of_a_reader(folder: Path, spark: Spark) -> None:
    reader: Agreement = agreement(rows=FILTER)
    reader = Agreement(**{**vars(reader), "grants": (Grant("things", None, FILTER),)})
    with DuckDb() as duckdb:
        duckdb.add_files("run", [str(folder / "after.parquet")], THINGS.types)
        [expected] = reader_profiles(duckdb, "run", THINGS, [reader])
    spark.add_files("run", [str(folder / "after.parquet")], THINGS.types)

    [found] = reader_profiles(spark, "run", THINGS, [reader])

    assert near(found, expected)
    assert 0 < found["row_count"] < 70
