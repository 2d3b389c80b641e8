"""Who may use which bucket: moto lets everybody read everything, so every S3 call is checked here first.

- A role needs an Allow in its own policies, for buckets of any account; a client's role in the lake's own account
  therefore cannot read the lake past Lake Formation.
- A caller of another account also needs an Allow in the bucket's policy.
- An explicit Deny in either wins, for users too. A user of the bucket's account needs no Allow: users stand for people
  with administrator rights.
- Plain HTTP on loopback counts as secure transport: `aws:SecureTransport` is true, so a TLS-only policy refuses nobody.

Not evaluated: ACLs, access points, presigned URLs' own limits, public access blocks, object ownership, KMS keys, VPC
endpoints, session policies, permission boundaries, service control policies. DeleteObjects names its keys in a body
that is not read: it passes if deleting is allowed somewhere in the bucket. See `policy` for the operators.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from moto.backends import get_backend
from moto.iam.access_control import PermissionResult

from localcloud.gateway import AwsError, Call, Caller, Guard
from localcloud.identity import caller_context, identity_policies
from localcloud.policy import Request, evaluate, resources

# Where the permission is not called as the operation is.
PERMISSIONS = {
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


def check(call: Call) -> None:
    """Refuse an S3 call that no policy allows."""
    held = _bucket(str(call.params.get("Bucket") or ""))
    if held is not None:
        # moto refuses every object call on a bucket whose policy has a condition; what follows here decides instead.
        held.get_permission = lambda action, resource: PermissionResult.NEUTRAL
    bucket, key = str(call.params.get("Bucket") or ""), str(call.params.get("Key") or "")
    permission = PERMISSIONS.get(call.action, call.action)
    context = {f"s3:{name}": value for name, value in call.headers.items() if name.startswith("x-amz-")}
    context |= {f"s3:{name}": str(call.params[name]) for name in ("prefix", "delimiter") if name in call.params}
    source = unquote(call.headers.get("x-amz-copy-source", ""))
    if source:
        from_bucket, _, from_key = source.lstrip("/").partition("?")[0].partition("/")
        require(call.caller, "GetObject", from_bucket, from_key)
    if call.action == "DeleteObjects" and any(
        allows(call.caller, permission, bucket, found) for found in _named_keys(call.caller, bucket)
    ):
        return
    require(call.caller, permission, bucket, key, context)


def require(caller: Caller, permission: str, bucket: str, key: str = "", context: dict[str, str] | None = None) -> None:
    """The same for callers inside the emulator, such as Athena reading unregistered data with the caller's rights."""
    if not allows(caller, permission, bucket, key, context):
        raise AwsError(
            "AccessDenied",
            f"User: {caller.arn} is not authorized to perform: s3:{permission} on resource: {_arn(bucket, key)}",
            403,
        )


def allows(caller: Caller, permission: str, bucket: str, key: str = "", context: dict[str, str] | None = None) -> bool:
    """Whether IAM and the bucket's policy let this caller do this."""
    facts = {key.lower(): value for key, value in (context or {}).items()} | caller_context(caller)
    request = Request(f"s3:{permission}", _arn(bucket, key), caller.arn, caller.account_id, facts)
    identity = evaluate(identity_policies(caller), request)
    held = _bucket(bucket)
    resource = evaluate(_bucket_policy(held), request, resource_policy=True)
    if "deny" in (identity, resource):
        return False
    is_user = ":user/" in caller.arn
    if held is None or held.account_id == caller.account_id:
        return is_user or "allow" in (identity, resource)
    return resource == "allow" and (is_user or identity == "allow")


def _bucket(name: str) -> Any:
    """moto's bucket of this name, in whichever account it is."""
    backends: Any = get_backend("s3")
    owner = backends.bucket_accounts.get(name)
    return backends[owner[1]][owner[0]].buckets.get(name) if owner else None


def _bucket_policy(bucket: Any) -> list[str]:
    policy = bucket.policy if bucket is not None else None
    return [policy.decode() if isinstance(policy, bytes) else policy] if policy else []


def _named_keys(caller: Caller, bucket: str) -> list[str]:
    """Keys below each pattern by which the policies of caller and bucket speak of this bucket's objects."""
    documents = [*identity_policies(caller), *_bucket_policy(_bucket(bucket))]
    patterns = {pattern for document in documents for pattern in resources(document)}
    keys = [pattern.partition(f":::{bucket}/")[2] or "*" for pattern in patterns if f":::{bucket}/" in f"{pattern}/"]
    return [key.replace("*", "x") for key in keys] + ["x"]


def _arn(bucket: str, key: str) -> str:
    return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket or '*'}"


GUARDS: dict[str, list[Guard]] = {"s3": [check]}
