"""What Athena reads of a table: exactly what the catalog says, whatever lies beside it."""

from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pytest

from tests.behaviour.athena_lake import Lake
from tests.conftest import Cloud

COLUMNS = {"id": "bigint", "name": "string"}


@pytest.fixture
def lake(cloud: Cloud) -> Lake:
    return Lake(cloud)


def test_integers_divide_as_integers(lake: Lake) -> None:
    assert lake.ask("SELECT 7/2").rows == [["3"]]


def test_of_two_runs_of_one_as_of_only_the_registered_one_is_read(lake: Lake) -> None:
    lake.put("churn/run-1/part-00000.parquet", {"id": [1], "name": ["old"]})
    lake.put("churn/run-2/part-00000.parquet", {"id": [2], "name": ["new"]})
    lake.table("churn", COLUMNS, "churn/", ["as_of"])
    lake.partition("churn", COLUMNS, "churn/run-2/", "2024-01-01")

    answer = lake.ask("SELECT * FROM churn")

    assert answer.rows == [["2", "new", "2024-01-01"]]


def test_no_column_and_no_value_is_learnt_from_a_folder_name(lake: Lake) -> None:
    lake.put("t/region=EU/as_of=1999-01-01/part.parquet", {"id": [1], "name": ["a"], "as_of": ["1888-01-01"]})
    lake.table("t", COLUMNS, "t/", ["as_of"])
    lake.partition("t", COLUMNS, "t/region=EU/as_of=1999-01-01/", "2024-01-01")

    answer = lake.ask("SELECT * FROM t")

    assert (answer.header, answer.rows) == (["id", "name", "as_of"], [["1", "a", "2024-01-01"]])
    assert lake.ask("SELECT region FROM t").reason.startswith("COLUMN_NOT_FOUND: line 1:8: Column 'region' cannot be")


@pytest.mark.parametrize("key", ["_hidden.parquet", ".hidden.parquet", "_temporary/part.parquet", "a/.b/part.parquet"])
def test_hidden_files_are_not_read(lake: Lake, key: str) -> None:
    lake.put("t/part.parquet", {"id": [1]})
    lake.put(f"t/{key}", {"id": [666]})
    lake.table("t", {"id": "bigint"}, "t")

    assert lake.ask("SELECT id FROM t").rows == [["1"]]


def test_a_folder_whose_name_only_begins_like_the_location_is_not_read(lake: Lake) -> None:
    lake.put("t/part.parquet", {"id": [1]})
    lake.put("t2/part.parquet", {"id": [2]})
    lake.table("t", {"id": "bigint"}, "t")

    assert lake.ask("SELECT id FROM t").rows == [["1"]]


def test_folders_below_a_location_are_read_too(lake: Lake) -> None:
    lake.put("t/deep/er/part.parquet", {"id": [1]})
    lake.table("t", {"id": "bigint"}, "t/")

    assert lake.ask("SELECT id FROM t").rows == [["1"]]


def test_a_partitioned_table_without_partitions_is_empty(lake: Lake) -> None:
    lake.put("t/part.parquet", {"id": [1]})
    lake.table("t", {"id": "bigint"}, "t/", ["as_of"])

    assert lake.ask("SELECT id FROM t").rows == []


def test_columns_are_found_by_name_and_missing_ones_are_null(lake: Lake) -> None:
    lake.put("t/1.parquet", {"NAME": ["a"], "id": [1], "more": [9]})
    lake.put("t/2.parquet", {"id": [2]})
    lake.table("t", COLUMNS, "t/")

    assert lake.ask("SELECT * FROM t ORDER BY id").rows == [["1", "a"], ["2", None]]


def test_a_column_of_another_type_is_bad_data_only_for_who_reads_it(lake: Lake) -> None:
    lake.put("t/1.parquet", {"id": [1], "name": [5]})
    lake.table("t", COLUMNS, "t/")

    assert lake.ask("SELECT id FROM t").rows == [["1"]]
    assert lake.ask("SELECT name FROM t").reason == (
        f"HIVE_BAD_DATA: Field name's type INT64 in parquet file s3://{lake.bucket}/t/1.parquet is incompatible with "
        "type varchar defined in table schema"
    )


def test_a_file_that_is_no_parquet_is_bad_data(lake: Lake) -> None:
    lake.s3.put_object(Bucket=lake.bucket, Key="t/1.parquet", Body=b"no parquet")
    lake.table("t", COLUMNS, "t/")

    assert (
        lake.ask("SELECT id FROM t").reason == f"HIVE_BAD_DATA: Not valid Parquet file: s3://{lake.bucket}/t/1.parquet"
    )


def test_an_object_written_again_is_read_anew(lake: Lake) -> None:
    lake.table("t", {"id": "bigint"}, "t/")
    lake.put("t/1.parquet", {"id": [1]})
    lake.ask("SELECT id FROM t")
    lake.put("t/1.parquet", {"id": [2]})

    assert lake.ask("SELECT id FROM t").rows == [["2"]]


