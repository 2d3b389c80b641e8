"""Whatever SQL reached the engine, it could read nothing but the cached objects of the lake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from localcloud.athena.engine import seal


@pytest.fixture
def sealed() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        seal(connection)
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
    sealed: duckdb.DuckDBPyConnection, tmp_path: Path, sql: str
) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("secret")

    with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException, duckdb.CatalogException)):
        sealed.execute(sql.format(path=path)).fetchall()
    assert path.read_text() == "secret"
