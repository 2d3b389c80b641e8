"""Whose credentials a call carries: 12-digit access keys are administrators; all others are moto's IAM and STS."""

from __future__ import annotations

import json
import re
from threading import Lock
from typing import Any

from moto.backends import get_backend

from localcloud.gateway import AwsError, Call, Caller
from localcloud.identity import caller_context, identity_policies
from localcloud.policy import Request, evaluate

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


def _check_assume_role(call: Call) -> None:
    """A role is assumed by those whom its trust policy names; moto lets everybody have every role."""
    if call.action != "AssumeRole":
        return
    caller, role_arn = call.caller, str(call.params["RoleArn"])
    account_id = role_arn.split(":")[4] if role_arn.count(":") >= 5 else ""
    roles = get_backend("iam")[account_id]["aws"].roles.values() if ACCOUNT_ID.fullmatch(account_id) else []
    role = next((role for role in roles if role.arn == role_arn), None)
    facts = caller_context(caller) | {"sts:externalid": str(call.params.get("ExternalId", ""))}
    request = Request("sts:AssumeRole", role_arn, caller.arn, caller.account_id, facts)
    if role is None or not _trusts(role, request) or not _may_assume(caller, request):
        message = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
        raise AwsError("AccessDenied", message, 403)


def _trusts(role: Any, request: Request) -> bool:
    document = json.loads(role.assume_role_policy_document)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    whole = {"Statement": [{**statement, "Resource": "*"} for statement in statements]}
    return evaluate([whole], request, resource_policy=True) == "allow"


def _may_assume(caller: Caller, request: Request) -> bool:
    return ":user/" in caller.arn or evaluate(identity_policies(caller), request) == "allow"


GUARDS = {"sts": [_check_assume_role]}
HANDLERS = {("sts", "GetCallerIdentity"): _get_caller_identity}
