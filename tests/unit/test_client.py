"""The Python client over a reader that answers from memory: what it asks for, and what its frames look like."""

from collections.abc import Mapping
from typing import Any, cast

import pyarrow as pa
import pytest

from insightshare.aws.athena import Place
from insightshare.aws.reader import Reader
from insightshare.client import Store
from insightshare.errors import NotFound, UsageError

ROWS = pa.table({"customer_id": ["C1", "C2"], "tags": [["a", "b"], []], "score": [0.5, None]})
TYPES = {"customer_id": "string", "tags": "array<string>", "score": "double"}


class MemoryReader:
    """A reader of one insight; remembers what it was asked."""

    place = Place("analysts", "insights")

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def visible_tables(self) -> list[dict[str, Any]]:
        columns = [{"Name": name, "Type": kind} for name, kind in TYPES.items()]
        parameters = {"insight": "churn", "title": "Churn", "version": "1.0.0"}
        return [
            {"Name": name, "Parameters": parameters, "StorageDescriptor": {"Columns": columns}}
            for name in ("churn", "churn_latest")
        ]

    def arrow(self, select: str, types: Mapping[str, str]) -> pa.Table:
        self.asked.append((select, types))
        return ROWS


def store(reader: MemoryReader | None = None) -> Store:
    return Store(cast(Reader, reader or MemoryReader()))


def test_an_insight_is_listed_once_with_its_tables() -> None:
    insight = store().insights()[0]

    assert (insight.name, insight.tables) == ("churn", ("churn", "churn_latest"))


def test_fetching_asks_for_the_columns_and_the_date_with_their_types() -> None:
    reader = MemoryReader()

    store(reader)["churn"].to_arrow(["customer_id"], as_of="2026-01-01", limit=3)

    select = """SELECT "customer_id" FROM "insights"."churn" WHERE as_of = '2026-01-01' LIMIT 3"""
    assert reader.asked == [(select, TYPES)]


def test_what_is_no_date_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match=r"as_of: 'yesterday' is not a date\. Fix: write it as 2026-11-21"):
        store()["churn"].to_arrow(as_of="yesterday")


def test_a_pandas_frame_keeps_lists_and_nulls() -> None:
    frame = store()["churn"].to_pandas()

    assert list(frame["tags"][0]) == ["a", "b"]
    assert frame["score"].isna().tolist() == [False, True]


def test_an_insight_that_is_not_there_is_named_with_the_choices() -> None:
    with pytest.raises(NotFound) as missing:
        store()["sales"]

    assert str(missing.value) == "store: insight: 'sales' is not one that you may read (churn). Fix: ask the provider."


def test_two_runs_are_compared_only_by_who_may_read_runs() -> None:
    with pytest.raises(NotFound, match=r"churn: table: nothing is not a table churn_runs that you may read\."):
        store()["churn"].diff("20260101T000000000Z-00000001", "20260102T000000000Z-00000002")


@pytest.mark.spark
def test_a_spark_frame_has_the_same_rows_and_types() -> None:
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()

    frame = store()["churn"].to_spark(spark=spark)

    assert dict(frame.dtypes) == TYPES
    assert [row.asDict() for row in frame.collect()] == ROWS.to_pylist()
