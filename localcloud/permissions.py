"""Which IAM permissions a call asks for, on which resources: the table of AWS's Service Authorization Reference for the
operations that roles call here. Judges nothing.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/, per service "Actions, resources, and
condition keys". Encryption: S3 and DynamoDB use a customer's key with the rights of whoever reads or writes
(S3: "Using server-side encryption with KMS keys"; DynamoDB: "How DynamoDB uses KMS"), SNS with those of who publishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlparse

from moto.backends import get_backend

from localcloud.gateway import Call
from localcloud.ram_lookup import about

# Where the permission is not called as the operation is.
S3_ACTIONS = {
    "ListBuckets": "ListAllMyBuckets",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "PostObject": "PutObject",
    "DeleteObjects": "DeleteObject",
    "GetObjectAttributes": "GetObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
# A part of a multipart upload is encrypted with the data key that the upload began with, which S3 decrypts again.
S3_KEY_ACTIONS = {
    "GetObject": ("Decrypt",),
    "HeadObject": ("Decrypt",),
    "PutObject": ("GenerateDataKey",),
    "CreateMultipartUpload": ("GenerateDataKey",),
    "UploadPart": ("Decrypt", "GenerateDataKey"),
    "CompleteMultipartUpload": ("Decrypt",),
    "CopyObject": ("GenerateDataKey",),
}
TRANSACTED = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
# Who asks for nothing: everybody may know who he is.
FREE = frozenset({("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")})


@dataclass(frozen=True)
class Permission:
    """One action on one resource, with the condition keys, lower-cased, that come with it."""

    action: str  # "s3:GetObject"
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, hash=False)


def permissions_of(call: Call) -> tuple[Permission, ...]:
    """Every permission that the call needs; all must be held. An operation of another service asks on "*"."""
    if (call.service, call.action) in FREE:
        return ()
    known = BY_SERVICE.get(call.service)
    return tuple(known(call)) if known else (Permission(f"{call.service}:{call.action}", "*"),)


def s3_arn(bucket: str, key: str = "") -> str:
    return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket or '*'}"


def key_permissions(action: str, bucket: str) -> list[Permission]:
    """What S3 asks of the caller on the key by which the bucket encrypts, if that is a customer's."""
    backends: Any = get_backend("s3")
    owner = backends.bucket_accounts.get(bucket)
    held = backends[owner[1]][owner[0]].buckets.get(bucket) if owner else None
    rule = ((getattr(held, "encryption", None) or {}).get("Rule") or {}) if held else {}
    for one in rule if isinstance(rule, list) else [rule]:
        key = (one.get("ApplyServerSideEncryptionByDefault") or {}).get("KMSMasterKeyID")
        if key:
            return [Permission(f"kms:{name}", str(key)) for name in S3_KEY_ACTIONS.get(action, ())]
    return []


def _s3(call: Call) -> list[Permission]:
    bucket, key = str(call.params.get("Bucket") or ""), str(call.params.get("Key") or "")
    context = {f"s3:{name}": str(call.params[name]) for name in ("prefix", "delimiter") if name in call.params}
    action = S3_ACTIONS.get(call.action, call.action)
    found = []
    source = unquote(call.headers.get("x-amz-copy-source", ""))
    if source:
        from_bucket, _, from_key = source.lstrip("/").partition("?")[0].partition("/")
        found += [Permission("s3:GetObject", s3_arn(from_bucket, from_key)), *key_permissions("GetObject", from_bucket)]
    if call.action == "DeleteObjects":
        return [Permission(_deleting(version), s3_arn(bucket, name)) for name, version in deleted_objects(call)]
    if call.action == "DeleteObject" and call.params.get("versionId"):
        action = "DeleteObjectVersion"
    if call.action in ("GetObject", "HeadObject") and call.params.get("versionId"):
        action = "GetObjectVersion"
    return [*found, Permission(f"s3:{action}", s3_arn(bucket, key), context), *key_permissions(call.action, bucket)]


def _deleting(version: bool) -> str:
    return "s3:DeleteObjectVersion" if version else "s3:DeleteObject"


def deleted_objects(call: Call) -> list[tuple[str, bool]]:
    """The keys that a DeleteObjects names, and whether it names a version of each."""
    listed = (call.params.get("Delete") or {}).get("Objects") or []
    return [(str(one.get("Key") or ""), bool(one.get("VersionId"))) for one in listed]


def _dynamodb(call: Call) -> list[Permission]:
    pairs: list[tuple[str, Any]] = []
    if call.action in ("TransactWriteItems", "TransactGetItems"):
        for item in call.params.get("TransactItems") or []:
            pairs += [(TRANSACTED.get(kind, kind), one.get("TableName")) for kind, one in item.items()]
    elif call.action in ("BatchGetItem", "BatchWriteItem"):
        pairs = [(call.action, name) for name in call.params.get("RequestItems") or {}]
    else:
        pairs = [(call.action, call.params.get("TableName") or call.params.get("ResourceArn"))]
    found = {Permission(f"dynamodb:{action}", _table(call, name)): None for action, name in pairs if name}
    keys = {key: None for one in found for key in _table_key(one.resource)}
    return [*found, *keys] or [Permission(f"dynamodb:{call.action}", "*")]


def _table(call: Call, name: Any) -> str:
    text = str(name)
    return text if text.startswith("arn:") else f"{_arn(call, 'dynamodb')}:table/{text}"


