"""Damages a published lake and has the platform's own functions mend it, so that each uses every right of its role.

What people do on the command line they do as administrators; here the schedules and the queue are what starts the work.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.behaviour.parts import until
from tests.e2e.checkout import PROVIDER, Checkout

LAKE, REGISTRY, QUEUE = (
    f"insightshare-local-lake-{PROVIDER}",
    "insightshare-local-registry",
    "insightshare-local-register.fifo",
)
LONG_AGO = "2020-01-01T00:00:00+00:00"
NOBODY = "20200101T000000000Z-00000000"  # a run that nobody claimed


@dataclass(frozen=True)
class Workshop:
    """The clients of the provider's administrator, and what an insight's tables hold."""

    checkout: Checkout
    insight: str = "churn"

    def client(self, service: str) -> Any:
        session: Any = self.checkout.session()
        return session.client(service)

    def runs(self) -> dict[str, dict[str, Any]]:
        """The registry's item of every run."""
        pages = self.client("dynamodb").get_paginator("query").paginate(
            TableName=REGISTRY,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :run)",
            ExpressionAttributeValues={":pk": {"S": self.insight}, ":run": {"S": "run#"}},
        )  # fmt: skip
        items = [item for page in pages for item in page["Items"]]
        return {item["sk"]["S"].removeprefix("run#"): item for item in items}

    def set(self, run: str, **values: dict[str, Any]) -> None:
        """Overwrite members of a run's item."""
        item = self.runs()[run] | values
        self.client("dynamodb").put_item(TableName=REGISTRY, Item=item)

    def states(self) -> dict[str, str]:
        return {run: item["state"]["S"] for run, item in self.runs().items()}

    def partitions(self, table: str) -> dict[str, dict[str, Any]]:
        found = self.client("glue").get_partitions(DatabaseName="insights", TableName=table)["Partitions"]
        return {partition["Values"][0]: partition for partition in found}

    def said(self, function: str) -> str:
        """What a function has printed so far."""
        pages = self.client("logs").get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/insightshare-local-{function}"
        )  # fmt: skip
        return "\n".join(event["message"] for page in pages for event in page["events"])

    def fire(self, schedule: str, time: str = "") -> str:
        """Let a schedule's time come, and wait until its function has ended; what it printed."""
        before = self.said(schedule)
        self.checkout.run("localcloud", "fire", schedule, *(("--time", time) if time else ()))
        return until(lambda: self.said(schedule)[len(before) :] if self._ended(schedule, before) else "", 60)

    def _ended(self, function: str, before: str) -> bool:
        return "END RequestId" in self.said(function)[len(before) :]


def refuse_a_manifest(shop: Workshop) -> str:
    """Somebody puts a manifest for a run that was never claimed; its key."""
    key = f"runs/{shop.insight}/{NOBODY}/manifest.json"
    shop.client("s3").put_object(Bucket=LAKE, Key=key, Body=b"{}")
    until(lambda: "ManifestRefused" in shop.said("register"), 60)
    return key


def send_again(shop: Workshop, run: str) -> None:
    """Queue the manifest of a run that was registered before, and wait until it was looked at."""
    key = f"runs/{shop.insight}/{run}/manifest.json"
    seen = shop.said("register").count(key)
    sqs = shop.client("sqs")
    body = json.dumps({"detail": {"bucket": {"name": LAKE}, "object": {"key": key}}})
    queue = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId=shop.insight)
    until(lambda: shop.said("register").count(key) > seen, 60)


def damage(shop: Workshop) -> None:
    """Break what repair mends, each in one place: decisions, dates, runs, `_latest`, and a registration cut short."""
    glue, insight = shop.client("glue"), shop.insight
    first, second = sorted(shop.partitions(insight))[:2]
    shown = sorted(shop.partitions(f"{insight}_runs"))
    elsewhere = {"Values": ["1999-01-01"], "StorageDescriptor": shop.partitions(insight)[first]["StorageDescriptor"]}
    glue.create_partition(DatabaseName="insights", TableName=insight, PartitionInput=elsewhere)
    storage = shop.partitions(insight)[second]["StorageDescriptor"]
    moved = {"Values": [second], "StorageDescriptor": {**storage, "Location": f"s3://{LAKE}/insights/{insight}/_none/"}}
    glue.update_partition(
        DatabaseName="insights", TableName=insight, PartitionValueList=[second], PartitionInput=moved
    )  # fmt: skip
    glue.delete_partition(DatabaseName="insights", TableName=insight, PartitionValues=[first])
    glue.delete_partition(DatabaseName="insights", TableName=f"{insight}_runs", PartitionValues=[shown[0]])
    latest = glue.get_table(DatabaseName="insights", Name=f"{insight}_latest")["Table"]
    given = {key: latest[key] for key in ("Name", "TableType", "StorageDescriptor", "Parameters")}
    given["StorageDescriptor"] = {**given["StorageDescriptor"], "Location": f"s3://{LAKE}/insights/{insight}/_none/"}
    glue.update_table(DatabaseName="insights", TableInput=given)
    decisions = shop.client("s3").list_objects_v2(Bucket=LAKE, Prefix=f"runs/{insight}/decisions/")["Contents"]
    shop.client("s3").delete_object(Bucket=LAKE, Key=decisions[0]["Key"])
    current = next(run for run, state in shop.states().items() if state == "current")
    shop.set(current, complete={"BOOL": False})


