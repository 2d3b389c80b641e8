"""Where AWS compares and writes in one step, so does the local AWS, also under contention."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.parts import make_bucket, unique
from tests.conftest import Cloud


def _code(call: Any) -> str:
    try:
        call()
    except ClientError as error:
        return f"{error.response['ResponseMetadata']['HTTPStatusCode']} {error.response['Error']['Code']}"
    return "ok"


def test_only_one_of_many_creates_an_object(cloud: Cloud) -> None:
    bucket, s3 = make_bucket(cloud), cloud.client("s3")

    def create(key: str) -> str:
        return _code(lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"x", IfNoneMatch="*"))

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(create, [f"key-{number}" for number in range(25) for _ in range(8)]))

    assert sorted(results) == ["412 PreconditionFailed"] * 175 + ["ok"] * 25


def test_an_object_is_replaced_only_where_its_etag_is_the_expected(cloud: Cloud) -> None:
    bucket, s3 = make_bucket(cloud), cloud.client("s3")
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["ETag"]

    first = _code(lambda: s3.put_object(Bucket=bucket, Key="k", Body=b"two", IfMatch=etag))
    second = _code(lambda: s3.put_object(Bucket=bucket, Key="k", Body=b"three", IfMatch=etag))
    missing = _code(lambda: s3.put_object(Bucket=bucket, Key="other", Body=b"x", IfMatch=etag))

    assert (first, second, missing) == ("ok", "412 PreconditionFailed", "404 NoSuchKey")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"two"


def test_a_multipart_upload_does_not_replace_what_must_not_be_there(cloud: Cloud) -> None:
    bucket, s3 = make_bucket(cloud), cloud.client("s3")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"new")
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")

    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    complete = {"Bucket": bucket, "Key": "k", "UploadId": upload, "MultipartUpload": parts, "IfNoneMatch": "*"}

    assert _code(lambda: s3.complete_multipart_upload(**complete)) == "412 PreconditionFailed"


@pytest.fixture
def table(cloud: Cloud) -> str:
    name = unique("table")
    cloud.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def test_a_counter_counts_every_increment(cloud: Cloud, table: str) -> None:
    dynamodb = cloud.client("dynamodb")

    def increment() -> int:
        reply = dynamodb.update_item(
            TableName=table,
            Key={"pk": {"S": "counter"}},
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
        return int(reply["Attributes"]["n"]["N"])

    with ThreadPoolExecutor(8) as pool:
        numbers = [pool.submit(increment) for _ in range(200)]

    assert sorted(number.result() for number in numbers) == list(range(1, 201))


def test_a_transaction_whose_condition_fails_writes_nothing_and_says_which(cloud: Cloud, table: str) -> None:
    dynamodb = cloud.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, "n": {"N": "5"}})
    raised = {
        "TableName": table,
        "Key": {"pk": {"S": "a"}},
        "UpdateExpression": "SET n = :new",
        "ConditionExpression": "attribute_not_exists(n) OR n < :new",
        "ExpressionAttributeValues": {":new": {"N": "4"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    written = {"TableName": table, "Item": {"pk": {"S": "b"}}}

    with pytest.raises(ClientError) as refused:
        dynamodb.transact_write_items(TransactItems=[{"Put": written}, {"Update": raised}])

    reasons = refused.value.response["CancellationReasons"]
    assert refused.value.response["Error"]["Code"] == "TransactionCanceledException"
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"] == {"pk": {"S": "a"}, "n": {"N": "5"}}
    assert "Item" not in dynamodb.get_item(TableName=table, Key={"pk": {"S": "b"}})


def test_a_transaction_that_is_sent_twice_with_one_token_is_done_once(cloud: Cloud) -> None:
    table, dynamodb = unique("table"), cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def create(key: str, token: str) -> str:
        item = {"TableName": table, "Item": {"pk": {"S": key}}, "ConditionExpression": "attribute_not_exists(pk)"}
        return _code(lambda: dynamodb.transact_write_items(TransactItems=[{"Put": item}], ClientRequestToken=token))

    answers = [create("a", "token-1"), create("a", "token-1"), create("a", "token-2"), create("b", "token-1")]

    assert answers == [
        "ok",
        "ok",
        "400 TransactionCanceledException",
        "400 IdempotentParameterMismatchException",
    ]
