"""DynamoDB's transactions that are sent twice with one client token: done once, as on AWS. moto does the rest."""

from __future__ import annotations

import json
import time
from typing import Any

from localcloud.gateway import AwsError, Call

KEPT_SECONDS = 600  # as long as AWS takes a repeated token for the same transaction

_Token = tuple[str, str, str]
_DONE: dict[_Token, tuple[float, str]] = {}  # when it was done, and what


def reset() -> None:
    """Forget every token."""
    _DONE.clear()


def _again(call: Call) -> dict[str, Any] | None:
    """The empty reply of a transaction that was done before; None lets moto do it."""
    done = _DONE.get(_token(call))
    if done is None or time.monotonic() - done[0] > KEPT_SECONDS:
        return None
    if done[1] != _what(call):
        raise AwsError("IdempotentParameterMismatchException", "The token was used with other parameters.")
    return {}


def _remember(call: Call, _: int) -> None:
    if call.params.get("ClientRequestToken"):
        _DONE.setdefault(_token(call), (time.monotonic(), _what(call)))


def _token(call: Call) -> _Token:
    return call.caller.account_id, call.region, str(call.params.get("ClientRequestToken"))


def _what(call: Call) -> str:
    return json.dumps(call.params.get("TransactItems"), sort_keys=True, default=repr)


HANDLERS = {("dynamodb", "TransactWriteItems"): _again}
OBSERVERS = {("dynamodb", "TransactWriteItems"): [_remember]}