def _table_key(arn: str) -> list[Permission]:
    _, _, _, region, account, name = arn.split(":", 5)
    table = get_backend("dynamodb")[account][region].tables.get(name.removeprefix("table/"))
    key = (getattr(table, "sse_specification", None) or {}).get("KMSMasterKeyId")
    return [Permission("kms:Decrypt", str(key))] if key else []


def queue_of(call: Call) -> tuple[str, str]:
    """(account, name) of the queue that a call names by its address, or by its name."""
    address = urlparse(str(call.params.get("QueueUrl") or "")).path.strip("/").split("/")
    if len(address) > 1:
        return address[-2], address[-1]
    owner = str(call.params.get("QueueOwnerAWSAccountId") or call.caller.account_id)
    return owner, str(call.params.get("QueueName") or "")


def _sqs(call: Call) -> list[Permission]:
    account, name = queue_of(call)
    action = f"sqs:{call.action.removesuffix('Batch')}"
    return [Permission(action, f"arn:aws:sqs:{call.region}:{account}:{name}" if name else "*")]


def _lambda(call: Call) -> list[Permission]:
    name = str(call.params.get("FunctionName") or "")
    action = "lambda:InvokeFunction" if call.action in ("Invoke", "InvokeAsync") else f"lambda:{call.action}"
    if not name:
        return [Permission(action, "*")]
    parts = name.split(":")
    if name.startswith("arn:"):
        return [Permission(action, ":".join(parts[:7]))]
    account = parts[0] if len(parts) > 2 else call.caller.account_id
    bare = parts[2] if len(parts) > 2 else parts[0]
    return [Permission(action, f"arn:aws:lambda:{call.region}:{account}:function:{bare}")]


def _events(call: Call) -> list[Permission]:
    if call.action != "PutEvents":
        return [Permission(f"events:{call.action}", "*")]
    buses = {str(entry.get("EventBusName") or "default"): None for entry in call.params.get("Entries") or []}
    return [
        Permission("events:PutEvents", bus if bus.startswith("arn:") else f"{_arn(call, 'events')}:event-bus/{bus}")
        for bus in buses
    ]


def _sns(call: Call) -> list[Permission]:
    arn = str(call.params.get("TopicArn") or call.params.get("TargetArn") or "*")
    found = [Permission(f"sns:{call.action}", arn)]
    if not call.action.startswith("Publish") or arn.count(":") < 5:
        return found
    _, _, _, region, account, _ = arn.split(":", 5)
    key = getattr(get_backend("sns")[account][region].topics.get(arn), "kms_master_key_id", "")
    return [*found, *(Permission(f"kms:{action}", str(key)) for action in ("Decrypt", "GenerateDataKey") if key)]


def _glue(call: Call) -> list[Permission]:
    job = call.params.get("JobName")
    if job:
        return [Permission(f"glue:{call.action}", f"{_arn(call, 'glue')}:job/{job}")]
    return [Permission(f"glue:{call.action}", arn) for arn in catalog_arns(call)]


def catalog_arns(call: Call) -> list[str]:
    """A catalog operation asks on the catalog, the database and the table alike."""
    params = call.params
    prefix = f"arn:aws:glue:{call.region}:{params.get('CatalogId') or call.caller.account_id}"
    named = str(params.get("TableName") or (params.get("TableInput") or {}).get("Name") or "")
    database = str(params.get("DatabaseName") or "").lower()
    if database:
        table = str(named or params.get("Name") or "*").lower()
        deep = [f"{prefix}:database/{database}", f"{prefix}:table/{database}/{table}"]
        return [f"{prefix}:catalog", *deep]
    own = str(params.get("Name") or (params.get("DatabaseInput") or {}).get("Name") or "").lower()
    return [f"{prefix}:catalog", *([f"{prefix}:database/{own}"] if own else [])]


def _kms(call: Call) -> list[Permission]:
    key = str(call.params.get("KeyId") or "*")
    arn = key if key.startswith("arn:") or key == "*" else f"{_arn(call, 'kms')}:key/{key}"
    return [Permission(f"kms:{call.action}", arn)]


def _logs(call: Call) -> list[Permission]:
    group = str(call.params.get("logGroupName") or "*")
    return [Permission(f"logs:{call.action}", f"{_arn(call, 'logs')}:log-group:{group}:*")]


def _sts(call: Call) -> list[Permission]:
    return [Permission(f"sts:{call.action}", str(call.params.get("RoleArn") or "*"))]


def _athena(call: Call) -> list[Permission]:
    from localcloud.athena.rights import resource_of  # it asks S3's rights, which ask this module

    return [Permission(f"athena:{call.action}", resource_of(call))]


def _arn(call: Call, service: str) -> str:
    return f"arn:aws:{service}:{call.region}:{call.caller.account_id}"


def _ram(call: Call) -> list[Permission]:
    """On the share or invitation that the call names."""
    resource, context = about(call)
    return [Permission(f"ram:{call.action}", resource, context)]


BY_SERVICE: dict[str, Callable[[Call], list[Permission]]] = {
    "s3": _s3,
    "dynamodb": _dynamodb,
    "sqs": _sqs,
    "lambda": _lambda,
    "events": _events,
    "sns": _sns,
    "glue": _glue,
    "kms": _kms,
    "logs": _logs,
    "sts": _sts,
    "athena": _athena,
    "ram": _ram,
}
