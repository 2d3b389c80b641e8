"""A change says its size in the version, breaks no reader's table, and shows nobody more than was agreed."""

from dataclasses import replace
from datetime import date

import pytest

from insightshare.contract.changes_deployed import DeployedTable
from insightshare.contract.facts import Project
from insightshare.contract.problems import Problem
from insightshare.contract.rules_changes import change_problems, deployment_problems
from tests.unit.contract.edits import (
    Edit,
    column,
    grant_of,
    small_project,
    with_client,
    with_column,
    with_grant,
    with_insight,
    without,
)

TODAY = date(2026, 11, 21)
BEGIN = date(2026, 1, 1)
BEFORE = small_project()
ACME = BEFORE.clients["acme"]


def versioned(edit: Edit, version: str) -> Edit:
    return lambda insight: replace(edit(insight), version=version)


def told(problems: list[Problem]) -> list[tuple[str, str, str]]:
    return [(problem.field, problem.found, problem.expected) for problem in problems]


@pytest.mark.parametrize(
    ("edit", "version", "needed"),
    [
        (without("orders"), "1.9.9", "2.0.0"),
        (with_column(-1, since=TODAY), "1.0.1", "1.1.0"),
        (column("total", description="Sum."), "1.0.0", "1.0.1"),
    ],
)
def test_the_version_must_say_what_kind_of_change_it_is(edit: Edit, version: str, needed: str) -> None:
    after = with_insight(BEFORE, versioned(edit, version))

    assert told(change_problems(BEFORE, after, TODAY)) == [("version", f'"{version}"', f"{needed} or higher")]


def test_a_version_that_says_it_is_enough() -> None:
    after = with_insight(BEFORE, versioned(with_column(-1, since=TODAY), "1.1.0"))

    assert change_problems(BEFORE, after, TODAY) == []


@pytest.mark.parametrize("old", ["1.0", "", "v1", "1.0.0-beta"])
def test_a_version_of_the_past_that_is_not_three_numbers_counts_as_the_first(old: str) -> None:
    before = with_insight(BEFORE, versioned(lambda insight: insight, old))
    after = with_insight(BEFORE, versioned(without("orders"), "0.0.1"))

    assert told(change_problems(before, after, TODAY)) == [("version", '"0.0.1"', "1.0.0 or higher")]


def test_a_new_column_says_since_when_it_is_there() -> None:
    after = with_insight(BEFORE, versioned(with_column(-1), "1.1.0"))

    assert told(change_problems(BEFORE, after, TODAY)) == [
        ("column visits: customProperties[since]", "nothing", "the day on which the column came")
    ]


def test_a_table_is_not_broken_under_its_readers() -> None:
    after = with_insight(BEFORE, versioned(without("total"), "2.0.0"))

    (problem,) = change_problems(BEFORE, after, TODAY)

    assert str(problem) == (
        "insights/spend/contract.odcs.yaml: column total: is gone while acme may read it "
        "is not a change that their queries survive. Fix: leave spend as it is, make the new one "
        "insights/spend_v<major>/, and write status: deprecated with replacedBy and readableUntil into the old "
        "contract; or make deploy BECAUSE='a reason', and tell them."
    )


def test_nobody_s_column_may_go() -> None:
    assert change_problems(BEFORE, with_insight(BEFORE, versioned(without("orders"), "2.0.0")), TODAY) == []


def dated(since: date | None) -> Edit:
    return versioned(with_column(-1, since=since), "1.1.0")


GREW = "a day after 2026-01-01, when the agreement of acme on all began"
FIELD = "column visits: customProperties[since]"


@pytest.mark.parametrize("since", [BEGIN, date(2025, 1, 1)])
def test_a_day_of_the_past_does_not_bring_a_new_column_into_agreements_on_all(since: date) -> None:
    after = with_insight(BEFORE, dated(since), "urgency")

    assert told(change_problems(BEFORE, after, TODAY)) == [(FIELD, f'"{since}"', GREW)]


@pytest.mark.parametrize("since", [None, BEGIN])
def test_another_day_does_not_bring_a_column_into_agreements_on_all(since: date | None) -> None:
    before = with_insight(BEFORE, versioned(with_column(-1, since=TODAY), "1.0.0"), "urgency")
    after = with_insight(BEFORE, dated(since), "urgency")

    found = f'"{since}"' if since else "nothing"
    assert told(change_problems(before, after, TODAY)) == [(FIELD, found, GREW)]


def test_who_agrees_anew_on_all_gets_what_there_is_then() -> None:
    before = with_insight(BEFORE, versioned(with_column(-1, since=date(2026, 6, 1)), "1.0.0"), "urgency")

    assert change_problems(before, with_client(before, replace(ACME, start=date(2026, 7, 1))), TODAY) == []


def deployed(project: Project = BEFORE) -> dict[str, DeployedTable]:
    """What a deployment of the project leaves of urgency."""
    urgency = project.insights["urgency"]
    shown = frozenset(grant_of(project, "acme", "urgency").columns or ())
    return {"urgency": DeployedTable(urgency.types, urgency.version, {"acme": shown})}


@pytest.mark.parametrize("since", [None, BEGIN])
def test_a_deployment_does_not_bring_a_new_column_into_agreements_on_all(since: date | None) -> None:
    found = deployment_problems(deployed(), with_insight(BEFORE, dated(since), "urgency"), TODAY)

    assert told(found) == [(FIELD, f'"{since}"' if since else "nothing", GREW)]


def test_a_new_column_is_deployed_that_no_agreement_takes_in() -> None:
    assert deployment_problems(deployed(), with_insight(BEFORE, dated(TODAY), "urgency"), TODAY) == []


def test_a_new_column_is_deployed_that_an_agreement_names() -> None:
    named = with_client(BEFORE, with_grant(ACME, "urgency", columns=("channel", "visits"), stated=""))

    assert deployment_problems(deployed(), with_insight(named, dated(None), "urgency"), TODAY) == []


def test_a_deployment_does_not_take_a_column_from_who_reads_it() -> None:
    after = with_insight(BEFORE, versioned(without("score"), "1.0.0"), "urgency")

    assert [problem.found for problem in deployment_problems(deployed(), after, TODAY)] == [
        "is gone while acme may read it"
    ]
