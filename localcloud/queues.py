"""SQS as moto has it, made safe for several consumers at once, and Lambda's polling of queues."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

from moto.sqs.models import Queue, SQSBackend

from localcloud.functions import find_function, invoke
from localcloud.gateway import Call
from localcloud.permissions import Permission
from localcloud.recording import acted
from localcloud.store import backend

log = logging.getLogger("localcloud")
LOOK_AGAIN_SECONDS = 0.2
_moto_receive, _moto_delete = SQSBackend.receive_message, Queue.delete_message


def _receive(
    self: Any, queue_name: str, count: int, wait_seconds_timeout: int, visibility_timeout: int, names: Any = None
) -> Any:
    """moto's receive under the queue's lock: of two consumers one gets a message."""
    queue, deadline = self.get_queue(queue_name), time.monotonic() + int(wait_seconds_timeout or 0)
    with queue._messages_lock:
        while True:
            messages = _moto_receive(self, queue_name, count, 0, visibility_timeout, names)
            left = deadline - time.monotonic()
            if messages or left <= 0:
                return messages
            queue._messages_lock.wait(min(left, LOOK_AGAIN_SECONDS))


def _delete(self: Any, receipt_handle: str) -> None:
    """moto's delete under the queue's lock: a message that arrives meanwhile is not lost."""
    with self._messages_lock:
        _moto_delete(self, receipt_handle)


SQSBackend.receive_message = _receive  # type: ignore[method-assign,assignment]  # moto has no other place for this
Queue.delete_message = _delete  # type: ignore[method-assign]  # as above


@dataclass
class Poller:
    """The consumer that Lambda runs for one event source mapping."""

    mapping: Any
    account_id: str
    region: str
    stopped: Event = field(default_factory=Event)

    def run(self) -> None:
        """Give batches to the function until the mapping is gone."""
        while not self.stopped.is_set():
            try:
                busy = self.mapping.enabled and self._take_one_batch()
            except Exception:
                log.exception("the poller of %s failed", self.mapping.event_source_arn)
                busy = False
            if not busy:
                self.stopped.wait(0.05)

    def _take_one_batch(self) -> bool:
        sqs = backend("sqs", self.account_id, self.region)
        name = self.mapping.event_source_arn.rpartition(":")[2]
        queue = sqs.queues.get(name)
        if queue is None:
            return False
        messages = sqs.receive_message(name, self.mapping.batch_size, 0, int(queue.visibility_timeout))
        if not messages:
            return False
        function = find_function(self.mapping.function_arn, None, self.account_id, self.region)
        for action in ("GetQueueAttributes", "ReceiveMessage"):
            self._acted(function, action)
        event = {"Records": [_record(message, queue, self.region) for message in messages]}
        outcome = invoke(function, event)
        failed = {message.id for message in messages} if outcome.failed else self._failures(outcome.payload, messages)
        for message in messages:
            if message.id in failed:  # AWS waits for the visibility timeout; clocks do not run here
                sqs.change_message_visibility(name, message.receipt_handle, 0)
            else:
                sqs.delete_message(name, message.receipt_handle)
                self._acted(function, "DeleteMessage")
        return True

    def _acted(self, function: Any, action: str) -> None:
        acted(function.role, "lambda", Permission(f"sqs:{action}", self.mapping.event_source_arn))

    def _failures(self, payload: bytes, messages: list[Any]) -> set[str]:
        """The message ids that the reply names; an unreadable or unknown id fails the whole batch, as on AWS."""
        if "ReportBatchItemFailures" not in (self.mapping.function_response_types or []):
            return set()
        everything = {message.id for message in messages}
        reply = json.loads(payload or b"null")
        if not reply:
            return set()
        try:
            failed = {failure["itemIdentifier"] for failure in reply["batchItemFailures"] or []}
        except (KeyError, TypeError):
            return everything
        return failed if failed <= everything else everything


def _record(message: Any, queue: Any, region: str) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if queue.fifo_queue:
        attributes["MessageGroupId"] = message.group_id
        attributes["MessageDeduplicationId"] = message.deduplication_id
        attributes["SequenceNumber"] = message.sequence_number or "0" * 20
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": region,
    }


_pollers: dict[str, Poller] = {}
_lock = Lock()


def _sync_pollers(call: Call, _status: int) -> None:
    """One poller per mapping of this account and region; moto's own, which runs within SendMessage, is turned off."""
    account_id, region = call.caller.account_id, call.region
    for queue in backend("sqs", account_id, region).queues.values():
        queue.lambda_event_source_mappings.clear()
    mappings = backend("lambda", account_id, region)._event_source_mappings
    with _lock:
        for uuid in [
            uuid for uuid, poller in _pollers.items() if (poller.account_id, poller.region) == (account_id, region)
        ]:
            if uuid not in mappings:
                _pollers.pop(uuid).stopped.set()
        for uuid, mapping in mappings.items():
            if uuid not in _pollers and ":sqs:" in mapping.event_source_arn:
                _pollers[uuid] = Poller(mapping, account_id, region)
                Thread(target=_pollers[uuid].run, daemon=True).start()


def reset() -> None:
    """Stop all pollers."""
    with _lock:
        for poller in _pollers.values():
            poller.stopped.set()
        _pollers.clear()


OBSERVERS = {
    ("lambda", action): [_sync_pollers]
    for action in ("CreateEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping")
}
