"""When an agreement ends, and who is told before: days in UTC, both included."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from insightshare.errors import PlatformError
from insightshare.share.expiry import Catalog, Share, due_notice, ending_steps, event_day, latest_first, read_shares

END = date(2027, 10, 31)
CATALOG = Catalog("111111111111", "insights")
SHARE = Share(
    client="acme",
    principal="222222222222",
    grant_option=True,
    tables=("churn", "insight_receipts"),
    contact="data@acme.example",
    start=date(2026, 11, 1),
    end=END,
)
DOCUMENT = {
    "account_id": "111111111111",
    "database": "insights",
    "shares": [
        {
            "client": "acme",
            "principal": "222222222222",
            "grant_option": True,
            "tables": ["churn", "insight_receipts"],
            "contact": "data@acme.example",
            "start": "2026-11-01",
            "end": "2027-10-31",
        }
    ],
}


def before(days: int) -> date:
    return END - timedelta(days=days)


def test_the_last_day_is_one_of_reading_and_the_day_after_is_not() -> None:
    assert [SHARE.ended(day) for day in (END, END + timedelta(days=1))] == [False, True]


@pytest.mark.parametrize(
    ("left", "notice"), [(31, None), (30, 30), (29, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)]
)
def test_notice_is_given_30_7_and_1_days_before_and_made_up_for_when_missed(left: int, notice: int | None) -> None:
    found = due_notice(SHARE, before(left))

    assert (found.days if found else None) == notice


def test_nobody_is_told_of_the_end_of_what_has_not_begun() -> None:
    short = replace(SHARE, start=before(3))

    assert due_notice(short, before(4)) is None
    assert due_notice(short, before(3)) is not None


def test_a_new_end_has_notices_of_its_own() -> None:
    found, later = due_notice(SHARE, before(7)), due_notice(replace(SHARE, end=date(2028, 10, 31)), date(2028, 10, 24))

    assert found and later and found.key != later.key


def test_a_notice_says_when_what_ends_and_what_to_do() -> None:
    found = due_notice(SHARE, before(7))

    assert found and found.subject == "insightshare: acme reads until 2027-10-31 (in 7 days)"
    assert found.text == (
        "The agreement with acme ends in 7 days: queries are answered until the end of 2027-10-31 (UTC), and refused "
        "from then on.\nTo go on, agree on a new end; it is one line of clients/acme.yaml and the next deployment.\n"
        "If it may end, nothing is to be done.\n"
    )


def test_of_what_has_ended_the_grants_go_reading_first() -> None:
    steps = ending_steps(SHARE, CATALOG, END + timedelta(days=1))

    assert [str(step) for step in steps] == [
        "revoke SELECT on table churn through filter acme",
        "revoke SELECT on table insight_receipts through filter acme",
        "revoke DESCRIBE on database insights",
    ]
    assert [step.grantable for step in steps] == [("SELECT",), ("SELECT",), ("DESCRIBE",)]


def test_a_role_of_ours_held_no_grant_option_so_none_is_taken() -> None:
    steps = ending_steps(replace(SHARE, grant_option=False), CATALOG, END + timedelta(days=1))

    assert all(step.grantable == () for step in steps)


def test_nothing_goes_on_the_last_day() -> None:
    assert ending_steps(SHARE, CATALOG, END) == ()


def test_notices_come_first_and_then_what_ended_last() -> None:
    over, just_over, running = (replace(SHARE, end=date(year, 1, 1)) for year in (2024, 2026, 2028))

    assert latest_first([over, running, just_over]) == [running, just_over, over]


def test_what_the_deployment_wrote_is_read_back() -> None:
    assert read_shares(json.dumps(DOCUMENT), "s3://b/shares.json") == (CATALOG, (SHARE,))


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({**DOCUMENT, "shares": [{"client": "acme"}]})])
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(PlatformError, match=r"^s3://b/shares\.json: shares: \[.*\] is not what infra/"):
        read_shares(text, "s3://b/shares.json")


def test_the_day_is_that_of_the_event_and_not_the_clock() -> None:
    assert event_day({"time": "2027-11-01T00:05:00Z"}) == date(2027, 11, 1)


def test_an_event_without_a_time_is_refused() -> None:
    with pytest.raises(PlatformError) as caught:
        event_day({})

    assert str(caught.value) == (
        "event: time: None is not a moment as 2026-11-21T00:05:00Z. Fix: let the schedule pass its own."
    )
