"""What registers runs, on the local AWS: bucket, rule, queue, function, tables; and partitions by the thousand.

The same pieces as `infra/` makes, by plain calls: Terraform would take a minute, and none of it is measured.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.cloud import Cloud
from benchmarks.stage import INSIGHT, ROOT
from insightshare.aws.publishing import Settings
from insightshare.publish.layout import empty_folder, insight_folder
from scripts.package import build

DATABASE, BUS, QUEUE, FUNCTION, WORKGROUP = "insights", "bench-bus", "bench-register.fifo", "bench-register", "bench"
SERDE = {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}
COLUMNS = {
    "customer_id": "string",
    "churn_probability": "double",
    "health_score": "double",
    "risk_category": "string",
    "contract": "string",
    "tenure_months": "int",
    "monthly_charges": "double",
    "total_charges": "double",
}
FIRST_DAY = date(1990, 1, 1)
PARTITIONS_PER_CALL, ITEMS_PER_CALL = 100, 25  # the most that AWS takes at once


def deploy(cloud: Cloud, name: str, packages: Path) -> Settings:
    """Make a lake with everything that registers its runs; return where it is."""
    settings = Settings(cloud.make_bucket(f"{name}-lake"), f"{name}-registry", DATABASE, BUS, QUEUE)
    cloud.make_registry(settings.registry)
    results = cloud.make_bucket(f"{name}-results")
    configuration = {"ResultConfiguration": {"OutputLocation": f"s3://{results}/"}}
    cloud.client("athena").create_work_group(Name=WORKGROUP, Configuration=configuration)
    _make_tables(cloud, settings.lake)
    cloud.client("events").create_event_bus(Name=BUS)
    _make_queue(cloud, settings.lake)
    _make_function(cloud, settings, packages)
    return settings


def days(count: int) -> list[str]:
    """Return so many days, one after another, all of the past."""
    return [(FIRST_DAY + timedelta(days=number)).isoformat() for number in range(count)]


def add_partitions(cloud: Cloud, lake: str, as_ofs: Sequence[str]) -> None:
    """Give the history table a partition per day, and `_runs` as many, as if each had been published once."""
    glue = cloud.client("glue")
    for table in (INSIGHT, f"{INSIGHT}_runs"):
        descriptor = glue.get_table(DatabaseName=DATABASE, Name=table)["Table"]["StorageDescriptor"]
        partitions = [
            {
                "Values": [as_of if table == INSIGHT else run_id_of(as_of)],
                "StorageDescriptor": {
                    **descriptor,
                    "Location": f"s3://{lake}/{insight_folder(INSIGHT)}{run_id_of(as_of)}/",
                },
            }
            for as_of in as_ofs
        ]
        for part in _parts(partitions, PARTITIONS_PER_CALL):
            glue.batch_create_partition(DatabaseName=DATABASE, TableName=table, PartitionInputList=part)


def add_pointers(cloud: Cloud, registry: str, as_ofs: Sequence[str]) -> None:
    """Give the registry a pointer per day."""
    dynamodb = cloud.client("dynamodb")
    items = [
        {
            "pk": {"S": INSIGHT},
            "sk": {"S": f"pointer#{as_of}"},
            "as_of": {"S": as_of},
            "run_id": {"S": run_id_of(as_of)},
            "sequence": {"N": "0"},
        }
        for as_of in as_ofs
    ]
    for part in _parts(items, ITEMS_PER_CALL):
        dynamodb.batch_write_item(RequestItems={registry: [{"PutRequest": {"Item": item}} for item in part]})


def run_id_of(as_of: str) -> str:
    """Return the id of the one run that a made-up day has."""
    return f"{as_of.replace('-', '')}T000000000Z-00000000"


def _make_tables(cloud: Cloud, lake: str) -> None:
    glue, folder = cloud.client("glue"), insight_folder(INSIGHT)
    glue.create_database(DatabaseInput={"Name": DATABASE})
    dated = {**COLUMNS, "as_of": "string"}
    for name, location, columns, keys in (
        (INSIGHT, folder, COLUMNS, {"as_of": "string"}),
        (f"{INSIGHT}_latest", empty_folder(INSIGHT), dated, {}),
        (f"{INSIGHT}_runs", folder, dated, {"run_id": "string"}),
    ):
        glue.create_table(
            DatabaseName=DATABASE,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"insight": INSIGHT},
                "PartitionKeys": _typed(keys),
                "StorageDescriptor": {
                    "Columns": _typed(columns),
                    "Location": f"s3://{lake}/{location}",
                    "SerdeInfo": SERDE,
                },
            },
        )


def _make_queue(cloud: Cloud, lake: str) -> None:
    sqs, events = cloud.client("sqs"), cloud.client("events")
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName=QUEUE, Attributes=fifo)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    watched: dict[str, Any] = {"EventBridgeConfiguration": {}}
    cloud.client("s3").put_bucket_notification_configuration(Bucket=lake, NotificationConfiguration=watched)
    key = {"wildcard": f"runs/{INSIGHT}/*/manifest.json"}
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [lake]}, "object": {"key": [key]}},
    }
    events.put_rule(Name="bench-manifest", EventPattern=json.dumps(pattern))
    target = {"Id": "register", "Arn": arn, "SqsParameters": {"MessageGroupId": INSIGHT}}
    events.put_targets(Rule="bench-manifest", Targets=[target])


def _make_function(cloud: Cloud, settings: Settings, packages: Path) -> None:
    functions, sqs = cloud.client("lambda"), cloud.client("sqs")
    package = next(path for path in build(ROOT, packages) if path.name == "register_run.zip")
    variables = {
        "INSIGHTSHARE_LAKE": settings.lake,
        "INSIGHTSHARE_REGISTRY": settings.registry,
        "INSIGHTSHARE_DATABASE": settings.database,
        "INSIGHTSHARE_BUS": settings.bus,
        "INSIGHTSHARE_QUEUE": settings.queue,
    }
    functions.create_function(
        FunctionName=FUNCTION,
        Role=_make_role(cloud),
        Runtime="python3.13",
        Handler="handler.handler",
        Code={"ZipFile": package.read_bytes()},
        Timeout=60,
        Environment={"Variables": variables},
    )
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    functions.create_event_source_mapping(
        EventSourceArn=arn, FunctionName=FUNCTION, BatchSize=1, FunctionResponseTypes=["ReportBatchItemFailures"]
    )


def _make_role(cloud: Cloud) -> str:
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    work = {"Effect": "Allow", "Action": ["s3:*", "glue:*", "dynamodb:*", "events:*", "sqs:*"], "Resource": "*"}
    iam = cloud.client("iam")
    role = iam.create_role(RoleName=FUNCTION, AssumeRolePolicyDocument=_policy(allow))["Role"]
    iam.put_role_policy(RoleName=FUNCTION, PolicyName="work", PolicyDocument=_policy(work))
    return str(role["Arn"])


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _typed(columns: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in columns.items()]


def _parts(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    return (list(items[start : start + size]) for start in range(0, len(items), size))
