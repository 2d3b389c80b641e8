"""The three Glue jobs on the local AWS, as deployed, over a small project of orders. Holds no assertion."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from insightshare.aws.publishing import Settings, publishing_ports
from insightshare.publish import Ports
from insightshare.publish.layout import empty_folder, insight_folder
from scripts.package import build
from tests.behaviour.parts import make_bucket, make_role, unique, until
from tests.conftest import Cloud

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "tests/data/lint_base"
SCRIPTS = {"land": "land_source.py", "train": "train_model.py", "score": "score_insight.py"}
ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")
SERDE = {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}
ORDERS = {
    "order_id": "bigint",
    "customer_id": "string",
    "amount": "double",
    "channel": "string",
    "returned": "boolean",
    "age": "int",
}
URGENCY = {"channel": "string", "score": "double"}


@dataclass(frozen=True)
class Jobs:
    """A lake with the jobs of one deployment; every name is its own."""

    cloud: Cloud
    lake: str
    landing: str
    settings: Settings
    names: dict[str, str]

    def deliver(self, table: pa.Table, as_of: str, name: str = "part-00000.parquet") -> None:
        """Put a raw file where upstream does."""
        body = io.BytesIO()
        pq.write_table(table, body)
        self._s3.put_object(Bucket=self.landing, Key=f"raw/orders/{as_of}/{name}", Body=body.getvalue())

    def run(self, verb: str, **arguments: str) -> dict[str, Any]:
        """Start a job run and wait for its end."""
        glue = self.cloud.client("glue")
        given = {f"--{name}": value for name, value in arguments.items()}
        run_id = glue.start_job_run(JobName=self.names[verb], Arguments=given)["JobRunId"]

        def look() -> dict[str, Any] | None:
            run: dict[str, Any] = glue.get_job_run(JobName=self.names[verb], RunId=run_id)["JobRun"]
            return run if run["JobRunState"] in ENDED else None

        return until(look, seconds=600)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """The keys below a prefix."""
        return [item["Key"] for item in self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]

    def body(self, bucket: str, key: str) -> bytes:
        """An object's bytes."""
        body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object, whatever was there."""
        self._s3.put_object(Bucket=bucket, Key=key, Body=body)

    def manifests(self, insight: str) -> list[str]:
        """The keys of an insight's manifests, oldest first."""
        return [key for key in self.keys(self.lake, f"runs/{insight}/") if key.endswith("/manifest.json")]

    def manifest(self, key: str) -> dict[str, Any]:
        """One manifest."""
        manifest: dict[str, Any] = json.loads(self.body(self.lake, key))
        return manifest

    def ports(self) -> Ports:
        """The ports of publishing on this lake."""
        return publishing_ports(self.cloud.session(), self.settings)

    def location(self, table: str, as_of: str) -> str:
        """Where the partition of an as_of points."""
        glue, database = self.cloud.client("glue"), self.settings.database
        partition = glue.get_partition(DatabaseName=database, TableName=table, PartitionValues=[as_of])["Partition"]
        return str(partition["StorageDescriptor"]["Location"])

    @property
    def _s3(self) -> Any:
        return self.cloud.client("s3")


def make_jobs(cloud: Cloud, folder: Path) -> Jobs:
    """Deploy the jobs with the library as `make package` builds it."""
    lake, landing, artefacts = make_bucket(cloud), make_bucket(cloud), make_bucket(cloud)
    settings = Settings(lake, unique("registry"), unique("insights"), unique("bus"), unique("register") + ".fifo")
    _upload_artefacts(cloud, artefacts, folder)
    _make_registry(cloud, settings)
    _make_tables(cloud, settings, landing)
    role = make_role(cloud, "glue", "s3:*", "glue:*", "dynamodb:*")
    _grant_tables(cloud, settings, role)
    names = {verb: unique(verb) for verb in SCRIPTS}
    for verb, script in SCRIPTS.items():
        cloud.client("glue").create_job(
            Name=names[verb],
            Role=role,
            Command={"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": f"s3://{artefacts}/{script}"},
            DefaultArguments={
                "--lake": f"s3://{lake}",
                "--landing": f"s3://{landing}",
                "--registry": settings.registry,
                "--project": f"s3://{artefacts}/project.zip",
                "--code_version": "abc123",
                "--extra-py-files": f"s3://{artefacts}/insightshare.zip",
                "--enable-metrics": "true",
            },
            GlueVersion="5.1",
        )
    return Jobs(cloud, lake, landing, settings, names)


