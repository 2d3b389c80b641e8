"""What was written down about runs forgets one person, and nothing else."""

from typing import Any

import pytest

from insightshare.publish.scrubbing import ERASED, Subject, scrubbed

ANNA = Subject("customer_id", "anna")
FIVE = Subject("user_id", "5")


def test_every_value_below_the_persons_column_is_compared() -> None:
    profile = {"customer_id": {"min": "anna", "quantiles": ["anna", "bert"], "top": [{"value": "anna", "count": 1}]}}

    assert scrubbed({"profile": profile}, ANNA)["profile"]["customer_id"] == {
        "min": ERASED,
        "quantiles": [ERASED, "bert"],
        "top": [{"value": ERASED, "count": 1}],
    }


def test_a_profile_of_a_readers_own_rows_forgets_too() -> None:
    own = {"reader_profiles": [{"filter": "x", "profile": {"customer_id": {"top": [{"value": "anna"}]}}}]}

    assert "anna" not in str(scrubbed(own, ANNA))


def test_another_column_keeps_an_equal_value() -> None:
    document = {"profile": {"plan": {"top": [{"value": "anna"}]}}, "claim": {"job_run_id": "anna"}}

    assert scrubbed(document, ANNA) == document


@pytest.mark.parametrize("value", [5, 5.0, "5"])
def test_a_number_is_the_person_however_it_is_written(value: Any) -> None:
    found = scrubbed({"user_id": {"max": value}}, FIVE)["user_id"]["max"]

    assert found in (ERASED, None)


def test_counts_that_equal_the_persons_number_stay() -> None:
    column = {"count": 5, "nulls": 5, "distinct": 5, "histogram": {"edges": [0, 5.5], "counts": [5]}, "flag": True}

    assert scrubbed({"profile": {"user_id": column}}, FIVE) == {"profile": {"user_id": column}}


def test_keys_of_failing_rows_forget_the_person_whatever_the_check_is_about() -> None:
    check = {"id": "5", "columns": ["total"], "failing_keys": [["5", "a"], ["6", "b"]], "observed": {"broken_rows": 5}}

    found = scrubbed({"checks": [check]}, FIVE)["checks"][0]

    assert found == {**check, "failing_keys": [[ERASED, "a"], ["6", "b"]]}


@pytest.mark.parametrize(("columns", "kept"), [(["user_id"], None), (["total"], 5)])
def test_what_a_check_measured_is_forgotten_where_it_is_about_the_persons_column(
    columns: list[str], kept: int | None
) -> None:
    found = scrubbed({"checks": [{"columns": columns, "measured": 5}]}, FIVE)

    assert found["checks"][0]["measured"] == kept


def test_a_value_that_is_a_name_in_the_document_is_forgotten() -> None:
    assert scrubbed({"customer_id": {"by_value": {"anna": 3}}}, ANNA) == {"customer_id": {"by_value": {ERASED: 3}}}
