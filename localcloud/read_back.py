"""Settings of queues and buckets that moto forgets or rewrites and Terraform reads back as they were set."""

from __future__ import annotations

from typing import Any

from localcloud.gateway import Call
from localcloud.store import backend

KEPT = ("RedrivePolicy", "RedriveAllowPolicy", "SqsManagedSseEnabled")


def _queue(call: Call) -> Any:
    name = str(call.params.get("QueueName") or call.params["QueueUrl"].rpartition("/")[2])
    return backend("sqs", call.caller.account_id, call.region).queues.get(name)


def _keep_texts(call: Call, _status: int) -> None:
    queue = _queue(call)
    texts = {name: call.params["Attributes"][name] for name in KEPT if name in call.params.get("Attributes", {})}
    queue.localcloud_texts = {**getattr(queue, "localcloud_texts", {}), **texts}


def _show_texts(call: Call, reply: dict[str, Any]) -> dict[str, Any]:
    """The attributes that were asked for, byte for byte as they were set; an empty one was removed."""
    asked = call.params.get("AttributeNames", [])
    texts = getattr(_queue(call), "localcloud_texts", {})
    shown = {name: text for name, text in texts.items() if text and ("All" in asked or name in asked)}
    return {**reply, "Attributes": {**reply.get("Attributes", {}), **shown}} if shown else reply


def _get_bucket_notifications(call: Call) -> dict[str, Any] | None:
    """All of a bucket's notifications where EventBridge is on; else moto's reply is whole."""
    owner = _buckets().bucket_accounts.get(call.params["Bucket"])
    bucket = backend("s3", owner[1], owner[0]).buckets.get(call.params["Bucket"]) if owner else None
    configuration = bucket.notification_configuration if bucket else None
    if configuration is None or configuration.event_bridge is None:
        return None
    kinds = {
        "TopicConfigurations": ("TopicArn", configuration.topic),
        "QueueConfigurations": ("QueueArn", configuration.queue),
        "LambdaFunctionConfigurations": ("LambdaFunctionArn", configuration.cloud_function),
    }
    reply: dict[str, Any] = {
        kind: [_notification(entry, member) for entry in entries]
        for kind, (member, entries) in kinds.items()
        if entries
    }
    return {**reply, "EventBridgeConfiguration": {}}


def _notification(entry: Any, member: str) -> dict[str, Any]:
    shown = {"Id": entry.id, member: entry.arn, "Events": entry.events}
    return (
        {**shown, "Filter": {"Key": {"FilterRules": entry.filters["S3Key"]["FilterRule"]}}} if entry.filters else shown
    )


def _buckets() -> Any:
    from moto.s3.models import s3_backends

    return s3_backends


HANDLERS = {("s3", "GetBucketNotificationConfiguration"): _get_bucket_notifications}
REWRITERS = {("sqs", "GetQueueAttributes"): _show_texts}
OBSERVERS = {("sqs", action): [_keep_texts] for action in ("CreateQueue", "SetQueueAttributes")}
