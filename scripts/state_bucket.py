"""The bucket that holds Terraform's states, one per account; made before any root, because none can hold its own."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from scripts.roots import Root

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def state_bucket(account_id: str) -> str:
    """Return the name of an account's bucket of states."""
    return f"insightshare-state-{account_id}"


def ensure_state_bucket(root: Root) -> None:
    """Make the bucket of the root's state, private, versioned and TLS-only, unless it is there."""
    s3 = _client(root)
    if _answers(lambda: s3.head_bucket(Bucket=root.state_bucket)):
        return
    s3.create_bucket(Bucket=root.state_bucket, CreateBucketConfiguration={"LocationConstraint": root.region})  # type: ignore[typeddict-item]  # regions are a fixed list in the stubs
    s3.put_public_access_block(
        Bucket=root.state_bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_versioning(Bucket=root.state_bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_policy(Bucket=root.state_bucket, Policy=json.dumps(_tls_only(root.state_bucket)))


def has_state(root: Root) -> bool:
    """Whether the root was applied before."""
    s3 = _client(root)
    return _answers(lambda: s3.head_object(Bucket=root.state_bucket, Key=root.state_key))


def stored_state(root: Root) -> dict[str, Any] | None:
    """Return the root's state as Terraform stored it; None before it was first applied."""
    if not has_state(root):
        return None
    body = _client(root).get_object(Bucket=root.state_bucket, Key=root.state_key)["Body"].read()
    state: dict[str, Any] = json.loads(body)
    return state


def _client(root: Root) -> "S3Client":
    session = boto3.Session(
        aws_access_key_id=root.settings.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=root.settings.get("AWS_SECRET_ACCESS_KEY"),
        region_name=root.region,
    )
    return session.client("s3")


def _answers(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        raise
    return True


def _tls_only(bucket: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
