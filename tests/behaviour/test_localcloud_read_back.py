"""What Terraform sets, it reads back unchanged: else its plans are never empty."""

from __future__ import annotations

from tests.behaviour.parts import make_bucket, unique
from tests.conftest import Cloud


def test_a_queues_policies_come_back_byte_for_byte_until_they_are_removed(cloud: Cloud) -> None:
    sqs = cloud.client("sqs")
    dead = sqs.create_queue(QueueName=unique("dead"))["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    set_ = {"RedrivePolicy": f'{{"deadLetterTargetArn":"{dead_arn}","maxReceiveCount":3}}'}
    queue = sqs.create_queue(QueueName=unique("queue"), Attributes={**set_, "SqsManagedSseEnabled": "true"})["QueueUrl"]

    shown = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": ""})
    later = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]

    assert (shown["RedrivePolicy"], shown["SqsManagedSseEnabled"]) == (set_["RedrivePolicy"], "true")
    assert ("RedrivePolicy" in later, later["SqsManagedSseEnabled"]) == (False, "true")


def test_a_buckets_notifications_come_back_with_event_bridge(cloud: Cloud) -> None:
    bucket, s3, sqs = make_bucket(cloud), cloud.client("s3"), cloud.client("sqs")
    queue = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rules = [{"Name": "prefix", "Value": "a/"}]
    to_queue = {
        "Id": "one",
        "QueueArn": arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    set_ = {"QueueConfigurations": [to_queue], "EventBridgeConfiguration": {}}

    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=set_)

    shown = s3.get_bucket_notification_configuration(Bucket=bucket)
    del shown["ResponseMetadata"]
    assert shown == set_
