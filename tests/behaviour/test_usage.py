"""Who read what, from the trail's files and Athena's history on the local AWS: readers of any account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from insightshare.aws.deployment import Deployment
from insightshare.aws.reads_delivery import deliver_reads
from insightshare.aws.trail import query_texts, trail_records
from insightshare.cli.usage import usage_command
from insightshare.contract.read import load_project
from insightshare.errors import PlatformError
from insightshare.jobs.workplace import Workplace
from insightshare.share.reads import WANTED, Read, reads_of
from tests.behaviour.lake import client
from tests.behaviour.parts import unique
from tests.behaviour.test_localcloud_trail import (
    MANAGEMENT,
    Scene,
    make_scene,
    reading,
    start_trail,
    trail_bucket,
    trail_bucket_named,
)
from tests.conftest import PROVIDER, REGION, Cloud
from tests.fakes import FakeDesk, World, ports_on
from tests.unit.jobs.share_usage import place_of

PLACE = (PROVIDER, REGION)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def scene(cloud: Cloud) -> Iterator[Scene]:
    yield make_scene(cloud)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return place_of(tmp_path)


def today() -> date:
    return datetime.now(UTC).date()


def reads_on(scene: Scene, first: date, last: date) -> list[Read]:
    records = trail_records(client(scene.cloud, "s3", PROVIDER), scene.trails[PROVIDER], PLACE, (first, last), WANTED)
    return reads_of(records, PROVIDER, scene.lake.database, (first, last))


def test_a_clients_query_is_a_read_of_its_account_for_the_bytes_that_athena_counts(scene: Scene) -> None:
    query = scene.ask("SELECT a FROM t")

    (read,) = [one for one in reads_on(scene, today(), today()) if one.query == query]

    scanned = scene.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Statistics"]
    assert (read.account_id, read.table, read.engine, read.scanned_bytes) == (
        scene.guest,
        "t",
        "ATHENA",
        scanned["DataScannedInBytes"],
    )


def test_our_own_query_is_a_read_by_name_and_its_text_is_in_the_history(scene: Scene) -> None:
    query = scene.lake.ask("SELECT b FROM t").execution["QueryExecutionId"]

    (read,) = [one for one in reads_on(scene, today(), today()) if one.query == query]

    texts = query_texts(client(scene.cloud, "athena", PROVIDER), "primary", datetime.now(UTC) - timedelta(days=1))
    assert read.principal == f"arn:aws:iam::{PROVIDER}:user/admin"
    assert texts[query] == "SELECT b FROM t"


def test_the_history_before_a_moment_is_left_out(scene: Scene) -> None:
    scene.lake.ask("SELECT b FROM t")

    assert query_texts(client(scene.cloud, "athena", PROVIDER), "primary", datetime.now(UTC)) == {}


class Reversed:
    """Athena's client, but a batch of executions comes in the opposite order: AWS promises none."""

    def __init__(self, athena: Any) -> None:
        self._athena = athena
        self.get_paginator = athena.get_paginator

    def batch_get_query_execution(self, **asked: Any) -> dict[str, Any]:
        found = self._athena.batch_get_query_execution(**asked)
        return {**found, "QueryExecutions": found["QueryExecutions"][::-1]}


def test_the_history_since_a_moment_is_whole_in_whatever_order_a_batch_comes(scene: Scene) -> None:
    old, new = (scene.lake.ask(f"SELECT {name} FROM t").execution for name in ("a", "b"))
    athena: Any = Reversed(client(scene.cloud, "athena", PROVIDER))

    texts = query_texts(athena, "primary", new["Status"]["SubmissionDateTime"])

    assert new["QueryExecutionId"] in texts
    assert old["QueryExecutionId"] not in texts


def test_a_workgroup_that_is_not_there_was_asked_nothing(cloud: Cloud) -> None:
    assert query_texts(client(cloud, "athena", PROVIDER), unique("nobody"), datetime.now(UTC)) == {}


def test_other_days_hold_no_reads_of_today(scene: Scene) -> None:
    scene.ask("SELECT a FROM t")

    assert reads_on(scene, today() - timedelta(days=9), today() - timedelta(days=1)) == []


def test_a_trail_that_is_not_there_is_one_line(cloud: Cloud) -> None:
    bucket = unique("nothing")

    with pytest.raises(PlatformError, match=rf"s3://{bucket}/AWSLogs/.*NoSuchBucket"):
        list(trail_records(client(cloud, "s3", PROVIDER), bucket, PLACE, (today(), today()), WANTED))


def test_a_trail_without_files_holds_nothing(cloud: Cloud) -> None:
    bucket = trail_bucket(cloud, PROVIDER)

    assert list(trail_records(client(cloud, "s3", PROVIDER), bucket, PLACE, (today(), today()), WANTED)) == []


@pytest.fixture(scope="module")
def desk(scene: Scene) -> FakeDesk:
    """The desk of a deployment whose trail has seen one query of a stranger; no client of ours is deployed yet."""
    deployment = Deployment(unique("e"), PROVIDER, REGION, database=scene.lake.database)
    bucket = trail_bucket_named(deployment.trail, scene.cloud, PROVIDER)
    start_trail(scene.cloud, PROVIDER, bucket, MANAGEMENT, reading(scene.lake.bucket))
    client(scene.cloud, "athena", PROVIDER).create_work_group(Name=deployment.provider_workgroup)
    scene.ask("SELECT a FROM t")
    found = FakeDesk(ports_on(World()))
    seen = {"project": load_project(ROOT), "today": today(), "deployment": deployment}
    found.__dict__ |= {**seen, "session": scene.cloud.session(PROVIDER)}
    return found


def test_a_day_is_delivered_as_the_source_of_who_read_what(desk: FakeDesk, scene: Scene, place: Workplace) -> None:
    tomorrow = str(today() + timedelta(days=1))

    deliver_reads(desk.session, place, desk.deployment, tomorrow)

    file = place.landing.uri(f"raw/share_reads/{tomorrow}/part-00000.parquet")
    rows = pq.read_table(file).select(["client", "table_name", "read_on", "queries", "paid_by"]).to_pylist()
    assert [row for row in rows if row["client"] != "(ourselves)"] == [
        {
            "client": f"account {scene.guest}",
            "table_name": "t",
            "read_on": str(today()),
            "queries": 1,
            "paid_by": "client",
        }
    ]


def told(desk: FakeDesk, *words: str) -> str:
    return CliRunner().invoke(usage_command, list(words), obj=desk, catch_exceptions=False).output


def test_the_command_tells_what_a_stranger_read_and_who_paid(desk: FakeDesk, scene: Scene) -> None:
    (line,) = json.loads(told(desk, "--days", "1", "--json"))

    dollars = round(10 * 1024**2 / 1024**4 * 5, 8)
    assert {name: line[name] for name in ("client", "table", "queries", "columns", "dollars", "paid_by")} == {
        "client": f"account {scene.guest}",
        "table": "t",
        "queries": 1,
        "columns": None,
        "dollars": dollars,
        "paid_by": "client",
    }


def test_the_command_says_what_the_evidence_cannot_tell(desk: FakeDesk) -> None:
    said = told(desk)

    assert "not ours to see" in said
    assert "Columns are known where the queries' text is ours to see" in said


def test_a_client_that_used_nothing_has_no_line(desk: FakeDesk) -> None:
    assert json.loads(told(desk, "--client", "acme", "--json")) == []
