"""Athena reads what the engines write: every type of a contract, row by row, and the statistics that let it skip."""

from __future__ import annotations

from pathlib import Path

import pytest

from insightshare.engine.choice import open_engine
from insightshare.engine.facts import EngineName
from tests.behaviour.athena_lake import Lake
from tests.conftest import Cloud

TYPES = {
    "id": "bigint", "small": "smallint", "number": "int", "ratio": "double", "single": "float", "flag": "boolean",
    "name": "string", "day": "date", "at": "timestamp", "exact": "decimal(12,2)", "long_exact": "decimal(38,4)",
    "tags": "array<string>", "vector": "array<double>", "detail": "struct<a:int,b:string>",
    "by_name": "map<string,double>",
}  # fmt: skip
FILLED = {
    "id": "2", "small": "3", "number": "4", "ratio": "0.1", "single": "1.5", "flag": "true", "name": "'Zoë 😀'",
    "day": "DATE '2026-02-28'", "at": "TIMESTAMP '2026-02-28 23:59:59.123456'", "exact": "1234.50",
    "long_exact": "0.0001",
}  # fmt: skip
NESTED: dict[EngineName, dict[str, str]] = {
    "duckdb": {
        "tags": "['x', NULL]",
        "vector": "[0.5, 1.0]",
        "detail": "{'a': 1, 'b': 'y'}",
        "by_name": "MAP {'k': 2.5}",
    },
    "spark": {
        "tags": "array('x', NULL)",
        "vector": "array(0.5, 1.0)",
        "detail": "named_struct('a', 1, 'b', 'y')",
        "by_name": "map('k', 2.5)",
    },
}
SHOWN = [
    "2", "3", "4", "0.1", "1.5", "true", "Zoë 😀", "2026-02-28", "2026-02-28 23:59:59.123", "1234.50", "0.0001",
    "[x, null]", "[0.5, 1.0]", "{a=1, b=y}", "{k=2.5}", "2026-01-01",
]  # fmt: skip


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def lake(request: pytest.FixtureRequest, cloud: Cloud, tmp_path: Path) -> Lake:
    """A table `run` over one file of two rows, the second of nulls but for its key."""
    engine_name: EngineName = request.param
    filled = ", ".join(f"{sql} AS {name}" for name, sql in {**FILLED, **NESTED[engine_name]}.items())
    nothing = ", ".join(f"NULL AS {name}" for name in list(TYPES)[1:])
    lake = Lake(cloud)
    with open_engine(engine_name) as engine:
        (file,) = engine.write_sorted(
            f"SELECT {filled} UNION ALL SELECT 1 AS id, {nothing}",
            TYPES,
            ["id"],
            str(tmp_path / "run"),
            {"as_of": "2026-01-01"},
        )
        assert engine.found_types([file.path], {**TYPES, "as_of": "string"}) == {**TYPES, "as_of": "string"}
    lake.s3.put_object(Bucket=lake.bucket, Key=f"run/{file.name}", Body=Path(file.path).read_bytes())
    lake.table("run", {**TYPES, "as_of": "string"}, "run/")
    return lake


def test_athena_shows_every_type_as_it_was_written(lake: Lake) -> None:
    answer = lake.ask("SELECT * FROM run ORDER BY id")

    assert answer.state == "SUCCEEDED", answer.reason
    assert answer.header == [*TYPES, "as_of"]
    assert answer.rows == [["1", *[None] * (len(TYPES) - 1), "2026-01-01"], SHOWN]


def test_elements_fields_and_keys_are_there_to_be_asked_for(lake: Lake) -> None:
    asked = "cardinality(tags), vector[2], detail.b, element_at(by_name, 'k'), date_diff('day', day, DATE '2026-03-01')"

    answer = lake.ask(f"SELECT {asked} FROM run WHERE id = 2")

    assert answer.rows == [["2", "1.0", "y", "2.5", "1"]], answer.reason