def test_partition_rows_come_from_the_catalog(lake: Lake) -> None:
    lake.table("t", {"id": "bigint"}, "t/", ["as_of"])
    lake.partition("t", {"id": "bigint"}, "t/x/", "2024-01-01")
    lake.partition("t", {"id": "bigint"}, "t/y/", "2024-01-02")

    assert lake.ask('SELECT * FROM "t$partitions" ORDER BY as_of DESC').rows == [["2024-01-02"], ["2024-01-01"]]
    assert lake.ask("SHOW PARTITIONS t").rows == [["as_of=2024-01-01"], ["as_of=2024-01-02"]]


def test_json_lines_are_read_by_name_with_nested_values(lake: Lake) -> None:
    first = {"RUN_ID": "r1", "rows": 3, "checks": [{"id": "x", "ok": True}], "extra": 1, "raw": {"a": 1}}
    body = json.dumps(first) + "\n" + json.dumps({"run_id": "r2", "rows": None}) + "\n"
    lake.s3.put_object(Bucket=lake.bucket, Key="j/a.json.gz", Body=gzip.compress(body.encode()))
    columns = {"run_id": "string", "rows": "int", "checks": "array<struct<id:string,ok:boolean>>", "raw": "string"}
    lake.table("j", columns, "j/", serde="org.openx.data.jsonserde.JsonSerDe")

    answer = lake.ask("SELECT * FROM j ORDER BY run_id")

    assert answer.rows == [["r1", "3", "[{id=x, ok=true}]", '{"a":1}'], ["r2", None, None, None]]


def test_a_json_value_of_another_type_is_bad_data(lake: Lake) -> None:
    lake.s3.put_object(Bucket=lake.bucket, Key="j/a.json", Body=b'{"rows": "many"}\n')
    lake.table("j", {"rows": "int"}, "j/", serde="org.openx.data.jsonserde.JsonSerDe")

    reason = lake.ask("SELECT * FROM j").reason

    assert reason == f"HIVE_BAD_DATA: Error parsing field value for field rows: s3://{lake.bucket}/j/a.json"


def test_csv_is_read_with_quotes_and_header(lake: Lake) -> None:
    lake.s3.put_object(Bucket=lake.bucket, Key="c/a.csv", Body=b'id,name\n1,"a, ""b"""\n')
    serde = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    lake.table("c", {"id": "int", "name": "string"}, "c/", serde=serde, **{"skip.header.line.count": "1"})

    assert lake.ask("SELECT * FROM c").rows == [["1", 'a, "b"']]


def test_plain_text_has_null_for_what_it_cannot_read(lake: Lake) -> None:
    lake.s3.put_object(Bucket=lake.bucket, Key="c/a.txt", Body=b"1|x\nnone|\\N\n")
    serde = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    lake.table("c", {"id": "int", "name": "string"}, "c/", serde=serde, **{"field.delim": "|"})

    assert lake.ask("SELECT * FROM c").rows == [["1", "x"], [None, None]]


def test_types_of_the_catalog_are_those_of_the_results(lake: Lake) -> None:
    lake.put("t/1.parquet", {"a": pa.array([1], pa.int8()), "d": pa.array([None], pa.date32()), "s": [[1.5]]})
    lake.table("t", {"a": "bigint", "d": "date", "s": "array<double>"}, "t/")
    answer = lake.ask("SELECT a, d, s, a + 1 AS More FROM t")

    info = lake.athena.get_query_results(QueryExecutionId=answer.execution["QueryExecutionId"])
    columns = info["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]

    assert [(column["Name"], column["Type"]) for column in columns] == [
        ("a", "bigint"), ("d", "date"), ("s", "array"), ("More", "bigint"),
    ]  # fmt: skip
    assert answer.rows == [["1", None, "[1.5]", "2"]]


def test_properties_are_added_to_those_that_a_table_has_and_nothing_else_of_it_changes(lake: Lake) -> None:
    lake.table("t", {"id": "bigint"}, "t/", ["as_of"])
    lake.ask("ALTER TABLE t SET TBLPROPERTIES ('classification' = 'parquet', 'owner'='ours')")
    before = lake.glue.get_table(DatabaseName=lake.database, Name="t")["Table"]

    answer = lake.ask(f"ALTER TABLE `{lake.database}`.`t` SET TBLPROPERTIES ('owner' = 'it''s = theirs')")

    after = lake.glue.get_table(DatabaseName=lake.database, Name="t")["Table"]
    own = ("Parameters", "UpdateTime", "VersionId")
    assert (answer.state, answer.execution["StatementType"], answer.rows) == ("SUCCEEDED", "DDL", [])
    assert after["Parameters"] == {"classification": "parquet", "owner": "it's = theirs"}
    assert {name: after[name] for name in after if name not in own} == {n: before[n] for n in before if n not in own}


def test_properties_of_a_table_that_is_not_there_fail(lake: Lake) -> None:
    answer = lake.ask("ALTER TABLE nothing SET TBLPROPERTIES ('a' = 'b')")

    assert (answer.state, "nothing" in answer.reason) == ("FAILED", True)
