"""What happens in the cloud reaches who waits for it: S3 events, rules, FIFO queues, functions, schedules."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.parts import make_bucket, make_function, make_role, unique, until
from tests.conftest import PROVIDER, REGION, Cloud

COLLECT = """
import boto3, json
def handler(event, context):
    for record in event.get("Records", []):
        boto3.client("s3").put_object(Bucket={bucket!r}, Key=record["messageId"], Body=record["body"].encode())
"""


def _queue(cloud: Cloud, **attributes: str) -> tuple[str, str]:
    sqs, fifo = cloud.client("sqs"), attributes.get("FifoQueue") == "true"
    url = sqs.create_queue(QueueName=unique("queue") + (".fifo" if fifo else ""), Attributes=attributes)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def _rule(cloud: Cloud, pattern: dict[str, Any], bus: str = "default", **target: Any) -> None:
    name, events = unique("rule"), cloud.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern), EventBusName=bus)
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "one", **target}])


def _received(cloud: Cloud, url: str) -> list[Any]:
    messages = cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        cloud.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def _watched_bucket(cloud: Cloud) -> str:
    bucket = make_bucket(cloud)
    configuration: dict[str, Any] = {"EventBridgeConfiguration": {}}
    cloud.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    return bucket


def test_an_object_created_event_has_the_shape_that_s3_sends(cloud: Cloud) -> None:
    bucket, (url, arn) = _watched_bucket(cloud), _queue(cloud)
    _rule(cloud, {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}, Arn=arn)

    put = cloud.client("s3").put_object(Bucket=bucket, Key="a folder/x=1.json", Body=b"{}")

    (event,) = until(lambda: _received(cloud, url))
    detail = event["detail"]
    assert {key: event[key] for key in ("version", "detail-type", "source", "account", "region", "resources")} == {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": PROVIDER,
        "region": REGION,
        "resources": [f"arn:aws:s3:::{bucket}"],
    }
    assert sorted(event) == sorted(
        ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"]
    )
    assert (detail["bucket"], detail["reason"], detail["requester"]) == ({"name": bucket}, "PutObject", PROVIDER)
    sequencer = detail["object"].pop("sequencer")
    assert detail["object"] == {"key": "a folder/x=1.json", "size": 2, "etag": put["ETag"].strip('"')}
    assert int(sequencer, 16) > 0


def test_copies_and_multipart_uploads_say_so(cloud: Cloud) -> None:
    bucket, (url, arn), s3 = _watched_bucket(cloud), _queue(cloud), cloud.client("s3")
    _rule(cloud, {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}, Arn=arn)
    s3.put_object(Bucket=bucket, Key="one", Body=b"1")

    s3.copy_object(Bucket=bucket, Key="two", CopySource={"Bucket": bucket, "Key": "one"})
    upload = s3.create_multipart_upload(Bucket=bucket, Key="three")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="three", UploadId=upload, PartNumber=1, Body=b"33")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="three", UploadId=upload, MultipartUpload=parts)
    s3.delete_object(Bucket=bucket, Key="one")

    events = [(event["detail"]["object"]["key"], event["detail"]["reason"]) for event in _received(cloud, url)]
    assert sorted(events) == [
        ("one", "DeleteObject"), ("one", "PutObject"), ("three", "CompleteMultipartUpload"), ("two", "CopyObject"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key_pattern", "matches"),
    [
        ({"prefix": "runs/"}, {"runs/a/1/manifest.json", "runs/a/1/part"}),
        ({"suffix": ".json"}, {"runs/a/1/manifest.json", "other/manifest.json"}),
        ({"wildcard": "runs/*/manifest.json"}, {"runs/a/1/manifest.json"}),
        ({"anything-but": {"prefix": "runs/"}}, {"other/manifest.json"}),
        ({"exists": True}, {"runs/a/1/manifest.json", "runs/a/1/part", "other/manifest.json"}),
        ({"exists": False}, set()),
    ],
    ids=["prefix", "suffix", "wildcard", "anything-but", "exists", "absent"],
)
def test_a_rule_lets_through_what_its_pattern_matches(cloud: Cloud, key_pattern: Any, matches: set[str]) -> None:
    bucket, (url, arn) = _watched_bucket(cloud), _queue(cloud)
    _rule(cloud, {"detail": {"bucket": {"name": [bucket]}, "object": {"key": [key_pattern]}}}, Arn=arn)

    for key in ("runs/a/1/manifest.json", "runs/a/1/part", "other/manifest.json"):
        cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")

    assert {event["detail"]["object"]["key"] for event in _received(cloud, url)} == matches


def test_numbers_match_by_range_on_a_bus_of_ones_own(cloud: Cloud) -> None:
    bus, (url, arn) = unique("bus"), _queue(cloud)
    cloud.client("events").create_event_bus(Name=bus)
    _rule(cloud, {"detail": {"rows": [{"numeric": [">", 10, "<=", 20]}]}}, bus, Arn=arn)

    for rows in (10, 15, 20, 21):
        entry = {"Source": "mine", "DetailType": "Counted", "Detail": json.dumps({"rows": rows}), "EventBusName": bus}
        cloud.client("events").put_events(Entries=[entry])

    assert [(event["source"], event["detail"]["rows"]) for event in _received(cloud, url)] == [
        ("mine", 15),
        ("mine", 20),
    ]


def test_a_rules_target_sends_to_its_message_group_and_undeliverable_events_are_dead_letters(cloud: Cloud) -> None:
    bus, (url, arn) = unique("bus"), _queue(cloud, FifoQueue="true", ContentBasedDeduplication="true")
    dead_url, dead_arn = _queue(cloud)
    cloud.client("events").create_event_bus(Name=bus)
    _rule(cloud, {"source": ["mine"]}, bus, Arn=arn, SqsParameters={"MessageGroupId": "churn"})
    _rule(cloud, {"source": ["mine"]}, bus, Arn=arn + "gone", DeadLetterConfig={"Arn": dead_arn})

    entry = {"Source": "mine", "DetailType": "Counted", "Detail": "{}", "EventBusName": bus}
    cloud.client("events").put_events(Entries=[entry])

    (message,) = cloud.client("sqs").receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert message["Attributes"]["MessageGroupId"] == "churn"
    assert [event["detail-type"] for event in _received(cloud, dead_url)] == ["Counted"]


def test_a_rule_invokes_a_function_with_the_input_that_its_target_names(cloud: Cloud) -> None:
    bucket, bus = make_bucket(cloud), unique("bus")
    source = f"""
    import boto3, json
    def handler(event, context):
        boto3.client("s3").put_object(Bucket={bucket!r}, Key="seen", Body=json.dumps(event).encode())
    """
    function = make_function(cloud, source, "s3:PutObject", Timeout=30)
    arn = cloud.client("lambda").get_function_configuration(FunctionName=function)["FunctionArn"]
    cloud.client("events").create_event_bus(Name=bus)
    template = {"InputPathsMap": {"n": "$.detail.rows"}, "InputTemplate": '{"rows": <n>}'}
    _rule(cloud, {"source": ["mine"]}, bus, Arn=arn, InputTransformer=template)

    entry = {"Source": "mine", "DetailType": "Counted", "Detail": json.dumps({"rows": 7}), "EventBusName": bus}
    cloud.client("events").put_events(Entries=[entry])

    until(lambda: cloud.client("s3").list_objects_v2(Bucket=bucket).get("Contents"))
    assert json.load(cloud.client("s3").get_object(Bucket=bucket, Key="seen")["Body"]) == {"rows": 7}


@pytest.mark.parametrize(
    ("given", "got"),
    [({"Input": '{"fixed": 1}'}, {"fixed": 1}), ({"InputPath": "$.detail.rows"}, 7)],
    ids=["a constant", "a part"],
)
def test_a_target_gets_the_input_that_it_asks_for(cloud: Cloud, given: dict[str, str], got: Any) -> None:
    bus, (url, arn) = unique("bus"), _queue(cloud)
    cloud.client("events").create_event_bus(Name=bus)
    _rule(cloud, {"source": ["mine"]}, bus, Arn=arn, **given)

    entry = {"Source": "mine", "DetailType": "Counted", "Detail": json.dumps({"rows": 7}), "EventBusName": bus}
    cloud.client("events").put_events(Entries=[entry])

    assert _received(cloud, url) == [got]


def test_a_disabled_rule_is_silent(cloud: Cloud) -> None:
    bus, (url, arn), events = unique("bus"), _queue(cloud), cloud.client("events")
    events.create_event_bus(Name=bus)
    _rule(cloud, {"source": ["mine"]}, bus, Arn=arn)
    (rule,) = events.list_rules(EventBusName=bus)["Rules"]

    events.disable_rule(Name=rule["Name"], EventBusName=bus)
    entry = {"Source": "mine", "DetailType": "Counted", "Detail": "{}", "EventBusName": bus}
    events.put_events(Entries=[entry])

    assert _received(cloud, url) == []


def _mapped(cloud: Cloud, source: str, queue_arn: str, *actions: str, **settings: Any) -> str:
    function = make_function(cloud, source, *actions, Timeout=30)
    cloud.client("lambda").create_event_source_mapping(EventSourceArn=queue_arn, FunctionName=function, **settings)
    return function


def _count(cloud: Cloud, url: str) -> tuple[int, int]:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    shown = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(shown[names[0]]), int(shown[names[1]])


def test_messages_that_a_function_handled_are_gone_from_the_queue(cloud: Cloud) -> None:
    bucket, (url, arn) = make_bucket(cloud), _queue(cloud)
    _mapped(cloud, COLLECT.format(bucket=bucket), arn, "s3:PutObject")

    sent = cloud.client("sqs").send_message(QueueUrl=url, MessageBody="hello")["MessageId"]

    found = until(lambda: cloud.client("s3").list_objects_v2(Bucket=bucket).get("Contents"))
    assert [item["Key"] for item in found] == [sent]
    assert until(lambda: _count(cloud, url) == (0, 0))


def test_a_fifo_groups_messages_are_handled_in_order_and_stop_at_a_failure(cloud: Cloud) -> None:
    bucket = make_bucket(cloud)
    dead_url, dead_arn = _queue(cloud, FifoQueue="true")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url, arn = _queue(cloud, FifoQueue="true", ContentBasedDeduplication="true", RedrivePolicy=redrive)
    source = f"""
    import boto3
    seen = []
    def handler(event, context):
        failures = []
        for record in event["Records"]:
            seen.append(record["body"])
            if record["body"] == "b":
                failures.append({{"itemIdentifier": record["messageId"]}})
        boto3.client("s3").put_object(Bucket={bucket!r}, Key="seen", Body="".join(seen).encode())
        return {{"batchItemFailures": failures}}
    """

    for body in "abc":
        cloud.client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageGroupId="one")
    types = ["ReportBatchItemFailures"]
    _mapped(cloud, source, arn, "s3:PutObject", BatchSize=1, FunctionResponseTypes=types)

    assert until(lambda: _count(cloud, url) == (0, 0) and _count(cloud, dead_url) == (1, 0))
    assert cloud.client("s3").get_object(Bucket=bucket, Key="seen")["Body"].read() == b"abbc"
    assert cloud.client("sqs").receive_message(QueueUrl=dead_url)["Messages"][0]["Body"] == "b"


def test_a_deleted_mapping_delivers_no_more(cloud: Cloud) -> None:
    url, arn = _queue(cloud)
    _mapped(cloud, "def handler(event, context): pass", arn)
    (mapping,) = cloud.client("lambda").list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]

    cloud.client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="kept")

    assert cloud.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"][0]["Body"] == "kept"


def test_a_schedule_fires_when_told_and_calls_as_its_role(cloud: Cloud) -> None:
    name, (url, _) = unique("schedule"), _queue(cloud)
    role = make_role(cloud, "scheduler", "sqs:SendMessage")
    body = json.dumps({"QueueUrl": url, "MessageBody": "<aws.scheduler.attempt-number>"})
    cloud.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression="rate(15 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "RoleArn": role, "Input": body},
    )

    command = [sys.executable, "-m", "localcloud", "fire", name, "--directory", str(cloud.directory)]
    subprocess.run(command, check=True, capture_output=True)

    assert cloud.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == "1"
    sent = [call for call in cloud.calls() if call["action"] == "SendMessage" and call["resource"] == url]
    assert [call["principal"] for call in sent] == [role]


def test_a_schedule_can_be_fired_for_another_day(cloud: Cloud) -> None:
    name, (url, arn) = unique("schedule"), _queue(cloud)
    role = make_role(cloud, "scheduler", "sqs:SendMessage")
    cloud.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": role, "Input": json.dumps({"time": "<aws.scheduler.scheduled-time>"})},
    )

    day = ["--time", "2027-11-01T00:05:00Z", "--directory", str(cloud.directory)]
    subprocess.run([sys.executable, "-m", "localcloud", "fire", name, *day], check=True, capture_output=True)

    assert (
        cloud.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == '{"time": "2027-11-01T00:05:00Z"}'
    )


def test_a_schedule_is_not_fired_for_what_is_no_time(cloud: Cloud) -> None:
    name, (_, arn) = unique("schedule"), _queue(cloud)
    role = make_role(cloud, "scheduler", "sqs:SendMessage")
    cloud.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": role, "Input": "{}"},
    )

    words = [sys.executable, "-m", "localcloud", "fire", name, "--time", "today", "--directory", str(cloud.directory)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.endswith(f"{name}: time: today is not a time in UTC. Fix: write it as 2026-11-21T00:05:00Z.\n")


def test_creating_a_schedule_twice_with_one_token_is_one_and_with_another_a_conflict(cloud: Cloud) -> None:
    scheduler, role = cloud.client("scheduler"), make_role(cloud, "scheduler", "sqs:SendMessage")
    wanted = {
        "Name": unique("schedule"),
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "RoleArn": role, "Input": "{}"},
    }

    first = scheduler.create_schedule(**wanted, ClientToken="one")["ScheduleArn"]

    assert scheduler.create_schedule(**wanted, ClientToken="one")["ScheduleArn"] == first
    with pytest.raises(ClientError, match="ConflictException"):
        scheduler.create_schedule(**wanted, ClientToken="another")


def test_firing_an_unknown_schedule_says_so(cloud: Cloud) -> None:
    command = [sys.executable, "-m", "localcloud", "fire", "nothing", "--directory", str(cloud.directory)]

    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert (done.returncode, "Schedule nothing does not exist" in done.stderr) == (1, True)
