"""What a caller's own IAM policies say: from moto's IAM, evaluated by `policy`. Resource policies are elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from localcloud import clock
from localcloud.gateway import AwsError, Call, Caller, Guard
from localcloud.organisation import organisation_id
from localcloud.policy import Request, evaluate


def caller_context(caller: Caller) -> dict[str, str]:
    """Condition keys that every request has."""
    organisation = organisation_id(caller.account_id)
    return {
        "aws:securetransport": "true",
        "aws:currenttime": datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:principalarn": caller.arn,
        "aws:principalaccount": caller.account_id,
        "aws:principaltype": "User" if ":user/" in caller.arn else "AssumedRole",
        "aws:username": caller.arn.rpartition("/")[2],
        **({"aws:principalorgid": organisation} if organisation else {}),
    }


def identity_policies(caller: Caller) -> Iterator[str]:
    """The policies of a role or user, inline and attached, as JSON text; a user's groups are not looked at."""
    iam: Any = get_backend("iam")[caller.account_id]["aws"]
    held = iam.roles.values() if ":role/" in caller.arn else iam.users.values()
    found = next((entry for entry in held if entry.arn == caller.arn), None)
    if found is None:
        return
    yield from found.policies.values()
    for policy in found.managed_policies.values():
        yield next(version.document for version in policy.versions if version.is_default)


def guard_roles(service: str, about: Callable[[Call], tuple[str, dict[str, str]]] = lambda call: ("*", {})) -> Guard:
    """A guard: a role calls an operation of the service only if its policies allow that, on the resource and with the
    condition keys that `about` tells."""

    def check(call: Call) -> None:
        if ":role/" not in call.caller.arn:
            return
        resource, further = about(call)
        facts = caller_context(call.caller) | further
        request = Request(f"{service}:{call.action}", resource, call.caller.arn, call.caller.account_id, facts)
        if evaluate(identity_policies(call.caller), request) != "allow":
            on = "" if resource == "*" else f" on resource: {resource}"
            raise AwsError(
                "AccessDeniedException",
                f"User: {call.caller.arn} is not authorized to perform: {service}:{call.action}{on} "
                f"because no identity-based policy allows the {service}:{call.action} action",
            )

    return check
