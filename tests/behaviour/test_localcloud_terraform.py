"""A Terraform root that has nothing to do with this project is applied, works, plans empty, and is destroyed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.behaviour.parts import package, unique, until
from tests.conftest import Cloud

ROOT = Path(__file__).parents[2]
ALERT = """
import boto3, os
def handle(event, context):
    boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key="alerts/" + event["detail"]["alert"], Body=b"!")
"""


@dataclass(frozen=True)
class TinyCloud:
    """An applied copy of tests/data/tiny_cloud."""

    cloud: Cloud
    folder: Path
    name: str

    def terraform(self, command: str, *arguments: str) -> str:
        """Run Terraform in the copy; fails with its message."""
        variables = [f"-var=name={self.name}", f"-var=package={self.folder / 'alert.zip'}"]
        words = [str(ROOT / "scripts" / "terraform"), f"-chdir={self.folder}", command, "-no-color", *arguments]
        words += variables if command in ("apply", "plan", "destroy") else []
        done = subprocess.run(words, env=self.cloud.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"terraform {command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def tiny(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyCloud]:
    folder = tmp_path_factory.mktemp("tiny")
    shutil.copy(ROOT / "tests" / "data" / "tiny_cloud" / "main.tf", folder)
    (folder / "alert.zip").write_bytes(package(alert=ALERT))
    tiny = TinyCloud(cloud, folder, unique("weather"))
    tiny.terraform("init", "-input=false")
    tiny.terraform("apply", "-auto-approve", "-input=false")
    yield tiny


@pytest.mark.xdist_group("tiny_cloud")
def test_a_second_plan_is_empty(tiny: TinyCloud) -> None:
    assert "No changes." in tiny.terraform("plan", "-input=false", "-detailed-exitcode")


@pytest.mark.xdist_group("tiny_cloud")
def test_the_table_can_be_asked(tiny: TinyCloud) -> None:
    athena, database = tiny.cloud.client("athena"), tiny.name.replace("-", "_")
    sql = "SELECT station, avg(celsius) AS mean FROM readings GROUP BY station ORDER BY station"

    query = athena.start_query_execution(
        QueryString=sql, WorkGroup=tiny.name, QueryExecutionContext={"Database": database}
    )["QueryExecutionId"]

    def state() -> str | None:
        found: str = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"]
        return found if found in ("SUCCEEDED", "FAILED") else None

    assert until(state) == "SUCCEEDED"
    rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    assert [[cell["VarCharValue"] for cell in row["Data"]] for row in rows] == [
        ["station", "mean"], ["north", "4.5"], ["south", "10.0"],
    ]  # fmt: skip


@pytest.mark.xdist_group("tiny_cloud")
def test_an_event_reaches_the_function(tiny: TinyCloud) -> None:
    source = json.loads(tiny.terraform("output", "-json"))["source"]["value"]
    alert = {"Source": source, "DetailType": "Alert", "Detail": json.dumps({"alert": "storm"})}

    tiny.cloud.client("events").put_events(Entries=[alert])

    s3 = tiny.cloud.client("s3")
    found = until(lambda: s3.list_objects_v2(Bucket=f"{tiny.name}-readings", Prefix="alerts/").get("Contents"))
    assert [item["Key"] for item in found] == ["alerts/storm"]


@pytest.mark.xdist_group("tiny_cloud")
def test_destroy_leaves_nothing(tiny: TinyCloud) -> None:
    tiny.terraform("destroy", "-auto-approve", "-input=false")

    cloud, name = tiny.cloud, tiny.name
    left = [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]]
    left += [function["FunctionName"] for function in cloud.client("lambda").list_functions()["Functions"]]
    left += [rule["Name"] for rule in cloud.client("events").list_rules()["Rules"]]
    left += [database["Name"] for database in cloud.client("glue").get_databases()["DatabaseList"]]
    left += [group["Name"] for group in cloud.client("athena").list_work_groups()["WorkGroups"]]
    assert [entry for entry in left if name in entry.replace("_", "-")] == []
