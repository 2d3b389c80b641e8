"""What IAM and resource policies allow, read from their documents. Reads no conditions: a conditional allow counts.

So the answer "no" is sure, and the answer "yes" is as sure as the statement's condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One statement; `principals` is empty in a policy of an identity. The negated forms are told by `except_`."""

    allow: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...] = ()
    conditional: bool = False
    except_actions: bool = False
    except_resources: bool = False

    def speaks_of(self, action: str, resource: str) -> bool:
        named_action = any(_matches(pattern.lower(), action.lower()) for pattern in self.actions)
        named_resource = any(_matches(pattern, resource) for pattern in self.resources)
        return named_action != self.except_actions and named_resource != self.except_resources


Policy = tuple[Statement, ...]


def parsed_policy(document: Mapping[str, Any]) -> Policy:
    """Return the statements of a policy document."""
    statements = document.get("Statement", [])
    return tuple(_statement(one) for one in ([statements] if isinstance(statements, Mapping) else statements))


def allows(policy: Policy, action: str, resource: str) -> bool:
    """Return whether an identity's statements allow the action; "*" as resource for actions that know none."""
    about = [one for one in policy if one.speaks_of(action, resource)]
    return any(one.allow for one in about) and not any(not one.allow and not one.conditional for one in about)


def lets(policy: Policy, principals: Iterable[str], action: str, resource: str) -> bool:
    """Return whether a resource's policy allows the action to one of the principals, by name or as anybody."""
    names = {*principals, "*"}
    about = [one for one in policy if one.speaks_of(action, resource) and names & set(one.principals)]
    return any(one.allow for one in about) and not any(not one.allow and not one.conditional for one in about)


def _statement(one: Mapping[str, Any]) -> Statement:
    return Statement(
        allow=one.get("Effect") == "Allow",
        actions=_texts(one.get("Action", one.get("NotAction"))),
        # A trust policy names no resource: it is about the role that holds it.
        resources=_texts(one.get("Resource", one.get("NotResource", "*"))),
        principals=_principals(one.get("Principal")),
        conditional=bool(one.get("Condition")),
        except_actions="NotAction" in one,
        except_resources="NotResource" in one,
    )


def _principals(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return tuple(name for kind in value.values() for name in _texts(kind))
    return _texts(value)


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _matches(pattern: str, text: str) -> bool:
    """IAM's wildcards: any text for a star, one character for a question mark; brackets mean themselves."""
    words = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(words, text, re.DOTALL) is not None
