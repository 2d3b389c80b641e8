"""Spark as the jobs use it: the same types, order and errors as DuckDB, and exactly the files that were committed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from athenasql import typed_query
from insightshare.engine.duckdb import DuckDb
from insightshare.engine.spark import Spark, committed
from insightshare.errors import DataInvalid, PlatformError, UsageError

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:distutils Version classes:DeprecationWarning"),
]

TYPES = {
    "id": "bigint", "tiny": "tinyint", "small": "smallint", "number": "int", "single": "float", "flag": "boolean",
    "day": "date", "at": "timestamp", "blob": "binary", "exact": "decimal(12,2)", "long_exact": "decimal(38,4)",
    "many": "array<struct<a:int,b:array<string>>>", "by_name": "map<string,double>",
}  # fmt: skip
EMPTY = ", ".join(f"NULL AS {name}" for name in list(TYPES)[1:])
N = {"n": "bigint"}


@pytest.fixture
def spark() -> Iterator[Spark]:
    with Spark("local[1]") as engine:
        yield engine


def shuffled(spark: Spark, name: str, count: int = 30_007) -> None:
    spark.save_query(name, f"SELECT (id * 7919) % {count} AS n FROM range({count})")


def test_every_type_of_a_contract_is_written_as_duckdb_writes_it(spark: Spark, tmp_path: Path) -> None:
    with DuckDb() as duckdb:
        (theirs,) = duckdb.write_sorted(f"SELECT 1 AS id, {EMPTY}", TYPES, ["id"], str(tmp_path / "d"), {"as_of": "x"})
        (ours,) = spark.write_sorted(f"SELECT 1 AS id, {EMPTY}", TYPES, ["id"], str(tmp_path / "s"), {"as_of": "x"})

        assert pq.read_schema(ours.path).remove_metadata() == pq.read_schema(theirs.path).remove_metadata()
        expected = {**TYPES, "as_of": "string"}
        for engine in (duckdb, spark):
            assert engine.found_types([ours.path, theirs.path], expected) == expected


def test_another_type_or_name_is_found_as_another(spark: Spark, tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [1], "more": ["x"]}), tmp_path / "usual.parquet")

    assert spark.found_types([str(tmp_path / "usual.parquet")], {"n": "int"}) == {"n": "bigint", "more": "string"}


def test_a_timestamp_has_64_bits_and_means_utc(spark: Spark, tmp_path: Path) -> None:
    sql = "SELECT TIMESTAMP '2026-07-01 12:00:00' AS at"
    (file,) = spark.write_sorted(sql, {"at": "timestamp"}, ["at"], str(tmp_path / "run"))
    spark.add_files("run", [file.path], {"at": "timestamp"})

    (column,) = pq.ParquetFile(file.path).metadata.schema
    assert column.physical_type == "INT64"
    assert pq.read_table(file.path)["at"].to_pylist() == [datetime(2026, 7, 1, 12)]
    assert spark.rows("SELECT unix_seconds(at) FROM run") == [(int(datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp()),)]


def test_a_large_result_is_several_files_each_with_its_own_range(tmp_path: Path) -> None:
    with Spark("local[1]", largest_file_bytes=60_000) as spark:
        shuffled(spark, "numbers")
        files = spark.write_sorted("SELECT * FROM numbers", N, ["n"], str(tmp_path / "run"))

    numbers = [pq.read_table(file.path)["n"].to_pylist() for file in files]
    assert len(files) > 1 and [file.rows for file in files] == [len(part) for part in numbers]
    assert [number for part in numbers for number in part] == list(range(30_007))


def test_files_are_compressed_with_zstd_and_have_statistics(spark: Spark, tmp_path: Path) -> None:
    shuffled(spark, "numbers")
    (file,) = spark.write_sorted("SELECT * FROM numbers", N, ["n"], str(tmp_path / "run"))

    column = pq.ParquetFile(file.path).metadata.row_group(0).column(0)
    assert (column.compression, column.statistics.min, column.statistics.max) == ("ZSTD", 0, 30_006)


def test_no_rows_are_one_file_of_the_right_types(spark: Spark, tmp_path: Path) -> None:
    (file,) = spark.write_sorted("SELECT 1 AS n WHERE FALSE", N, ["n"], str(tmp_path / "run"))

    assert (file.rows, spark.found_types([file.path], N)) == (0, N)


def doubled(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        twice = pa.array([2.0 * number for number in batch.column("n").to_pylist()])
        yield pa.RecordBatch.from_arrays([batch.column("n"), twice], ["n", "twice"])


def test_a_function_over_batches_makes_a_table(spark: Spark) -> None:
    shuffled(spark, "numbers")
    spark.map_batches("doubles", "numbers", doubled, {"n": "bigint", "twice": "double"})

    assert spark.row("SELECT COUNT(*) AS n, SUM(twice - 2 * n) AS rest FROM doubles") == {"n": 30_007, "rest": 0.0}


def refusing(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    raise PlatformError.at("features", "age", "missing", "a feature of the champion", "train the model again")


def test_what_a_worker_says_is_wrong_is_said(spark: Spark) -> None:
    shuffled(spark, "numbers")
    spark.map_batches("refused", "numbers", refusing, N)

    with pytest.raises(PlatformError) as refused:
        spark.rows("SELECT * FROM refused")

    assert str(refused.value) == "features: age: missing is not a feature of the champion. Fix: train the model again."


def test_a_value_that_cannot_be_cast_is_an_error_that_does_not_quote_it(spark: Spark) -> None:
    with pytest.raises(DataInvalid) as refused:
        spark.rows("SELECT CAST(name AS INTEGER) FROM VALUES ('a secret') AS people (name)")

    assert str(refused.value) == (
        "spark: query: CAST_INVALID_INPUT is not a query that runs on these data. "
        "Fix: compare the files' columns and values with the contract and the SQL."
    )


def test_sql_that_spark_cannot_run_alike_is_a_choice_to_be_made_again(spark: Spark) -> None:
    query = typed_query("SELECT array_agg(n ORDER BY n) AS n FROM t", {"t": N})

    with pytest.raises(UsageError) as refused:
        spark.sql(query)

    assert str(refused.value) == (
        "spark: SQL: [array_agg with ORDER BY is not supported on Spark] is not SQL that Spark runs. "
        "Fix: choose duckdb."
    )


def test_a_missing_file_is_the_platforms_error(spark: Spark, tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="files: PATH_NOT_FOUND is not files that can be read"):
        spark.add_files("rows", [str(tmp_path / "none.parquet")], N)


def test_the_digest_is_of_the_files_bytes(spark: Spark, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"12345")

    assert spark.sha256(str(tmp_path / "part")) == DuckDb().sha256(str(tmp_path / "part"))


def test_a_file_that_a_dead_task_left_is_no_commit(spark: Spark, tmp_path: Path) -> None:
    shuffled(spark, "numbers")
    folder = tmp_path / "run"
    (file,) = spark.write_sorted("SELECT * FROM numbers", N, ["n"], str(folder))
    (folder / file.name.replace("part-00000", "part-00001")).write_bytes(Path(file.path).read_bytes())

    with pytest.raises(PlatformError) as refused:
        committed(spark.listed(str(folder)), file.rows)

    assert str(refused.value) == (
        "spark: files: 60,014 rows in the folder is not 30,007 as computed. "
        "Fix: run the job again; it writes a new run."
    )


def test_sessions_do_not_see_each_others_tables(spark: Spark) -> None:
    shuffled(spark, "mine")

    with Spark("local[1]") as other, pytest.raises(DataInvalid, match="TABLE_OR_VIEW_NOT_FOUND"):
        other.rows("SELECT * FROM mine")
