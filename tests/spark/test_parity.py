"""Two engines, one result: every insight of the project has the same rows, verdicts and profile from both."""

import pytest

from insightshare.contract.read import load_project
from insightshare.jobs.train import train_model
from insightshare.jobs.workplace import Workplace
from tests.spark.stage import DAY, ROOT, Run, near, sample_place, scored

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:distutils Version classes:DeprecationWarning"),
]

INSIGHTS = list(load_project(ROOT).insights)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The project, landed and trained."""
    place = sample_place(tmp_path_factory.mktemp("parity") / "lake")
    for name, insight in place.project.insights.items():
        if insight.pipeline.model:
            train_model(place, name, DAY)
    return place


@pytest.fixture(scope="module", params=INSIGHTS)
def runs(request: pytest.FixtureRequest, place: Workplace) -> tuple[Run, Run]:
    """One insight by DuckDB and by Spark."""
    return scored(place, request.param, "duckdb"), scored(place, request.param, "spark")


def test_both_engines_publish_the_same_rows_in_the_same_order(runs: tuple[Run, Run]) -> None:
    duckdb, spark = runs

    assert spark.table.num_rows > 0
    assert near(spark.table.to_pylist(), duckdb.table.to_pylist())


def test_both_engines_write_the_same_types(runs: tuple[Run, Run]) -> None:
    duckdb, spark = runs

    assert spark.table.schema.remove_metadata() == duckdb.table.schema.remove_metadata()


def test_both_engines_come_to_the_same_verdict_of_every_check(runs: tuple[Run, Run]) -> None:
    duckdb, spark = runs

    assert spark.manifest.passed and duckdb.manifest.passed
    assert near(spark.verdicts, duckdb.verdicts)


def test_both_engines_describe_every_column_alike(runs: tuple[Run, Run]) -> None:
    duckdb, spark = runs

    differing = {
        (column, measure): (spark.manifest.profile[column].get(measure), value)
        for column, measures in duckdb.manifest.profile.items()
        for measure, value in measures.items()
        if not near(spark.manifest.profile[column].get(measure), value)
    }
    assert differing == {}
    assert near(spark.manifest.profile, duckdb.manifest.profile)


def test_a_run_says_which_engine_made_it(runs: tuple[Run, Run]) -> None:
    assert [run.manifest.lineage.engine for run in runs] == ["duckdb", "spark"]
