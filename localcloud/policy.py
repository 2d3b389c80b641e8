"""IAM policy documents: does this statement speak of this request? It knows no service and fetches no policies.

Evaluated: Effect, Action/NotAction, Resource/NotResource, Principal/NotPrincipal, policy variables, and the condition
operators String*, Arn*, Bool, Date*, Null with IfExists and ForAnyValue/ForAllValues. Not evaluated: Numeric*, Binary*,
IpAddress; a Deny with one of these applies, an Allow with one does not. Session policies, permission boundaries and
service control policies are not looked at.
"""

from __future__ import annotations

import fnmatch
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Verdict = Literal["allow", "deny", "silent"]
# Facts of a request that nobody here passes on: a condition on them is undecided, and its statement does not apply.
UNKNOWN = ("s3:signature", "s3:authtype", "s3:tlsversion", "aws:useragent", "aws:referer", "aws:requesttag")


@dataclass(frozen=True)
class Request:
    """One call as policies see it. `context` holds the condition keys, lower-cased, that are known."""

    action: str  # "s3:GetObject"
    resource: str
    principal_arn: str  # or a service's name, as cloudtrail.amazonaws.com
    principal_account: str
    context: Mapping[str, str] = field(default_factory=dict)


def evaluate(
    documents: Iterable[str | Mapping[str, Any]], request: Request, *, resource_policy: bool = False
) -> Verdict:
    """What these policies say together: an explicit deny wins, silence is no allow."""
    verdict: Verdict = "silent"
    for document in documents:
        parsed = json.loads(document) if isinstance(document, str) else document
        for statement in _many(parsed.get("Statement")):
            denies = statement.get("Effect") == "Deny"
            if not _applies(statement, request, resource_policy, denies):
                continue
            if denies:
                return "deny"
            verdict = "allow"
    return verdict


def resources(document: str) -> list[str]:
    """The resource patterns that a policy names."""
    return [
        str(one)
        for statement in _many(json.loads(document).get("Statement"))
        for one in _many(statement.get("Resource"))
    ]


def _applies(statement: Mapping[str, Any], request: Request, resource_policy: bool, denies: bool) -> bool:
    return (
        _listed(statement, "Action", request.action, fold=True)
        and _listed(statement, "Resource", request.resource, context=request.context)
        and (not resource_policy or _principal(statement, request))
        and _conditions(statement.get("Condition") or {}, request, denies)
    )


def _listed(
    statement: Mapping[str, Any], key: str, value: str, *, fold: bool = False, context: Mapping[str, str] | None = None
) -> bool:
    """Whether the value is in the list, or outside the Not-list; a resource policy may leave Resource out."""
    if f"Not{key}" in statement:
        return not any(_like(pattern, value, fold, context) for pattern in _many(statement[f"Not{key}"]))
    if key not in statement:
        return False
    return any(_like(pattern, value, fold, context) for pattern in _many(statement[key]))


def _principal(statement: Mapping[str, Any], request: Request) -> bool:
    if "NotPrincipal" in statement:
        return not _is_one_of(statement["NotPrincipal"], request)
    return "Principal" in statement and _is_one_of(statement["Principal"], request)


def _is_one_of(principal: Any, request: Request) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    if request.principal_arn in _many(principal.get("Service")):
        return True
    account = request.principal_account
    mine = {"*", account, f"arn:aws:iam::{account}:root", request.principal_arn}
    return any(name in mine for name in _many(principal.get("AWS")))


def _conditions(conditions: Mapping[str, Any], request: Request, denies: bool) -> bool:
    for operator, pairs in conditions.items():
        for key, values in pairs.items():
            met = _condition(operator, key.lower(), [str(value) for value in _many(values)], request.context)
            if met is None:
                met = denies and not key.lower().startswith(UNKNOWN)
            if not met:
                return False
    return True


def _condition(operator: str, key: str, values: list[str], context: Mapping[str, str]) -> bool | None:
    """Whether one condition holds; None if it cannot be decided here."""
    set_operator, _, plain = operator.rpartition(":")
    name = plain.removesuffix("IfExists")
    if key.startswith(UNKNOWN) and key not in context:
        return None
    if name == "Null":
        return (key not in context) == (values[:1] == ["true"])
    compare = _OPERATORS.get(name.replace("Not", "", 1))
    if compare is None:
        return None
    negated = "Not" in name
    if key not in context:
        return plain.endswith("IfExists") or negated or set_operator == "ForAllValues"
    return any(compare(_filled(value, context), context[key]) for value in values) != negated


def _like(pattern: Any, value: str, fold: bool, context: Mapping[str, str] | None) -> bool:
    text = _filled(str(pattern), context or {})
    return _wild(text.lower(), value.lower()) if fold else _wild(text, value)


def _wild(pattern: str, value: str) -> bool:
    """IAM's wildcards: * and ? only; brackets are ordinary characters."""
    return fnmatch.fnmatchcase(value, re.sub(r"\[", "[[]", pattern))


def _filled(text: str, context: Mapping[str, str]) -> str:
    return re.sub(r"\$\{([^}]+)\}", lambda found: context.get(found.group(1).lower(), found.group(0)), text)


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _moment(text: str) -> float:
    """Seconds since the epoch, which IAM takes as a number or as ISO 8601; what is no moment equals none."""
    try:
        return float(text) if re.fullmatch(r"[0-9.]+", text) else datetime.fromisoformat(text).timestamp()
    except ValueError:
        return math.nan


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, found: wanted == found,
    "StringEqualsIgnoreCase": lambda wanted, found: wanted.lower() == found.lower(),
    "StringLike": _wild,
    "ArnEquals": _wild,
    "ArnLike": _wild,
    "Bool": lambda wanted, found: wanted.lower() == found.lower(),
    "DateEquals": lambda wanted, found: _moment(found) == _moment(wanted),
    "DateLessThan": lambda wanted, found: _moment(found) < _moment(wanted),
    "DateLessThanEquals": lambda wanted, found: _moment(found) <= _moment(wanted),
    "DateGreaterThan": lambda wanted, found: _moment(found) > _moment(wanted),
    "DateGreaterThanEquals": lambda wanted, found: _moment(found) >= _moment(wanted),
}
