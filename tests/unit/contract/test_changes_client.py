"""Every change of an agreement is said: what a client loses breaks it, what it gains is there to be seen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from insightshare.contract.changes_project import changes
from insightshare.contract.facts import Agreement, Project
from insightshare.contract.rules_changes import change_problems
from tests.unit.contract.edits import small_project, with_client, with_column, with_grant, with_insight

TODAY = date(2026, 11, 21)
TOMORROW = date(2026, 11, 22)
BEFORE = small_project()
ACME, GLOBEX = BEFORE.clients["acme"], BEFORE.clients["globex"]
NOTHING_OF_ACME = [
    "breaking: spend: agreement acme: shows nothing of it any more for acme",
    "breaking: urgency: agreement acme: shows nothing of it any more for acme",
]


def said(before: Project, after: Project) -> list[str]:
    return [str(change) for change in changes(before, after, TODAY)]


def test_an_agreement_that_shows_less_breaks_its_client_alone() -> None:
    narrower = with_grant(ACME, "spend", columns=("customer_id",), tables=("latest",))
    after = with_client(BEFORE, replace(narrower, grants=narrower.grants[:1], end=date(2027, 1, 1)))

    assert said(BEFORE, after) == [
        "notice: *: agreement acme: end: 2027-12-31 becomes 2027-01-01 for acme",
        "breaking: spend: agreement acme: no longer shows column total, table history, table runs for acme",
        "breaking: urgency: agreement acme: shows nothing of it any more for acme",
    ]
    assert change_problems(BEFORE, after, TODAY) == []


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (
            {"columns": ("customer_id", "orders", "total")},
            "compatible: spend: agreement acme: also shows column orders",
        ),
        ({"rows": None}, "compatible: spend: agreement acme: also shows all rows"),
        ({"rows": "total > 200"}, "breaking: spend: agreement acme: shows other rows for acme"),
    ],
)
def test_what_a_grant_shows_more_and_what_it_shows_otherwise_is_said(edit: dict[str, object], line: str) -> None:
    assert said(BEFORE, with_client(BEFORE, with_grant(ACME, "spend", **edit))) == [line]


def test_another_table_is_more() -> None:
    after = with_client(BEFORE, with_grant(GLOBEX, "risk", tables=("history", "latest")))

    assert said(BEFORE, after) == ["compatible: risk: agreement globex: also shows table history"]


def test_a_new_client_is_said_with_what_it_reads() -> None:
    after = with_client(BEFORE, replace(GLOBEX, client="hooli", start=TOMORROW))

    assert said(BEFORE, after) == ["compatible: risk: agreement hooli: is new"]


def test_a_client_without_its_file_reads_nothing() -> None:
    assert said(BEFORE, replace(BEFORE, clients={"globex": GLOBEX})) == NOTHING_OF_ACME


@pytest.mark.parametrize(
    ("term", "line"),
    [
        ({"start": TOMORROW}, "notice: *: agreement acme: start: 2026-01-01 becomes 2026-11-22 for acme"),
        (
            {"end": date(2026, 11, 20)},
            "notice: *: agreement acme: end: 2027-12-31 becomes 2026-11-20 for acme",
        ),
    ],
)
def test_an_agreement_that_is_no_longer_in_force_shows_nothing(term: dict[str, date], line: str) -> None:
    after = with_client(BEFORE, replace(ACME, **term))  # type: ignore[arg-type]  # a date of it

    assert said(BEFORE, after) == [line, *NOTHING_OF_ACME]


def test_a_longer_agreement_is_more() -> None:
    after = with_client(BEFORE, replace(ACME, end=date(2028, 1, 1)))

    assert said(BEFORE, after) == ["compatible: *: agreement acme: end: 2027-12-31 becomes 2028-01-01"]


Edit = Callable[[Agreement], Agreement]


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (
            lambda one: replace(one, account_id="444444444444"),
            'breaking: *: agreement globex: account_id: "333333333333" becomes "444444444444" for globex',
        ),
        (
            lambda one: replace(one, reads_from="own_account"),
            'breaking: *: agreement globex: reads_from: "provider_account" becomes "own_account" for globex',
        ),
        (
            lambda one: replace(one, assumed_by=()),
            "breaking: *: agreement globex: assumed_by: no longer arn:aws:iam::333333333333:role/analyst for globex",
        ),
        (
            lambda one: replace(one, assumed_by=(*one.assumed_by, "arn:aws:iam::333333333333:role/other")),
            "compatible: *: agreement globex: assumed_by: also arn:aws:iam::333333333333:role/other",
        ),
        (
            lambda one: replace(one, scan_limit_mib=512),
            "notice: *: agreement globex: scan_limit_mib: 1024 becomes 512 for globex",
        ),
        (
            lambda one: replace(one, scan_limit_mib=2048),
            "compatible: *: agreement globex: scan_limit_mib: 1024 becomes 2048",
        ),
    ],
)
def test_who_may_read_from_where_and_how_much_is_said(edit: Edit, line: str) -> None:
    globex = replace(GLOBEX, scan_limit_mib=1024)

    assert said(with_client(BEFORE, globex), with_client(BEFORE, edit(globex))) == [line]


def test_a_client_that_does_not_read_yet_is_not_broken() -> None:
    coming = replace(GLOBEX, start=TOMORROW)
    elsewhere = replace(with_grant(coming, "risk", columns=("customer_id",)), account_id="444444444444")

    found = changes(with_client(BEFORE, coming), with_client(BEFORE, elsewhere), TODAY)

    assert {change.effect for change in found} == {"notice"}


def test_what_a_word_takes_in_by_itself_is_said() -> None:
    later = with_client(BEFORE, with_grant(ACME, "urgency", columns=None, stated="all_and_later"))

    found = said(later, with_insight(later, with_column(-1, since=TODAY), "urgency"))

    assert found == [
        "compatible: urgency: agreement acme: also shows column visits",
        "compatible: urgency: column visits: is new",
    ]
