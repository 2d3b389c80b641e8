"""Refuses calls of DynamoDB, SQS, Lambda, EventBridge, SNS and Glue that no policy allows: moto lets everybody.

- A role of the resource's account needs an Allow in its own policies or in the resource's.
- A caller of another account, user or role, needs an Allow in the resource's policy, and a role one of its own too.
- A user of the resource's account needs none: users stand for people with administrator rights.

Tables of DynamoDB and buses have no policy here, so nobody of another account reaches them. Other accounts' catalogs
are Lake Formation's to open.
"""

from __future__ import annotations

import json
from typing import Any

from localcloud.gateway import AwsError, Call, Guard
from localcloud.identity import caller_context, identity_policies
from localcloud.permissions import Permission, permissions_of
from localcloud.policy import Request, Verdict, evaluate
from localcloud.store import backend

CODES = {"sqs": ("AccessDenied", 403), "sns": ("AuthorizationError", 403), "lambda": ("AccessDeniedException", 403)}


def check(call: Call) -> None:
    """Refuse the call if one of the permissions that it asks for is not held."""
    if not _is_foreign(call) and ":role/" not in call.caller.arn:
        return
    for permission in permissions_of(call):
        _require(call, permission)


def _require(call: Call, asked: Permission) -> None:
    if not asked.action.startswith(f"{call.service}:"):
        return  # keys are not enforced
    facts = caller_context(call.caller) | dict(asked.context)
    request = Request(asked.action, asked.resource, call.caller.arn, call.caller.account_id, facts)
    identity: Verdict = "allow"
    if ":role/" in call.caller.arn:
        identity = evaluate(identity_policies(call.caller), request)
    resource = evaluate(_resource_policy(asked.resource), request, resource_policy=True)
    mine = _account(asked.resource) in ("", call.caller.account_id) or call.service == "glue"
    allowed = "allow" in (identity, resource) if mine else identity == resource == "allow"
    if allowed and "deny" not in (identity, resource):
        return
    kind = "identity-based" if mine or identity != "allow" else "resource-based"
    code, status = CODES.get(call.service, ("AccessDeniedException", 400))
    raise AwsError(
        code,
        f"User: {call.caller.arn} is not authorized to perform: {asked.action} on resource: {asked.resource} "
        f"because no {kind} policy allows the {asked.action} action",
        status,
    )


def _is_foreign(call: Call) -> bool:
    if call.service == "glue":
        return False
    return any(_account(one.resource) not in ("", call.caller.account_id) for one in permissions_of(call))


def _account(arn: str) -> str:
    return arn.split(":")[4] if arn.count(":") >= 5 else ""


def _resource_policy(arn: str) -> list[str]:
    """The policy of a queue, topic or function, as JSON text."""
    if arn.count(":") < 5:
        return []
    _, _, service, region, account, name = arn.split(":", 5)
    if service == "sqs":
        queue: Any = backend("sqs", account, region).queues.get(name)
        return _text(getattr(queue, "policy", None))
    if service == "sns":
        topic = backend("sns", account, region).topics.get(arn)
        return _text(getattr(topic, "policy", None))
    if service == "lambda":
        functions: Any = backend("lambda", account, region).list_functions()
        found = next((one for one in functions if one.function_arn == arn), None)
        return [json.dumps({"Statement": [_spoken(one) for one in found.policy.statements]})] if found else []
    return []


def _spoken(statement: dict[str, Any]) -> dict[str, Any]:
    """moto keeps the bare account id that AddPermission takes; AWS says it as a policy does."""
    principal = statement.get("Principal")
    return {**statement, "Principal": {"AWS": principal}} if isinstance(principal, str) else statement


def _text(policy: Any) -> list[str]:
    if not policy:
        return []
    return [policy if isinstance(policy, str) else json.dumps(policy)]


GUARDS: dict[str, list[Guard]] = {name: [check] for name in ("dynamodb", "sqs", "lambda", "events", "sns", "glue")}
