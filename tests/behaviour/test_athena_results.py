"""How Athena hands results over: pages, files in S3, statistics, statements and their errors."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.athena_lake import Lake, finished
from tests.conftest import ACME, Cloud


@pytest.fixture(scope="module")
def lake(cloud: Cloud) -> Lake:
    made = Lake(cloud)
    made.put("t/x/1.parquet", {"id": list(range(2500)), "name": [f"n{i}" for i in range(2500)], "v": [0.5] * 2500})
    made.put("t/y/1.parquet", {"id": [9000], "name": [None], "v": [1e20]})
    columns = {"id": "bigint", "name": "string", "v": "double"}
    made.table("t", columns, "t/", ["as_of"])
    made.partition("t", columns, "t/x/", "2024-01-01")
    made.partition("t", columns, "t/y/", "2024-01-02")
    return made


def body(lake: Lake, uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return str(lake.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode())


def test_results_come_in_pages_of_a_thousand_with_the_header_first(lake: Lake) -> None:
    answer = lake.ask("SELECT id FROM t ORDER BY id")
    identifier = answer.execution["QueryExecutionId"]

    first = lake.athena.get_query_results(QueryExecutionId=identifier)
    small = lake.athena.get_query_results(QueryExecutionId=identifier, MaxResults=2)

    assert len(answer.rows) == 2501
    assert len(first["ResultSet"]["Rows"]) == 1000
    assert [row["Data"][0]["VarCharValue"] for row in small["ResultSet"]["Rows"]] == ["id", "0"]


def test_the_result_file_quotes_everything_but_null(lake: Lake) -> None:
    answer = lake.ask('SELECT id, name, v, ARRAY[1, NULL] AS "a ""b""" FROM t WHERE as_of = \'2024-01-02\'')
    location = answer.execution["ResultConfiguration"]["OutputLocation"]

    assert location == f"{lake.output}{answer.execution['QueryExecutionId']}.csv"
    assert body(lake, location) == '"id","name","v","a ""b"""\n"9000",,"1.0E20","[1, null]"\n'
    assert '"Name": "id"' in body(lake, location + ".metadata")


def test_only_the_columns_and_partitions_that_are_needed_are_charged(lake: Lake) -> None:
    everything = lake.ask("SELECT * FROM t").scanned_bytes
    column = lake.ask("SELECT id FROM t").scanned_bytes
    partition = lake.ask("SELECT id FROM t WHERE as_of > '2024-01-01'").scanned_bytes

    assert 0 < partition < column < everything
    assert lake.ask("SELECT count(*) FROM t").scanned_bytes == 0
    assert lake.ask("SELECT id FROM t WHERE as_of = 'never'").scanned_bytes == 0


def test_a_partition_is_not_pruned_where_an_outer_join_still_needs_it(lake: Lake) -> None:
    sql = "SELECT count(*) FROM (VALUES 1) AS v(x) LEFT JOIN t ON true WHERE t.as_of = 'never' OR t.as_of IS NULL"

    assert lake.ask(sql).rows == [["0"]]


def test_unload_writes_parquet_and_a_manifest(lake: Lake) -> None:
    target = f"s3://{lake.results}/unloaded/one/"
    answer = lake.ask(
        f"UNLOAD (SELECT id, ARRAY[name] AS names FROM t WHERE id < 3) TO '{target}' WITH (format = 'PARQUET')"
    )

    manifest = body(lake, answer.execution["Statistics"]["DataManifestLocation"])

    assert answer.state == "SUCCEEDED", answer.reason
    assert [line.startswith(target) for line in manifest.splitlines()] == [True]


def test_unload_into_a_folder_that_is_not_empty_fails(lake: Lake) -> None:
    target = f"s3://{lake.bucket}/t/x/"

    answer = lake.ask(f"UNLOAD (SELECT 1 AS a) TO '{target}' WITH (format = 'PARQUET')")

    assert answer.reason == f"HIVE_PATH_ALREADY_EXISTS: Target directory for table already exists: {target}"


def test_a_table_made_of_a_query_can_be_read_and_dropped(lake: Lake) -> None:
    made = "WITH (format = 'PARQUET', partitioned_by = ARRAY['as_of']) AS SELECT id, as_of FROM t WHERE id > 2498"
    assert lake.ask(f"CREATE TABLE made {made}").state == "SUCCEEDED"

    assert lake.ask("SELECT * FROM made ORDER BY id").rows == [["2499", "2024-01-01"], ["9000", "2024-01-02"]]
    assert lake.ask('SELECT count(*) FROM "made$partitions"').rows == [["2"]]
    assert lake.ask("DROP TABLE made").state == "SUCCEEDED"
    assert lake.ask("SELECT * FROM made").reason.startswith("TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.")


def test_show_and_describe_print_what_the_catalog_says(lake: Lake) -> None:
    assert lake.ask("SHOW TABLES").rows == [["t"]]
    assert [lake.database] in lake.ask("SHOW DATABASES").rows
    assert [row[0].split("\t")[0].strip() for row in lake.ask("DESCRIBE t").rows if row[0]] == [
        "id", "name", "v", "as_of", "", "# Partition Information", "# col_name", "", "as_of",
    ]  # fmt: skip
    assert lake.ask("SHOW CREATE TABLE t").rows[0] == [f"CREATE EXTERNAL TABLE `{lake.database}.t`("]
    assert [row[0].strip() for row in lake.ask("SHOW COLUMNS IN t").rows if row[0]] == ["id", "name", "v", "as_of"]


