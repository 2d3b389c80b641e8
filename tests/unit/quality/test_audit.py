"""What the gate says of a table: verdicts, counts, keys, and the semantics that are written down."""

import hmac
import math
from dataclasses import replace
from statistics import mean, stdev
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insightshare.contract.facts import Check
from insightshare.engine.duckdb import DuckDb
from insightshare.quality.audit import FAILING_KEYS, audit
from insightshare.quality.verdict import CheckResult, Verdict
from tests.unit.quality.contracts import (
    CHECKS,
    COLUMNS,
    ENOUGH_ROWS,
    ID_NOT_NULL,
    KEY_UNIQUE,
    KIND_KNOWN,
    SCORE_IN_RANGE,
    contract,
)

Row = tuple[int | None, str | None, float | None]
SCHEMA = pa.schema([("id", pa.int64()), ("kind", pa.string()), ("score", pa.float64())])
TYPES = {"id": "bigint", "kind": "string", "score": "double"}


def verdict_on(rows: list[Row], *checks: Check, personal_key: bool = False, secret: bytes | None = None) -> Verdict:
    columns = tuple(replace(c, personal=personal_key) if c.name == "id" else c for c in COLUMNS)
    table = pa.Table.from_pylist([dict(zip(TYPES, row, strict=True)) for row in rows], schema=SCHEMA)
    with DuckDb() as engine:
        engine.add_arrow("things", table)
        return audit(engine, "things", contract(*checks, columns=columns), TYPES, secret=secret)


def result_of(rows: list[Row], check: Check) -> CheckResult:
    return next(result for result in verdict_on(rows, check).checks if result.id == check.id)


def test_a_table_that_keeps_its_contract_passes() -> None:
    verdict = verdict_on([(1, "a", 0.5), (2, "b", 1.0)], *CHECKS)

    assert verdict.passed
    assert verdict.rows == 2
    assert verdict.summary() == "6 checks, none failed"


@pytest.mark.parametrize(
    ("rows", "check", "broken"),
    [
        ([(1, "a", 0.1), (None, "a", 0.1)], ID_NOT_NULL, 1),
        ([(1, "a", 0.1), (1, "b", 0.2), (1, "c", 0.3)], KEY_UNIQUE, 2),
        ([(None, "a", 0.1), (None, "a", 0.2)], KEY_UNIQUE, 1),
        ([(1, "c", 0.1), (2, None, 0.1)], KIND_KNOWN, 1),
        ([(1, "a", math.nan)], SCORE_IN_RANGE, 1),
        ([(1, "a", math.inf), (2, "a", -math.inf)], SCORE_IN_RANGE, 2),
        ([(1, "a", None)], SCORE_IN_RANGE, 0),
        ([(1, "a", 0.0), (2, "a", 1.0)], SCORE_IN_RANGE, 0),
        ([(1, "a", math.nan)], replace(SCORE_IN_RANGE, maximum=None), 1),
    ],
)
def test_rows_that_break_a_rule_are_counted_as_the_semantics_say(rows: list[Row], check: Check, broken: int) -> None:
    result = result_of(rows, check)

    assert result.observed == {"broken_rows": broken}
    assert result.passed == (broken == 0)


def test_an_empty_table_breaks_only_the_row_count() -> None:
    verdict = verdict_on([], *CHECKS)

    assert [check.id for check in verdict.failures] == ["enough_rows"]


def test_too_many_rows_are_refused_like_too_few() -> None:
    result = result_of([(1, "a", 0.1), (2, "a", 0.1)], replace(ENOUGH_ROWS, minimum=None, maximum=1))

    assert (result.passed, result.observed) == (False, {"rows": 2})


def test_a_failed_warning_does_not_stop_a_run() -> None:
    verdict = verdict_on([(1, "c", 0.1)], replace(KIND_KNOWN, severity="warning"))

    assert verdict.passed
    assert [check.passed for check in verdict.checks] == [True, False]


def test_a_verdict_names_the_keys_of_failing_rows_in_order_and_only_some() -> None:
    rows: list[Row] = [(number, "wrong", 0.1) for number in range(50, 0, -1)]

    result = result_of(rows, KIND_KNOWN)

    assert result.failing_keys == tuple((str(number),) for number in range(1, FAILING_KEYS + 1))


def test_both_rows_of_a_duplicate_are_named() -> None:
    assert result_of([(7, "a", 0.1), (7, "b", 0.2), (8, "a", 0.1)], KEY_UNIQUE).failing_keys == (("7",), ("7",))


def digests(secret: bytes | None = None) -> list[str]:
    """How the verdict names the one failing row of a table whose key is personal, in two checks."""
    verdict = verdict_on([(7, "wrong", 5.0)], KIND_KNOWN, SCORE_IN_RANGE, personal_key=True, secret=secret)
    return [key for check in verdict.checks[1:] for (key,) in check.failing_keys]


