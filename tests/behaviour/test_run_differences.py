"""A reader compares two runs through Athena: the same measures as the platform finds over the files."""

import math
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pyarrow as pa
import pytest

from insightshare.aws.athena import Place
from insightshare.aws.comparison import difference_for_reader, question_of
from insightshare.aws.reader import Reader
from insightshare.client import Store
from insightshare.engine.duckdb import DuckDb
from insightshare.errors import NotFound
from insightshare.quality.difference import Difference, Question, difference
from insightshare.quality.drift import Subject
from insightshare.quality.drift_queries import Pair
from tests.behaviour.athena_lake import Lake
from tests.conftest import PROVIDER, REGION, Cloud

RUN_A, RUN_B = "20260101T043000000Z-00000001", "20260102T043000000Z-00000002"
TYPES = {"customer": "string", "score": "double", "months": "int", "band": "string"}
BANDS = ("low", "medium", "high")


def columns(first: int, last: int, shift: float) -> dict[str, Any]:
    numbers = range(first, last)
    scores: list[float | None] = [(number * 37 % 100) / 100 + shift for number in numbers]
    scores[3], scores[5] = None, math.nan
    return {
        "customer": [f"C{number:04d}" for number in numbers],
        "score": scores,
        "months": pa.array([number % 7 for number in numbers], pa.int32()),
        "band": [BANDS[int(number + shift * 10) % 3] if number % 11 else None for number in numbers],
    }


@pytest.fixture(scope="module")
def reader(cloud: Cloud) -> Iterator[Reader]:
    lake = Lake(cloud)
    for run_id, made in ((RUN_A, columns(0, 80, 0.0)), (RUN_B, columns(10, 100, 0.2))):
        lake.put(f"things/{run_id}/1.parquet", made)
    lake.table("things_runs", TYPES, "things/", ["run_id"])
    for run_id in (RUN_A, RUN_B):
        lake.partition("things_runs", TYPES, f"things/{run_id}/", run_id)
    name = f"wg-{uuid.uuid4().hex[:8]}"
    results = {"ResultConfiguration": {"OutputLocation": lake.output}}
    lake.athena.create_work_group(Name=name, Configuration=results)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", cloud.endpoint)
        session = boto3.Session(aws_access_key_id=PROVIDER, aws_secret_access_key="any", region_name=REGION)
        yield Reader(session, Place(name, lake.database))


def over_files(question: Question) -> Difference:
    with DuckDb() as engine:
        engine.add_arrow("a", pa.table(columns(0, 80, 0.0)))
        engine.add_arrow("b", pa.table(columns(10, 100, 0.2)))
        return difference(engine, Pair("a", "b", "duckdb"), question)


def test_athena_finds_what_the_platform_finds(reader: Reader) -> None:
    what = Subject(("customer",), {"score": True, "months": False}, ("band",), {"band": BANDS}, frozenset({"months"}))
    question = Question(what, ("band",))

    found = difference_for_reader(reader, "things", (RUN_A, RUN_B), question).drift

    expected = over_files(question).drift
    assert (found.came, found.went, found.stayed, found.moves) == (20, 10, 70, expected.moves)
    assert [(m.measure, m.column) for m in found.measures] == [(m.measure, m.column) for m in expected.measures]
    assert [m.value for m in found.measures] == pytest.approx([m.value for m in expected.measures], abs=1e-9)
    assert all(value for value in (m.value for m in found.measures))


def test_a_reader_gets_the_changed_rows_as_text(reader: Reader) -> None:
    question = question_of(TYPES, ["customer"], ["band", "months"], rows=12)

    rows = difference_for_reader(reader, "things", (RUN_A, RUN_B), question).rows

    assert [row.what for row in rows] == ["went"] * 10 + ["changed"] * 2
    assert rows[1].changes == {"band": ("medium", None), "months": ("1", None)}


def test_a_reader_asks_for_drift_by_the_types_of_its_columns() -> None:
    question = question_of({**TYPES, "tags": "array<string>"}, [], [*TYPES, "tags"], rows=0)

    assert question.what == Subject((), {"score": True, "months": False}, ("customer", "band"))


class Described(Reader):
    """A reader whose tables say that they are an insight's, as Terraform makes them."""

    def __init__(self, reader: Reader) -> None:
        self.__dict__ = reader.__dict__

    def visible_tables(self) -> list[dict[str, Any]]:
        described = {"insight": "things", "title": "Things", "version": "1.0.0"}
        return [{**table, "Parameters": described} for table in super().visible_tables()]


def test_the_library_compares_every_column_that_one_may_see(reader: Reader) -> None:
    found = Store(Described(reader))["things"].diff(RUN_A, RUN_B, key=["customer"], rows=1)

    names = [(measure["measure"], measure["column"]) for measure in found["measures"]]
    assert names == [
        ("row_count", ""), ("came", ""), ("went", ""), ("psi", "score"), ("ks", "score"), ("psi", "months"),
        ("ks", "months"), ("shift", "band"),
    ]  # fmt: skip
    assert [row["what"] for row in found["changed_rows"]] == ["went"]


def test_the_library_names_a_column_that_one_may_not_see(reader: Reader) -> None:
    with pytest.raises(NotFound, match=r"things: column: 'age' is not one of customer, score, months, band, run_id\."):
        Store(Described(reader))["things"].diff(RUN_A, RUN_B, columns=["age"])
