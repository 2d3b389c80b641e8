"""The register and repair handlers at their edge: real events in, failures in order out; on the ports in memory."""

import copy
import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from insightshare.aws.publishing import Settings, settings_from_environment
from insightshare.errors import PlatformError, Retryable
from insightshare.publish import Decision, Ports, Retention, State
from lambdas.register_run.handler import handle as register_batch
from lambdas.repair_projection.handler import handle as repair_all
from lambdas.vacuum_runs.handler import handle as vacuum_all
from lambdas.vacuum_runs.handler import retention_from_environment
from tests.behaviour.publish_scenes import later
from tests.fakes import LAKE, FakeEvents
from tests.unit.publish.scenes import INSIGHT, MONDAY, fresh, location, written

EVENTS = Path(__file__).parents[1] / "events"
BATCH = json.loads((EVENTS / "register_batch.json").read_text())
SETTINGS = Settings(LAKE, "registry", "insights", "bus", "queue")


def message(message_id: str, key: str, group: str = INSIGHT) -> dict[str, Any]:
    """One message of the queue, as EventBridge puts it there for a new object."""
    own: dict[str, Any] = copy.deepcopy(BATCH["Records"][0])
    body = json.loads(own["body"])
    body["detail"]["object"]["key"] = key
    own |= {"messageId": message_id, "body": json.dumps(body)}
    own["attributes"]["MessageGroupId"] = group
    return own


def deliver(ports: Ports, *messages: dict[str, Any]) -> list[str]:
    """Handle one batch; returns the messages that come back."""
    reply = register_batch({"Records": list(messages)}, ports, SETTINGS)
    return [failure["itemIdentifier"] for failure in reply["batchItemFailures"]]


def test_an_event_of_s3_publishes_the_run_that_it_names() -> None:
    world, ports = fresh()
    own, key = written(ports)

    failed = deliver(ports, message("m1", key))

    assert (failed, world.tables["churn_latest"].location) == ([], location(ports, own.run_id))


def test_the_event_that_repair_queues_is_read_like_that_of_s3() -> None:
    _, ports = fresh()
    own, key = written(ports)
    body = {
        "source": "insightshare",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": LAKE}, "object": {"key": key}},
    }

    failed = deliver(ports, {**message("m1", key), "body": json.dumps(body)})

    run = ports.registry.run(INSIGHT, own.run_id)
    assert (failed, run and run.state) == ([], State.CURRENT)


def test_the_test_event_of_s3_is_ignored() -> None:
    world, ports = fresh()
    before = repr(world)

    failed = deliver(ports, {**message("m1", ""), "body": (EVENTS / "s3_test_event.json").read_text()})

    assert (failed, repr(world)) == ([], before)


def test_after_a_failure_the_rest_of_its_group_comes_back_too_and_other_groups_go_on() -> None:
    _, ports = fresh()
    (_, good), (other, later) = written(ports), written(ports)
    bad = "runs/churn/20260131T120000000Z-00000000/manifest.json"

    failed = deliver(ports, message("m1", bad), message("m2", good), message("m3", later, group="interests"))

    run = ports.registry.run(INSIGHT, other.run_id)
    assert (failed, run and run.state) == (["m1", "m2"], State.CURRENT)


@pytest.mark.parametrize("body", ["not JSON", "[]", "{}", '{"detail": {"bucket": {"name": "another"}, "object": {}}}'])
def test_a_message_that_is_no_event_of_the_lake_comes_back_and_changes_nothing(body: str) -> None:
    world, ports = fresh()
    before = repr(world)

    failed = deliver(ports, {**message("m1", ""), "body": body})

    world.hurried.clear()  # it only comes back the sooner
    assert (failed, repr(world)) == (["m1"], before)


def test_a_refused_manifest_comes_back_soon_and_what_may_succeed_later_takes_its_time() -> None:
    world, ports = fresh()
    _, good = written(ports)
    bad = "runs/churn/20260131T120000000Z-00000000/manifest.json"
    busy = replace(ports, events=BusyBus(world))

    failed = [deliver(busy, message("m1", bad)), deliver(busy, message("m2", good))]

    receipt = BATCH["Records"][0]["receiptHandle"]
    assert (failed, world.hurried) == ([["m1"], ["m2"]], [f"{receipt} in 10 s"])


def test_a_refused_manifest_comes_back_even_where_it_cannot_be_hurried() -> None:
    world, ports = fresh()
    bad = "runs/churn/20260131T120000000Z-00000000/manifest.json"

    assert deliver(replace(ports, events=BusyQueue(world)), message("m1", bad)) == ["m1"]


