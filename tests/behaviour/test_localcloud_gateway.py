"""Every call is attributed to its caller and its action, in each of AWS's wire protocols."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.parts import policy, unique
from tests.conftest import ACME, PROVIDER, Cloud


def test_a_twelve_digit_access_key_is_that_accounts_administrator(cloud: Cloud) -> None:
    identities = [cloud.client("sts", account).get_caller_identity() for account in (PROVIDER, ACME)]

    assert [(identity["Account"], identity["Arn"]) for identity in identities] == [
        (PROVIDER, f"arn:aws:iam::{PROVIDER}:user/admin"),
        (ACME, f"arn:aws:iam::{ACME}:user/admin"),
    ]


def test_an_unknown_access_key_is_refused_in_each_protocol(cloud: Cloud) -> None:
    stranger = {"AccessKeyId": "AKIASTRANGER00000000", "SecretAccessKey": "x", "SessionToken": None}
    codes = []

    for service, operation in [("glue", "get_databases"), ("sts", "get_caller_identity"), ("s3", "list_buckets"),
                               ("lambda", "list_functions"), ("ec2", "describe_vpcs")]:  # fmt: skip
        with pytest.raises(ClientError) as refused:
            getattr(cloud.client(service, credentials=stranger), operation)()
        codes.append(refused.value.response["Error"]["Code"])

    assert set(codes) == {"UnrecognizedClientException"}


def test_calls_are_recorded_with_role_action_and_resource_but_no_data(cloud: Cloud) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACME}}],
    }
    iam = cloud.client("iam")
    arn = iam.create_role(RoleName="recorded", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="recorded", PolicyName="s3", PolicyDocument=json.dumps(allow))
    s3 = cloud.client("s3", credentials=cloud.assume(arn, ACME))

    s3.create_bucket(Bucket="recorded", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="recorded", Key="a/b", Body=b"secret words")

    mine = [call for call in cloud.calls() if call["principal"] == arn]
    assert [(call["action"], call["resource"], call["status"]) for call in mine] == [
        ("CreateBucket", "recorded", 200),
        ("PutObject", "recorded/a/b", 200),
    ]
    assert "secret words" not in json.dumps(cloud.calls())


def test_a_reset_leaves_an_empty_cloud(cloud: Cloud) -> None:
    cloud.client("sqs").create_queue(QueueName="short-lived")

    cloud.reset()

    assert "QueueUrls" not in cloud.client("sqs").list_queues()
    assert cloud.client("sts").get_caller_identity()["Account"] == PROVIDER


def test_a_role_is_assumed_only_by_whom_it_trusts(cloud: Cloud) -> None:
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACME}:root"}, "Action": "sts:AssumeRole"})
    name = unique("trusting")
    arn = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    with pytest.raises(ClientError) as refused:
        cloud.assume(arn, PROVIDER)

    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    session = cloud.client("sts", credentials=cloud.assume(arn, ACME)).get_caller_identity()
    assert session["Arn"] == f"arn:aws:sts::{PROVIDER}:assumed-role/{name}/test"


def test_a_role_that_does_not_exist_cannot_be_assumed(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.assume(f"arn:aws:iam::{PROVIDER}:role/{unique('nobody')}")

    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def _as_attempt(client: Any, attempt: int, invocation: str) -> Any:
    """The client, sending each call as one attempt of an invocation, as an SDK that lost a reply does."""

    def mark(request: Any, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = invocation
        request.headers["amz-sdk-request"] = f"attempt={attempt}; max=3"

    client.meta.events.register("before-send", mark)
    return client


def test_a_further_attempt_of_an_sdk_is_done_again_and_may_conflict(cloud: Cloud) -> None:
    name, invocation = unique("alias"), unique("invocation")
    key = cloud.client("kms").create_key()["KeyMetadata"]["KeyId"]
    wanted = {"AliasName": f"alias/{name}", "TargetKeyId": key}

    _as_attempt(cloud.client("kms"), 1, invocation).create_alias(**wanted)

    with pytest.raises(ClientError, match="AlreadyExists"):
        _as_attempt(cloud.client("kms"), 2, invocation).create_alias(**wanted)


def test_an_object_without_a_byte_is_an_object(cloud: Cloud) -> None:
    s3, bucket = cloud.client("s3"), unique("empty")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    s3.put_object(Bucket=bucket, Key="nothing", Body=b"")  # the SDK asks whether to go on before it sends no byte

    assert s3.head_object(Bucket=bucket, Key="nothing")["ContentLength"] == 0