def test_a_personal_key_is_named_by_a_digest_that_is_the_same_in_every_check_of_a_run() -> None:
    first, second = digests()

    assert first == second
    assert len(first) == 16 and first != "7"


def test_nobody_can_find_a_personal_key_by_trying_because_each_run_has_a_salt_that_is_thrown_away() -> None:
    assert digests() != digests()


def test_who_has_the_secret_can_tell_whether_a_key_is_the_one_that_failed() -> None:
    secret = b"of the deployment"

    assert digests(secret) == [hmac.digest(secret, b"7", "sha256").hex()[:16]] * 2


@pytest.mark.parametrize(
    ("found", "observed"),
    [
        ({"id": "bigint", "kind": "string"}, {"missing_columns": 1, "wrong_or_additional_columns": 0}),
        ({**TYPES, "score": "VARCHAR"}, {"missing_columns": 0, "wrong_or_additional_columns": 1}),
        ({**TYPES, "more": "string"}, {"missing_columns": 0, "wrong_or_additional_columns": 1}),
        (dict(reversed(TYPES.items())), {"missing_columns": 0, "wrong_or_additional_columns": 0}),
    ],
)
def test_other_columns_than_the_contracts_fail_the_schema_and_nothing_else_is_run(
    found: dict[str, str], observed: dict[str, int]
) -> None:
    with DuckDb() as engine:
        verdict = audit(engine, "no such table", contract(*CHECKS), found)

    assert [(check.id, check.passed, check.observed) for check in verdict.checks] == [("schema", False, observed)]


def test_a_summary_says_which_checks_failed_and_by_how_much_but_no_value() -> None:
    summary = verdict_on([(1, "secret", 2.0), (1, "a", 0.1)], *CHECKS).summary()

    assert summary == (
        "3 of 6 checks failed: key_unique (broken_rows 1), kind_known (broken_rows 1), score_in_range (broken_rows 1)"
    )


def test_a_profile_describes_finite_numbers_and_counts_the_others() -> None:
    rows: list[Row] = [(1, "a", 1.0), (2, "b", 3.0), (3, "b", math.nan), (4, None, math.inf), (5, "b", None)]

    profile = verdict_on(rows).profile

    assert profile["kind"] == {
        "count": 4,
        "nulls": 1,
        "distinct": 2,
        "min_length": 1,
        "max_length": 1,
        "top": [{"value": "b", "count": 3}, {"value": "a", "count": 1}],
    }
    assert profile["score"] == {
        "count": 4,
        "nulls": 1,
        "distinct": 4,
        "top": [],
        "not_finite": 2,
        "min": 1.0,
        "max": 3.0,
        "mean": 2.0,
        "stdev": stdev([1.0, 3.0]),
        "quantiles": [1.0, 1.0, 1.0, 3.0, 3.0],
        "histogram": {"edges": pytest.approx([1 + 0.1 * place for place in range(21)]), "counts": [1, *[0] * 18, 1]},
    }


@pytest.mark.parametrize("absurd", [1e101, -1e200, 1.7e308])
def test_an_absurd_number_fails_its_check_and_leaves_the_rest_of_the_verdict_whole(absurd: float) -> None:
    verdict = verdict_on([(1, "a", absurd), (2, "b", 0.5)], *CHECKS)

    assert [check.id for check in verdict.failures] == ["score_in_range"]
    assert (verdict.profile["score"]["mean"], verdict.profile["score"]["stdev"]) == (None, None)
    assert absurd in (verdict.profile["score"]["min"], verdict.profile["score"]["max"])


ids = st.one_of(st.none(), st.integers(0, 6))
kinds = st.sampled_from([None, "a", "b", "c", ""])
scores = st.one_of(st.none(), st.floats(-1, 2), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0]))


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.tuples(ids, kinds, scores), max_size=12))
def test_the_one_query_agrees_with_a_loop_over_the_rows(rows: list[Row]) -> None:
    verdict = verdict_on(rows, *CHECKS)

    found = {check.id: dict(check.observed) for check in verdict.checks}

    assert found == {
        "schema": {},
        "id_not_null": {"broken_rows": sum(row[0] is None for row in rows)},
        "key_unique": {"broken_rows": len(rows) - len({row[0] for row in rows})},
        "kind_known": {"broken_rows": sum(row[1] is not None and row[1] not in ("a", "b") for row in rows)},
        "score_in_range": {"broken_rows": sum(row[2] is not None and not 0 <= row[2] <= 1 for row in rows)},
        "enough_rows": {"rows": len(rows)},
    }


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_a_profile_agrees_with_the_textbook(values: list[float]) -> None:
    profile: dict[str, Any] = verdict_on([(place, "a", value) for place, value in enumerate(values)]).profile["score"]

    assert (profile["min"], profile["max"]) == (min(values), max(values))
    assert profile["mean"] == pytest.approx(mean(values), rel=1e-9, abs=1e-6)
    assert profile["stdev"] == pytest.approx(stdev(values), rel=1e-6, abs=1e-3)
    assert set(profile["quantiles"]) <= set(values)
