"""A deployment as people make it, of a copy of the project on a cloud of its own: made, used, undone."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from insightshare.aws.deployment import Deployment
from insightshare.aws.publishing import deployment_ports
from insightshare.publish import Lineage, Manifest, claim, write_manifest
from insightshare.publish.layout import run_folder
from insightshare.publish.manifest import File
from tests.behaviour.parts import until
from tests.conftest import ACME, PROVIDER, REGION
from tests.policy.project_copy import ProjectCopy, Root

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("deployment")]

LOCAL = Deployment("local", PROVIDER, REGION)


@dataclass(frozen=True)
class Deployed:
    """The copy, and the cloud that it was deployed to."""

    project: ProjectCopy

    def deploy(self, *words: str, expect: int = 0) -> str:
        """Run the deployment again; returns what it printed."""
        return self._python("scripts.deploy", "local", *words, expect=expect)

    def session(self, account: str = PROVIDER) -> boto3.Session:
        return boto3.Session(aws_access_key_id=account, aws_secret_access_key="any", region_name=REGION)

    def client(self, service: str, account: str = PROVIDER) -> Any:
        state = json.loads((self.project.folder / ".local" / "cloud.json").read_text())
        return self.session(account).client(service, endpoint_url=state["endpoint"])  # type: ignore[call-overload]  # the stubs list every service by name

    def root(self, name: str) -> Root:
        """One of its roots as the deployment left it, for a Terraform command of one's own."""
        state = json.loads((self.project.folder / ".local" / "cloud.json").read_text())
        settings = {
            "AWS_ENDPOINT_URL": state["endpoint"],
            "AWS_ACCESS_KEY_ID": PROVIDER,
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": REGION,
            "TF_DATA_DIR": str(self.project.folder / ".local" / "terraform" / "local" / name),
        }
        return Root(self.project.folder / "infra" / name, {**os.environ, **settings})

    def latest(self) -> dict[str, Any]:
        table: dict[str, Any] = self.client("glue").get_table(DatabaseName="insights", Name="churn_latest")["Table"]
        return {"location": table["StorageDescriptor"]["Location"], **table["Parameters"]}

    def stop(self) -> None:
        self._python("localcloud", "down")

    def _python(self, module: str, *words: str, expect: int = 0) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=self.project.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == expect, f"{module}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout + done.stderr


class _Session:
    """What publishing needs of a session: clients of the deployed cloud."""

    def __init__(self, deployed: Deployed) -> None:
        self.client = deployed.client


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    deployed = Deployed(ProjectCopy.at(tmp_path_factory.mktemp("deployed")))
    try:
        deployed.deploy()
        yield deployed
    finally:
        deployed.stop()


@pytest.fixture(scope="module")
def published(deployed: Deployed) -> str:
    """The folder of a run of churn that was registered through S3's event, the queue and the function."""
    ports = deployment_ports(_Session(deployed), LOCAL)  # type: ignore[arg-type]  # only asked for clients
    run = claim(ports.registry, "churn", datetime.now(UTC).date().isoformat(), "jr_1")
    body = b"rows"
    key = run_folder("churn", run.run_id) + "part-00000.parquet"
    deployed.client("s3").put_object(Bucket=LOCAL.lake, Key=key, Body=body)
    file = File("part-00000.parquet", len(body), 1, hashlib.sha256(body).hexdigest())
    write_manifest(ports.storage, ports.registry, Manifest(run, (file,), True, (), Lineage("test", "duckdb")))
    folder = f"s3://{LOCAL.lake}/{run_folder('churn', run.run_id)}"
    until(lambda: deployed.latest()["location"] == folder, 60)
    return folder


def test_deploying_again_finds_nothing_to_change_in_any_root(deployed: Deployed) -> None:
    said = deployed.deploy()

    assert "look for changes" in said
    assert "main root" not in said


def test_deploying_after_publishing_finds_nothing_to_change_either(deployed: Deployed, published: str) -> None:
    assert "main root" not in deployed.deploy()


