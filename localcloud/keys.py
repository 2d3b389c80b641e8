"""KMS keys by their ARN where moto takes an id alone: on, off, deleted later or not. Encrypts and refuses nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.gateway import AwsError, Call, Handler
from localcloud.store import backend

WINDOW_DAYS = (7, 30)


def _of(call: Call) -> tuple[Any, str]:
    """moto's backend, and the id of the key that the call names."""
    keys = backend("kms", call.caller.account_id, call.region)
    name = str(call.params.get("KeyId") or "")
    found = name.rpartition("/")[2] if name.startswith("arn:") else name
    if found not in keys.keys:
        raise AwsError("NotFoundException", f"Key '{name}' does not exist")
    return keys, found


def _switched(method: str) -> Callable[[Call], dict[str, Any]]:
    def handle(call: Call) -> dict[str, Any]:
        keys, found = _of(call)
        if keys.keys[found].key_state == "PendingDeletion":
            raise AwsError("KMSInvalidStateException", f"{keys.keys[found].arn} is pending deletion.")
        getattr(keys, method)(found)
        return {}

    return handle


def schedule_key_deletion(call: Call) -> dict[str, Any]:
    keys, found = _of(call)
    days = int(call.params.get("PendingWindowInDays") or WINDOW_DAYS[1])
    if not WINDOW_DAYS[0] <= days <= WINDOW_DAYS[1]:
        raise AwsError("ValidationException", f"PendingWindowInDays: {days} is not between 7 and 30.")
    key = keys.keys[found]
    date = keys.schedule_key_deletion(found, days)
    return {"KeyId": key.arn, "DeletionDate": date, "KeyState": key.key_state, "PendingWindowInDays": days}


def cancel_key_deletion(call: Call) -> dict[str, Any]:
    keys, found = _of(call)
    if keys.keys[found].key_state != "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{keys.keys[found].arn} is not pending deletion.")
    keys.cancel_key_deletion(found)
    return {"KeyId": keys.keys[found].arn}


HANDLERS: dict[tuple[str, str], Handler] = {
    ("kms", "EnableKey"): _switched("enable_key"),
    ("kms", "DisableKey"): _switched("disable_key"),
    ("kms", "ScheduleKeyDeletion"): schedule_key_deletion,
    ("kms", "CancelKeyDeletion"): cancel_key_deletion,
}
