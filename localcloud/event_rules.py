"""EventBridge that delivers: AWS's event shapes, rules' patterns (moto's), targets' inputs, dead letters."""

from __future__ import annotations

import itertools
import json
import logging
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jsonpath_ng.ext
import moto.s3.notifications
from moto.events.models import Rule

from localcloud.functions import find_function, invoke_later
from localcloud.store import backend

log = logging.getLogger("localcloud")
REASONS = {
    "Put": "PutObject",
    "Post": "POST Object",
    "Copy": "CopyObject",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
}
_sequence = itertools.count(int(time.time() * 1000) << 12)
_moto_send: Any = Rule.send_to_targets


def put_aws_event(
    account_id: str, region: str, source: str, detail_type: str, resources: list[str], detail: dict[str, Any]
) -> None:
    """An event of an AWS service on the account's default bus."""
    event = {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account_id,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": resources,
        "detail": detail,
    }
    for rule in list(backend("events", account_id, region).event_buses["default"].rules.values()):
        rule.send_to_targets(event)


def _send_to_targets(self: Any, original_event: Any, transform_input: bool = True) -> None:
    """Deliver a matching event to every target of an enabled rule; what cannot be delivered is a dead letter."""
    if self.state != "ENABLED" or not self.event_pattern.matches_event(original_event):
        return
    event = _aws_shape(original_event)
    for target in self.targets:
        try:
            _deliver(self, target, target_input(target, event), event)
        except Exception as error:
            log.warning("%s: target %s: %s", self.name, target["Arn"], error)
            _bury(target, event)


def target_input(target: dict[str, Any], event: dict[str, Any]) -> str:
    """The text that the target gets: the event, a constant, a part of the event, or a filled template."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_at(target["InputPath"], event))
    if transformer := target.get("InputTransformer"):
        text = transformer["InputTemplate"]
        for name, path in transformer.get("InputPathsMap", {}).items():
            value = _at(path, event)
            text = text.replace(f'"<{name}>"', json.dumps(value if isinstance(value, str) else json.dumps(value)))
            text = text.replace(f"<{name}>", value if isinstance(value, str) else json.dumps(value))
        return str(text.replace("<aws.events.event.json>", json.dumps(event)))
    return json.dumps(event)


def _deliver(rule: Any, target: dict[str, Any], text: str, event: dict[str, Any]) -> None:
    _, _, service, region, account_id, name = target["Arn"].split(":", 5)
    if service == "sqs":
        group = target.get("SqsParameters", {}).get("MessageGroupId")
        backend("sqs", account_id, region).send_message(name, text, group_id=group)
    elif service == "lambda":
        invoke_later(find_function(target["Arn"], None, account_id, region), json.loads(text))
    elif service == "sns":
        backend("sns", account_id, region).publish(arn=target["Arn"], message=text)
    elif service == "events" and name.startswith("event-bus/"):
        entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
        backend("events", account_id, region).put_events([{**entry, "EventBusName": name.partition("/")[2]}])
    else:  # log groups, archives: moto's own
        lone: Any = Rule.__new__(Rule)
        lone.__dict__ = {**rule.__dict__, "targets": [target]}
        _moto_send(lone, {**event, "time": time.time(), "ingestion-time": time.time()})


def _bury(target: dict[str, Any], event: dict[str, Any]) -> None:
    arn = target.get("DeadLetterConfig", {}).get("Arn")
    if arn:
        _, _, _, region, account_id, name = arn.split(":", 5)
        backend("sqs", account_id, region).send_message(name, json.dumps(event))


def _aws_shape(event: Any) -> dict[str, Any]:
    """The event without moto's additions and with its time as AWS writes it."""
    shaped = {key: value for key, value in event.items() if key not in ("ingestion-time",)}
    if not isinstance(shaped.get("time"), str):
        shaped["time"] = datetime.fromtimestamp(float(shaped["time"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return shaped


def _at(path: str, event: dict[str, Any]) -> Any:
    found = jsonpath_ng.ext.parser.parse(path).find(event)
    return found[0].value if found else None


def _send_s3_event(account_id: str, bucket: Any, event_name: str, key: Any) -> None:
    """S3's event of an object in a bucket with EventBridge on, in the bucket's account."""
    kind, _, how = str(getattr(event_name, "value", event_name)).removeprefix("s3:").partition(":")
    item: dict[str, Any] = {"key": key.name, "sequencer": f"{next(_sequence):018X}"}
    if bucket.is_versioned and key.version_id:
        item["version-id"] = key.version_id
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": item,
        "request-id": uuid4().hex[:16].upper(),
        "requester": account_id,
        "source-ip-address": "127.0.0.1",
    }
    if (kind, how) == ("ObjectCreated", "Put") and key.multipart is not None:
        return  # moto announces a completed upload twice
    if kind == "ObjectCreated":
        item.update({"size": key.size, "etag": key.etag.strip('"')})
        detail["reason"] = REASONS[how]
        detail_type = "Object Created"
    elif kind == "ObjectRemoved":
        marker = how == "DeleteMarkerCreated"
        detail.update(
            {"reason": "DeleteObject", "deletion-type": "Delete Marker Created" if marker else "Permanently Deleted"}
        )
        detail_type = "Object Deleted"
    else:
        return  # tags, ACLs, restores: not delivered
    try:
        put_aws_event(bucket.account_id, bucket.region_name, "aws.s3", detail_type, [bucket.arn], detail)
    except Exception:
        log.exception("%s: an event of %s was not delivered", bucket.name, kind)


Rule.send_to_targets = _send_to_targets  # type: ignore[method-assign]  # moto has no other place for this
moto.s3.notifications._send_event_bridge_message = _send_s3_event  # moto's event has another shape than AWS's
