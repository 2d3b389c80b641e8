"""Every change of an insight is classified: does it break a reader's query, weaken a promise, add, or only explain."""

from dataclasses import replace
from datetime import date

import pytest

from insightshare.contract.changes_contract import column_changes
from insightshare.contract.changes_project import changes
from insightshare.contract.facts import Check, Field, Project, ServiceLevel
from insightshare.contract.inference import Inference
from tests.unit.contract.edits import (
    Edit,
    column,
    small_project,
    with_checks,
    with_column,
    with_insight,
    without,
)

TODAY = date(2026, 11, 21)
GUESS = Inference("Guessed.", "total", ("planning",), 5)
RANGE = Check("orders_in_range", "range", ("orders",), "error", "Orders are between 0 and 9.", minimum=0, maximum=9)
SET = Check("channel_is_known", "set", ("channel",), "error", "The channel is known.", values=("web", "shop"))
BEFORE = small_project()


def said(before: Project, after: Project) -> list[str]:
    return [str(change) for change in changes(before, after, TODAY)]


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (column("total", type="float"), "breaking: spend: column total: double becomes float for acme"),
        (column("orders", type="int"), "breaking: spend: column orders: bigint becomes int"),
        (without("total"), "breaking: spend: column total: is gone for acme"),
        (with_column(-1), "compatible: spend: column visits: is new"),
        (with_column(1), "breaking: spend: column visits: is new but not the last for acme"),
        (column("total", unit="euros"), 'breaking: spend: column total: unit nothing becomes "euros" for acme'),
        (column("total", since=TODAY), "notice: spend: column total: since nothing becomes 2026-11-21 for acme"),
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
            lambda i: replace(i, status="deprecated"),
            'notice: spend: status: "active" becomes "deprecated" for acme',
        ),
        (
            lambda i: replace(i, replaced_by="urgency"),
            'notice: spend: replaced_by: nothing becomes "urgency" for acme',
        ),
        (
            lambda i: replace(i, readable_until=date(2026, 11, 22)),
            "notice: spend: readable_until: nothing becomes 2026-11-22 for acme",
        ),
    ],
)
def test_each_change_is_classified_with_those_who_notice(edit: Edit, line: str) -> None:
    assert said(BEFORE, with_insight(BEFORE, edit)) == [line]


def test_a_weaker_promise_is_a_notice() -> None:
    promised = with_insight(BEFORE, with_checks(RANGE))
    wider = with_insight(BEFORE, with_checks(replace(RANGE, maximum=99)))

    assert said(promised, BEFORE) == ["notice: spend: check orders_in_range: is gone for acme"]
    assert said(promised, wider) == ["notice: spend: check orders_in_range: is another rule for acme"]


def test_another_wording_of_a_check_is_no_change() -> None:
    promised = with_insight(BEFORE, with_checks(RANGE))
    reworded = with_insight(BEFORE, with_checks(replace(RANGE, sentence="At most nine orders.")))

    assert said(promised, reworded) == []


def test_a_closed_list_that_grows_is_told_to_those_whose_queries_name_its_values() -> None:
    closed = with_insight(BEFORE, with_checks(SET))
    grown = with_insight(BEFORE, with_checks(replace(SET, values=("web", "shop", "phone"))))

    assert said(closed, grown) == ['notice: spend: check channel_is_known: also permits "phone" for acme']
    assert said(grown, closed) == ['compatible: spend: check channel_is_known: no longer permits "phone"']


def test_each_service_level_is_compared_with_itself() -> None:
    levels = (ServiceLevel("frequency", 1, "d", "Daily."), ServiceLevel("latency", 24, "h", "Soon."))
    promised = with_insight(BEFORE, lambda insight: replace(insight, service_levels=levels))
    without_one = with_insight(BEFORE, lambda insight: replace(insight, service_levels=levels[1:]))
    slower = (levels[0], replace(levels[1], value=48))
    late = with_insight(BEFORE, lambda insight: replace(insight, service_levels=slower))

    assert said(promised, without_one) == ["notice: spend: service level frequency: 1 d becomes nothing for acme"]
    assert said(without_one, promised) == ["compatible: spend: service level frequency: nothing becomes 1 d"]
    assert said(promised, late) == ["notice: spend: service level latency: 24 h becomes 48 h for acme"]


def test_columns_that_change_places_break() -> None:
    found = column_changes("spend", {"a": "int", "b": "int"}, {"b": "int", "a": "int"}, {})

    assert [str(change) for change in found] == [
        "breaking: spend: column a: stands elsewhere",
        "breaking: spend: column b: stands elsewhere",
    ]


def test_a_removed_insight_breaks_all_its_readers() -> None:
    after = replace(BEFORE, insights={n: i for n, i in BEFORE.insights.items() if n != "urgency"})

    assert said(BEFORE, after) == ["breaking: urgency: table: is gone for acme"]


def test_a_new_insight_breaks_nobody() -> None:
    earlier = replace(BEFORE, insights={n: i for n, i in BEFORE.insights.items() if n != "risk"}, clients={})

    assert said(earlier, replace(BEFORE, clients={})) == ["compatible: risk: table: is new"]


def test_an_agreement_that_is_over_notices_nothing() -> None:
    found = changes(BEFORE, with_insight(BEFORE, without("total")), date(2028, 1, 1))

    assert [change.readers for change in found] == [()]


def test_another_purpose_of_what_is_inferred_is_a_notice_to_those_who_read_it() -> None:
    risk = BEFORE.insights["risk"]
    other = [replace(item, inferred=GUESS) if item.inferred else item for item in risk.columns]
    plain = [replace(item, inferred=None) for item in risk.columns]

    def lines(columns: list[Field]) -> list[str]:
        return said(BEFORE, with_insight(BEFORE, lambda insight: replace(insight, columns=tuple(columns)), "risk"))

    assert lines(other) == [
        "notice: risk: column probability: is inferred in another way or for other purposes for globex"
    ]
    assert lines(plain) == ["notice: risk: column probability: is no longer said to be inferred for globex"]
