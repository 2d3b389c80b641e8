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

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from insightshare.aws.failures import code_of, named
from insightshare.publish.facts import Claim, Decision, Pointer, Run, State
from insightshare.publish.ports import Change, RunChange
from insightshare.publish.rebuild import pointers_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

COUNTER = "counter"
RUN = "run#"
POINTER = "pointer#"
DECISION = "decision#"
FEW, MANY = 10, 1000  # items per page: where mostly the first is wanted, and where all are
LOST_A_RACE = {"ConditionalCheckFailed", "TransactionConflict"}


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
                Key=_key(insight, COUNTER),
                UpdateExpression="ADD #n :one",
                ExpressionAttributeNames={"#n": "sequence"},
                ExpressionAttributeValues=_item({":one": 1}),
                ReturnValues="UPDATED_NEW",
            )
        return int(_value(reply["Attributes"])["sequence"])

    def add_claim(self, claim: Claim) -> None:
        """Begin a run's life."""
        run = Run(**asdict(claim), state=State.CLAIMED)
        self._put_new(claim.insight, f"{RUN}{claim.run_id}", asdict(run))

    def mark_written(self, insight: str, run_id: str) -> bool:
        """Move a run from claimed to written; return False if it is past that."""
        with named(f"registry {self._table}"):
            try:
                self._client.update_item(
                    TableName=self._table, **_run_update(insight, RunChange(run_id, State.CLAIMED, State.WRITTEN))
                )
            except ClientError as error:
                if code_of(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def run(self, insight: str, run_id: str) -> Run | None:
        """Return one run, or None."""
        found = self._get(insight, f"{RUN}{run_id}")
        return _run(found) if found else None

    def runs(self, insight: str) -> tuple[Run, ...]:
        """Return every run, oldest first."""
        return tuple(_run(item) for item in self._query(insight, RUN))

    def pointer(self, insight: str, as_of: str) -> Pointer | None:
        """Return the pointer of one as_of, or None if nothing was ever decided for it."""
        found = self._get(insight, f"{POINTER}{as_of}")
        return _pointer(found) if found else None

    def pointers(self, insight: str) -> tuple[Pointer, ...]:
        """Return every pointer, oldest as_of first."""
        return tuple(_pointer(item) for item in self._query(insight, POINTER))

    def newest_pointer(self, insight: str) -> Pointer | None:
        """Return the pointer of the newest as_of that has a run, or None if none has."""
        newest_first = map(_pointer, self._query(insight, POINTER, newest_first=True))
        return next((pointer for pointer in newest_first if pointer.run_id), None)

    def decision(self, insight: str, sequence: int) -> Decision | None:
        """Return one decision, or None."""
        found = self._get(insight, f"{DECISION}{sequence:012d}")
        return _decision(found) if found else None

    def decisions(self, insight: str) -> tuple[Decision, ...]:
        """Return every decision, oldest first."""
        return tuple(_decision(item) for item in self._query(insight, DECISION))

    def last_decision(self, insight: str) -> Decision | None:
        """Return the decision with the highest number, or None."""
        return next(map(_decision, self._query(insight, DECISION, newest_first=True)), None)

    def commit(self, change: Change) -> bool:
        """Apply a change as one transaction; return False, having changed nothing, if a condition does not hold."""
        items: list[Any] = [
            {"Update": {"TableName": self._table, **_run_update(change.insight, run)}} for run in change.runs
        ]
        if change.decision is not None:
            pointer = _pointer_update(change.decision, change.seen_sequence)
            items.append({"Update": {"TableName": self._table, **pointer}})
            items.append({"Put": {"TableName": self._table, **_decision_put(change.decision)}})
        with named(f"registry {self._table}"):
            try:
                self._client.transact_write_items(TransactItems=items)
            except ClientError as error:
                if code_of(error) == "TransactionCanceledException" and _lost_a_race(error):
                    return False
                raise
        return True

    def mark_complete(self, insight: str, run_id: str) -> None:
        """Record that every step after the run's decision was done."""
        with named(f"registry {self._table}"):
            self._client.update_item(
                TableName=self._table,
                Key=_key(insight, f"{RUN}{run_id}"),
                UpdateExpression="SET #c = :true",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames={"#c": "complete"},
                ExpressionAttributeValues=_item({":true": True}),
            )

    def restore(self, insight: str, runs: tuple[Run, ...], decisions: tuple[Decision, ...], sequence: int) -> None:
        """Put back what is missing: runs, decisions, the pointers that follow from them, the counter at least here."""
        self._raise(insight, COUNTER, {"sequence": sequence})
        for run in runs:
            with named(f"registry {self._table}"):
                self._client.put_item(TableName=self._table, Item=_stored(insight, f"{RUN}{run.run_id}", asdict(run)))
        for decision in decisions:
            self._put_new(insight, f"{DECISION}{decision.sequence:012d}", asdict(decision))
        for pointer in pointers_of(decisions):
            self._raise(insight, f"{POINTER}{pointer.as_of}", asdict(pointer))

    def _raise(self, insight: str, sort_key: str, values: Mapping[str, Any]) -> None:
        """Write an item unless it has this sequence, or a higher one, already."""
        with named(f"registry {self._table}"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=_stored(insight, sort_key, values),
                    ConditionExpression="attribute_not_exists(pk) OR #n < :n",
                    ExpressionAttributeNames={"#n": "sequence"},
                    ExpressionAttributeValues=_item({":n": values["sequence"]}),
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
                    Item=_stored(insight, sort_key, values),
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise

    def _get(self, insight: str, sort_key: str) -> dict[str, Any] | None:
        with named(f"registry {self._table}"):
            reply = self._client.get_item(TableName=self._table, Key=_key(insight, sort_key), ConsistentRead=True)
        item = reply.get("Item")
        return _value(item) if item else None

    def _query(self, insight: str, begins_with: str, newest_first: bool = False) -> Iterator[dict[str, Any]]:
        """Yield the items of one kind by sort key; reads no further page than the caller consumes."""
        with named(f"registry {self._table}"):
            for page in self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
                ExpressionAttributeValues=_item({":pk": insight, ":sk": begins_with}),
                ConsistentRead=True,
                ScanIndexForward=not newest_first,
                PaginationConfig={"PageSize": FEW if newest_first else MANY},
            ):
                yield from map(_value, page["Items"])


def _run_update(insight: str, change: RunChange) -> dict[str, Any]:
    """Return the update that moves a run, on the condition that it still is where it was seen."""
    values: dict[str, Any] = {":before": change.before, ":after": change.after}
    sets = ["#s = :after"]
    if change.registered is not None:
        sets += ["#rows = :rows", "files_digest = :digest", "registered_at_utc = :at"]
        values |= {":rows": change.registered.rows, ":digest": change.registered.files_digest}
        values |= {":at": change.registered.registered_at_utc}
    names = {"#s": "state"} | ({"#rows": "rows"} if change.registered else {})
    return {
        "Key": _key(insight, f"{RUN}{change.run_id}"),
        "UpdateExpression": "SET " + ", ".join(sets),
        "ConditionExpression": "#s = :before",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": _item(values),
    }


def _pointer_update(decision: Decision, seen_sequence: int | None) -> dict[str, Any]:
    """Return the update that moves a pointer on, on the condition that it still is where it was seen."""
    values: dict[str, Any] = {":run": decision.run_id, ":n": decision.sequence, ":as_of": decision.as_of}
    condition = "attribute_not_exists(pk)"
    if seen_sequence is not None:
        condition = "#n = :seen AND #n < :n"
        values[":seen"] = seen_sequence
    return {
        "Key": _key(decision.insight, f"{POINTER}{decision.as_of}"),
        "UpdateExpression": "SET run_id = :run, #n = :n, as_of = :as_of",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#n": "sequence"},
        "ExpressionAttributeValues": _item(values),
    }


def _decision_put(decision: Decision) -> dict[str, Any]:
    stored = _stored(decision.insight, f"{DECISION}{decision.sequence:012d}", asdict(decision))
    return {"Item": stored, "ConditionExpression": "attribute_not_exists(pk)"}


def _lost_a_race(error: ClientError) -> bool:
    reasons: Any = error.response.get("CancellationReasons", [])
    return {reason.get("Code", "None") for reason in reasons} - {"None"} <= LOST_A_RACE


def _key(insight: str, sort_key: str) -> dict[str, Any]:
    return _item({"pk": insight, "sk": sort_key})


def _stored(insight: str, sort_key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return _item({"pk": insight, "sk": sort_key, **values})


def _item(values: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: str(value) if isinstance(value, str) else value for name, value in values.items()}  # enums are text
    return {name: TypeSerializer().serialize(value) for name, value in plain.items()}


def _value(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items() if name not in ("pk", "sk")}


def _run(item: dict[str, Any]) -> Run:
    return Run(**{**item, "sequence": int(item["sequence"]), "rows": int(item["rows"]), "state": State(item["state"])})


def _pointer(item: dict[str, Any]) -> Pointer:
    return Pointer(item["as_of"], item["run_id"], int(item["sequence"]))


def _decision(item: dict[str, Any]) -> Decision:
    return Decision.from_json(item)
