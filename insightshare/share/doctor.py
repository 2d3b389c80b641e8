"""How the doctor speaks: checks in their order, and one finding of each. Asks AWS nothing, mends nothing.

A check looks at facts that were gathered before. What the caller may not see makes it unknown, never failed; what
stands on a check that failed is not judged before that one is well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar, Union

from insightshare.errors import AccessRefused

Side = Literal["provider", "client"]
State = Literal["ok", "failed", "unknown"]
T = TypeVar("T")
F = TypeVar("F")


@dataclass(frozen=True)
class Unseen:
    """A fact that the caller could not look at, and why."""

    why: str


Seen = Union[T, Unseen]  # noqa: UP007 - an alias with a type variable


@dataclass(frozen=True)
class Fault:
    """What is wrong, the exact cure, and who can apply it."""

    found: str
    cure: str
    whose: Side


@dataclass(frozen=True)
class Check(Generic[F]):
    """One thing that must be so (`promise`); `after` names the checks without which its answer would mean nothing."""

    name: str
    promise: str
    look: Callable[[F], Sequence[Fault]]
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What one check says; a failed one has one finding per fault. `cure` and `whose` are empty unless it failed."""

    check: str
    state: State
    why: str
    cure: str = ""
    whose: Side | Literal[""] = ""


def known(fact: Seen[T]) -> T:
    """Return the fact; raises AccessRefused, which the examination takes for unknown, where it was not seen."""
    if isinstance(fact, Unseen):
        raise AccessRefused(fact.why)
    return fact


def examine(checks: Sequence[Check[F]], facts: F) -> tuple[Finding, ...]:
    """Return the findings of every check, in the checks' order."""
    findings: list[Finding] = []
    ill: set[str] = set()
    for check in checks:
        waiting = [name for name in check.after if name in ill]
        found = [_waits(check, waiting[0])] if waiting else list(_findings(check, facts))
        if waiting or any(one.state == "failed" for one in found):
            ill.add(check.name)
        findings += found
    return tuple(findings)


def _findings(check: Check[F], facts: F) -> Iterator[Finding]:
    try:
        faults = check.look(facts)
    except AccessRefused as error:
        yield Finding(check.name, "unknown", f"could not be looked at: {error}")
        return
    for fault in faults:
        yield Finding(check.name, "failed", fault.found, fault.cure, fault.whose)
    if not faults:
        yield Finding(check.name, "ok", check.promise)


def _waits(check: Check[F], name: str) -> Finding:
    return Finding(check.name, "unknown", f"not judged before {name} is well")
