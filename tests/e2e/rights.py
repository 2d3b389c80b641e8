"""Holds what roles were seen to use against what their policies allow: neither may be more. Knows no role by name.

The record is the local AWS's (`asked`); policies are read from IAM as deployed. Rights are compared by kind, because
what holds for one insight holds for all: `kinds` says which names stand for which word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from localcloud.policy import Request, evaluate


@dataclass(frozen=True, order=True)
class Right:
    """One action on one resource (or pattern of resources), of one role or kind of role."""

    role: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.role}: {self.action} on {self.resource}"


@dataclass(frozen=True)
class Use:
    """One permission that a call of a role asked for."""

    right: Right
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Exemption:
    """Rights that may stay unused, by patterns, and why."""

    role: str
    actions: tuple[str, ...]
    resource: str
    reason: str

    def covers(self, right: Right) -> bool:
        """Whether it speaks of this right."""
        return (
            fnmatchcase(right.role, self.role)
            and right.action in self.actions
            and fnmatchcase(right.resource, self.resource)
        )


Policies = Mapping[str, tuple[Mapping[str, Any], ...]]  # role ARN → its statements


def deployed_policies(iam: Any) -> dict[str, tuple[Mapping[str, Any], ...]]:
    """Every role of ours in an account, with the statements of its inline policies."""
    found = {}
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        if not name.startswith("insightshare"):
            continue
        documents = [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        found[role["Arn"]] = tuple(
            statement for document in documents for statement in as_list(_parsed(document)["Statement"])
        )
    return found


def named_keys(kms: Any) -> dict[str, str]:
    """The name of every key of an account that has one, by its id."""
    return {one["TargetKeyId"]: one["AliasName"] for one in kms.list_aliases()["Aliases"] if "TargetKeyId" in one}


def recorded_uses(lines: Iterable[str], roles: Iterable[str]) -> set[Use]:
    """What these roles asked for, from the local AWS's record."""
    known, found = set(roles), set()
    for line in lines:
        call = json.loads(line)
        if call["principal"] in known:
            for action, resource, context in call.get("asked", ()):
                found.add(Use(Right(call["principal"], action, resource), tuple(sorted(context.items()))))
    return found


def unallowed(policies: Policies, uses: Iterable[Use]) -> list[Right]:
    """What was asked for and no policy of the role allows."""
    return sorted({use.right for use in uses if not _is_allowed(policies, use)})


def unused(policies: Policies, uses: Iterable[Use], kinds: Mapping[str, str]) -> list[Right]:
    """What policies allow and nothing asked for, by kind of role and resource."""
    seen = {(use.right.role, use.right.action.lower()): [] for use in uses}  # type: dict[tuple[str, str], list[str]]
    for use in uses:
        seen[use.right.role, use.right.action.lower()].append(use.right.resource)
    needed: dict[Right, bool] = {}
    for role, statements in policies.items():
        for action, pattern in _allowed(statements):
            used = any(_matches(pattern, resource) for resource in seen.get((role, action.lower()), ()))
            kind = Right(kind_of(role, kinds), action, kind_of(pattern, kinds))
            needed[kind] = needed.get(kind, False) or used
    return sorted(right for right, used in needed.items() if not used)


def compare(policies: Policies, uses: Iterable[Use], kinds: Mapping[str, str], exemptions: Iterable[Exemption]) -> str:
    """Everything by which policies and uses differ, a line each; empty where they are the same."""
    seen = list(uses)
    left, idle = unexplained(unused(policies, seen, kinds), exemptions)
    return "\n".join(
        [
            *(f"nothing allows {right}" for right in unallowed(policies, seen)),
            *(f"nothing used {right}" for right in left),
            *(f"nothing needs the exemption {one.role}: {', '.join(one.actions)}: {one.reason}" for one in idle),
        ]
    )


def unexplained(rights: Iterable[Right], exemptions: Iterable[Exemption]) -> tuple[list[Right], list[Exemption]]:
    """The rights that no exemption covers, and the exemptions that cover none."""
    left, idle = list(rights), []
    for exemption in exemptions:
        if not any(exemption.covers(right) for right in rights):
            idle.append(exemption)
        left = [right for right in left if not exemption.covers(right)]
    return left, idle


def kind_of(name: str, kinds: Mapping[str, str]) -> str:
    """The name with every part that `kinds` knows by a pattern replaced by its word."""
    for pattern, word in kinds.items():
        name = re.sub(pattern, word, name)
    return name


def as_list(value: Any) -> list[Any]:
    """Policies write one thing without its list."""
    return value if isinstance(value, list) else [value]


def _parsed(document: Any) -> Any:
    return json.loads(document) if isinstance(document, str) else document


def _allowed(statements: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [
        (action, resource)
        for statement in statements
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]


def _is_allowed(policies: Policies, use: Use) -> bool:
    account = use.right.role.split(":")[4]
    facts = {**dict(use.context), "aws:principalaccount": account, "aws:securetransport": "true"}
    request = Request(use.right.action, use.right.resource, use.right.role, account, facts)
    return evaluate([{"Statement": list(policies[use.right.role])}], request) == "allow"


def _matches(pattern: str, resource: str) -> bool:
    return fnmatchcase(resource, re.sub(r"\[", "[[]", pattern))
