"""Whatever SQL reached the engine, it could read nothing but the cached objects of the lake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from localcloud.athena.sealing import sealed


@pytest.fixture
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with sealed() as connection:
        yield connection


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{path}')",
        "SELECT * FROM read_csv('{path}')",
        "SELECT * FROM '{path}'",
        "SELECT * FROM glob('{path}')",
        "COPY (SELECT 1) TO '{path}'",
        "ATTACH '{path}'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "RESET enable_external_access",
        "SET memory_limit = '1TB'",
    ],
)
def test_a_sealed_engine_reaches_no_file_and_no_setting(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, sql: str
) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("secret")

    with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException, duckdb.CatalogException)):
        engine.execute(sql.format(path=path)).fetchall()
    assert path.read_text() == "secret"


@pytest.mark.parametrize("fails", [False, True])
def test_an_engine_holds_nothing_of_the_query_before(fails: bool) -> None:
    with suppress(duckdb.Error), sealed() as connection:
        connection.execute("CREATE SCHEMA insights; CREATE TABLE insights.churn AS SELECT 1 AS secret")
        connection.execute("CREATE TEMP TABLE noted AS SELECT 1 AS secret; BEGIN")
        connection.register("incoming", pa.table({"secret": [1]}))
        connection.execute("SELECT CAST('x' AS INTEGER)" if fails else "SELECT 1")

    with sealed() as connection:
        tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()

    assert tables + views == []
