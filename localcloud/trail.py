"""CloudTrail: delivers records to the trails that select them, as log files in their buckets. Makes no records.

A trail's bucket policy and key policy must let CloudTrail write, as on AWS; else the trail is refused when it is made,
and later its files are lost.
"""

from __future__ import annotations

import gzip
import json
import secrets
import string
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.athena.objects import bucket_of
from localcloud.gateway import AwsError, Call, Caller
from localcloud.policy import Request, evaluate
from localcloud.trail_events import Event, TableRead, events_of

SERVICE = "cloudtrail.amazonaws.com"
_ALPHABET = string.ascii_letters + string.digits
_MATCHES: dict[str, Callable[[str, str], bool]] = {
    "Equals": lambda value, given: value == given,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
}


def record_reads(caller: Caller, region: str, query_id: str, reads: Iterable[TableRead]) -> None:
    """Tell the trails of every account concerned what a query read."""
    by_account: dict[str, list[Event]] = {}
    for read in reads:
        for account, event in events_of(caller, region, query_id, read):
            by_account.setdefault(account, []).append({**event, "recipientAccountId": account})
    for account, events in by_account.items():
        for trail in _trails(account, region):
            if chosen := [event for event in events if selected(trail, event)]:
                _deliver(trail, account, region, chosen)


def selected(trail: Any, event: Event) -> bool:
    """Whether the trail's selectors, advanced or basic, ask for the event; without any, management events."""
    if trail.advanced_event_selectors:
        facts = _facts(event)
        return any(
            all(_field_matches(field, facts) for field in selector["FieldSelectors"])
            for selector in trail.advanced_event_selectors
        )
    if trail.event_selectors:
        return any(_basic(selector, event) for selector in trail.event_selectors)
    return bool(event["managementEvent"])


def _facts(event: Event) -> dict[str, str]:
    resource = (event.get("resources") or [{}])[0]
    return {
        "eventCategory": event["eventCategory"],
        "eventName": event["eventName"],
        "eventSource": event["eventSource"],
        "eventType": event["eventType"],
        "readOnly": str(event["readOnly"]).lower(),
        "resources.type": resource.get("type", ""),
        "resources.ARN": resource.get("ARN", ""),
        "userIdentity.arn": event["userIdentity"].get("arn", ""),
    }


def _field_matches(field: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
    """Every operator of a field must hold; one holds if any of its values does, a Not-one if none does."""
    if field["Field"] not in facts:
        raise AwsError("InvalidEventSelectorsException", f"The field {field['Field']} is not on the local AWS.")
    value = facts[field["Field"]]
    for operator, given in field.items():
        if operator == "Field" or not given:
            continue
        matches = _MATCHES[operator.removeprefix("Not")]
        if any(matches(value, one) for one in given) == operator.startswith("Not"):
            return False
    return True


def _basic(selector: Mapping[str, Any], event: Event) -> bool:
    kind = selector.get("ReadWriteType", "All")
    if (kind == "ReadOnly" and not event["readOnly"]) or (kind == "WriteOnly" and event["readOnly"]):
        return False
    if event["managementEvent"]:
        return bool(selector.get("IncludeManagementEvents", True))
    arn = event["resources"][0]["ARN"]
    return any(
        resource["Type"] == "AWS::S3::Object"
        and any(arn.startswith(value) or value == "arn:aws:s3" for value in resource["Values"])
        for resource in selector.get("DataResources", ())
    )


def _trails(account: str, region: str) -> list[Any]:
    """The account's trails that log this region now."""
    regions: Any = get_backend("cloudtrail")[account]
    trails = [trail for one in list(regions.values()) for trail in one.trails.values()]
    here = [trail for trail in trails if trail.is_multi_region or trail.region_name == region]
    return [trail for trail in here if trail.status.is_logging]


def _deliver(trail: Any, account: str, region: str, events: list[Event]) -> None:
    bucket = bucket_of(trail.bucket_name)
    if bucket is None or not _may_write(trail.bucket_name, trail.s3_key_prefix, trail.arn, account):
        return
    now = time.gmtime()
    folder = f"{_prefix(trail.s3_key_prefix)}AWSLogs/{account}/CloudTrail/{region}/{time.strftime('%Y/%m/%d', now)}"
    suffix = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    name = f"{account}_CloudTrail_{region}_{time.strftime('%Y%m%dT%H%MZ', now)}_{suffix}.json.gz"
    body = gzip.compress(json.dumps({"Records": events}).encode())
    encryption = {"encryption": "aws:kms", "kms_key_id": trail.kms_key_id} if trail.kms_key_id else {}
    storage: Any = get_backend("s3")[bucket.account_id]["aws"]
    storage.put_object(trail.bucket_name, f"{folder}/{name}", body, **encryption)


def _check_destination(call: Call) -> None:
    """Refuse a trail that could not write its files."""
    if call.action not in ("CreateTrail", "UpdateTrail"):
        return
    name = str(call.params["Name"]).rpartition("/")[2]
    arn = f"arn:aws:cloudtrail:{call.region}:{call.caller.account_id}:trail/{name}"
    bucket, key = str(call.params.get("S3BucketName") or ""), str(call.params.get("KmsKeyId") or "")
    prefix = str(call.params.get("S3KeyPrefix") or "")
    if bucket and bucket_of(bucket) is not None and not _may_write(bucket, prefix, arn, call.caller.account_id):
        message = f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
        raise AwsError("InsufficientS3BucketPolicyException", message)
    if key and not _may_encrypt(key, arn, call):
        message = f"Insufficient permissions to access S3 bucket {bucket} or KMS key {key}."
        raise AwsError("InsufficientEncryptionPolicyException", message)


def _may_write(bucket: str, prefix: str | None, trail_arn: str, account: str) -> bool:
    held = bucket_of(bucket)
    policy = held.policy if held is not None else None
    text = policy.decode() if isinstance(policy, bytes) else policy
    context = {
        "aws:sourcearn": trail_arn,
        "aws:sourceaccount": account,
        "aws:securetransport": "true",
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
    wanted = {
        "s3:GetBucketAcl": f"arn:aws:s3:::{bucket}",
        "s3:PutObject": f"arn:aws:s3:::{bucket}/{_prefix(prefix)}AWSLogs/{account}/CloudTrail/x",
    }
    requests = [Request(action, resource, SERVICE, "", context) for action, resource in wanted.items()]
    documents = [text] if text else []
    return all(evaluate(documents, request, resource_policy=True) == "allow" for request in requests)


def _may_encrypt(key: str, trail_arn: str, call: Call) -> bool:
    account = call.caller.account_id
    known: Any = get_backend("kms")[account][call.region]
    held = known.keys.get(known.get_key_id(key))
    context = {
        "aws:sourcearn": trail_arn,
        "aws:sourceaccount": account,
        "kms:encryptioncontext:aws:cloudtrail:arn": trail_arn,
    }
    request = Request("kms:GenerateDataKey", held.arn if held else key, SERVICE, "", context)
    return held is not None and evaluate([held.policy], request, resource_policy=True) == "allow"


def _prefix(prefix: str | None) -> str:
    return f"{prefix.rstrip('/')}/" if prefix else ""


GUARDS = {"cloudtrail": [_check_destination]}
