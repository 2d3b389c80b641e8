"""What boto raises becomes one of our errors, by who acts; a batch call that failed in part is never taken for done."""

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from insightshare.aws.dynamodb import DynamoRegistry
from insightshare.aws.events import AwsEvents
from insightshare.aws.failures import named
from insightshare.errors import AccessRefused, InsightshareError, PlatformError, Retryable
from insightshare.publish import Decision, Kind
from insightshare.publish.ports import Change

DECISION = Decision("churn", 7, Kind.PUBLISH, "2026-01-05", "run", None, "2026-01-31T12:00:00.000Z")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDeniedException", 400, AccessRefused),
        ("AccessDenied", 403, AccessRefused),
        ("ThrottlingException", 400, Retryable),
        ("ConditionalRequestConflict", 409, Retryable),
        ("SomethingNew", 503, Retryable),
        ("NoSuchBucket", 404, PlatformError),
        ("SomethingNew", 400, PlatformError),
    ],
)
def test_an_answer_of_aws_becomes_the_error_of_who_acts(code: str, status: int, kind: type[InsightshareError]) -> None:
    reply: Any = {"Error": {"Code": code, "Message": "why"}, "ResponseMetadata": {"HTTPStatusCode": status}}

    with pytest.raises(kind, match=f"bucket lake: {code}: why"), named("bucket lake"):
        raise ClientError(reply, "PutObject")


def test_no_answer_of_aws_may_be_tried_again() -> None:
    with pytest.raises(Retryable, match="bucket lake: Could not connect"), named("bucket lake"):
        raise EndpointConnectionError(endpoint_url="http://nowhere")


class Bus:
    """An event bus that answers as told, and keeps what it was given."""

    def __init__(self, **reply: Any) -> None:
        self.reply = reply
        self.entries: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self.entries += Entries
        return self.reply


def events_on(bus: Bus) -> AwsEvents:
    return AwsEvents(cast(Any, bus), "bus", cast(Any, None), "queue", "lake")


def test_an_event_that_the_bus_did_not_take_is_not_taken_for_announced() -> None:
    bus = Bus(FailedEntryCount=1, Entries=[{"ErrorCode": "InternalFailure"}])

    with pytest.raises(Retryable, match="event bus bus: InternalFailure"):
        events_on(bus).announce(DECISION)


def test_a_publication_is_announced_with_insight_as_of_and_run() -> None:
    bus = Bus(FailedEntryCount=0)

    events_on(bus).announce(DECISION)

    [entry] = bus.entries
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == ("insightshare", "RunPublished", "bus")
    assert entry["Detail"] == (
        '{"insight": "churn", "as_of": "2026-01-05", "run": "run", "sequence": 7, "kind": "publish"}'
    )


def test_what_is_no_manifest_cannot_be_requeued() -> None:
    with pytest.raises(PlatformError, match="x: key: this is not a manifest's key"):
        events_on(Bus()).requeue("x")


class BusyTable:
    """A table whose transactions are cancelled, each item for its own reason."""

    def __init__(self, *reasons: str) -> None:
        self._reasons = reasons

    def transact_write_items(self, **_: Any) -> None:
        reply: Any = {"Error": {"Code": "TransactionCanceledException", "Message": "cancelled"}}
        reply["CancellationReasons"] = [{"Code": reason} for reason in self._reasons]
        raise ClientError(reply, "TransactWriteItems")


def test_a_transaction_that_lost_a_race_changed_nothing() -> None:
    registry = DynamoRegistry(cast(Any, BusyTable("None", "ConditionalCheckFailed")), "registry")

    assert registry.commit(Change("churn", ())) is False


@pytest.mark.parametrize("reason", ["ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"])
def test_a_transaction_that_came_at_a_busy_time_may_be_tried_again(reason: str) -> None:
    registry = DynamoRegistry(cast(Any, BusyTable("None", reason)), "registry")

    with pytest.raises(Retryable, match=f"registry registry: transaction: {reason}"):
        registry.commit(Change("churn", ()))


def test_a_transaction_that_was_cancelled_for_another_reason_is_nobodys_race() -> None:
    registry = DynamoRegistry(cast(Any, BusyTable("ValidationError")), "registry")

    with pytest.raises(PlatformError, match="TransactionCanceledException"):
        registry.commit(Change("churn", ()))
