"""Who reads and writes which bucket, through plain boto3."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.lake import client, make_role
from tests.conftest import ACME, PROVIDER, Cloud


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    """A bucket of the provider with one object in each of two folders."""
    name = f"lake-{uuid.uuid4().hex[:8]}"
    s3 = client(cloud, "s3", PROVIDER)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for key in ("open/a", "closed/b"):
        s3.put_object(Bucket=name, Key=key, Body=b"data")
    return name


def denied(call: Callable[[], Any]) -> bool:
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("AccessDenied", "403")
        return True
    return False


def set_policy(cloud: Cloud, bucket: str, *statements: dict[str, Any]) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    client(cloud, "s3", PROVIDER).put_bucket_policy(Bucket=bucket, Policy=document)


def statement(bucket: str, effect: str, principal: Any, action: Any, **more: Any) -> dict[str, Any]:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": resources, **more}


def role(cloud: Cloud, *statements: dict[str, Any], account: str = PROVIDER) -> Any:
    arn = make_role(cloud, account, ["sts:GetCallerIdentity"])
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        client(cloud, "iam", account).put_role_policy(
            RoleName=arn.rpartition("/")[2], PolicyName="s3", PolicyDocument=document
        )
    return cloud.client("s3", account, cloud.assume(arn, account))


@pytest.mark.parametrize("operation", ["get_object", "head_object", "put_object", "delete_object"])
def test_another_account_reaches_no_object(cloud: Cloud, bucket: str, operation: str) -> None:
    call = getattr(client(cloud, "s3", ACME), operation)

    assert denied(lambda: call(Bucket=bucket, Key="open/a"))


def test_another_account_lists_nothing(cloud: Cloud, bucket: str) -> None:
    assert denied(lambda: client(cloud, "s3", ACME).list_objects_v2(Bucket=bucket))


def test_another_account_copies_nothing_into_a_bucket_of_its_own(cloud: Cloud, bucket: str) -> None:
    s3, own = client(cloud, "s3", ACME), f"own-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=own, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    assert denied(lambda: s3.copy_object(Bucket=own, Key="stolen", CopySource={"Bucket": bucket, "Key": "open/a"}))


def test_a_bucket_policy_lets_another_account_in_where_it_says(cloud: Cloud, bucket: str) -> None:
    allow = statement(bucket, "Allow", {"AWS": f"arn:aws:iam::{ACME}:root"}, "s3:Get*")
    set_policy(cloud, bucket, {**allow, "Resource": f"arn:aws:s3:::{bucket}/open/*"})
    s3 = client(cloud, "s3", ACME)

    reads = [denied(lambda key=key: s3.get_object(Bucket=bucket, Key=key)) for key in ("open/a", "closed/b")]  # type: ignore[misc]  # mypy cannot type a lambda with a default

    assert (reads, denied(lambda: s3.put_object(Bucket=bucket, Key="open/a"))) == ([False, True], True)


def test_a_tls_only_policy_refuses_nobody_on_loopback(cloud: Cloud, bucket: str) -> None:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    set_policy(cloud, bucket, statement(bucket, "Deny", "*", "s3:*", Condition=condition))

    assert not denied(lambda: client(cloud, "s3", PROVIDER).get_object(Bucket=bucket, Key="open/a"))


def test_an_explicit_deny_wins_over_everything(cloud: Cloud, bucket: str) -> None:
    set_policy(cloud, bucket, statement(bucket, "Deny", "*", "s3:GetObject"))

    assert denied(lambda: client(cloud, "s3", PROVIDER).get_object(Bucket=bucket, Key="open/a"))


def test_a_role_of_the_same_account_reads_only_what_its_policy_allows(cloud: Cloud, bucket: str) -> None:
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/open/*"}
    plain, reader = role(cloud), role(cloud, allowed)

    assert denied(lambda: plain.get_object(Bucket=bucket, Key="open/a"))
    assert not denied(lambda: reader.get_object(Bucket=bucket, Key="open/a"))
    assert denied(lambda: reader.get_object(Bucket=bucket, Key="closed/b"))


def test_listing_may_be_limited_to_a_prefix(cloud: Cloud, bucket: str) -> None:
    only = {"StringLike": {"s3:prefix": "open/*"}}
    lister = role(
        cloud, {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}", "Condition": only}
    )

    assert not denied(lambda: lister.list_objects_v2(Bucket=bucket, Prefix="open/"))
    assert denied(lambda: lister.list_objects_v2(Bucket=bucket, Prefix="closed/"))
    assert denied(lambda: lister.list_objects_v2(Bucket=bucket))


def test_a_role_of_another_account_needs_both_policies(cloud: Cloud, bucket: str) -> None:
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    with_policy, without = role(cloud, allowed, account=ACME), role(cloud, account=ACME)
    before = denied(lambda: with_policy.get_object(Bucket=bucket, Key="open/a"))

    set_policy(cloud, bucket, statement(bucket, "Allow", {"AWS": ACME}, "s3:GetObject"))

    after = [denied(lambda s3=s3: s3.get_object(Bucket=bucket, Key="open/a")) for s3 in (with_policy, without)]  # type: ignore[misc]  # mypy cannot type a lambda with a default
    assert (before, after) == (True, [False, True])


def test_a_managed_policy_counts_and_its_deny_too(cloud: Cloud, bucket: str) -> None:
    iam, arn = client(cloud, "iam", PROVIDER), make_role(cloud, PROVIDER, ["s3:*"])
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}],
    }
    made = iam.create_policy(PolicyName=f"keep-{uuid.uuid4().hex[:8]}", PolicyDocument=json.dumps(document))
    iam.attach_role_policy(RoleName=arn.rpartition("/")[2], PolicyArn=made["Policy"]["Arn"])
    s3 = cloud.client("s3", credentials=cloud.assume(arn))

    assert not denied(lambda: s3.get_object(Bucket=bucket, Key="open/a"))
    assert denied(lambda: s3.delete_object(Bucket=bucket, Key="open/a"))


def test_unencrypted_uploads_can_be_refused_by_their_header(cloud: Cloud, bucket: str) -> None:
    condition = {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}
    set_policy(cloud, bucket, statement(bucket, "Deny", "*", "s3:PutObject", Condition=condition))
    s3 = client(cloud, "s3", PROVIDER)

    assert denied(lambda: s3.put_object(Bucket=bucket, Key="open/c"))
    assert not denied(lambda: s3.put_object(Bucket=bucket, Key="open/c", ServerSideEncryption="aws:kms"))


def test_deleting_many_needs_a_right_to_delete_in_the_bucket(cloud: Cloud, bucket: str) -> None:
    cleaner = role(cloud, {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{bucket}/open/*"})
    objects = {"Objects": [{"Key": "open/a"}]}

    assert not denied(lambda: cleaner.delete_objects(Bucket=bucket, Delete=objects))
    assert denied(lambda: role(cloud).delete_objects(Bucket=bucket, Delete=objects))


def test_users_of_another_account_may_be_named_one_by_one(cloud: Cloud, bucket: str) -> None:
    admin = {"AWS": f"arn:aws:iam::{ACME}:user/admin"}
    set_policy(cloud, bucket, statement(bucket, "Allow", admin, ["s3:ListBucket"]))

    assert not denied(lambda: client(cloud, "s3", ACME).list_objects_v2(Bucket=bucket))
    assert denied(lambda: client(cloud, "s3", "333333333333").list_objects_v2(Bucket=bucket))


def test_a_wrong_bucket_is_still_told_to_be_missing(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as caught:
        client(cloud, "s3", PROVIDER).get_object(Bucket="no-such-bucket-here", Key="a")

    assert caught.value.response["Error"]["Code"] == "NoSuchBucket"