def orders(count: int = 600, change: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: row) -> pa.Table:
    """Orders of a third as many customers; those who spend much send things back."""
    rows = []
    for number in range(count):
        customer = number % (count // 3)
        row = {"order_id": number, "customer_id": f"C{customer:04d}", "amount": 10.0 + customer % 100}
        row |= {"channel": "web" if number % 2 else "shop", "returned": customer % 100 > 70, "age": 30}
        rows.append(change(row))
    kinds = {"bigint": pa.int64(), "string": pa.string(), "double": pa.float64(), "boolean": pa.bool_()}
    schema = pa.schema([(name, kinds.get(kind, pa.int32())) for name, kind in ORDERS.items()])
    return pa.Table.from_pylist(rows, schema=schema)


def _upload_artefacts(cloud: Cloud, bucket: str, folder: Path) -> None:
    s3 = cloud.client("s3")
    for path in build(ROOT, folder):
        if path.name == "insightshare.zip":
            s3.upload_file(str(path), bucket, path.name)
    for script in SCRIPTS.values():
        s3.upload_file(str(ROOT / "glue_jobs" / script), bucket, script)
    s3.put_object(Bucket=bucket, Key="project.zip", Body=_project_zip())


def _project_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for root, folder in ((PROJECT, PROJECT), (ROOT, ROOT / "schemas")):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(root))
    return buffer.getvalue()


def _make_registry(cloud: Cloud, settings: Settings) -> None:
    keys = {"pk": "HASH", "sk": "RANGE"}
    cloud.client("dynamodb").create_table(
        TableName=settings.registry,
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    cloud.client("events").create_event_bus(Name=settings.bus)
    cloud.client("sqs").create_queue(QueueName=settings.queue, Attributes={"FifoQueue": "true"})


def _grant_tables(cloud: Cloud, settings: Settings, role: str) -> None:
    """The account may be one that gives nobody a right by default."""
    for database, table in (("sources", "orders"), (settings.database, "urgency")):
        cloud.client("lakeformation").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": role},
            Resource={"Table": {"DatabaseName": database, "Name": table}},
            Permissions=["ALL"],
        )


def _make_tables(cloud: Cloud, settings: Settings, landing: str) -> None:
    glue, as_of = cloud.client("glue"), {"as_of": "string"}
    folder, lake = insight_folder("urgency"), settings.lake
    existing = {database["Name"] for database in glue.get_databases()["DatabaseList"]}
    for database in {"sources", settings.database} - existing:
        glue.create_database(DatabaseInput={"Name": database})
    for table in glue.get_tables(DatabaseName="sources")["TableList"]:
        glue.delete_table(
            DatabaseName="sources", Name=table["Name"]
        )  # another test's: jobs know one database of sources
    for database, name, location, columns, keys in (
        ("sources", "orders", f"{landing}/sources/orders/", ORDERS, as_of),
        (settings.database, "urgency", f"{lake}/{folder}", URGENCY, as_of),
        (settings.database, "urgency_latest", f"{lake}/{empty_folder('urgency')}", URGENCY | as_of, {}),
        (settings.database, "urgency_runs", f"{lake}/{folder}", URGENCY | as_of, {"run_id": "string"}),
    ):
        glue.create_table(
            DatabaseName=database,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "PartitionKeys": _typed(keys),
                "StorageDescriptor": {
                    "Columns": _typed(columns),
                    "Location": f"s3://{location}",
                    "SerdeInfo": SERDE,
                },
            },
        )


def _typed(columns: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in columns.items()]
