"""What is said to and of Great Expectations, without it: names of rules, its validation result, the parity cases."""

import re
from dataclasses import replace
from typing import Any

import pytest

import insightshare.quality
from insightshare.contract.checks import stated_check
from insightshare.contract.expectations import GREAT_EXPECTATIONS
from insightshare.contract.facts import Check, Limits
from insightshare.contract.rules_quality import quality_problems
from insightshare.quality.expectations import OWN_RULE, columns_needed, configuration
from insightshare.quality.expectations_result import JudgedRun, suite_result
from insightshare.quality.verdict import CheckResult
from tests.expectations.cases import Case, cases
from tests.expectations.compared import contract_of, stated
from tests.expectations.differences import DIFFERENCES, ON_SPARK
from tests.unit.quality.contracts import ENOUGH_ROWS, ID_NOT_NULL, KEY_UNIQUE, KIND_KNOWN, SCHEMA, SCORE_IN_RANGE

RUN = JudgedRun("things", "2026-01-05", "run-1", "2026-01-05T06:00:00Z", passed=False, rows=10, key=("id",))


def rule(kind: str, **more: Any) -> Check:
    return Check("a_rule", kind, ("kind",), "error", "A rule.", **more)  # type: ignore[arg-type]  # any kind, by name


@pytest.mark.parametrize(
    ("check", "name", "arguments"),
    [
        (SCHEMA, "expect_table_columns_to_match_ordered_list", {"column_list": ["id", "kind", "score"]}),
        (ENOUGH_ROWS, "expect_table_row_count_to_be_between", {"min_value": 1}),
        (
            replace(ENOUGH_ROWS, maximum=9, strict_maximum=True),
            "expect_table_row_count_to_be_between",
            {"min_value": 1, "max_value": 9, "strict_max": True},
        ),
        (ID_NOT_NULL, "expect_column_values_to_not_be_null", {"column": "id"}),
        (KEY_UNIQUE, "expect_column_values_to_be_unique", {"column": "id"}),
        (
            replace(KEY_UNIQUE, columns=("id", "kind")),
            "expect_compound_columns_to_be_unique",
            {"column_list": ["id", "kind"]},
        ),
        (KIND_KNOWN, "expect_column_values_to_be_in_set", {"column": "kind", "value_set": ["a", "b"]}),
        (rule("regex", patterns=("^a",)), "expect_column_values_to_match_regex", {"column": "kind", "regex": "^a"}),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_rule_of_the_standard_has_the_name_that_great_expectations_gives_it(
    check: Check, name: str, arguments: dict[str, Any]
) -> None:
    assert configuration(check) == {"type": name, "kwargs": arguments}


def test_an_expectation_keeps_the_contract_s_own_words_and_its_column() -> None:
    check = rule("range", expectation="expect_column_values_to_be_between", kwargs={"min_value": 0, "mostly": 0.9})

    wanted = configuration(check)

    assert wanted["kwargs"] == {"column": "kind", "min_value": 0, "mostly": 0.9}
    assert columns_needed(wanted) == ("kind",)


@pytest.mark.parametrize(
    "check",
    [
        rule("freshness", expectation="freshness", kwargs={"max_age_hours": 2}),
        rule("sql", sql="SELECT COUNT(*) FROM things"),
        replace(ID_NOT_NULL, broken=Limits(maximum=5)),
        replace(ENOUGH_ROWS, outside=True),
        rule("set", values=("a",), patterns=("b",)),
    ],
    ids=["our own", "sql", "some may break it", "outside of bounds", "values and a pattern"],
)
def test_a_rule_that_great_expectations_cannot_state_is_its_rule_in_sql(check: Check) -> None:
    assert configuration(check)["type"] == OWN_RULE


def test_braces_of_a_query_are_not_filled_in() -> None:
    query = configuration(rule("sql", sql="SELECT '{x}'"))["kwargs"]["unexpected_rows_query"]

    assert query.format(batch="data") == "SELECT '{x}' /* data */"


def result_of(result: CheckResult) -> dict[str, Any]:
    """What the document says of one check."""
    found: dict[str, Any] = suite_result(RUN, [result.to_json()])["results"][0]["result"]
    return found


def test_broken_rows_are_counted_over_all_rows_and_over_those_that_are_not_missing() -> None:
    broken = replace(CheckResult.of(SCORE_IN_RANGE, False, broken_rows=2), considered_rows=8, failing_keys=(("7",),))

    assert result_of(broken) == {
        "element_count": 10,
        "unexpected_count": 2,
        "unexpected_percent": 25.0,
        "unexpected_percent_nonmissing": 25.0,
        "unexpected_percent_total": 20.0,
        "missing_count": 2,
        "missing_percent": 20.0,
        "partial_unexpected_list": [],
        "unexpected_index_column_names": ["id"],
        "partial_unexpected_index_list": [{"id": "7"}],
    }


def test_a_rule_about_nulls_has_no_missing_rows() -> None:
    assert "missing_count" not in result_of(replace(CheckResult.of(ID_NOT_NULL, True, broken_rows=0)))


def test_no_rows_have_no_percentage() -> None:
    empty = replace(CheckResult.of(SCORE_IN_RANGE, True, broken_rows=0), considered_rows=0)

    assert result_of(empty)["unexpected_percent"] is None


def test_a_key_part_that_is_left_out_leaves_no_name_behind() -> None:
    broken = replace(CheckResult.of(KEY_UNIQUE, False, broken_rows=1), failing_keys=(("7", "x"),))

    assert result_of(broken)["partial_unexpected_index_list"] == [{"key_1": "7", "key_2": "x"}]


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (CheckResult.of(ENOUGH_ROWS, True, rows=10), {"observed_value": 10, "details": {"rows": 10}}),
        (replace(CheckResult.of(rule("mean"), True), measured=0.5), {"observed_value": 0.5}),
        (CheckResult.of(SCHEMA, True), {"observed_value": ["id", "kind", "score"], "details": {}}),
        (
            CheckResult.of(SCHEMA, False, missing_columns=1),
            {"observed_value": [], "details": {"missing_columns": 1}},
        ),
    ],
    ids=["rows", "measure", "columns", "wrong columns"],
)
def test_a_rule_on_the_table_shows_what_was_measured(result: CheckResult, found: dict[str, Any]) -> None:
    assert result_of(result) == found


