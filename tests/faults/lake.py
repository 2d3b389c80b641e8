"""A lake of its own for every point, on the local AWS, and the files that jobs write there. Holds no assertion."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from typing import Any, cast

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
from botocore.config import Config

from insightshare.aws.publishing import Settings, publishing_ports
from insightshare.publish import Claim, Manifest, Ports
from insightshare.publish.facts import Decision, utc_now
from insightshare.publish.layout import empty_folder, insight_folder, run_folder
from tests.conftest import PROVIDER, REGION, Cloud
from tests.faults.hook import Hook
from tests.unit.publish.scenes import COLUMNS, INSIGHT, manifest_of

_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
FORMAT = {
    "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
    "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe"},
}
ROWS, ROWS_PER_FILE = 4, 2  # of a run
ONCE = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False)
SERVICES = ("s3", "glue", "dynamodb", "events", "sqs", "athena")


@dataclass(frozen=True)
class FaultySession:
    """The one method of `boto3.Session` that the library uses: clients that try once, with the hook in them."""

    endpoint: str
    hook: Hook | None = None

    def client(self, service: str) -> Any:
        """Return a client of the provider's administrator: a new one with the hook, or the shared one without."""
        if self.hook is None:
            return _shared_client(self.endpoint, service)
        made = _new_client(self.endpoint, service)
        made.meta.events.register("before-send", self.hook)
        return made


@cache
def _session() -> boto3.Session:
    """Its loader keeps the services' models, which take longest."""
    return boto3.Session(PROVIDER, "any", region_name=REGION)


def _new_client(endpoint: str, service: str) -> Any:
    return _session().client(service, endpoint_url=endpoint, config=ONCE)  # type: ignore[call-overload]  # the stubs list every service by name


@cache
def _shared_client(endpoint: str, service: str) -> Any:
    return _new_client(endpoint, service)


@dataclass(frozen=True)
class Lake:
    """Bucket, registry, bus, queue and the tables of one insight."""

    endpoint: str
    settings: Settings

    @cached_property
    def clients(self) -> dict[str, Any]:
        """Clients that nothing happens to."""
        return {service: FaultySession(self.endpoint).client(service) for service in SERVICES}

    @cached_property
    def quiet(self) -> Ports:
        """Ports that nothing happens to."""
        return self.ports(None)

    def ports(self, hook: Hook | None, clock: Callable[[], datetime] = utc_now) -> Ports:
        """Return ports on fresh clients, with the hook in them."""
        session = cast(boto3.Session, FaultySession(self.endpoint, hook))
        return replace(publishing_ports(session, self.settings), clock=clock)

    @property
    def heard_queue(self) -> str:
        """The name of the queue that every announcement reaches."""
        return f"heard-{self.settings.bus}"

    def queued(self) -> list[str]:
        """Take the manifests' keys out of the register queue."""
        return [body["detail"]["object"]["key"] for body in self._drain(self.settings.queue)]

    def heard(self) -> list[Decision]:
        """Take the announced decisions out of the subscriber's queue."""
        return [_decision(body["detail"]) for body in self._drain(self.heard_queue)]

    def _drain(self, queue: str) -> Iterator[dict[str, Any]]:
        sqs = self.clients["sqs"]
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                yield json.loads(message["Body"])


def new_lake(cloud: Cloud) -> Lake:
    """Everything that a deployment has of one insight, with names of its own."""
    tail = uuid.uuid4().hex[:10]
    settings = Settings(f"lake-{tail}", f"registry-{tail}", f"insights_{tail}", f"bus-{tail}", f"register-{tail}.fifo")
    lake = Lake(cloud.endpoint, settings)
    s3 = lake.clients["s3"]
    s3.create_bucket(Bucket=settings.lake, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=settings.lake, VersioningConfiguration={"Status": "Enabled"})
    create_registry(lake)
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    lake.clients["sqs"].create_queue(QueueName=settings.queue, Attributes=fifo)
    _create_bus(lake)
    _create_tables(lake)
    return lake


def create_registry(lake: Lake) -> None:
    """An empty registry."""
    keys = (("pk", "HASH"), ("sk", "RANGE"))
    lake.clients["dynamodb"].create_table(
        TableName=lake.settings.registry,
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )


