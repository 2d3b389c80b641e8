"""Where the publishing suite plays: the ports in memory, and the same ports on the local AWS. Holds no assertion."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from insightshare.aws.publishing import Settings, publishing_ports
from insightshare.publish import Ports
from insightshare.publish.layout import empty_folder, insight_folder
from tests.behaviour.lake import client
from tests.conftest import PROVIDER, REGION, Cloud
from tests.fakes import World, ports_on
from tests.unit.publish.scenes import COLUMNS, INSIGHT, empty_world

SERDE = {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}


@dataclass(frozen=True)
class Stage:
    """The ports, and what the suite needs beside them."""

    ports: Ports
    overwrite: Callable[[str, bytes], object]
    remove: Callable[[str], object]
    forget_registry: Callable[[], None]
    queued: Callable[[], list[str]]
    add_column: Callable[[str], None]


def fake_stage() -> Stage:
    """The ports in memory."""
    world = empty_world()

    def forget() -> None:
        for part in (world.counters, world.runs, world.pointers, world.decisions):
            part.clear()

    def queued() -> list[str]:
        found = list(world.queued)
        world.queued.clear()
        return found

    return Stage(
        ports=ports_on(world),
        overwrite=world.objects.__setitem__,
        remove=lambda key: world.objects.pop(key),
        forget_registry=forget,
        queued=queued,
        add_column=lambda table: _add_column_in_memory(world, table),
    )


def aws_settings() -> Settings:
    """Names that no other test has."""
    tail = uuid.uuid4().hex[:8]
    return Settings(f"lake-{tail}", f"registry-{tail}", f"insights_{tail}", f"bus-{tail}", f"register-{tail}.fifo")


def aws_stage(cloud: Cloud, settings: Settings | None = None, insight: str = INSIGHT) -> Stage:
    """The ports on a lake of its own in the local AWS."""
    settings = settings or aws_settings()
    clients = {name: client(cloud, name, PROVIDER) for name in ("s3", "glue", "dynamodb", "events", "sqs")}
    clients["s3"].create_bucket(Bucket=settings.lake, CreateBucketConfiguration={"LocationConstraint": REGION})
    clients["s3"].put_bucket_versioning(Bucket=settings.lake, VersioningConfiguration={"Status": "Enabled"})
    _create_registry(clients["dynamodb"], settings.registry)
    clients["events"].create_event_bus(Name=settings.bus)
    url = clients["sqs"].create_queue(
        QueueName=settings.queue, Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    )["QueueUrl"]
    _create_tables(clients["glue"], settings, insight)

    def forget() -> None:
        clients["dynamodb"].delete_table(TableName=settings.registry)
        _create_registry(clients["dynamodb"], settings.registry)

    return Stage(
        ports=publishing_ports(cloud.session(), settings),
        overwrite=lambda key, body: clients["s3"].put_object(Bucket=settings.lake, Key=key, Body=body),
        remove=lambda key: clients["s3"].delete_object(Bucket=settings.lake, Key=key),
        forget_registry=forget,
        queued=lambda: list(_drain(clients["sqs"], url)),
        add_column=lambda table: _add_column_in_glue(clients["glue"], settings.database, table),
    )


def _add_column_in_memory(world: World, table: str) -> None:
    old = world.tables[table]
    world.tables[table] = replace(old, columns=(*old.columns, ("extra", "string")))


def _add_column_in_glue(glue: Any, database: str, name: str) -> None:
    table = glue.get_table(DatabaseName=database, Name=name)["Table"]
    descriptor = table["StorageDescriptor"]
    changed = {**descriptor, "Columns": [*descriptor["Columns"], {"Name": "extra", "Type": "string"}]}
    own = {key: table[key] for key in ("Name", "PartitionKeys", "TableType", "Parameters") if key in table}
    glue.update_table(DatabaseName=database, TableInput={**own, "StorageDescriptor": changed})


def _create_registry(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _create_tables(glue: Any, settings: Settings, insight: str) -> None:
    glue.create_database(DatabaseInput={"Name": settings.database})
    as_of = {"Name": "as_of", "Type": "string"}
    columns = [{"Name": name, "Type": kind} for name, kind in COLUMNS]
    folder, empty = insight_folder(insight), empty_folder(insight)
    for name, location, own, keys in (
        (insight, folder, columns, [as_of]),
        (f"{insight}_latest", empty, [*columns, as_of], []),
        (f"{insight}_runs", folder, [*columns, as_of], [{"Name": "run_id", "Type": "string"}]),
    ):
        descriptor = {"Columns": own, "Location": f"s3://{settings.lake}/{location}", "SerdeInfo": SERDE}
        glue.create_table(
            DatabaseName=settings.database,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"insight": insight},
                "PartitionKeys": keys,
                "StorageDescriptor": descriptor,
            },
        )


def _drain(sqs: Any, url: str) -> Iterator[str]:
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(message["Body"])["detail"]["object"]["key"]
