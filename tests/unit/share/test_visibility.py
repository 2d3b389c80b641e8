"""What a reader sees of a run's profile, rule by rule; generated worlds are in tests/leaks."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from insightshare.contract.facts import Agreement, Field, Grant, Insight, Pipeline
from insightshare.contract.inference import Inference
from insightshare.share.visibility import RunData, visible

TODAY = date(2026, 11, 21)
RECEIPT = {"run_id": "20261120T043000000Z-00000001", "row_count": 100}
NUMBERS = {
    "count": 90, "nulls": 10, "not_finite": 0, "distinct": 80, "min": 1.0, "max": 9.0, "mean": 5.0, "stdev": 2.0,
    "quantiles": [1.5, 3.0, 5.0, 7.0, 8.5], "histogram": {"edges": [1.0, 5.0, 9.0], "counts": [45, 45]}, "top": [],
}  # fmt: skip
WORDS = {"count": 100, "nulls": 0, "distinct": 3, "min_length": 2, "max_length": 9, "top": [
    {"value": "monthly", "count": 80}, {"value": "yearly", "count": 15}, {"value": "free", "count": 5}
]}  # fmt: skip
MOVES = [
    {"column": "contract", "before": "monthly", "after": "monthly", "entities": 70},
    {"column": "contract", "before": "monthly", "after": "yearly", "entities": 3},
    {"column": "contract", "before": "yearly", "after": "yearly", "entities": 20},
]
RUN = RunData({"score": NUMBERS, "contract": WORDS, "charges": NUMBERS}, (), MOVES, frozenset({"latest", "runs"}))


def insight(**classified: Any) -> Insight:
    columns = {"score": "number", "contract": "string", "charges": "number"}
    fields = [
        replace(Field(name, "string", kind, ""), classification=classified.get(name, "internal"))
        for name, kind in columns.items()
    ]
    return Insight(
        name="churn", title="", version="1.0.0", description="", purpose="", usage="", limitations="", owner="",
        columns=tuple(fields), key=("score",), checks=(), pipeline=Pipeline("sql", "duckdb", "", "", (), {}),
    )  # fmt: skip


def agreement(*columns: str, rows: str | None = None, **more: Any) -> Agreement:
    grant = Grant("churn", columns or None, rows, more.pop("tables", ("history", "latest", "runs")))
    term = {"start": date(2026, 1, 1), "end": date(2027, 1, 1), **more}
    return Agreement("acme", "222222222222", "own_account", "", "", grants=(grant,), **term)


def seen(run: RunData = RUN, of: Insight | None = None, by: Agreement | None = None) -> dict[str, Any]:
    found = visible(RECEIPT, run, of or insight(), by or agreement(), TODAY)
    assert found is not None
    return found


def test_a_reader_sees_the_whole_public_receipt() -> None:
    assert RECEIPT.items() <= seen().items()


def test_a_client_without_an_agreement_on_the_insight_sees_nothing() -> None:
    other = replace(agreement(), grants=(Grant("interests", None),))

    assert visible(RECEIPT, RUN, insight(), other, TODAY) is None


@pytest.mark.parametrize("term", [{"start": date(2026, 11, 22)}, {"end": date(2026, 11, 20)}])
def test_outside_the_agreements_dates_a_client_sees_nothing(term: dict[str, Any]) -> None:
    assert visible(RECEIPT, RUN, insight(), agreement(**term), TODAY) is None


def test_a_profile_has_the_agreements_columns_only() -> None:
    assert list(seen(by=agreement("contract", "charges"))["profile"]) == ["contract", "charges"]


def test_an_ordinary_column_shows_its_whole_profile() -> None:
    assert seen()["profile"]["score"] == NUMBERS


def test_a_measure_that_nobody_has_judged_is_not_shown() -> None:
    run = replace(RUN, profile={"score": {**NUMBERS, "sample": [1.0]}})

    assert "sample" not in seen(run)["profile"]["score"]


def test_a_column_that_the_contract_does_not_know_is_not_shown() -> None:
    assert "secret" not in seen(replace(RUN, profile={**RUN.profile, "secret": NUMBERS}))["profile"]


def test_frequent_values_of_few_rows_are_not_shown() -> None:
    assert [item["value"] for item in seen()["profile"]["contract"]["top"]] == ["monthly", "yearly"]


@pytest.mark.parametrize("classification", ["confidential", "restricted"])
def test_a_classified_column_shows_no_value(classification: str) -> None:
    shown = seen(of=insight(score=classification, contract=classification))["profile"]

    moments = {"mean", "stdev"} if classification == "confidential" else set()
    assert set(shown["score"]) == {"count", "nulls", "not_finite", "distinct"} | moments
    assert set(shown["contract"]) == {"count", "nulls", "distinct"}


def test_a_personal_column_is_classified() -> None:
    whole = insight()
    personal = replace(whole, columns=tuple(replace(column, personal=True) for column in whole.columns))

    assert set(seen(of=personal)["profile"]["contract"]) == {"count", "nulls", "distinct"}


def test_the_mean_of_one_classified_value_is_not_shown() -> None:
    run = replace(RUN, profile={"score": {**NUMBERS, "distinct": 1, "stdev": 0.0}})

    assert "mean" not in seen(run, insight(score="confidential"))["profile"]["score"]


def test_below_the_minimum_cell_only_counts_are_shown() -> None:
    run = replace(RUN, profile={"score": {**NUMBERS, "count": 10}})

    assert set(seen(run)["profile"]["score"]) == {"count", "nulls", "not_finite", "distinct"}


def test_a_larger_cell_that_the_contract_promises_of_an_inferred_column_is_kept() -> None:
    whole = insight()
    guess = Inference("Guessed.", "score", ("planning",), 24)
    guessed = replace(whole, columns=tuple(replace(column, inferred=guess) for column in whole.columns))
    few = replace(RUN, profile={"score": {**NUMBERS, "count": 19}, "contract": WORDS})

    shown = seen(few, guessed)

    assert set(shown["profile"]["score"]) == {"count", "nulls", "not_finite", "distinct"}
    assert [item["value"] for item in shown["profile"]["contract"]["top"]] == ["monthly"]
    assert [move["entities"] for move in shown["moves"]] == [None, None, None]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([45, 0, 45], [45, 0, 45]),
        ([40, 3, 47], [None, None, 47]),  # 3 alone would follow from the total
        ([6, 7, 50], [None, None, 50]),
        ([11, 11, 11], [11, 11, 11]),
        ([1, 30, 30], [None, None, 30]),
    ],
)
def test_small_groups_are_withheld_with_company(counts: list[int], shown: list[int | None]) -> None:
    histogram = {"edges": [1.0, 2.0, 3.0, 9.0], "counts": counts}
    run = replace(RUN, profile={"score": {**NUMBERS, "histogram": histogram}})

    assert seen(run)["profile"]["score"]["histogram"]["counts"] == shown


def test_who_moved_is_shown_without_small_groups() -> None:
    assert [move["entities"] for move in seen()["moves"]] == [70, None, None]


def test_who_moved_in_a_restricted_or_foreign_column_is_not_shown() -> None:
    assert seen(of=insight(contract="restricted"))["moves"] == []
    assert seen(by=agreement("score"))["moves"] == []


def test_a_reader_of_some_rows_sees_a_profile_of_these_rows_only() -> None:
    own = {**NUMBERS, "mean": 4.0}
    run = replace(RUN, reader_profiles=({"rows": "contract = 'yearly'", "profile": {"score": own, "contract": WORDS}},))

    found = seen(run, by=agreement("score", rows="contract = 'yearly'"))

    assert (found["profile"], found["moves"]) == ({"score": own}, None)


def test_a_row_filter_that_is_newer_than_the_run_has_no_profile() -> None:
    run = replace(RUN, reader_profiles=({"rows": "contract = 'yearly'", "profile": {"score": NUMBERS}},))

    assert seen(run, by=agreement(rows="contract = 'monthly'"))["profile"] is None


def test_a_run_that_no_table_of_the_agreement_shows_has_no_profile() -> None:
    found = seen(by=agreement(tables=("history",)))

    assert (found["profile"], found["moves"]) == (None, None)


def test_a_rejected_run_has_a_receipt_and_no_profile() -> None:
    assert seen(replace(RUN, shown_by=frozenset()))["profile"] is None