class BusyBus(FakeEvents):
    """An event bus that takes nothing now; its queue works."""

    def announce(self, decision: Decision) -> None:
        raise Retryable(f"event bus: {decision.run_id} was not taken")


class BusyQueue(FakeEvents):
    """A queue that does nothing now."""

    def hurry(self, receipt: str, seconds: int) -> None:
        raise Retryable(f"queue: {receipt} in {seconds} s was not taken")


def test_each_outcome_is_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    _, ports = fresh()
    (_, good), (_, rejected) = written(ports), written(ports, passed=False)

    deliver(ports, message("m1", good), message("m2", good), message("m3", rejected), message("m4", "runs/churn/x"))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    counted = [metric["Name"] for line in lines for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    assert counted == ["RunsPublished", "RunsRejected", "ManifestsRefused"]


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(PlatformError, match="INSIGHTSHARE_BUS, INSIGHTSHARE_QUEUE: absent is not set"):
        settings_from_environment(
            {"INSIGHTSHARE_LAKE": "l", "INSIGHTSHARE_REGISTRY": "r", "INSIGHTSHARE_DATABASE": "insights"}
        )


def test_repair_returns_what_it_did_for_every_insight_of_the_lake() -> None:
    world, ports = fresh()
    own, key = written(ports)
    register_batch({"Records": [message("m1", key)]}, ports, SETTINGS)
    del world.partitions[INSIGHT, MONDAY]

    reply = repair_all({}, ports)

    assert reply == {INSIGHT: {"actions": [f"project as_of {MONDAY}: has no partition"], "findings": []}}
    assert world.partitions[INSIGHT, MONDAY].location == location(ports, own.run_id)


def test_an_insight_that_cannot_be_repaired_fails_the_call_after_the_others_are_done() -> None:
    world, ports = fresh()
    _, key = written(ports)
    register_batch({"Records": [message("m1", key)]}, ports, SETTINGS)
    del world.partitions[INSIGHT, MONDAY]
    world.objects["runs/a_table_is_missing/x"] = b""

    with pytest.raises(PlatformError, match="a_table_is_missing is not repaired"):
        repair_all({}, ports)

    assert (INSIGHT, MONDAY) in world.partitions


def superseded(ports: Ports) -> str:
    """A run that another one followed."""
    (own, old), (_, new) = written(ports), written(ports)
    register_batch({"Records": [message("m1", old), message("m2", new)]}, ports, SETTINGS)
    return own.run_id


def test_vacuum_prints_its_plan_and_returns_what_it_did_for_every_insight(capsys: pytest.CaptureFixture[str]) -> None:
    world, ports = fresh()
    run_id = superseded(ports)

    reply = vacuum_all({}, later(ports, days=31), Retention())

    [action] = reply[INSIGHT]["actions"]
    assert (action["kind"], action["run_id"]) == ("begin to delete", run_id)
    assert world.runs[INSIGHT, run_id].state is State.DELETING
    assert f"  begin to delete {run_id}: superseded since" in capsys.readouterr().out


def test_vacuum_may_be_asked_what_it_would_do() -> None:
    world, ports = fresh()
    superseded(ports)
    before = repr(world)

    reply = vacuum_all({"insights": [INSIGHT], "dry_run": True}, later(ports, days=31), Retention())

    assert (len(reply[INSIGHT]["actions"]), repr(world)) == (1, before)


def test_an_insight_that_cannot_be_vacuumed_fails_the_call_after_the_others_are_done() -> None:
    world, ports = fresh()
    run_id = superseded(ports)
    world.objects["runs/a_table_is_missing/x"] = b""

    with pytest.raises(PlatformError, match="a_table_is_missing is not vacuumed"):
        vacuum_all({}, later(ports, days=31), Retention())

    assert world.runs[INSIGHT, run_id].state is State.DELETING


def test_vacuum_is_told_how_long_runs_are_kept() -> None:
    assert retention_from_environment({"INSIGHTSHARE_KEEP_DAYS": "7"}) == Retention(keep=timedelta(days=7))
    with pytest.raises(PlatformError, match="INSIGHTSHARE_KEEP_DAYS: '' is not a number of days"):
        retention_from_environment({})


def test_no_import_of_a_handler_needs_more_than_boto3() -> None:
    """Seen in a fresh interpreter: whatever they import of foreign packages is in AWS's runtime."""
    program = (
        "import sys, json; import lambdas.register_run.handler, lambdas.repair_projection.handler;"
        "import lambdas.vacuum_runs.handler;"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, check=True, text=True)
    foreign = set(json.loads(done.stdout)) & {
        "pyarrow",
        "pydantic",
        "yaml",
        "sqlglot",
        "duckdb",
        "numpy",
        "pandas",
        "click",
    }

    assert foreign == set()
