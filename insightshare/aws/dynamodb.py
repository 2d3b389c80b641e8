"""The registry in one DynamoDB table: every read strongly consistent, every decision one transaction.

Items, by partition key (the insight) and sort key:

- `counter`                  the last sequence number
- `run#<run id>`             a run and its state
- `pointer#<as_of>`          which run is current, by which decision
- `decision#<sequence>`      a decision, never changed
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from insightshare.aws.failures import code_of, named
from insightshare.aws.registry_items import (
    COUNTER,
    DECISION,
    NOT_CONDEMNED,
    POINTER,
    RUN,
    decision_of,
    decision_put,
    key_of,
    pointer_check,
    pointer_of,
    pointer_update,
    run_of,
    run_update,
    serialized,
    stored,
    values_of,
)
from insightshare.errors import Retryable
from insightshare.publish.facts import PINNABLE, Claim, Decision, Pointer, Run, State
from insightshare.publish.ports import Change, RunChange
from insightshare.publish.rebuild import pointers_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

FEW, MANY = 10, 1000  # items per page: where mostly the first is wanted, and where all are
LOST_A_RACE = {"ConditionalCheckFailed", "TransactionConflict"}
TOO_BUSY = {"ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"}


class DynamoRegistry:
    """One table; implements the port `Registry`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def next_sequence(self, insight: str) -> int:
        """Return a number higher than every earlier one of the insight; gaps are normal."""
        with named(f"registry {self._table}"):
            reply = self._client.update_item(
                TableName=self._table,
                Key=key_of(insight, COUNTER),
                UpdateExpression="ADD #n :one",
                ExpressionAttributeNames={"#n": "sequence"},
                ExpressionAttributeValues=serialized({":one": 1}),
                ReturnValues="UPDATED_NEW",
            )
        return int(values_of(reply["Attributes"])["sequence"])

    def add_claim(self, claim: Claim) -> None:
        """Begin a run's life."""
        run = Run(**asdict(claim), state=State.CLAIMED)
        self._put_new(claim.insight, f"{RUN}{claim.run_id}", asdict(run))

    def mark_written(self, insight: str, run_id: str) -> bool:
        """Move a run from claimed to written; return False if it is past that."""
        return self._update(**run_update(insight, RunChange(run_id, State.CLAIMED, State.WRITTEN, "")))

    def run(self, insight: str, run_id: str) -> Run | None:
        """Return one run, or None."""
        found = self._get(insight, f"{RUN}{run_id}")
        return run_of(found) if found else None

    def runs(self, insight: str) -> tuple[Run, ...]:
        """Return every run, oldest first."""
        return tuple(run_of(item) for item in self._query(insight, RUN))

    def pointer(self, insight: str, as_of: str) -> Pointer | None:
        """Return the pointer of one as_of, or None if nothing was ever decided for it."""
        found = self._get(insight, f"{POINTER}{as_of}")
        return pointer_of(found) if found else None

    def pointers(self, insight: str) -> tuple[Pointer, ...]:
        """Return every pointer, oldest as_of first."""
        return tuple(pointer_of(item) for item in self._query(insight, POINTER))

    def newest_pointer(self, insight: str) -> Pointer | None:
        """Return the pointer of the newest as_of that has a run, or None if none has."""
        newest_first = map(pointer_of, self._query(insight, POINTER, newest_first=True))
        return next((pointer for pointer in newest_first if pointer.run_id), None)

    def decision(self, insight: str, sequence: int) -> Decision | None:
        """Return one decision, or None."""
        found = self._get(insight, f"{DECISION}{sequence:012d}")
        return decision_of(found) if found else None

    def decisions(self, insight: str) -> tuple[Decision, ...]:
        """Return every decision, oldest first."""
        return tuple(decision_of(item) for item in self._query(insight, DECISION))

    def last_decision(self, insight: str) -> Decision | None:
        """Return the decision with the highest number, or None."""
        return next(map(decision_of, self._query(insight, DECISION, newest_first=True)), None)

    def commit(self, change: Change) -> bool:
        """Apply a change as one transaction; return False, having changed nothing, if a condition does not hold."""
        items: list[Any] = [
            {"Update": {"TableName": self._table, **run_update(change.insight, run)}} for run in change.runs
        ]
        if change.decision is not None:
            pointer = pointer_update(change.decision, change.seen_sequence)
            items.append({"Update": {"TableName": self._table, **pointer}})
            items.append({"Put": {"TableName": self._table, **decision_put(change.decision)}})
        if change.unmoved is not None:
            check = pointer_check(change.insight, change.unmoved)
            items.append({"ConditionCheck": {"TableName": self._table, **check}})
        with named(f"registry {self._table}"):
            try:
                self._client.transact_write_items(TransactItems=items)
            except ClientError as error:
                reasons = _reasons(error)
                if reasons and reasons <= LOST_A_RACE:
                    return False
                if reasons and reasons <= LOST_A_RACE | TOO_BUSY:
                    raise Retryable(f"registry {self._table}: transaction: {', '.join(sorted(reasons))}") from error
                raise
        return True

    def set_pin(self, insight: str, run_id: str, until: str) -> bool:
        """Hold a run until the end of a day (empty: no longer); return False if it is no run that can be held."""
        held = {f":{state}": state for state in sorted(PINNABLE)}
        return self._update(
            Key=key_of(insight, f"{RUN}{run_id}"),
            UpdateExpression="SET pinned_until = :until",
            ConditionExpression=f"#s IN ({', '.join(held)}) AND {NOT_CONDEMNED}",
            ExpressionAttributeNames={"#s": "state"},
            ExpressionAttributeValues=serialized({":until": until, ":nobody": "", **held}),
        )

    def condemn(self, insight: str, run_id: str, erasure: str) -> bool:
        """Mark a run for an erasure and take its pin away; return False if it was condemned before, or is no run."""
        return self._update(
            Key=key_of(insight, f"{RUN}{run_id}"),
            UpdateExpression="SET condemned_by = :erasure, pinned_until = :nobody",
            ConditionExpression=f"attribute_exists(pk) AND {NOT_CONDEMNED}",
            ExpressionAttributeValues=serialized({":erasure": erasure, ":nobody": ""}),
        )

    def mark_complete(self, insight: str, run_id: str) -> None:
        """Record that every step after the run's decision was done."""
        with named(f"registry {self._table}"):
            self._client.update_item(
                TableName=self._table,
                Key=key_of(insight, f"{RUN}{run_id}"),
                UpdateExpression="SET #c = :true",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames={"#c": "complete"},
                ExpressionAttributeValues=serialized({":true": True}),
            )

    def restore(self, insight: str, runs: tuple[Run, ...], decisions: tuple[Decision, ...], sequence: int) -> None:
        """Put back what is missing: runs, the pointers that follow from the decisions, the counter at least here.

        The decisions come last: while one is missing, a rebuild that was cut short is known to be unfinished.
        """
        self._raise(insight, COUNTER, {"sequence": sequence})
        for run in runs:
            with named(f"registry {self._table}"):
                self._client.put_item(TableName=self._table, Item=stored(insight, f"{RUN}{run.run_id}", asdict(run)))
        for pointer in pointers_of(decisions):
            self._raise(insight, f"{POINTER}{pointer.as_of}", asdict(pointer))
        for decision in decisions:
            self._put_new(insight, f"{DECISION}{decision.sequence:012d}", asdict(decision))

    def _update(self, **update: Any) -> bool:
        """Update one item; return False, having changed nothing, if its condition does not hold."""
        with named(f"registry {self._table}"):
            try:
                self._client.update_item(TableName=self._table, **update)
            except ClientError as error:
                if code_of(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def _raise(self, insight: str, sort_key: str, values: Mapping[str, Any]) -> None:
        """Write an item unless it has this sequence, or a higher one, already."""
        with named(f"registry {self._table}"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=stored(insight, sort_key, values),
                    ConditionExpression="attribute_not_exists(pk) OR #n < :n",
                    ExpressionAttributeNames={"#n": "sequence"},
                    ExpressionAttributeValues=serialized({":n": values["sequence"]}),
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise

    def _put_new(self, insight: str, sort_key: str, values: Mapping[str, Any]) -> None:
        """Write an item unless it exists; what is written here never differs between two attempts."""
        with named(f"registry {self._table}"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=stored(insight, sort_key, values),
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise

    def _get(self, insight: str, sort_key: str) -> dict[str, Any] | None:
        with named(f"registry {self._table}"):
            reply = self._client.get_item(TableName=self._table, Key=key_of(insight, sort_key), ConsistentRead=True)
        item = reply.get("Item")
        return values_of(item) if item else None

    def _query(self, insight: str, begins_with: str, newest_first: bool = False) -> Iterator[dict[str, Any]]:
        """Yield the items of one kind by sort key; reads no further page than the caller consumes."""
        with named(f"registry {self._table}"):
            for page in self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
                ExpressionAttributeValues=serialized({":pk": insight, ":sk": begins_with}),
                ConsistentRead=True,
                ScanIndexForward=not newest_first,
                PaginationConfig={"PageSize": FEW if newest_first else MANY},
            ):
                yield from map(values_of, page["Items"])


def _reasons(error: ClientError) -> set[str]:
    """Return why a transaction was cancelled; nothing if it was not, or if DynamoDB does not say."""
    if code_of(error) != "TransactionCanceledException":
        return set()
    reasons: Any = error.response.get("CancellationReasons", [])
    return {reason.get("Code", "None") for reason in reasons} - {"None"}
