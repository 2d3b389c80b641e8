"""The registry's items and the expressions that move them, as DynamoDB takes them. Calls nothing."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from insightshare.publish.facts import Decision, Pointer, Run, State
from insightshare.publish.ports import RunChange

COUNTER = "counter"
RUN = "run#"
POINTER = "pointer#"
DECISION = "decision#"
NOT_CONDEMNED = "(attribute_not_exists(condemned_by) OR condemned_by = :nobody)"


def run_update(insight: str, change: RunChange) -> dict[str, Any]:
    """Return the update that moves a run, on the condition that it still is where it was seen."""
    values: dict[str, Any] = {":before": change.before, ":after": change.after}
    sets, conditions = ["#s = :after"], ["#s = :before"]
    if change.at_utc:
        sets.append("state_since_utc = :since")
        values[":since"] = change.at_utc
    if change.unpinned_on:
        conditions.append("(attribute_not_exists(pinned_until) OR pinned_until < :today)")
        values[":today"] = change.unpinned_on
    if change.after is State.CURRENT:
        conditions.append(NOT_CONDEMNED)
        values[":nobody"] = ""
    if change.registered is not None:
        sets += ["#rows = :rows", "files_digest = :digest", "registered_at_utc = :at"]
        values |= {":rows": change.registered.rows, ":digest": change.registered.files_digest}
        values |= {":at": change.registered.registered_at_utc}
    names = {"#s": "state"} | ({"#rows": "rows"} if change.registered else {})
    return {
        "Key": key_of(insight, f"{RUN}{change.run_id}"),
        "UpdateExpression": "SET " + ", ".join(sets),
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": serialized(values),
    }


def pointer_update(decision: Decision, seen_sequence: int | None) -> dict[str, Any]:
    """Return the update that moves a pointer on, on the condition that it still is where it was seen."""
    values: dict[str, Any] = {":run": decision.run_id, ":n": decision.sequence, ":as_of": decision.as_of}
    condition = "attribute_not_exists(pk)"
    if seen_sequence is not None:
        condition = "#n = :seen AND #n < :n"
        values[":seen"] = seen_sequence
    return {
        "Key": key_of(decision.insight, f"{POINTER}{decision.as_of}"),
        "UpdateExpression": "SET run_id = :run, #n = :n, as_of = :as_of",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#n": "sequence"},
        "ExpressionAttributeValues": serialized(values),
    }


def pointer_check(insight: str, seen: Pointer) -> dict[str, Any]:
    """Return the condition that a pointer still is where it was seen."""
    return {
        "Key": key_of(insight, f"{POINTER}{seen.as_of}"),
        "ConditionExpression": "#n = :seen",
        "ExpressionAttributeNames": {"#n": "sequence"},
        "ExpressionAttributeValues": serialized({":seen": seen.sequence}),
    }


def decision_put(decision: Decision) -> dict[str, Any]:
    new = stored(decision.insight, f"{DECISION}{decision.sequence:012d}", asdict(decision))
    return {"Item": new, "ConditionExpression": "attribute_not_exists(pk)"}


def key_of(insight: str, sort_key: str) -> dict[str, Any]:
    return serialized({"pk": insight, "sk": sort_key})


def stored(insight: str, sort_key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return serialized({"pk": insight, "sk": sort_key, **values})


def serialized(values: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: str(value) if isinstance(value, str) else value for name, value in values.items()}  # enums are text
    return {name: TypeSerializer().serialize(value) for name, value in plain.items()}


def values_of(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items() if name not in ("pk", "sk")}


def run_of(item: dict[str, Any]) -> Run:
    return Run(**{**item, "sequence": int(item["sequence"]), "rows": int(item["rows"]), "state": State(item["state"])})


def pointer_of(item: dict[str, Any]) -> Pointer:
    return Pointer(item["as_of"], item["run_id"], int(item["sequence"]))


def decision_of(item: dict[str, Any]) -> Decision:
    return Decision.from_json(item)
