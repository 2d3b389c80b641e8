"""Who uses what is an insight like any other, and nobody else's: delivered by a job, landed, scored, never shared."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from insightshare.aws.reads_delivery import named_deployment, reads_table
from insightshare.contract.facts import TABLE_KINDS
from insightshare.errors import NotFound
from insightshare.jobs.land import land_source
from insightshare.jobs.score import score_insight
from insightshare.jobs.workplace import Workplace
from insightshare.share.grants import table_name
from insightshare.share.usage import Usage
from tests.unit.jobs.orders import deliver, run_rows
from tests.unit.jobs.share_usage import place_of

DAY, AS_OF = "2026-01-01", "2026-01-02"
LINE = Usage("acme", "churn", 3, 2048, None, 5, datetime(2026, 1, 1, 9, 30, tzinfo=UTC), 0.25, "client", "trail")


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return place_of(tmp_path)


def land(place: Workplace, *lines: Usage) -> None:
    deliver(place, reads_table(place.project, list(lines), DAY), AS_OF, source="share_reads")
    land_source(place, "share_reads", AS_OF)


def published(place: Workplace, *lines: Usage) -> list[dict[str, Any]]:
    land(place, *lines)
    return run_rows(place, "share_usage", score_insight(place, "share_usage", AS_OF).claim.run_id)


def test_a_reader_of_a_table_is_one_row_of_the_day_before(place: Workplace) -> None:
    assert published(place, LINE) == [
        {
            "client": "acme",
            "table_name": "churn",
            "table_kind": "history",
            "read_on": DAY,
            "queries": 3,
            "scanned_bytes": 2048,
            "dollars": 0.25,
            "paid_by": "client",
            "last_use_utc": "2026-01-01T09:30:00+00:00",
            "as_of": AS_OF,
        }
    ]


def test_every_table_of_an_insight_is_of_its_kind_and_receipts_are_receipts(place: Workplace) -> None:
    tables = {table_name("churn", kind): kind for kind in TABLE_KINDS}

    rows = published(place, *(replace(LINE, table=table) for table in (*tables, "insight_receipts")))

    assert {row["table_name"]: row["table_kind"] for row in rows} == {**tables, "insight_receipts": "receipts"}


def test_a_day_on_which_nobody_read_anything_is_published_too(place: Workplace) -> None:
    assert published(place) == []


@pytest.mark.parametrize("lines", [(LINE,), ()], ids=["somebody read", "nobody read"])
def test_a_day_that_was_not_delivered_is_not_published_from_the_one_before(
    place: Workplace, lines: tuple[Usage, ...]
) -> None:
    land(place, *lines)

    with pytest.raises(NotFound, match="source share_reads: snapshot: nothing is not one landed for 2026-01-03 itself"):
        score_insight(place, "share_usage", "2026-01-03")


def test_no_agreement_of_this_project_may_grant_it(place: Workplace) -> None:
    assert place.project.insights["share_usage"].internal


def test_a_deployment_is_one_of_the_projects_environments(place: Workplace) -> None:
    with pytest.raises(NotFound, match=r"--deployment: 'moon' is not one of local\. Fix: add"):
        named_deployment(place.project, "moon")
