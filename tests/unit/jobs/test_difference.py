"""An operator compares two runs: which two, what is said of them, and which rows changed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from insightshare.errors import NotFound
from insightshare.jobs.difference import operators_difference, runs_to_compare
from insightshare.jobs.score import score_insight
from insightshare.jobs.workplace import Workplace
from insightshare.quality.difference import ChangedRow
from tests.unit.jobs.orders import DAY, NEXT_DAY, landed, orders, place
from tests.unit.jobs.test_before import THIRD_DAY, registered, two_days

__all__ = ["place"]  # the fixture


def fewer(row: dict[str, Any]) -> dict[str, Any]:
    """The customer C0000 buys for one less each time, C0001 is somebody else."""
    change = {"C0000": {"amount": row["amount"] - 1}, "C0001": {"customer_id": "D0001"}}
    return {**row, **change.get(row["customer_id"], {})}


@pytest.fixture
def runs(place: Workplace) -> tuple[str, str]:
    first = registered(place, score_insight(landed(place), "spend", DAY))
    second = registered(place, score_insight(landed(place, orders(change=fewer), NEXT_DAY), "spend", NEXT_DAY))
    return first.claim.run_id, second.claim.run_id


def test_the_changed_rows_say_what_became_of_each_entity(place: Workplace, runs: tuple[str, str]) -> None:
    found = operators_difference(place, place.project.insights["spend"], runs, rows=300)

    assert (found.drift.came, found.drift.went, found.drift.stayed) == (1, 1, 199)
    since = {"since": (date(2026, 1, 1), date(2026, 1, 2))}  # of everybody
    assert found.rows[0] == ChangedRow("changed", {"customer_id": "C0000"}, {"total": (30.0, 27.0), **since})
    assert found.rows[2] == ChangedRow("changed", {"customer_id": "C0002"}, since)
    assert [(row.what, row.key["customer_id"]) for row in found.rows if row.what != "changed"] == [
        ("went", "C0001"),
        ("came", "D0001"),
    ]


def test_rows_are_only_read_on_request_and_only_so_many(place: Workplace, runs: tuple[str, str]) -> None:
    spend = place.project.insights["spend"]

    assert operators_difference(place, spend, runs, rows=0).rows == ()
    assert len(operators_difference(place, spend, runs, rows=2).rows) == 2


def test_no_row_shows_a_restricted_column(place: Workplace, runs: tuple[str, str]) -> None:
    spend = place.project.insights["spend"]
    columns = tuple(replace(c, classification="restricted") if c.name == "total" else c for c in spend.columns)

    found = operators_difference(place, replace(spend, columns=columns), runs, rows=10)

    assert {name for row in found.rows for name in row.changes} == {"orders", "since"}


def test_without_a_choice_the_two_newest_dates_are_compared(place: Workplace, runs: tuple[str, str]) -> None:
    assert runs_to_compare(place, "spend", None) == runs
    assert runs_to_compare(place, "spend", NEXT_DAY) == runs


@pytest.mark.parametrize("as_of", [DAY, THIRD_DAY])
def test_a_date_without_a_run_or_without_one_before_cannot_be_compared(
    place: Workplace, runs: tuple[str, str], as_of: str
) -> None:
    with pytest.raises(NotFound, match=rf"is not a run of {as_of} and one before it\. Fix: take two runs of"):
        runs_to_compare(place, "spend", as_of)


def test_one_date_cannot_be_compared(place: Workplace) -> None:
    registered(place, score_insight(landed(place), "spend", DAY))

    with pytest.raises(NotFound, match=r"spend: runs: 1 current run is not runs of two dates"):
        runs_to_compare(place, "spend", None)


def test_a_run_that_is_not_there_is_named(place: Workplace) -> None:
    two_days(place)

    with pytest.raises(NotFound, match=r"spend: run: '20260101T000000000Z-00000000' is not a run whose files"):
        operators_difference(place, place.project.insights["spend"], ("20260101T000000000Z-00000000",) * 2, 0)