GONE = "cannot be resolved or requester is not authorized to access requested resources"
UNKNOWN = "not registered (or not supported here)"


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT nope FROM t", f"COLUMN_NOT_FOUND: line 1:8: Column 'nope' {GONE}"),
        ("SELECT * FROM nope.t", "SCHEMA_NOT_FOUND: line 1:15: Schema 'nope' does not exist"),
        ("SELECT id / 0 FROM t", "DIVISION_BY_ZERO: Division by zero"),
        (
            "SELECT id, count(*) FROM t",
            "EXPRESSION_NOT_AGGREGATE: 'id' must be an aggregate expression or appear in GROUP BY clause",
        ),
        ("SELECT id = 'a' FROM t", "TYPE_MISMATCH: line 1:8: Cannot apply operator: bigint = varchar"),
        ("SELECT CAST(name AS bigint) FROM t", "INVALID_CAST_ARGUMENT: Cannot cast varchar to bigint"),
        ("SELECT read_csv('/etc/passwd')", f"FUNCTION_NOT_FOUND: line 1:8: Function 'read_csv' {UNKNOWN}"),
        ("SELECT getenv('HOME')", f"FUNCTION_NOT_FOUND: line 1:8: Function 'getenv' {UNKNOWN}"),
    ],
)
def test_a_failed_query_says_why_as_athena_does(lake: Lake, sql: str, reason: str) -> None:
    answer = lake.ask(sql)

    assert (answer.state, answer.reason) == ("FAILED", reason)
    with pytest.raises(ClientError, match="Final query state: FAILED"):
        lake.athena.get_query_results(QueryExecutionId=answer.execution["QueryExecutionId"])


@pytest.mark.parametrize(
    "place", ["/etc/passwd", "https://example.com/x.parquet", "s3://data/x.parquet", "information_schema.tables"]
)
def test_a_file_or_address_is_never_a_table(lake: Lake, place: str) -> None:
    answer = lake.ask(f'SELECT * FROM "{place}"')

    assert answer.reason.startswith("TABLE_NOT_FOUND: ")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_parquet('/etc/passwd')", "SELECT * FROM glob('/*')", "COPY (SELECT 1) TO '/tmp/x'",
        "ATTACH '/tmp/x'", "INSTALL httpfs", "LOAD httpfs", "PRAGMA version", "SET enable_external_access = true",
        "INSERT INTO t SELECT 1", "CALL pragma_version()", "SELECT 1; SELECT 2", "SELEC 1", "SELECT",
        "EXPORT DATABASE '/tmp/x'", "CREATE MACRO f(a) AS a", "SELECT * FROM (DESCRIBE t)", "FROM t",
    ],
)  # fmt: skip
def test_what_is_not_athenas_is_refused_at_once(lake: Lake, sql: str) -> None:
    with pytest.raises(ClientError) as refused:
        lake.ask(sql)

    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"


def test_parameters_take_the_place_of_question_marks(lake: Lake) -> None:
    sql = "SELECT id FROM t WHERE id = ? OR name = ?"

    assert lake.ask(sql, ExecutionParameters=["7", "'n8'"]).rows == [["7"], ["8"]]
    assert lake.ask("SELECT count(*) FROM t WHERE name = ?", ExecutionParameters=["x' OR 'a' = 'a"]).rows == [["0"]]


def test_a_prepared_statement_runs_by_name(lake: Lake) -> None:
    name = "by_id_" + lake.database
    request = {"StatementName": name, "WorkGroup": "primary", "QueryStatement": "SELECT name FROM t WHERE id = ?"}
    lake.athena.create_prepared_statement(**request)

    assert lake.ask(f"EXECUTE {name} USING 7").rows == [["n7"]]
    lake.athena.delete_prepared_statement(StatementName=name, WorkGroup="primary")
    listed = lake.athena.list_prepared_statements(WorkGroup="primary")["PreparedStatements"]
    assert name not in [item["StatementName"] for item in listed]


def test_the_same_token_is_the_same_query(lake: Lake) -> None:
    request: dict[str, Any] = {
        "QueryString": "SELECT 1",
        "ClientRequestToken": "t" * 32,
        "ResultConfiguration": {"OutputLocation": lake.output},
    }
    first = lake.athena.start_query_execution(**request)["QueryExecutionId"]

    assert lake.athena.start_query_execution(**request)["QueryExecutionId"] == first
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        lake.athena.start_query_execution(**(request | {"QueryString": "SELECT 2"}))


def test_a_long_query_can_be_stopped(lake: Lake) -> None:
    sql = "SELECT count(*) FROM t AS a CROSS JOIN t AS b CROSS JOIN t AS c WHERE a.v + b.v + c.v < 0"
    request = {"QueryString": sql, "QueryExecutionContext": {"Database": lake.database}}
    output = {"ResultConfiguration": {"OutputLocation": lake.output}}
    identifier = lake.athena.start_query_execution(**request, **output)["QueryExecutionId"]

    lake.athena.stop_query_execution(QueryExecutionId=identifier)

    assert finished(lake.athena, identifier).state == "CANCELLED"


def test_results_go_only_where_the_caller_may_write(lake: Lake, cloud: Cloud) -> None:
    stranger = cloud.client("athena", ACME)

    with pytest.raises(ClientError, match="Access denied when writing to location"):
        lake.ask("SELECT 1", stranger)
    with pytest.raises(ClientError, match="Unable to verify/create output bucket nowhere"):
        lake.ask("SELECT 1", ResultConfiguration={"OutputLocation": "s3://nowhere/x/"})
    with pytest.raises(ClientError, match="No output location provided"):
        lake.ask("SELECT 1", ResultConfiguration={})


def test_another_account_does_not_see_a_query(lake: Lake, cloud: Cloud) -> None:
    identifier = lake.ask("SELECT 1").execution["QueryExecutionId"]

    with pytest.raises(ClientError, match="was not found"):
        cloud.client("athena", ACME).get_query_execution(QueryExecutionId=identifier)
