"""EventBridge and SQS: announce decisions, put manifests into the register queue, or back soon. Receives none."""

import json
from typing import TYPE_CHECKING

from insightshare.aws.failures import named
from insightshare.errors import PlatformError, Retryable
from insightshare.publish.facts import Decision
from insightshare.publish.layout import parse_manifest_key

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_sqs.client import SQSClient

SOURCE = "insightshare"
PUBLISHED = "RunPublished"
WITHDRAWN = "RunWithdrawn"


class AwsEvents:
    """An event bus and the register queue; implements the port `EventBus`."""

    def __init__(self, events: "EventBridgeClient", bus: str, sqs: "SQSClient", queue: str, lake: str) -> None:
        """`queue` is the queue's name or its URL; a name is looked up when it is needed."""
        self._events = events
        self._bus = bus
        self._sqs = sqs
        self._queue = queue
        self._lake = lake

    def announce(self, decision: Decision) -> None:
        """Tell subscribers of a decision; they may hear it more than once."""
        detail = {"insight": decision.insight, "as_of": decision.as_of, "run": decision.run_id}
        entry_type = WITHDRAWN if decision.run_id is None else PUBLISHED
        with named(f"event bus {self._bus}"):
            reply = self._events.put_events(
                Entries=[
                    {
                        "EventBusName": self._bus,
                        "Source": SOURCE,
                        "DetailType": entry_type,
                        "Detail": json.dumps({**detail, "sequence": decision.sequence, "kind": decision.kind}),
                    }
                ]
            )
        if reply["FailedEntryCount"]:
            raise Retryable(f"event bus {self._bus}: {reply['Entries'][0].get('ErrorCode', 'failed without a code')}")

    def requeue(self, manifest_key: str) -> None:
        """Ask for a manifest to be registered, with the fields of S3's own event that the registrar reads."""
        location = parse_manifest_key(manifest_key)
        if location is None:
            raise PlatformError.at(manifest_key, "key", "this", "a manifest's key", "report this as a defect")
        body = {
            "source": SOURCE,
            "detail-type": "Object Created",
            "detail": {"bucket": {"name": self._lake}, "object": {"key": manifest_key}},
        }
        with named(f"queue {self._queue}"):
            self._sqs.send_message(QueueUrl=self._url(), MessageBody=json.dumps(body), MessageGroupId=location[0])

    def hurry(self, receipt: str, seconds: int) -> None:
        """Have a message that was received, and failed, come back in so many seconds instead of in a registration's."""
        with named(f"queue {self._queue}"):
            self._sqs.change_message_visibility(QueueUrl=self._url(), ReceiptHandle=receipt, VisibilityTimeout=seconds)

    def _url(self) -> str:
        return self._queue if "/" in self._queue else self._sqs.get_queue_url(QueueName=self._queue)["QueueUrl"]