def test_quantiles_are_shown_beside_their_shares() -> None:
    ranges = {"quantiles": [0.5], "value_ranges": [[0, 1]]}
    check = rule(
        "quantile", expectation="expect_column_quantile_values_to_be_between", kwargs={"quantile_ranges": ranges}
    )

    found = result_of(replace(CheckResult.of(check, True), measured=(0.7,)))

    assert found["observed_value"] == {"quantiles": [0.5], "values": [0.7]}


def test_what_compares_with_another_run_is_told_beside_the_expectations() -> None:
    drift = replace(CheckResult.of(ENOUGH_ROWS, False, measured=0.3), kind="drift")

    document = suite_result(RUN, [CheckResult.of(SCHEMA, True).to_json(), drift.to_json()])

    assert document["statistics"]["evaluated_expectations"] == 1
    assert [check["kind"] for check in document["meta"]["insightshare"]["other_checks"]] == ["drift"]


def test_a_check_of_a_run_from_before_expectations_were_kept_is_shown_by_its_sentence() -> None:
    old = {"id": "x", "kind": "range", "columns": [], "severity": "warning", "passed": True, "sentence": "It holds."}

    config = suite_result(RUN, [old])["results"][0]["expectation_config"]

    assert (config["type"], config["description"], config["severity"]) == (OWN_RULE, "It holds.", "warning")


def test_each_difference_is_a_row_of_the_table_with_its_reason() -> None:
    table = (insightshare.quality.__doc__ or "").split("Where Great Expectations")[1]

    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", table, re.MULTILINE)

    assert [row[0] for row in rows if row[0] != "question"] == list(dict.fromkeys([*DIFFERENCES, *ON_SPARK]))
    assert all(len(reason) > 10 for _, _, reason in rows)


def test_every_compiled_expectation_has_a_case() -> None:
    compiled = {name for name, meant in GREAT_EXPECTATIONS.items() if meant.kind != "expectation"}

    assert {name for name, _ in cases()} == compiled


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case[0])
def test_every_case_is_a_rule_that_a_contract_may_state(case: Case) -> None:
    rule = stated(case)
    check = stated_check(rule)

    assert [str(found) for found in quality_problems("contract", contract_of([check]), [rule])] == []
