"""Registers the manifests that the queue brings; a refused or failed one goes back, with its group's rest, in order."""

import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

from insightshare.aws.publishing import Settings, own_ports, settings_from_environment
from insightshare.errors import InsightshareError, ManifestRefused
from insightshare.publish.layout import parse_manifest_key
from insightshare.publish.metrics import NAME_OF_OUTCOME, REFUSED, metric_line
from insightshare.publish.ports import Ports
from insightshare.publish.registration import register

TEST_EVENT = "s3:TestEvent"
# What is refused once is refused again: it goes to the dead letters within a minute, and its insight's next run is not
# held up for three visibility timeouts.
REFUSED_AGAIN_SECONDS = 10


def handler(event: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Handle one batch of the FIFO queue; returns the messages to deliver again."""
    settings = settings_from_environment(os.environ)
    return handle(event, own_ports(settings), settings)


def handle(event: dict[str, Any], ports: Ports, settings: Settings) -> dict[str, Any]:
    """After a failure, the rest of its group is returned too: a later message must not overtake an earlier one."""
    failed_groups: set[str] = set()
    failed: list[dict[str, str]] = []
    for message in event["Records"]:
        group = message.get("attributes", {}).get("MessageGroupId", "")
        if group in failed_groups or not _handled(message, ports, settings):
            failed_groups.add(group)
            failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}


def _handled(message: dict[str, Any], ports: Ports, settings: Settings) -> bool:
    """Register what one message names; errors of any kind are logged and leave the message to be delivered again."""
    try:
        key = _manifest_key(json.loads(message["body"]), settings.lake)
        if key is not None:
            _register(key, ports)
    except InsightshareError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        if isinstance(error, ManifestRefused):
            _hurry(message, ports)
        return False
    except Exception as error:
        print(f"unexpected {type(error).__name__}: {error}", file=sys.stderr)
        return False
    return True


def _hurry(message: dict[str, Any], ports: Ports) -> None:
    """Have a refused message back soon; where that fails, it comes back when the queue says."""
    try:
        ports.events.hurry(message["receiptHandle"], REFUSED_AGAIN_SECONDS)
    except InsightshareError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)


def _register(key: str, ports: Ports) -> None:
    try:
        done = register(ports, key)
    except ManifestRefused:
        location = parse_manifest_key(key)
        _count(REFUSED, location[0] if location else "unknown")
        raise
    print(f"{key}: {done.run.state}{'' if done.first else ' (known before)'}")
    if done.first and done.run.state in NAME_OF_OUTCOME:
        _count(NAME_OF_OUTCOME[done.run.state], done.run.insight)


def _manifest_key(body: dict[str, Any], lake: str) -> str | None:
    """Return the key that an S3 event names; None for S3's own test event."""
    if body.get("Event") == TEST_EVENT:
        return None
    detail = body["detail"]
    if detail["bucket"]["name"] != lake:
        fix = "look at the rule that feeds the queue"
        raise ManifestRefused.at("event", "detail.bucket.name", "another bucket", "the lake", fix)
    return str(detail["object"]["key"])


def _count(name: str, insight: str) -> None:
    namespace = os.environ.get("INSIGHTSHARE_METRICS_NAMESPACE", "insightshare")
    print(metric_line(namespace, name, insight, datetime.now(UTC)))
