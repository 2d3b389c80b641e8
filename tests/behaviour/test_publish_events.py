"""From a manifest in the lake to what readers see: S3 event, rule, FIFO queue, and the function's own package."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from insightshare.aws.publishing import Settings
from insightshare.publish import Ports, State
from insightshare.publish.layout import run_folder
from scripts.package import build
from tests.behaviour.lake import client, make_admin
from tests.behaviour.parts import make_role, unique, until
from tests.behaviour.publish_stage import Stage, aws_settings, aws_stage
from tests.conftest import PROVIDER, Cloud
from tests.unit.publish.scenes import INSIGHT, location, manifest_of, started, write_files, written

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Wired:
    """A lake whose manifests are registered by the deployed function, and where refused ones end."""

    stage: Stage
    dead_url: str
    repair: Callable[[], Any]

    @property
    def ports(self) -> Ports:
        return self.stage.ports


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The packages that Terraform would upload."""
    return {path.stem: path.read_bytes() for path in build(ROOT, tmp_path_factory.mktemp("build"))}


@pytest.fixture
def wired(cloud: Cloud, packages: dict[str, bytes]) -> Wired:
    """A lake of its own, wired as infra/ wires it."""
    make_admin(cloud, PROVIDER)
    settings = aws_settings()
    stage = aws_stage(cloud, settings)
    sqs = client(cloud, "sqs", PROVIDER)
    dead_url = sqs.create_queue(QueueName=unique("dead") + ".fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    url = sqs.get_queue_url(QueueName=settings.queue)["QueueUrl"]
    redrive = {"deadLetterTargetArn": _arn(sqs, dead_url), "maxReceiveCount": 3}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(redrive)})
    register = _function(cloud, settings, packages["register_run"])
    client(cloud, "lambda", PROVIDER).create_event_source_mapping(
        EventSourceArn=_arn(sqs, url),
        FunctionName=register,
        BatchSize=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    _feed_the_queue(cloud, settings.lake, _arn(sqs, url))
    repair = _function(cloud, settings, packages["repair_projection"])
    return Wired(stage, dead_url, lambda: _invoke(cloud, repair))


def state_of(ports: Ports, run_id: str) -> State | None:
    run = ports.registry.run(INSIGHT, run_id)
    return run.state if run and run.complete else None


def test_a_written_manifest_is_published_with_nothing_else_done(wired: Wired) -> None:
    own, _ = written(wired.ports)

    state = until(lambda: state_of(wired.ports, own.run_id))

    shown = wired.ports.catalog.table(f"{INSIGHT}_latest").location
    assert (state, shown) == (State.CURRENT, location(wired.ports, own.run_id))


def test_a_refused_manifest_reaches_the_dead_letter_queue_and_changes_nothing(wired: Wired, cloud: Cloud) -> None:
    ports = wired.ports
    good, _ = written(ports)
    until(lambda: state_of(ports, good.run_id))
    before = _catalog(ports), ports.registry.pointers(INSIGHT), ports.registry.decisions(INSIGHT)
    bad = started(ports)
    write_files(ports, bad, (b"rows", b"a stray file"))

    key = _write_manifest(wired.stage, bad)

    dead = until(lambda: client(cloud, "sqs", PROVIDER).receive_message(QueueUrl=wired.dead_url).get("Messages"))
    assert json.loads(dead[0]["Body"])["detail"]["object"]["key"] == key
    assert (_catalog(ports), ports.registry.pointers(INSIGHT), ports.registry.decisions(INSIGHT)) == before
    later, _ = written(ports)
    assert until(lambda: state_of(ports, later.run_id)) is State.CURRENT


def test_the_deployed_repair_function_mends_what_a_hand_spoilt(wired: Wired) -> None:
    ports = wired.ports
    own, _ = written(ports)
    until(lambda: state_of(ports, own.run_id))
    ports.catalog.delete_partition(f"{INSIGHT}_runs", own.run_id)

    reply = wired.repair()

    assert reply == {INSIGHT: {"actions": [f"project run {own.run_id}: has no partition"], "findings": []}}
    assert ports.catalog.partition(f"{INSIGHT}_runs", own.run_id) is not None


def _write_manifest(stage: Stage, own: Any) -> str:
    """A manifest that does not name every file of its folder, as a job would write it."""
    manifest = manifest_of(own)
    assert len(stage.ports.storage.list(run_folder(INSIGHT, own.run_id))) > len(manifest.files)
    stage.ports.storage.create(manifest.key, manifest.to_bytes())
    return manifest.key


def _catalog(ports: Ports) -> Any:
    names = (INSIGHT, f"{INSIGHT}_latest", f"{INSIGHT}_runs")
    return [ports.catalog.table(name) for name in names], [ports.catalog.partitions(name) for name in names[::2]]


def _arn(sqs: Any, url: str) -> str:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return str(attributes["QueueArn"])


def _function(cloud: Cloud, settings: Settings, package: bytes) -> str:
    """The name of a function as infra/ makes it, with Lake Formation's rights on the insight's tables."""
    actions = ("s3:*", "dynamodb:*", "glue:*", "events:*", "sqs:*", "logs:*")
    role, name = make_role(cloud, "lambda", *actions), unique("function")
    client(cloud, "lakeformation", PROVIDER).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": role},
        Resource={"Table": {"DatabaseName": settings.database, "TableWildcard": {}}},
        Permissions=["ALL"],
    )
    client(cloud, "lambda", PROVIDER).create_function(
        FunctionName=name,
        Role=role,
        Runtime="python3.13",
        Handler="handler.handler",
        Code={"ZipFile": package},
        Timeout=60,
        Environment={
            "Variables": {
                "INSIGHTSHARE_LAKE": settings.lake,
                "INSIGHTSHARE_REGISTRY": settings.registry,
                "INSIGHTSHARE_DATABASE": settings.database,
                "INSIGHTSHARE_BUS": settings.bus,
                "INSIGHTSHARE_QUEUE": settings.queue,
            }
        },
    )
    return name


def _feed_the_queue(cloud: Cloud, lake: str, queue_arn: str) -> None:
    events, rule = client(cloud, "events", PROVIDER), unique("rule")
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [lake]}, "object": {"key": [{"wildcard": f"runs/{INSIGHT}/*/manifest.json"}]}},
    }
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    target = {"Id": "register", "Arn": queue_arn, "SqsParameters": {"MessageGroupId": INSIGHT}}
    events.put_targets(Rule=rule, Targets=[target])
    client(cloud, "s3", PROVIDER).put_bucket_notification_configuration(
        Bucket=lake, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )


def _invoke(cloud: Cloud, function: str) -> Any:
    reply = client(cloud, "lambda", PROVIDER).invoke(FunctionName=function, Payload=b"{}")
    return json.load(reply["Payload"])
