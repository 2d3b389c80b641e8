"""DuckDB as the jobs use it: exact types, one sorted file, no surprises from folders, no data in errors."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from athenasql import athena_to_arrow
from insightshare.engine.duckdb import DuckDb
from insightshare.engine.facts import S3Access
from insightshare.errors import DataInvalid, PlatformError

TYPES = {"id": "bigint", "names": "array<string>", "seen_at": "timestamp", "score": "double"}
SHUFFLED = "SELECT (range * 7919) % 300007 AS n FROM range(300007)"
ROWS = [
    {"id": 2, "names": ["b"], "seen_at": datetime(2026, 1, 2), "score": 0.5},
    {"id": 1, "names": [], "seen_at": None, "score": None},
]


def written(tmp_path: Path) -> Path:
    with DuckDb() as engine:
        engine.add_arrow("rows", pa.Table.from_pylist(ROWS))
        (file,) = engine.write_sorted("SELECT * FROM rows", TYPES, ["id"], str(tmp_path / "run"))
    return Path(file.path)


def test_a_file_has_exactly_the_types_asked_for_and_is_sorted(tmp_path: Path) -> None:
    table = pq.read_table(written(tmp_path))

    assert table.schema.field("seen_at").type == pa.timestamp("us")
    assert [row["id"] for row in table.to_pylist()] == [1, 2]


def test_a_large_file_is_sorted_from_end_to_end(tmp_path: Path) -> None:
    with DuckDb() as engine:
        (file,) = engine.write_sorted(SHUFFLED, {"n": "bigint"}, ["n"], str(tmp_path / "run"))

    assert file.rows == 300_007
    assert pq.read_table(file.path)["n"].to_pylist() == list(range(300_007))


def test_what_is_too_large_for_one_file_is_cut_where_the_order_allows(tmp_path: Path) -> None:
    with DuckDb(largest_file_bytes=200_000) as engine:
        files = engine.write_sorted(SHUFFLED, {"n": "bigint"}, ["n"], str(tmp_path / "run"))

    numbers = [pq.read_table(file.path)["n"].to_pylist() for file in files]
    assert len(files) > 1 and [file.rows for file in files] == [len(part) for part in numbers]
    assert [number for part in numbers for number in part] == list(range(300_007))
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [file.name for file in files]


def test_every_type_of_a_contract_is_written_as_itself(tmp_path: Path) -> None:
    types = {
        "id": "bigint", "tiny": "tinyint", "small": "smallint", "number": "int", "single": "float", "flag": "boolean",
        "day": "date", "blob": "binary", "exact": "decimal(12,2)", "long_exact": "decimal(38,4)",
        "many": "array<struct<a:int,b:array<string>>>", "by_name": "map<string,double>",
    }  # fmt: skip
    empty = ", ".join(["1 AS id", *(f"NULL AS {name}" for name in list(types)[1:])])

    with DuckDb() as engine:
        (file,) = engine.write_sorted(f"SELECT {empty}", types, ["id"], str(tmp_path / "run"))

    found = pq.read_schema(file.path)
    assert {field.name: str(field.type) for field in found} == {
        name: str(athena_to_arrow(kind))
        .replace("item:", "element:")
        .replace("map<string, double>", "map<string, double ('by_name')>")
        for name, kind in types.items()
    }


def test_no_rows_are_one_file_of_the_right_types(tmp_path: Path) -> None:
    with DuckDb() as engine:
        (file,) = engine.write_sorted(f"{SHUFFLED} LIMIT 0", {"n": "bigint"}, ["n"], str(tmp_path / "run"))

        assert (file.rows, engine.found_types([file.path], {"n": "bigint"})) == (0, {"n": "bigint"})


def doubled(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        twice = pa.array([2.0 * number for number in batch.column("n").to_pylist()])
        yield pa.RecordBatch.from_arrays([batch.column("n"), twice], ["n", "twice"])


def test_a_function_over_batches_makes_a_table_that_can_be_read_again_and_again() -> None:
    with DuckDb() as engine:
        engine.save_query("numbers", SHUFFLED)
        engine.map_batches("doubles", "numbers", doubled, {"n": "bigint", "twice": "double"})

        for _ in range(2):
            assert engine.rows("SELECT COUNT(*), SUM(twice - 2 * n) FROM doubles") == [(300_007, 0.0)]


def test_a_function_over_no_batches_makes_an_empty_table() -> None:
    with DuckDb() as engine:
        engine.save_query("numbers", f"{SHUFFLED} LIMIT 0")
        engine.map_batches("doubles", "numbers", doubled, {"n": "bigint", "twice": "double"})

        assert engine.rows("SELECT COUNT(*), SUM(twice) FROM doubles") == [(0, None)]


def test_what_a_function_over_batches_says_is_wrong_is_said() -> None:
    def refuses(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield next(batches).slice(0, 1)
        raise DataInvalid.at("model", "features", "none", "some", "train it")

    with DuckDb() as engine, pytest.raises(DataInvalid, match="model: features: none is not some"):
        engine.save_query("numbers", SHUFFLED)
        engine.map_batches("copy", "numbers", refuses, {"n": "bigint"})


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
        engine.write_sorted(late, {"n": "bigint"}, ["n"], str(tmp_path / "run"))

    assert "secret" not in str(refused.value)


def test_credentials_are_never_printed() -> None:
    access = S3Access("eu-west-1", "AKIAEXAMPLE", "very-secret", "token-text")

    assert repr(access) == "S3Access(region='eu-west-1', endpoint=None, use_ssl=True)"


def test_a_missing_file_is_the_platforms_error(tmp_path: Path) -> None:
    with DuckDb() as engine, pytest.raises(PlatformError, match="files: IOException is not files that can be read"):
        engine.add_files("rows", [str(tmp_path / "none.parquet")], TYPES)
