"""Every function of the allow-list gives what Trino documents: golden cases in `tests/data/athena_functions`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from athenasql import SPARK_SETTINGS, SqlError, to_duckdb, to_spark, typed_query
from athenasql.calls import ALLOW_LIST
from localcloud.athena.values import text_of

CASES = Path(__file__).parents[2] / "data" / "athena_functions"
_LINE = re.compile(r"(?P<sql>SELECT .+); -- (?P<type>[a-z][a-z0-9(), ]*):(?: (?P<value>.*?))?(?P<alone>; no spark)?")


@dataclass(frozen=True)
class Case:
    place: str
    sql: str
    type: str
    value: str
    spark: bool


def cases() -> Iterator[Case]:
    for path in sorted(CASES.glob("*.sql")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.startswith("--"):
                found = _LINE.fullmatch(line)
                assert found, f"{path.name}:{number} is not a case"
                place = f"{path.stem}:{number}"
                yield Case(place, found["sql"], found["type"], found["value"] or "", not found["alone"])


ALL = list(cases())


def named(case: Case) -> str:
    return case.place


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        yield opened


@pytest.mark.parametrize("case", ALL, ids=named)
def test_duckdb_gives_what_trino_documents(case: Case, connection: duckdb.DuckDBPyConnection) -> None:
    found = outcome(case, lambda query: connection.execute(to_duckdb(query)).to_arrow_table().column(0)[0].as_py())

    assert found == case.value


@pytest.mark.parametrize("case", [case for case in ALL if not case.value.startswith("!")], ids=named)
def test_the_annotated_type_is_trinos_and_duckdbs(case: Case, connection: duckdb.DuckDBPyConnection) -> None:
    query = typed_query(case.sql, {})
    ((_, kind),) = query.columns

    assert str(kind) == case.type
    assert connection.execute(to_duckdb(query)).to_arrow_table().schema.field(0).type == kind.arrow()


@pytest.mark.spark
@pytest.mark.parametrize("case", [case for case in ALL if case.spark], ids=named)
def test_spark_gives_what_trino_documents(case: Case, spark: Any) -> None:
    found = outcome(case, lambda query: spark.sql(to_spark(query)).collect()[0][0])

    assert found == case.value


def test_every_function_of_the_allow_list_has_a_case() -> None:
    text = " ".join(case.sql.lower() for case in ALL)

    assert [name for name in ALLOW_LIST if not re.search(rf"\b{name}\(", text)] == []


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    for name, value in SPARK_SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def outcome(case: Case, run: Any) -> str:
    """The printed result, or `!` and the code of the failure."""
    try:
        query = typed_query(case.sql, {})
        value = run(query)
    except SqlError as error:
        return f"!{error.code}"
    except Exception as error:
        return f"!{code_of(str(error))}"
    printed = text_of(value, query.columns[0][1])
    return "NULL" if printed is None else printed


_ENGINES_WORDS = {
    "Out of Range": "NUMERIC_VALUE_OUT_OF_RANGE", "out of range": "NUMERIC_VALUE_OUT_OF_RANGE",
    "ARITHMETIC_OVERFLOW": "NUMERIC_VALUE_OUT_OF_RANGE", "CAST_OVERFLOW": "NUMERIC_VALUE_OUT_OF_RANGE",
}  # fmt: skip


def code_of(message: str) -> str:
    if found := re.search(r"\b([A-Z_]{6,}): ", message):
        return found[1]
    return next((code for words, code in _ENGINES_WORDS.items() if words in message), message)
