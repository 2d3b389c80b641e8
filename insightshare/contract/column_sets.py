"""Which columns an agreement means that says a word instead of a list. Grants nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from insightshare.contract.assemble import NO_DATE
from insightshare.contract.facts import Agreement, Grant, Insight
from insightshare.contract.problems import Problem, instead, listed, shown

ALL = "all"
ALL_AND_LATER = "all_and_later"


def words_of(insight: Insight) -> tuple[str, ...]:
    """Return the words that an agreement may say of the insight instead of a list."""
    return (ALL, ALL_AND_LATER, *insight.column_sets)


def with_columns(agreement: Agreement, insights: Mapping[str, Insight]) -> Agreement:
    """Return the agreement with the columns that its words mean; a word that means nothing grants no column."""
    grants = tuple(_granted(grant, insights.get(grant.insight), agreement.start) for grant in agreement.grants)
    return replace(agreement, grants=grants)


def stated_problems(file: str, agreement: Agreement, insights: Mapping[str, Insight]) -> Iterator[Problem]:
    """A word that is neither one of ours nor the name of a set of the insight."""
    for grant in agreement.grants:
        insight = insights.get(grant.insight)
        known = words_of(insight) if insight else ()
        if insight and grant.stated and grant.stated not in known:
            fix = instead(grant.stated, known, "name a column set of the insight, or list columns in [brackets]")
            yield Problem(file, f"insights.{grant.insight}.columns", shown(grant.stated), listed(known), fix)
        elif insight and insight.columns and grant.stated == ALL and not grant.columns and agreement.start != NO_DATE:
            found, expected = f"{ALL}, which on {agreement.start} meant no column yet,", "a grant of columns"
            fix = "begin later, or list columns in [brackets]"
            yield Problem(file, f"insights.{grant.insight}.columns", found, expected, fix)


def column_set_problems(file: str, insight: Insight) -> Iterator[Problem]:
    """A set of columns that are not there, and a day that is none."""
    table = f"schema[{insight.name}]"
    for name, columns in insight.column_sets.items():
        for column in (column for column in columns if column not in insight.types):
            fix = instead(column, insight.types, "remove it")
            field = f"{table}.customProperties[columnSets].{name}"
            yield Problem(file, field, f"column {column}", listed(insight.types), fix)
    for item in insight.columns:
        if item.since == NO_DATE:
            field = f"{table}.properties[{item.name}].customProperties[since]"
            yield Problem(file, field, "the value", 'a day, as "2026-12-01"', "correct it")


def _granted(grant: Grant, insight: Insight | None, start: date) -> Grant:
    if not grant.stated or insight is None or grant.stated == ALL_AND_LATER:
        return grant
    if grant.stated == ALL:
        there = [column.name for column in insight.columns if column.since is None or column.since <= start]
        return replace(grant, columns=tuple(there))
    return replace(grant, columns=insight.column_sets.get(grant.stated, ()))
