"""The whole path, once, in a checkout of its own: the demo, what a person does after it, and the end of it all."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from insightshare.aws.athena import Place
from insightshare.aws.reader import Reader
from insightshare.client import Store, connect
from insightshare.errors import AccessRefused, NotFound

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / ".data"  # fetched once, shared with the checkout that the tests run from
PROVIDER, ACME = "111111111111", "222222222222"
REGION = "eu-west-1"

pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True)
class Checkout:
    """A copy of the project in which the demo has run, with its local AWS still running."""

    folder: Path
    story: str

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a Python module of the checkout as a person would."""
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=self.folder, env=_clean_environment(), capture_output=True, text=True
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def session(self, account: str = PROVIDER, role: str | None = None) -> boto3.Session:
        """A session on the checkout's local AWS: an account's administrator, or a role that it takes on."""
        os.environ["AWS_ENDPOINT_URL"] = json.loads((self.folder / ".local/cloud.json").read_text())["endpoint"]
        session = boto3.Session(account, "any", region_name=REGION)
        if role is None:
            return session
        keys = session.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)

    def latest(self, insight: str) -> str:
        """Where an insight's `_latest` table points."""
        glue = self.session().client("glue")
        table = glue.get_table(DatabaseName="insights", Name=f"{insight}_latest")["Table"]
        return table["StorageDescriptor"]["Location"]


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The demo, told once."""
    folder = tmp_path_factory.mktemp("demo") / "checkout"
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
    before = dict(os.environ)
    started = Checkout(folder, "")
    try:
        yield Checkout(folder, started.run("demo").stdout)
    finally:
        started.run("localcloud", "down", check=False)
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="module")
def acme(checkout: Checkout) -> Store:
    """The Python client, as acme's analyst in acme's own account."""
    return connect(session=checkout.session(ACME, f"arn:aws:iam::{ACME}:role/insightshare-analyst"))


def test_the_demo_says_what_was_published_where_the_time_went_and_what_to_type_next(checkout: Checkout) -> None:
    for part in ("what was published", "where the time went", "insightshare query --as acme", "rejected"):
        assert part in checkout.story


def test_a_client_lists_the_insights_of_its_agreement(acme: Store) -> None:
    assert [insight.name for insight in acme.insights()] == ["churn", "interests"]


def test_a_client_reads_what_an_insight_means_and_only_its_own_columns(acme: Store) -> None:
    description = acme["churn"].describe()

    granted = ["customer_id", "churn_probability", "risk_category", "contract", "as_of"]
    assert description.meaning.startswith("One row per customer.")
    assert [column.name for column in description.columns] == granted
    assert all(column.meaning for column in description.columns)


def test_a_client_fetches_its_rows_as_a_data_frame(acme: Store) -> None:
    frame = acme["churn"].to_pandas(columns=["customer_id", "churn_probability", "contract"])

    assert set(frame["contract"]) == {"Month-to-month"}
    assert frame["churn_probability"].between(0, 1).all()
    assert frame["customer_id"].is_unique


def test_a_client_fetches_an_earlier_date(acme: Store, checkout: Checkout) -> None:
    runs = json.loads(checkout.run("insightshare", "runs", "churn", "--json").stdout)
    first = min(run["as_of"] for run in runs if run["state"] == "current")

    table = acme["churn"].to_arrow(["customer_id", "as_of"], as_of=first)

    assert set(table["as_of"].to_pylist()) == {first}


def test_a_date_without_a_run_is_an_empty_table_with_its_types(acme: Store) -> None:
    table = acme["churn"].to_arrow(["customer_id", "churn_probability"], as_of="1999-12-31")

    assert (table.num_rows, [str(kind) for kind in table.schema.types]) == (0, ["string", "double"])


def test_a_client_pins_a_run(acme: Store) -> None:
    receipts = acme["churn"].receipts().to_pylist()
    passed = next(receipt for receipt in receipts if receipt["passed"])

    pinned = acme["churn"].to_arrow(["customer_id"], run_id=passed["run_id"])

    assert 0 < pinned.num_rows < passed["row_count"]


def test_a_receipt_shows_a_rejected_run_with_the_check_that_failed(acme: Store) -> None:
    rejected = next(receipt for receipt in acme["churn"].receipts().to_pylist() if not receipt["passed"])

    assert [check["id"] for check in rejected["checks"] if not check["passed"]] == ["enough_rows"]


def test_a_client_does_not_read_the_receipts_of_others(acme: Store, checkout: Checkout) -> None:
    session = checkout.session(ACME, f"arn:aws:iam::{ACME}:role/insightshare-analyst")
    rows = (
        Reader(session, Place("insightshare-acme", "insights"))
        .rows("SELECT DISTINCT insight FROM insight_receipts")
        .rows
    )

    assert sorted(rows) == [("churn",), ("interests",)]


def test_an_insight_outside_the_agreement_is_not_there(acme: Store) -> None:
    with pytest.raises(NotFound, match=r"store: insight: 'product_area_impact' is not one that you may read"):
        acme["product_area_impact"]


def test_a_column_outside_the_agreement_cannot_be_fetched(acme: Store) -> None:
    with pytest.raises(AccessRefused, match="Column 'health_score' cannot be resolved or requester is not authorized"):
        acme["churn"].to_arrow(["health_score"])


def test_a_bad_day_is_taken_back_and_put_back_in_one_command_each(checkout: Checkout) -> None:
    published = checkout.latest("churn")
    newest = json.loads(checkout.run("insightshare", "receipt", "churn", "--json").stdout)["as_of"]
    current = max(
        run["as_of"]
        for run in json.loads(checkout.run("insightshare", "runs", "churn", "--json").stdout)
        if run["state"] == "current"
    )

    checkout.run("insightshare", "withdraw", "churn", "--as-of", current)
    withdrawn = checkout.latest("churn")
    checkout.run("insightshare", "rollback", "churn")

    assert newest > current  # the newest run is the rejected one, and nobody ever saw it
    assert withdrawn != published
    assert checkout.latest("churn") == published


def test_nothing_is_left_to_repair(checkout: Checkout) -> None:
    plans = checkout.run("insightshare", "repair", "--dry-run").stdout

    assert plans.count("0 to repair, 0 to look at") == 3


def test_a_plan_after_publishing_is_empty(checkout: Checkout) -> None:
    planned = checkout.run("scripts.deploy", "local", "--plan").stdout

    assert planned.count("No changes.") == 3


def test_a_deployment_after_publishing_does_not_move_latest(checkout: Checkout) -> None:
    before = {insight: checkout.latest(insight) for insight in ("churn", "interests", "product_area_impact")}

    checkout.run("scripts.deploy", "local")

    assert {insight: checkout.latest(insight) for insight in before} == before


def test_destroy_leaves_nothing(checkout: Checkout) -> None:
    checkout.run("scripts.deploy", "local", "--destroy", "--yes")

    assert left_over(checkout.session()) == {}


def left_over(session: boto3.Session) -> dict[str, list[str]]:
    """What the main root makes and is still there, by kind; state and what the account has once are not its own."""
    clients: dict[str, Any] = {
        name: session.client(name)
        for name in ("s3", "glue", "dynamodb", "sqs", "lambda", "events", "athena", "iam", "scheduler", "lakeformation")
    }
    found = {
        "buckets": [b["Name"] for b in clients["s3"].list_buckets()["Buckets"] if "-state-" not in b["Name"]],
        "databases": [d["Name"] for d in clients["glue"].get_databases()["DatabaseList"] if d["Name"] != "default"],
        "jobs": clients["glue"].list_jobs()["JobNames"],
        "tables": clients["dynamodb"].list_tables()["TableNames"],
        "queues": clients["sqs"].list_queues().get("QueueUrls", []),
        "functions": [f["FunctionName"] for f in clients["lambda"].list_functions()["Functions"]],
        "buses": [b["Name"] for b in clients["events"].list_event_buses()["EventBuses"] if b["Name"] != "default"],
        "rules": [r["Name"] for r in clients["events"].list_rules()["Rules"]],
        "workgroups": [w["Name"] for w in clients["athena"].list_work_groups()["WorkGroups"] if w["Name"] != "primary"],
        "roles": [r["RoleName"] for r in clients["iam"].list_roles()["Roles"]],
        "schedules": [s["Name"] for s in clients["scheduler"].list_schedules()["Schedules"]],
        "locations": [r["ResourceArn"] for r in clients["lakeformation"].list_resources()["ResourceInfoList"]],
        "filters": [f["Name"] for f in clients["lakeformation"].list_data_cells_filter()["DataCellsFilters"]],
    }
    return {kind: names for kind, names in found.items() if names}
