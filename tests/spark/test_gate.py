"""One gate, two engines: rules of every kind, and the profile, say the same of the same rows."""

import pyarrow.parquet as pq
import pytest

from insightshare.engine.duckdb import DuckDb
from insightshare.engine.spark import Spark
from insightshare.quality.audit import audit
from insightshare.quality.verdict import Verdict
from tests.spark.stage import near
from tests.unit.quality.kinds import DAY, EVERY_RULE, MIXED, TYPES, contract, table

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore:distutils Version classes:DeprecationWarning"),
]
RULES = contract(EVERY_RULE)
SECRET = b"the same for both"


@pytest.fixture(scope="module", params=[60, 0], ids=["mixed", "empty"])
def verdicts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Verdict, Verdict]:
    """DuckDB's and Spark's verdict on the same file."""
    path = tmp_path_factory.mktemp("gate") / "part-00000.parquet"
    pq.write_table(table(MIXED[: request.param]), path)
    with DuckDb() as duckdb, Spark("local[1]") as spark:
        duckdb.add_files("things", [str(path)], TYPES)
        spark.add_files("things", [str(path)], TYPES)
        return (
            audit(duckdb, "things", RULES, TYPES, DAY, secret=SECRET),
            audit(spark, "things", RULES, TYPES, DAY, secret=SECRET),
        )


def test_every_rule_has_the_same_result(verdicts: tuple[Verdict, Verdict]) -> None:
    ours, sparks = verdicts

    different = {
        f"{one.kind} {one.expectation}": (one, other)
        for one, other in zip(ours.checks, sparks.checks, strict=True)
        if not near(one.to_json(), other.to_json())
    }

    assert different == {}


def test_every_column_has_the_same_profile(verdicts: tuple[Verdict, Verdict]) -> None:
    ours, sparks = verdicts

    assert {
        name: (ours.profile[name], sparks.profile[name])
        for name in TYPES
        if not near(dict(sparks.profile[name]), dict(ours.profile[name]))
    } == {}
