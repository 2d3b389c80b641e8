"""DuckDB as the jobs use it: exact types, one sorted file, no surprises from folders, no data in errors."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insightshare.engine.duckdb import DuckDb
from insightshare.engine.facts import S3Access
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


def test_a_large_file_is_sorted_from_end_to_end(tmp_path: Path) -> None:
    path = tmp_path / "part-00000.parquet"

    with DuckDb() as engine:
        written = engine.write_sorted(
            "SELECT (range * 7919) % 300007 AS n FROM range(300007)", {"n": "bigint"}, ["n"], path
        )

    assert written.rows == 300_007
    assert pq.read_table(path)["n"].to_pylist() == list(range(300_007))


def test_a_timestamp_is_stored_in_64_bits(tmp_path: Path) -> None:
    schema = pq.ParquetFile(written(tmp_path)).metadata.schema

    assert {column.path: column.physical_type for column in schema}["seen_at"] == "INT64"


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


@pytest.mark.parametrize(
    ("odd", "found"),
    [
        (pa.table({"id": ["2"]}), {"id": "VARCHAR"}),
        (pa.table({"id": [2], "more": [2]}), {"id": "bigint", "more": "BIGINT"}),
        (pa.table({"other": [2]}), {"other": "BIGINT"}),
    ],
)
def test_one_odd_file_among_others_is_found(tmp_path: Path, odd: pa.Table, found: dict[str, str]) -> None:
    usual = pa.table({"id": [1]})
    paths = [str(tmp_path / f"{number}.parquet") for number in range(3)]
    for path, table in zip(paths, (usual, odd, usual), strict=True):
        pq.write_table(table, path)

    with DuckDb() as engine:
        assert engine.found_types(paths, {"id": "bigint"}) == found


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


def test_a_value_that_fails_while_a_file_is_written_is_not_quoted_either(tmp_path: Path) -> None:
    late = "SELECT CASE WHEN range = 150000 THEN 'a secret' ELSE CAST(range AS VARCHAR) END AS n FROM range(200000)"

    with DuckDb() as engine, pytest.raises(DataInvalid) as refused:
        engine.write_sorted(late, {"n": "bigint"}, ["n"], tmp_path / "part-00000.parquet")

    assert "secret" not in str(refused.value)


def test_credentials_are_never_printed() -> None:
    access = S3Access("eu-west-1", "AKIAEXAMPLE", "very-secret", "token-text")

    assert repr(access) == "S3Access(region='eu-west-1', endpoint=None, use_ssl=True)"


def test_a_missing_file_is_the_platforms_error(tmp_path: Path) -> None:
    with DuckDb() as engine, pytest.raises(PlatformError, match="files: IOException is not files that can be read"):
        engine.add_files("rows", [str(tmp_path / "none.parquet")], TYPES)