def test_an_apply_after_publishing_leaves_latest_where_it_is(deployed: Deployed, published: str) -> None:
    before = deployed.latest()
    deployed.project.edit("insights/churn/contract.odcs.yaml", "name: Churn\n", "name: Churn of customers\n")

    said = deployed.deploy()

    assert "main root" in said
    assert deployed.latest() == {**before, "title": "Churn of customers"}


def test_the_account_root_cannot_be_destroyed(deployed: Deployed) -> None:
    said = deployed.root("account").run("plan", "-destroy", "-input=false", "-var-file=local.tfvars", expect=(1,))

    assert "Instance cannot be destroyed" in said


def test_destroy_asks_before_it_does_anything(deployed: Deployed) -> None:
    said = deployed.deploy("--destroy", expect=1)

    assert "destroy: answer: nothing is not local. Fix: type the environment's name, or leave it." in said
    assert deployed.latest()


def test_destroy_leaves_nothing_of_the_main_root_nor_of_a_clients_half(deployed: Deployed, published: str) -> None:
    deployed.deploy("--destroy", "--yes")

    assert left_over(deployed, PROVIDER) == {"buckets": [f"insightshare-state-{PROVIDER}"], "databases": ["default"]}
    assert left_over(deployed, ACME) == {"buckets": [f"insightshare-state-{ACME}"]}


def left_over(deployed: Deployed, account: str) -> dict[str, list[str]]:
    """Everything that an account still holds, by kind.

    Keys only wait for their deletion, as AWS wants. The right of all to make databases is every new account's.
    """

    def call(service: str, action: str, key: str, name: str | None = None, **arguments: Any) -> list[str]:
        found = getattr(deployed.client(service, account), action)(**arguments).get(key, [])
        return sorted(item if name is None else item[name] for item in found)

    keys = deployed.client("kms", account)
    states = [keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in keys.list_keys()["Keys"]]
    held = {
        "buckets": call("s3", "list_buckets", "Buckets", "Name"),
        "databases": call("glue", "get_databases", "DatabaseList", "Name"),
        "jobs": call("glue", "list_jobs", "JobNames"),
        "security configurations": call("glue", "get_security_configurations", "SecurityConfigurations", "Name"),
        "queues": call("sqs", "list_queues", "QueueUrls"),
        "topics": call("sns", "list_topics", "Topics", "TopicArn"),
        "tables": call("dynamodb", "list_tables", "TableNames"),
        "functions": call("lambda", "list_functions", "Functions", "FunctionName"),
        "event sources": call("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
        "rules": call("events", "list_rules", "Rules", "Name"),
        "buses": [bus for bus in call("events", "list_event_buses", "EventBuses", "Name") if bus != "default"],
        "schedules": call("scheduler", "list_schedules", "Schedules", "Name"),
        "schedule groups": [
            group for group in call("scheduler", "list_schedule_groups", "ScheduleGroups", "Name") if group != "default"
        ],
        "roles": call("iam", "list_roles", "Roles", "RoleName"),
        "workgroups": [
            group for group in call("athena", "list_work_groups", "WorkGroups", "Name") if group != "primary"
        ],
        "alarms": call("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        "logs": [
            group
            for group in call("logs", "describe_log_groups", "logGroups", "logGroupName")
            if "/aws/lambda" in group
        ],
        "locations": call("lakeformation", "list_resources", "ResourceInfoList", "ResourceArn"),
        "filters": call("lakeformation", "list_data_cells_filter", "DataCellsFilters", "Name"),
        "grants": [
            grant["Principal"]["DataLakePrincipalIdentifier"]
            for grant in deployed.client("lakeformation", account).list_permissions()["PrincipalResourcePermissions"]
            if "Catalog" not in grant["Resource"]
            and not grant["Principal"]["DataLakePrincipalIdentifier"].endswith("/admin")
        ],
        "keys": [
            state["Description"] for state in states if "insightshare" in state["Description"] and state["Enabled"]
        ],
    }
    return {kind: names for kind, names in held.items() if names}
