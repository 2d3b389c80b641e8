"""Whose credentials a call carries: 12-digit access keys are administrators; all others are moto's IAM and STS."""

from __future__ import annotations

import re
from threading import Lock
from typing import Any

from moto.backends import get_backend

from localcloud.gateway import AwsError, Call, Caller

ACCOUNT_ID = re.compile(r"\d{12}")
ADMIN = "admin"
_lock = Lock()


def identify(access_key_id: str, region: str) -> Caller:
    """The caller with these credentials; a session of a role is that role, in the role's account."""
    if ACCOUNT_ID.fullmatch(access_key_id):
        return Caller(access_key_id, _admin_arn(access_key_id), access_key_id)
    for account_id, partitions in list(get_backend("iam").items()):
        iam = partitions["aws"]
        if key := iam.access_keys.get(access_key_id):
            if key.role_arn:
                return Caller(account_id, key.role_arn, access_key_id)
            if user := iam.get_user_from_access_key_id(access_key_id):
                return Caller(account_id, user.arn, access_key_id)
    raise AwsError("UnrecognizedClientException", "The security token included in the request is invalid.", 403)


def _admin_arn(account_id: str) -> str:
    iam: Any = get_backend("iam")[account_id]["aws"]
    with _lock:
        if account_id not in iam.access_keys:
            user = iam.create_user(region_name="eu-west-1", user_name=ADMIN)
            key: Any = iam.create_temp_access_key()
            del iam.access_keys[key.access_key_id]
            key.access_key_id = account_id  # so that moto's own look-ups know the administrator too
            user.access_keys.append(key)
            iam.access_keys[account_id] = key
    return f"arn:aws:iam::{account_id}:user/{ADMIN}"


def _get_caller_identity(call: Call) -> dict[str, Any] | None:
    """The administrator's identity; moto, which looks only for 20-character keys, knows all others."""
    caller = call.caller
    if not ACCOUNT_ID.fullmatch(caller.access_key_id):
        return None
    user = get_backend("iam")[caller.account_id]["aws"].get_user(ADMIN)
    return {"UserId": user.id, "Account": caller.account_id, "Arn": caller.arn}


HANDLERS = {("sts", "GetCallerIdentity"): _get_caller_identity}
