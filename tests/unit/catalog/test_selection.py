"""The SQL that fetches an insight."""

from datetime import date

import pytest

from insightshare.catalog.selection import Selection, select_statement, table_name
from insightshare.errors import UsageError

RUN = "20261121T043000123Z-0a1b2c3d"


def test_without_a_date_the_newest_is_read_from_latest() -> None:
    assert select_statement("insights", Selection("churn")) == 'SELECT * FROM "insights"."churn_latest"'


def test_a_date_is_read_from_the_history() -> None:
    selection = Selection("churn", columns=("customer_id",), as_of=date(2026, 11, 20), limit=5)

    statement = select_statement("insights", selection)

    assert statement == """SELECT "customer_id" FROM "insights"."churn" WHERE as_of = '2026-11-20' LIMIT 5"""


def test_a_pinned_run_is_read_from_runs() -> None:
    selection = Selection("churn", run_id=RUN)

    assert (
        select_statement("insights", selection) == f"""SELECT * FROM "insights"."churn_runs" WHERE run_id = '{RUN}'"""
    )
    assert table_name(selection) == "churn_runs"


@pytest.mark.parametrize(
    ("selection", "line"),
    [
        (
            Selection("churn", columns=('x" FROM y',)),
            "selection: columns: 'x\" FROM y' is not a name. Fix: use lower-case letters, digits and underscores.",
        ),
        (
            Selection("churn", as_of=date(2026, 11, 20), run_id=RUN),
            "selection: as_of, run_id: both is not one of them. Fix: leave one out: a run has one as_of.",
        ),
        (
            Selection("churn", run_id="x' OR '1'='1"),
            "selection: run_id: the text given is not a run id. Fix: take one from the receipts.",
        ),
        (
            Selection("churn", limit=-1),
            "selection: limit: -1 is not a number of rows. Fix: give 0 or more.",
        ),
    ],
)
def test_what_could_not_be_a_selection_is_refused_by_name(selection: Selection, line: str) -> None:
    with pytest.raises(UsageError) as refused:
        select_statement("insights", selection)

    assert str(refused.value) == line
