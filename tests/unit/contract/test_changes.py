"""Every change of a project is classified: does it break a reader's query, weaken a promise, add, or only explain."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from insightshare.contract.changes import (
    changes,
    column_changes,
    deployed_changes,
    refusals,
    undated_columns,
    version_problems,
)
from insightshare.contract.facts import Check, Field, Insight, Project, ServiceLevel
from insightshare.contract.inference import Inference
from insightshare.contract.read import load_project

ROOT = Path(__file__).resolve().parents[3]
TODAY = date(2026, 11, 21)
GUESS = Inference("Guessed.", "total", ("planning",), 5)
Edit = Callable[[Insight], Insight]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Acme reads spend's customer_id and total, and all of urgency; globex reads all of risk."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "schemas").symlink_to(ROOT / "schemas")
    for path in (ROOT / "tests/data/lint_base").iterdir():
        (folder / path.name).symlink_to(path)
    return load_project(folder)


def with_spend(project: Project, edit: Edit) -> Project:
    return replace(project, insights={**project.insights, "spend": edit(project.insights["spend"])})


def column(name: str, **changed: object) -> Edit:
    def edit(insight: Insight) -> Insight:
        columns = [replace(c, **changed) if c.name == name else c for c in insight.columns]  # type: ignore[arg-type]  # any of its fields
        return replace(insight, columns=tuple(columns))

    return edit


def without(name: str) -> Edit:
    return lambda insight: replace(insight, columns=tuple(c for c in insight.columns if c.name != name))


def with_column(place: int, **said: Any) -> Edit:
    def edit(insight: Insight) -> Insight:
        columns = list(insight.columns)
        columns.insert(place if place >= 0 else len(columns), Field("visits", "bigint", "integer", "Visits.", **said))
        return replace(insight, columns=tuple(columns))

    return edit


def with_checks(*checks: Check) -> Edit:
    return lambda insight: replace(insight, checks=(*insight.checks, *checks))


RANGE = Check("orders_in_range", "range", ("orders",), "error", "Orders are between 0 and 9.", minimum=0, maximum=9)


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (column("total", type="float"), "breaking: spend: column total: double becomes float for acme"),
        (column("orders", type="int"), "breaking: spend: column orders: bigint becomes int"),
        (without("total"), "breaking: spend: column total: is gone for acme"),
        (with_column(-1), "compatible: spend: column visits: is new"),
        (with_column(1), "breaking: spend: column visits: is new but not the last for acme"),
        (column("total", unit="euros"), 'breaking: spend: column total: unit nothing becomes "euros" for acme'),
        (column("total", inferred=GUESS), "notice: spend: column total: is said to be inferred for acme"),
        (column("total", band_of="age"), 'notice: spend: column total: band_of "" becomes "age" for acme'),
        (
            column("total", classification="public"),
            'notice: spend: column total: classification "internal" becomes "public" for acme',
        ),
        (column("customer_id", required=False), "breaking: spend: column customer_id: may now be empty for acme"),
        (column("orders", required=True), "compatible: spend: column orders: is never empty any more"),
        (
            column("total", description="Sum."),
            'editorial: spend: column total: description "What they cost together." becomes "Sum."',
        ),
        (with_checks(RANGE), "compatible: spend: check orders_in_range: is new"),
        (lambda i: replace(i, usage="Read it."), "editorial: spend: usage: is said otherwise"),
        (lambda i: replace(i, key=("orders",)), "breaking: spend: key: customer_id becomes orders for acme"),
        (
            lambda i: replace(i, service_levels=(ServiceLevel("latency", 24, "h", "Soon."),)),
            "compatible: spend: service level: nothing becomes latency 24 h",
        ),
    ],
)
def test_each_change_is_classified_with_those_who_notice(before: Project, edit: Edit, line: str) -> None:
    found = changes(before, with_spend(before, edit), TODAY)

    assert [str(change) for change in found] == [line]


def test_a_weaker_promise_is_a_notice(before: Project) -> None:
    promised = with_spend(before, with_checks(RANGE))
    wider = with_spend(before, with_checks(replace(RANGE, maximum=99)))
    gone = [str(change) for change in changes(promised, before, TODAY)]

    assert gone == ["notice: spend: check orders_in_range: is gone for acme"]
    assert [str(c) for c in changes(promised, wider, TODAY)] == [
        "notice: spend: check orders_in_range: is another rule for acme"
    ]


def test_another_wording_of_a_check_is_no_change(before: Project) -> None:
    promised = with_spend(before, with_checks(RANGE))
    reworded = with_spend(before, with_checks(replace(RANGE, sentence="At most nine orders.")))

    assert changes(promised, reworded, TODAY) == ()


def test_columns_that_change_places_break(before: Project) -> None:
    found = column_changes("spend", {"a": "int", "b": "int"}, {"b": "int", "a": "int"})

    assert [str(change) for change in found] == [
        "breaking: spend: column a: stands elsewhere",
        "breaking: spend: column b: stands elsewhere",
    ]


def test_a_removed_insight_breaks_all_its_readers(before: Project) -> None:
    after = replace(before, insights={n: i for n, i in before.insights.items() if n != "urgency"})

    assert [str(change) for change in changes(before, after, TODAY)] == [
        "breaking: urgency: table: is gone for acme",
    ]


def test_a_new_insight_breaks_nobody(before: Project) -> None:
    earlier = replace(before, insights={n: i for n, i in before.insights.items() if n != "risk"}, clients={})

    assert [str(c) for c in changes(earlier, replace(before, clients={}), TODAY)] == ["compatible: risk: table: is new"]


def test_an_agreement_that_shows_less_breaks_its_client_alone(before: Project) -> None:
    acme = before.clients["acme"]
    spend = next(grant for grant in acme.grants if grant.insight == "spend")
    narrower = replace(acme, grants=(replace(spend, columns=("customer_id",)),), end=date(2027, 1, 1))
    after = replace(before, clients={**before.clients, "acme": narrower})

    assert [str(change) for change in changes(before, after, TODAY)] == [
        "notice: *: agreement acme: end: 2027-12-31 becomes 2027-01-01 for acme",
        "breaking: spend: agreement acme: no longer shows column total for acme",
        "breaking: urgency: agreement acme: shows nothing of it any more for acme",
    ]
    assert version_problems(before, after, changes(before, after, TODAY)) == []
    assert refusals(changes(before, after, TODAY)) == []


def test_an_agreement_that_is_over_notices_nothing(before: Project) -> None:
    found = changes(before, with_spend(before, without("total")), date(2028, 1, 1))

    assert [change.readers for change in found] == [()]


@pytest.mark.parametrize(
    ("edit", "version", "needed"),
    [
        (without("total"), "1.9.9", "2.0.0"),
        (with_column(-1), "1.0.1", "1.1.0"),
        (column("total", description="Sum."), "1.0.0", "1.0.1"),
    ],
)
def test_the_version_must_say_what_kind_of_change_it_is(before: Project, edit: Edit, version: str, needed: str) -> None:
    after = with_spend(before, lambda insight: replace(edit(insight), version=version))

    problems = version_problems(before, after, changes(before, after, TODAY))

    assert [(p.field, p.found, p.expected) for p in problems] == [("version", f'"{version}"', f"{needed} or higher")]


def test_a_version_that_says_it_is_enough(before: Project) -> None:
    after = with_spend(before, lambda insight: replace(with_column(-1)(insight), version="1.1.0"))

    assert version_problems(before, after, changes(before, after, TODAY)) == []


def test_a_new_column_says_since_when_it_is_there(before: Project) -> None:
    silent, said = with_spend(before, with_column(-1)), with_spend(before, with_column(-1, since=TODAY))

    assert [problem.field for problem in undated_columns(before, silent)] == ["column visits: customProperties[since]"]
    assert undated_columns(before, said) == []


def test_a_table_is_not_broken_under_its_readers(before: Project) -> None:
    after = with_spend(before, lambda insight: replace(without("total")(insight), version="2.0.0"))

    (problem,) = refusals(changes(before, after, TODAY))

    assert str(problem) == (
        "insights/spend/contract.odcs.yaml: column total: is gone while acme may read it "
        "is not a change that their queries survive. Fix: leave spend as it is, make the new one "
        "insights/spend_v<major>/, and write status: deprecated with replacedBy and readableUntil into the old "
        "contract; or deploy with a reason, and tell them."
    )


def test_nobody_s_column_may_go(before: Project) -> None:
    assert refusals(changes(before, with_spend(before, without("orders")), TODAY)) == []


def test_what_is_deployed_is_compared_by_its_columns(before: Project) -> None:
    deployed = {"spend": {"customer_id": "string", "orders": "bigint"}, "gone": {"a": "int"}}

    found = deployed_changes(deployed, before, TODAY)

    assert [re.sub(" for .*", "", str(change)) for change in found] == [
        "breaking: gone: table: is gone",
        "compatible: spend: column since: is new",
        "compatible: spend: column total: is new",
    ]


def test_another_purpose_of_what_is_inferred_is_a_notice_to_those_who_read_it(before: Project) -> None:
    risk = before.insights["risk"]
    other = [replace(item, inferred=GUESS) if item.inferred else item for item in risk.columns]
    plain = [replace(item, inferred=None) for item in risk.columns]

    def said(columns: list[Field]) -> list[str]:
        after = replace(before, insights={**before.insights, "risk": replace(risk, columns=tuple(columns))})
        return [str(change) for change in changes(before, after, TODAY)]

    assert said(other) == [
        "notice: risk: column probability: is inferred in another way or for other purposes for globex"
    ]
    assert said(plain) == ["notice: risk: column probability: is no longer said to be inferred for globex"]
