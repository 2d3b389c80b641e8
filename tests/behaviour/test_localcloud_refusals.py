"""What nobody gave, nobody gets: tables, queues, functions and buses, from within their account and from another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.lake import make_role
from tests.behaviour.parts import make_function, policy, unique
from tests.conftest import ACME, PROVIDER, REGION, Cloud

HANDLER = "def handler(event, context):\n    return {}\n"


@pytest.fixture(scope="module")
def things(cloud: Cloud) -> dict[str, str]:
    """A table, a queue and a function of the provider."""
    table, queue = unique("table"), unique("queue")
    cloud.client("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    url = cloud.client("sqs").create_queue(QueueName=queue)["QueueUrl"]
    return {"table": table, "queue": url, "function": make_function(cloud, HANDLER)}


Attempt = Callable[[Callable[[str], Any], Mapping[str, str]], object]
ATTEMPTS: dict[str, Attempt] = {
    "dynamodb:GetItem": lambda client, of: client("dynamodb").get_item(
        TableName=f"arn:aws:dynamodb:{REGION}:{PROVIDER}:table/{of['table']}", Key={"pk": {"S": "a"}}
    ),
    "dynamodb:PutItem": lambda client, of: client("dynamodb").transact_write_items(
        TransactItems=[{"Put": {"TableName": f"arn:aws:dynamodb:{REGION}:{PROVIDER}:table/{of['table']}", "Item": {}}}]
    ),
    "sqs:ReceiveMessage": lambda client, of: client("sqs").receive_message(QueueUrl=of["queue"]),
    "sqs:SendMessage": lambda client, of: client("sqs").send_message(QueueUrl=of["queue"], MessageBody="x"),
    "lambda:InvokeFunction": lambda client, of: client("lambda").invoke(
        FunctionName=f"arn:aws:lambda:{REGION}:{PROVIDER}:function:{of['function']}"
    ),
    "events:PutEvents": lambda client, of: client("events").put_events(
        Entries=[{"EventBusName": f"arn:aws:events:{REGION}:{PROVIDER}:event-bus/default", "Source": "a"}]
    ),
}


def refusal(call: Callable[[], object]) -> str:
    """AWS's message, where it refuses."""
    with pytest.raises(ClientError) as refused:
        call()
    error = refused.value.response["Error"]
    assert error["Code"] in ("AccessDenied", "AccessDeniedException", "AuthorizationError"), error
    return str(error["Message"])


@pytest.mark.parametrize("action", ATTEMPTS)
@pytest.mark.parametrize("account", [PROVIDER, ACME])
def test_a_role_does_nothing_that_no_policy_allows(
    cloud: Cloud, things: dict[str, str], action: str, account: str
) -> None:
    credentials = cloud.assume(make_role(cloud, account, ["s3:*"]), account)

    said = refusal(lambda: ATTEMPTS[action](lambda name: cloud.client(name, account, credentials), things))

    assert f"is not authorized to perform: {action} on resource: arn:aws:" in said


@pytest.mark.parametrize("action", ATTEMPTS)
def test_another_accounts_administrator_needs_the_resources_policy(
    cloud: Cloud, things: dict[str, str], action: str
) -> None:
    said = refusal(lambda: ATTEMPTS[action](lambda name: cloud.client(name, ACME), things))

    assert said.endswith(f"because no resource-based policy allows the {action} action")


def test_a_role_does_what_its_policies_allow(cloud: Cloud, things: dict[str, str]) -> None:
    credentials = cloud.assume(make_role(cloud, PROVIDER, ["dynamodb:GetItem", "sqs:SendMessage"]))

    for action in ("dynamodb:GetItem", "sqs:SendMessage"):
        ATTEMPTS[action](lambda name: cloud.client(name, PROVIDER, credentials), things)


def test_a_functions_policy_opens_it_to_another_account_for_what_it_says(cloud: Cloud) -> None:
    name = make_function(cloud, HANDLER)
    cloud.client("lambda").add_permission(
        FunctionName=name, StatementId="acme", Principal=ACME, Action="lambda:InvokeFunction"
    )
    arn, theirs = f"arn:aws:lambda:{REGION}:{PROVIDER}:function:{name}", cloud.client("lambda", ACME)

    refused = refusal(lambda: theirs.delete_function(FunctionName=arn))

    assert "lambda:DeleteFunction" in refused
    assert theirs.invoke(FunctionName=arn, InvocationType="DryRun")["StatusCode"] == 204


def test_the_record_says_which_permissions_a_roles_call_asked_for(cloud: Cloud, things: dict[str, str]) -> None:
    role = make_role(cloud, PROVIDER, ["dynamodb:*"])
    absent = {"Key": {"pk": {"S": "c"}}, "ConditionExpression": "attribute_not_exists(pk)"}
    items = [
        {"Put": {"TableName": things["table"], "Item": {"pk": {"S": "b"}}}},
        {"ConditionCheck": {"TableName": things["table"], **absent}},
    ]

    cloud.client("dynamodb", PROVIDER, cloud.assume(role)).transact_write_items(TransactItems=items)

    [call] = [call for call in cloud.calls() if call["principal"] == role]
    table = f"arn:aws:dynamodb:{REGION}:{PROVIDER}:table/{things['table']}"
    assert call["asked"] == [["dynamodb:PutItem", table, {}], ["dynamodb:ConditionCheckItem", table, {}]]


def test_objects_are_deleted_together_only_by_who_may_delete_each(cloud: Cloud) -> None:
    bucket, s3 = unique("objects"), cloud.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("mine/a", "theirs/b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    role = make_role(cloud, PROVIDER, ["sts:GetCallerIdentity"])
    allowed = {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{bucket}/mine/*"}
    name = role.rpartition("/")[2]
    cloud.client("iam").put_role_policy(RoleName=name, PolicyName="s3", PolicyDocument=policy(allowed))
    own = cloud.client("s3", PROVIDER, cloud.assume(role))

    refusal(lambda: own.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "mine/a"}, {"Key": "theirs/b"}]}))

    assert len(s3.list_objects_v2(Bucket=bucket)["Contents"]) == 2
    own.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "mine/a"}]})
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["theirs/b"]
