"""DuckDB as the jobs use it: exact types, one sorted file, no surprises from folders, no data in errors."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insightshare.engine.duckdb import DuckDb
from insightshare.errors import DataInvalid, PlatformError

TYPES = {"id": "bigint", "names": "array<string>", "seen_at": "timestamp", "score": "double"}
ROWS = [
    {"id": 2, "names": ["b"], "seen_at": datetime(2026, 1, 2), "score": 0.5},
    {"id": 1, "names": [], "seen_at": None, "score": None},
]


def written(tmp_path: Path) -> Path:
    path = tmp_path / "part-00000.parquet"
    with DuckDb() as engine:
        engine.add_arrow("rows", pa.Table.from_pylist(ROWS))
        engine.write_sorted("SELECT * FROM rows", TYPES, ["id"], path)
    return path


def test_a_file_has_exactly_the_types_asked_for_and_is_sorted(tmp_path: Path) -> None:
    table = pq.read_table(written(tmp_path))

    assert table.schema.field("seen_at").type == pa.timestamp("us")
    assert [row["id"] for row in table.to_pylist()] == [1, 2]


def test_a_file_is_compressed_with_zstd_and_has_statistics(tmp_path: Path) -> None:
    column = pq.ParquetFile(written(tmp_path)).metadata.row_group(0).column(0)

    assert (column.compression, column.statistics.min, column.statistics.max) == ("ZSTD", 1, 2)


def test_types_are_found_as_athena_spells_them(tmp_path: Path) -> None:
    with DuckDb() as engine:
        assert engine.found_types([str(written(tmp_path))], TYPES) == TYPES


def test_another_type_is_found_as_another(tmp_path: Path) -> None:
    with DuckDb() as engine:
        found = engine.found_types([str(written(tmp_path))], {**TYPES, "id": "int"})

    assert found["id"] == "BIGINT"


def test_no_column_comes_from_a_folders_name(tmp_path: Path) -> None:
    folder = tmp_path / "as_of=2026-01-01"
    folder.mkdir()

    with DuckDb() as engine:
        assert list(engine.found_types([str(written(folder))], TYPES)) == list(TYPES)


def test_results_come_in_batches_and_all_of_them() -> None:
    with DuckDb() as engine:
        batches = list(engine.batches("SELECT range AS n FROM range(200000)"))

    assert len(batches) > 1
    assert sum(batch.num_rows for batch in batches) == 200_000


def test_a_value_that_cannot_be_cast_is_an_error_that_does_not_quote_it(tmp_path: Path) -> None:
    with DuckDb() as engine, pytest.raises(DataInvalid) as refused:
        engine.rows("SELECT CAST(name AS INTEGER) FROM (VALUES ('a secret')) AS people (name)")

    assert str(refused.value) == (
        "duckdb: query: ConversionException is not a query that runs on these data. "
        "Fix: compare the files' columns and values with the contract and the SQL."
    )


def test_a_missing_file_is_the_platforms_error(tmp_path: Path) -> None:
    with DuckDb() as engine, pytest.raises(PlatformError, match="files: IOException is not files that can be read"):
        engine.add_files("rows", [str(tmp_path / "none.parquet")], TYPES)