def show_again(shop: Workshop, run: str) -> None:
    """A late write brings back into `_runs` a run whose deletion has begun."""
    glue = shop.client("glue")
    table = f"{shop.insight}_runs"
    storage = glue.get_table(DatabaseName="insights", Name=table)["Table"]["StorageDescriptor"]
    partition = {"Values": [run], "StorageDescriptor": {**storage, "Location": f"s3://{LAKE}/insights/{run}/"}}
    glue.create_partition(DatabaseName="insights", TableName=table, PartitionInput=partition)


def age(shop: Workshop, *states: str) -> list[str]:
    """Let runs in these states have been there for years; which they are."""
    old = [run for run, state in shop.states().items() if state in states]
    for run in old:
        shop.set(run, state_since_utc={"S": LONG_AGO})
    return old


def browse(session: Any, workgroup: str) -> None:
    """Look around as Athena's console, drivers and libraries do, with every call that a reader's role is for."""
    athena, glue = session.client("athena"), session.client("glue")
    asked = athena.start_query_execution(QueryString="SELECT 1", WorkGroup=workgroup)["QueryExecutionId"]
    athena.stop_query_execution(QueryExecutionId=asked)
    athena.get_work_group(WorkGroup=workgroup)
    athena.list_work_groups()
    executions = athena.list_query_executions(WorkGroup=workgroup)["QueryExecutionIds"]
    athena.batch_get_query_execution(QueryExecutionIds=executions[:2])
    athena.get_query_runtime_statistics(QueryExecutionId=executions[-1])
    saved = athena.list_named_queries(WorkGroup=workgroup)["NamedQueryIds"]
    for query in saved[:1]:
        athena.get_named_query(NamedQueryId=query)
        athena.batch_get_named_query(NamedQueryIds=[query])
    athena.list_data_catalogs()
    athena.get_data_catalog(Name="AwsDataCatalog")
    athena.list_databases(CatalogName="AwsDataCatalog")
    athena.get_database(CatalogName="AwsDataCatalog", DatabaseName="insights")
    athena.list_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="insights")
    athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName="insights", TableName="insight_receipts")
    glue.get_databases()
    for database in ("insights", "default"):
        glue.get_database(Name=database)
    tables = [table["Name"] for table in glue.get_tables(DatabaseName="insights")["TableList"]]
    dated = min(table for table in tables if not table.endswith(("_latest", "_runs", "_receipts")))
    glue.get_table(DatabaseName="insights", Name=dated)
    values = [one["Values"] for one in glue.get_partitions(DatabaseName="insights", TableName=dated)["Partitions"]]
    glue.get_partition(DatabaseName="insights", TableName=dated, PartitionValues=values[0])
    keys = [{"Values": one} for one in values]
    glue.batch_get_partition(DatabaseName="insights", TableName=dated, PartitionsToGet=keys)
    place = athena.get_work_group(WorkGroup=workgroup)["WorkGroup"]["Configuration"]["ResultConfiguration"]
    bucket, _, folder = place["OutputLocation"].removeprefix("s3://").partition("/")
    session.client("s3").get_bucket_location(Bucket=bucket)
    session.client("s3").list_objects_v2(Bucket=bucket, Prefix=folder)


def start_and_stop(shop: Workshop, schedule: str) -> None:
    """Let a job's schedule start it, and stop it at once."""
    job, run = _started(shop, schedule)
    shop.client("glue").batch_stop_job_run(JobName=job, JobRunIds=[run])


def start_and_wait(shop: Workshop, schedule: str) -> str:
    """Let a job's schedule start it; how it ended."""
    job, run = _started(shop, schedule)

    def ended() -> str:
        state = str(shop.client("glue").get_job_run(JobName=job, RunId=run)["JobRun"]["JobRunState"])
        return "" if state in ("STARTING", "RUNNING", "WAITING") else state

    return until(ended, 120)


def _started(shop: Workshop, schedule: str) -> tuple[str, str]:
    reply = json.loads(shop.checkout.run("localcloud", "fire", schedule).stdout)
    return f"insightshare-local-{schedule.partition('-')[0]}", str(reply["JobRunId"])
