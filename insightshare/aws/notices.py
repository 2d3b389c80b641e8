"""SNS and the registry: one message per notice, however often it is asked for. Decides neither whom nor when.

Items, beside those of the runs: partition key `client#<client>`, sort key `notice#<end>#<days>`.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from insightshare.aws.failures import code_of, named
from insightshare.aws.registry_items import key_of, serialized
from insightshare.share.expiry import Notice

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_UNCLAIMED = "attribute_not_exists(pk) OR #s = :failed OR (#s = :claimed AND claimed_on < :today)"


class Notices:
    """A topic whose subscriptions filter by the message's attribute `client`, and what was sent to it."""

    def __init__(self, sns: Any, topic_arn: str, dynamodb: "DynamoDBClient", table: str) -> None:
        self._sns = sns
        self._topic_arn = topic_arn
        self._dynamodb = dynamodb
        self._table = table

    def send_once(self, notice: Notice, today: date) -> bool:
        """Publish the notice unless that was done before; return whether it was done now.

        It is claimed first, so that of two at once only one sends. A claim of an earlier day that was never confirmed
        belongs to one that broke in between, and is taken over.
        """
        if not self._claim(notice, today):
            return False
        try:
            with named(f"topic {self._topic_arn}"):
                self._sns.publish(
                    TopicArn=self._topic_arn,
                    Subject=notice.subject,
                    Message=notice.text,
                    MessageAttributes={"client": {"DataType": "String", "StringValue": notice.client}},
                )
        except BaseException:
            self._set(notice, "failed")
            raise
        self._set(notice, "sent")
        return True

    def _claim(self, notice: Notice, today: date) -> bool:
        with named(f"registry {self._table}"):
            try:
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=key_of(f"client#{notice.client}", f"notice#{notice.key}"),
                    UpdateExpression="SET #s = :claimed, claimed_on = :today",
                    ConditionExpression=_UNCLAIMED,
                    ExpressionAttributeNames={"#s": "state"},
                    ExpressionAttributeValues=serialized(
                        {":claimed": "claimed", ":failed": "failed", ":today": today.isoformat()}
                    ),
                )
            except ClientError as error:
                if code_of(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def _set(self, notice: Notice, state: str) -> None:
        with named(f"registry {self._table}"):
            self._dynamodb.update_item(
                TableName=self._table,
                Key=key_of(f"client#{notice.client}", f"notice#{notice.key}"),
                UpdateExpression="SET #s = :state",
                ExpressionAttributeNames={"#s": "state"},
                ExpressionAttributeValues=serialized({":state": state}),
            )
