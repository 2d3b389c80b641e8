"""KMS keys, quick to make, and by their ARN where moto takes an id alone: on, off, deleted later or not.

It encrypts nothing, and refuses nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.kms import models
from moto.kms.utils import RESERVED_ALIASES, generate_private_key

from localcloud.gateway import AwsError, Call, Guard, Handler
from localcloud.store import backend

WINDOW_DAYS = (7, 30)
SYMMETRIC = "SYMMETRIC_DEFAULT"


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


def _refuse_public_key(call: Call) -> None:
    if call.action == "GetPublicKey":
        keys, found = _of(call)
        if keys.keys[found].key_spec == SYMMETRIC:
            raise AwsError("UnsupportedOperationException", f"{keys.keys[found].arn} has no public key.")


def _name_aws_as_manager(call: Call) -> None:
    """moto makes the keys of `alias/aws/…` when they are first asked for, and takes them for a customer's."""
    name = str(call.params.get("KeyId") or "")
    if name in RESERVED_ALIASES:
        keys = backend("kms", call.caller.account_id, call.region)
        keys.keys[keys.any_id_to_key_id(name)].key_manager = "AWS"


def _pair(key_spec: str) -> Any:
    """The pair of a key that signs; a symmetric key has none, and moto takes a moment to make one all the same."""
    return None if key_spec == SYMMETRIC else generate_private_key(key_spec)


models.generate_private_key = _pair  # type: ignore[attr-defined]  # where moto's keys look it up

HANDLERS: dict[tuple[str, str], Handler] = {
    ("kms", "EnableKey"): _switched("enable_key"),
    ("kms", "DisableKey"): _switched("disable_key"),
    ("kms", "ScheduleKeyDeletion"): schedule_key_deletion,
    ("kms", "CancelKeyDeletion"): cancel_key_deletion,
}
GUARDS: dict[str, list[Guard]] = {"kms": [_refuse_public_key, _name_aws_as_manager]}