def forget_registry(lake: Lake) -> None:
    """What is left when somebody deletes the registry and Terraform makes it again."""
    lake.clients["dynamodb"].delete_table(TableName=lake.settings.registry)
    create_registry(lake)


def _create_bus(lake: Lake) -> None:
    """An event bus, and a subscriber's queue that hears all of it."""
    bus, events = lake.settings.bus, lake.clients["events"]
    lake.clients["sqs"].create_queue(QueueName=lake.heard_queue)
    events.create_event_bus(Name=bus)
    events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["insightshare"]}))
    arn = f"arn:aws:sqs:{REGION}:{PROVIDER}:{lake.heard_queue}"
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "heard", "Arn": arn}])


def _create_tables(lake: Lake) -> None:
    glue, database = lake.clients["glue"], lake.settings.database
    glue.create_database(DatabaseInput={"Name": database})
    as_of = {"Name": "as_of", "Type": "string"}
    columns = [{"Name": name, "Type": kind} for name, kind in COLUMNS]
    folder, empty = insight_folder(INSIGHT), empty_folder(INSIGHT)
    for name, location, own, keys in (
        (INSIGHT, folder, columns, [as_of]),
        (f"{INSIGHT}_latest", empty, [*columns, as_of], []),
        (f"{INSIGHT}_runs", folder, [*columns, as_of], [{"Name": "run_id", "Type": "string"}]),
    ):
        table = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"insight": INSIGHT},
            "PartitionKeys": keys,
            "StorageDescriptor": {"Columns": own, "Location": f"s3://{lake.settings.lake}/{location}", **FORMAT},
        }
        glue.create_table(DatabaseName=database, TableInput=table)


def run_files(own: Claim, rows: int = ROWS) -> tuple[bytes, ...]:
    """The Parquet files of a run; each row says which run it belongs to, which row it is, and of how many."""
    keys = rows_of(own.run_id, rows)
    return tuple(_file(own, keys[first : first + ROWS_PER_FILE]) for first in range(0, rows, ROWS_PER_FILE))


def rows_of(run_id: str, rows: int) -> list[str]:
    """The keys of all rows of a run that has so many."""
    return [f"{run_id}/{row}/{rows}" for row in range(rows)]


def manifest_for(own: Claim, passed: bool = True) -> Manifest:
    """The manifest of a run with these files; its profile names the person of the last row."""
    person = rows_of(own.run_id, ROWS)[-1]
    profile = {"customer_id": {"top": [{"value": person, "count": 1}]}}
    return replace(manifest_of(own, run_files(own), passed), profile=profile)


def _file(own: Claim, keys: list[str]) -> bytes:
    buffer = io.BytesIO()
    columns = {"customer_id": keys, "churn_probability": [0.5] * len(keys), "as_of": [own.as_of] * len(keys)}
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@dataclass(frozen=True)
class LastRow:
    """The port `Editor` on these files: the person is the last row that a run has when its job writes it."""

    ports: Ports

    def holds(self, keys: Sequence[str]) -> bool:
        """Say whether any file has a row of the person, or went while it was looked for."""
        read = [self.ports.storage.read(key, 2**20) for key in keys]
        return any(body is None or _has_last_row(body) for body in read)

    def rewrite(self, own: Claim, before: Manifest) -> Manifest:
        """Write a run with one row less."""
        files = run_files(own, ROWS - 1)
        for number, body in enumerate(files):
            self.ports.storage.create(f"{run_folder(INSIGHT, own.run_id)}part-{number:05d}.parquet", body)
        return replace(manifest_of(own, files), lineage=before.lineage)


def _has_last_row(body: bytes) -> bool:
    keys = pq.read_table(io.BytesIO(body))["customer_id"].to_pylist()
    return any(key.endswith(f"/{ROWS - 1}/{ROWS}") for key in keys)


def _decision(detail: dict[str, Any]) -> Decision:
    return Decision(
        insight=detail["insight"],
        sequence=int(detail["sequence"]),
        kind=detail["kind"],
        as_of=detail["as_of"],
        run_id=detail["run"],
        previous_run_id=None,
        decided_at_utc="",
    )
