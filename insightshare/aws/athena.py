"""Athena: run a query and read its result. Creates no table and needs no right to create one."""

import csv
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from insightshare.errors import AccessRefused, InsightshareError, PlatformError, QueryFailed

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef
    from mypy_boto3_s3.client import S3Client

_FINAL_STATES = ("SUCCEEDED", "FAILED", "CANCELLED")
_REFUSALS = ("not authorized", "Insufficient permissions", "AccessDenied", "Insufficient Lake Formation")
# Athena answers small queries in under a second: look often at first, then ease off to spare the API's rate limit.
_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 2.0


class Clock(Protocol):
    """What waiting needs of the `time` module."""

    def sleep(self, seconds: float, /) -> None: ...


@dataclass(frozen=True)
class Place:
    """Where queries run: workgroup and database."""

    workgroup: str
    database: str


@dataclass(frozen=True)
class Result:
    """The rows of one query as text (None is NULL), with what it cost to read them."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    scanned_bytes: int


def run_query(athena: "AthenaClient", place: Place, sql: str, clock: Clock = time) -> Result:
    """Run `sql` and return every row of its result.

    Raises AccessRefused when a grant is missing, QueryFailed when the query is wrong or its scan limit is reached.
    """
    execution = execute(athena, place, sql, clock)
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution["QueryExecutionId"])
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: list[tuple[str | None, ...]] = []
    for page in pages:
        if not columns:
            information = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
            columns = tuple(column["Name"] for column in information)
            types = tuple(column["Type"] for column in information)
        rows += [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in page["ResultSet"]["Rows"]]
    # The first row of a SELECT repeats the column names; SHOW and DESCRIBE have no such row.
    if execution.get("StatementType") == "DML" and rows and rows[0] == columns:
        rows = rows[1:]
    return Result(columns, types, tuple(rows), execution.get("Statistics", {}).get("DataScannedInBytes", 0))


def execute(athena: "AthenaClient", place: Place, sql: str, clock: Clock = time) -> "QueryExecutionTypeDef":
    """Run `sql` to its end and return Athena's description of the finished execution."""
    if not sql.strip():
        raise QueryFailed.at("query", "text", "nothing", "a statement", "write one, as SELECT * FROM <table> LIMIT 5")
    try:
        started = athena.start_query_execution(
            QueryString=sql, WorkGroup=place.workgroup, QueryExecutionContext={"Database": place.database}
        )
        execution = _finished(athena, started["QueryExecutionId"], clock)
    except ClientError as error:
        raise _translated(error) from error
    status = execution["Status"]
    if status["State"] == "SUCCEEDED":
        return execution
    reason = status.get("StateChangeReason", "no reason given")
    raise _refusal(f"workgroup {place.workgroup}", f"{status['State']}: {reason}")


def _finished(athena: "AthenaClient", query_id: str, clock: Clock) -> "QueryExecutionTypeDef":
    wait = _FIRST_WAIT_SECONDS
    while True:
        execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        if execution["Status"]["State"] in _FINAL_STATES:
            return execution
        clock.sleep(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT_SECONDS)


def unloaded_files(athena: "AthenaClient", s3: "S3Client", place: Place, select: str) -> list[str]:
    """Write the result of `select` as Parquet below the workgroup's result location; return the files' S3 addresses.

    UNLOAD keeps lists, decimals and timestamps as they are, which the CSV of a plain SELECT does not.
    """
    target = f"{result_location(athena, place.workgroup).rstrip('/')}/unload/{uuid.uuid4()}/"
    statement = f"UNLOAD ({select}) TO '{target}' WITH (format = 'PARQUET', compression = 'SNAPPY')"
    execution = execute(athena, place, statement)
    manifest = execution.get("Statistics", {}).get("DataManifestLocation")
    if not manifest:
        return []
    bucket, key = split_address(manifest)
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return [line[0] for line in csv.reader(body.splitlines()) if line]


def result_location(athena: "AthenaClient", workgroup: str) -> str:
    """Return the S3 address below which the workgroup keeps results."""
    try:
        configuration = athena.get_work_group(WorkGroup=workgroup)["WorkGroup"].get("Configuration", {})
    except ClientError as error:
        raise _translated(error) from error
    location = configuration.get("ResultConfiguration", {}).get("OutputLocation")
    if not location:
        raise PlatformError.at(
            f"workgroup {workgroup}",
            "result location",
            "nothing",
            "an S3 address",
            "set the workgroup's output location",
        )
    return location


def workgroup_names(athena: "AthenaClient") -> Iterator[str]:
    """Yield the name of each workgroup of the caller's account and region; AccessRefused to who may not list them."""
    request: dict[str, Any] = {}
    while True:
        try:
            page = athena.list_work_groups(**request)
        except ClientError as error:
            cure = "pass workgroup=… or set INSIGHTSHARE_WORKGROUP"
            raise AccessRefused.at("session", "workgroup", f"[{error}]", "a list of workgroups", cure) from error
        yield from (group["Name"] for group in page["WorkGroups"])
        if not page.get("NextToken"):
            return
        request = {"NextToken": page["NextToken"]}


def split_address(address: str) -> tuple[str, str]:
    """Split `s3://bucket/key` into bucket and key."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return bucket, key


def _translated(error: ClientError) -> InsightshareError:
    details = error.response.get("Error", {})
    return _refusal(f"athena: {error.operation_name}", f"{details.get('Code', '')}: {details.get('Message', '')}")


def _refusal(resource: str, reason: str) -> InsightshareError:
    if any(text in reason for text in _REFUSALS):
        cure = "ask only for what your agreement grants; `describe` lists the columns"
        return AccessRefused.at(resource, "query", f"[{reason}]", "what the caller may run", cure)
    return QueryFailed.at(resource, "query", f"[{reason}]", "a query that Athena finishes", "do as it says")
