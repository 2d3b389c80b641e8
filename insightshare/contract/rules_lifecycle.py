"""What an insight's life means to readers: none before it is active, then a successor, a last day. Removes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from insightshare.contract.assemble import NO_DATE
from insightshare.contract.facts import Agreement, Insight
from insightshare.contract.problems import Problem, instead, listed, shown

DEPRECATED = "deprecated"
READABLE = ("active", DEPRECATED)


def lifecycle_problems(file: str, insight: Insight, insights: Mapping[str, Insight]) -> Iterator[Problem]:
    """A deprecated contract says both, any other neither."""
    stated = {"replacedBy": insight.replaced_by, "readableUntil": insight.readable_until}
    meant = {"replacedBy": "the insight to read instead", "readableUntil": "the last day on which it can be read"}
    for name, value in stated.items():
        field = f"customProperties[{name}]"
        if insight.status == DEPRECATED and not value:
            yield Problem(file, field, "nothing", meant[name], f"add a custom property {name}")
        if insight.status != DEPRECATED and value:
            fix = "remove it, or write status: deprecated"
            yield Problem(file, field, "a property", "one for a contract that is not deprecated", fix)
    others = [name for name in insights if name != insight.name]
    successor = insights.get(insight.replaced_by)
    if successor and successor.internal and not insight.internal:
        found, fix = f"{successor.name}, an internal insight,", "name an insight that agreements may grant"
        yield Problem(file, "customProperties[replacedBy]", found, "one that its readers could read instead", fix)
    if insight.replaced_by and insight.replaced_by not in others:
        found, fix = shown(insight.replaced_by), instead(insight.replaced_by, others, "make that insight first")
        yield Problem(file, "customProperties[replacedBy]", found, listed(others), fix)
    if insight.readable_until == NO_DATE:
        yield Problem(file, "customProperties[readableUntil]", "the value", 'a day, as "2027-01-01"', "correct it")


def source_lifecycle_problems(file: str, custom: Mapping[str, str]) -> Iterator[Problem]:
    """A source has no readers of ours that it could send elsewhere, or be kept from."""
    for name in sorted(custom.keys() & {"replacedBy", "readableUntil", "internal"}):
        yield Problem(file, f"customProperties[{name}]", "a property", "one of a source: insights have it", "remove it")


def end_problems(file: str, insight: Insight, today: date) -> Iterator[Problem]:
    """A deprecated insight whose day has come is still made: that is no mistake, but somebody should end it."""
    if insight.readable_until and NO_DATE < insight.readable_until < today:
        found, fix = (
            f'"{insight.readable_until}"',
            "end the agreements on it and remove its folder, or agree on a new day",
        )
        yield Problem(file, "customProperties[readableUntil]", found, "a day still to come", fix, "warning")


def outlived_problems(file: str, agreement: Agreement, insights: Mapping[str, Insight]) -> Iterator[Problem]:
    """An agreement that goes on after a deprecated insight has gone."""
    for grant in agreement.grants:
        insight = insights.get(grant.insight)
        if insight and insight.readable_until and NO_DATE < insight.readable_until < agreement.end:
            found = f"an end after {insight.readable_until}, when {insight.name} goes,"
            fix = f"add {insight.replaced_by} to the agreement and tell {agreement.contact}"
            yield Problem(file, f"insights.{grant.insight}", found, "one that the insight outlives", fix, "warning")


def unreadable_problems(
    file: str, agreement: Agreement, insights: Mapping[str, Insight], today: date
) -> Iterator[Problem]:
    """An agreement, not over, on an insight that its contract does not promise yet, or does not promise any more."""
    for grant in agreement.grants if today <= agreement.end else ():
        insight = insights.get(grant.insight)
        if insight and insight.status and insight.status not in READABLE:
            found, expected = (
                f"{insight.name}, whose status is {insight.status},",
                f"an insight that is {listed(READABLE)}",
            )
            fix = "end the agreement on it first, or correct the status of its contract"
            yield Problem(file, f"insights.{grant.insight}", found, expected, fix)
