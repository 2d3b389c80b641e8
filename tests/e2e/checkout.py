"""A copy of the project in which the demo has run, and what a deployment leaves behind. Asserts nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / ".data"  # fetched once, shared with the checkout that the tests run from
PROVIDER, ACME = "111111111111", "222222222222"
REGION = "eu-west-1"


@dataclass(frozen=True)
class Checkout:
    """A copy of the project in which the demo has run, with its local AWS still running."""

    folder: Path
    story: str

    def run(self, *words: str, check: bool = True, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a Python module of the checkout as a person would, who pipes in what is typed."""
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env=_clean_environment(),
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    @property
    def endpoint(self) -> str:
        """Where its local AWS answers."""
        return str(json.loads((self.folder / ".local/cloud.json").read_text())["endpoint"])

    def edit(self, path: str, before: str, after: str) -> Callable[[], object]:
        """Replace the first of a text that a file holds; returns what puts the file back."""
        file = self.folder / path
        text = file.read_text()
        assert before in text, f"{path} does not hold {before!r}"
        file.write_text(text.replace(before, after, 1))
        return lambda: file.write_text(text)

    def session(self, account: str = PROVIDER, role: str | None = None) -> boto3.Session:
        """A session on the checkout's local AWS: an account's administrator, or a role that it takes on."""
        os.environ["AWS_ENDPOINT_URL"] = self.endpoint
        session = boto3.Session(account, "any", region_name=REGION)
        if role is None:
            return session
        keys = session.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)

    def latest_table(self, insight: str) -> dict[str, Any]:
        """Glue's entry of an insight's `_latest` table."""
        glue = self.session().client("glue")
        return dict(glue.get_table(DatabaseName="insights", Name=f"{insight}_latest")["Table"])

    def latest(self, insight: str) -> str:
        """Where an insight's `_latest` table points."""
        return str(self.latest_table(insight)["StorageDescriptor"]["Location"])


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


@contextmanager
def told_demo(folder: Path) -> Iterator[Checkout]:
    """A checkout in `folder` where the demo has run; its local AWS is gone when the block ends."""
    _copy_project(folder)
    before = dict(os.environ)
    started = Checkout(folder, "")
    try:
        yield Checkout(folder, started.run("demo").stdout)
    finally:
        started.run("localcloud", "down", check=False)
        os.environ.clear()
        os.environ.update(before)


def _copy_project(folder: Path) -> None:
    """Every file that git has or would have, the data that were fetched before, and a commit to deploy."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    DATA.mkdir(exist_ok=True)
    (folder / ".data").symlink_to(DATA)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    identity = ["-c", "user.name=test", "-c", "user.email=test@insightshare.example"]
    subprocess.run(["git", *identity, "commit", "--quiet", "--allow-empty", "-m", "a version"], cwd=folder, check=True)


def left_over(checkout: Checkout, account: str) -> dict[str, list[str]]:
    """Everything that an account still holds, by kind.

    Keys only wait for their deletion, as AWS wants. The right of all to make databases is every new account's.
    """

    session: Any = checkout.session(account)

    def call(service: str, action: str, key: str, name: str | None = None, **arguments: Any) -> list[str]:
        found = getattr(session.client(service), action)(**arguments).get(key, [])
        return sorted(item if name is None else item[name] for item in found)

    keys = session.client("kms")
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
            for grant in checkout.session(account)
            .client("lakeformation")
            .list_permissions()["PrincipalResourcePermissions"]
            if "Catalog" not in grant["Resource"]
            and not grant["Principal"]["DataLakePrincipalIdentifier"].endswith("/admin")
        ],
        "keys": [
            state["Description"] for state in states if "insightshare" in state["Description"] and state["Enabled"]
        ],
    }
    return {kind: names for kind, names in held.items() if names}
