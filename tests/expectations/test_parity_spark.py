"""One case of each compiled expectation against Great Expectations on Spark, which sees NaN as we do; slow, so few."""

from pathlib import Path

import pytest

from tests.expectations.cases import Case, cases
from tests.expectations.compared import Compared, GreatExpectationsElsewhere
from tests.expectations.differences import ON_SPARK, Point, same
from tests.expectations.tables import table

pytestmark = [pytest.mark.expectations, pytest.mark.timeout(1800)]  # one process answers for all tests: minutes
PEERS = Path(__file__).resolve().parents[2] / ".venv-peers/bin/python"
CASES: dict[str, Case] = {}
for one in cases():
    CASES.setdefault(one[0], one)


@pytest.fixture(scope="module")
def on_spark(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """The cases on a table with nulls and on one with NaN."""
    tables = {name: table(name) for name in ("with nulls", "with NaN")}
    elsewhere = GreatExpectationsElsewhere(PEERS, "spark_answers.py")
    chosen = list(CASES.values())
    return Compared(tables, chosen, elsewhere.endings(tables, chosen, tmp_path_factory.mktemp("spark")))


@pytest.mark.parametrize("place", range(len(CASES)), ids=list(CASES))
def test_it_says_what_great_expectations_says_on_spark_or_the_difference_has_a_name(
    on_spark: Compared, place: int
) -> None:
    unexplained = []
    for name, rows in on_spark.tables.items():
        point = Point(on_spark.cases[place], rows, on_spark.ours[name][place], on_spark.theirs[name][place].unnamed)
        if not same(point.ours, point.theirs) and not any(explains(point) for explains in ON_SPARK.values()):
            unexplained.append(f"{name}: {point.ours} is not {point.theirs}")

    assert unexplained == [], on_spark.cases[place]


def test_each_difference_on_spark_is_seen(on_spark: Compared) -> None:
    points = [
        Point(case, rows, on_spark.ours[name][place], on_spark.theirs[name][place].unnamed)
        for place, case in enumerate(on_spark.cases)
        for name, rows in on_spark.tables.items()
    ]

    odd = [point for point in points if not same(point.ours, point.theirs)]

    assert {name for point in odd for name, explains in ON_SPARK.items() if explains(point)} == set(ON_SPARK)
