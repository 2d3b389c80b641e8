"""A small lake for the Athena tests: buckets, a database, tables and partitions with fresh names, and a way to ask."""

from __future__ import annotations

import io
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.conftest import PROVIDER, REGION, Cloud

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
PARQUET_SERDE = f"{_PARQUET}.serde.ParquetHiveSerDe"


@dataclass
class Answer:
    """A finished query: its `QueryExecution` and, if it succeeded, rows without the header."""

    execution: dict[str, Any]
    header: list[str] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)

    @property
    def state(self) -> str:
        return str(self.execution["Status"]["State"])

    @property
    def reason(self) -> str:
        return str(self.execution["Status"].get("StateChangeReason", ""))

    @property
    def scanned_bytes(self) -> int:
        return int(self.execution["Statistics"]["DataScannedInBytes"])


class Lake:
    """One database over one bucket of one account, results beside it."""

    def __init__(self, cloud: Cloud, account: str = PROVIDER) -> None:
        self.cloud, self.account = cloud, account
        name = uuid.uuid4().hex[:8]
        self.database, self.bucket, self.results = f"db_{name}", f"data-{name}", f"results-{name}"
        self.s3, self.glue, self.athena = (cloud.client(service, account) for service in ("s3", "glue", "athena"))
        for bucket in (self.bucket, self.results):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.glue.create_database(DatabaseInput={"Name": self.database})

    @property
    def output(self) -> str:
        return f"s3://{self.results}/answers/"

    def put(self, key: str, columns: Mapping[str, Any]) -> None:
        """Write one Parquet object."""
        buffer = io.BytesIO()
        pq.write_table(pa.table(dict(columns)), buffer)
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=buffer.getvalue())

    def storage(
        self, columns: Mapping[str, str], folder: str, serde: str = PARQUET_SERDE, **parameters: str
    ) -> dict[str, Any]:
        return {
            "Columns": [{"Name": name, "Type": kind} for name, kind in columns.items()],
            "Location": f"s3://{self.bucket}/{folder}",
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": parameters},
        }

    def table(
        self, name: str, columns: Mapping[str, str], folder: str, keys: Sequence[str] = (), serde: str = PARQUET_SERDE,
        **parameters: str,
    ) -> None:  # fmt: skip
        """Register a table; partition keys are strings."""
        described = {
            "Name": name, "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": self.storage(columns, folder, serde, **parameters),
            "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        }  # fmt: skip
        self.glue.create_table(DatabaseName=self.database, TableInput=described)

    def partition(self, table: str, columns: Mapping[str, str], folder: str, *values: str) -> None:
        described = {"Values": list(values), "StorageDescriptor": self.storage(columns, folder)}
        self.glue.create_partition(DatabaseName=self.database, TableName=table, PartitionInput=described)

    def ask(self, sql: str, athena: Any = None, **more: Any) -> Answer:
        """Run a statement to its end, by default as the account's administrator."""
        client = athena or self.athena
        request = {
            "QueryString": sql, "QueryExecutionContext": {"Database": self.database},
            "ResultConfiguration": {"OutputLocation": self.output},
        }  # fmt: skip
        identifier = client.start_query_execution(**(request | more))["QueryExecutionId"]
        return finished(client, identifier)


def finished(client: Any, identifier: str) -> Answer:
    """Wait for a query and read all of its results."""
    while True:
        execution = client.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
        if execution["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
            break
        time.sleep(0.01)
    if execution["Status"]["State"] != "SUCCEEDED":
        return Answer(execution)
    rows, header = [], []
    for page in client.get_paginator("get_query_results").paginate(QueryExecutionId=identifier):
        rows += [[cell.get("VarCharValue") for cell in row["Data"]] for row in page["ResultSet"]["Rows"]]
        header = [column["Name"] for column in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
    selected = execution.get("SubstatementType") == "SELECT"
    return Answer(execution, header, rows[1:] if selected else rows)
