"""How far two runs are apart, held against scipy, against hand counts, and against naive counts of generated rows."""

import math
import random
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.stats import ks_2samp  # type: ignore[import-untyped]  # it has no types

from insightshare.contract.drift import DriftLimit, DriftRules
from insightshare.engine.duckdb import DuckDb
from insightshare.quality.drift import Drift, Move, Subject, drift_checks, measured, subject
from insightshare.quality.drift_queries import Pair, changed_rows_query, tenths_query
from tests.unit.quality.contracts import KIND_KNOWN, contract

Row = tuple[int, str | None, float | None]
RULES = DriftRules(columns=("kind", "score"))
WHAT = subject(contract(KIND_KNOWN), RULES, {})
ENGINE = DuckDb()
PAIR = Pair('"b"', '"a"', "duckdb")
SCORES = some.one_of(
    some.none(), some.sampled_from([0.0, -0.0, 0.5, 1.0, math.inf, -math.inf, math.nan, 1e300, -1e300]),
    some.floats(-2, 2, width=16),
)  # fmt: skip
ROWS = some.lists(
    some.tuples(some.integers(0, 30), some.sampled_from(["a", "b", "c", None]), SCORES),
    unique_by=lambda row: row[0],
    max_size=30,
)


def table(rows: list[Row]) -> pa.Table:
    ids, kinds, scores = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    return pa.table(
        {"id": pa.array(ids, pa.int64()), "kind": pa.array(kinds, pa.string()), "score": pa.array(scores, pa.float64())}
    )


def compared(before: list[Row], after: list[Row], what: Subject = WHAT, rules: DriftRules = RULES) -> Drift:
    return measured(engine_with(before, after), PAIR, what, rules)


def engine_with(before: list[Row], after: list[Row]) -> DuckDb:
    """The module's one engine, now with these runs: opening one for each of hundreds of examples takes long."""
    ENGINE.add_arrow("b", table(before))
    ENGINE.add_arrow("a", table(after))
    return ENGINE


def value(drift: Drift, measure: str, column: str = "") -> float | None:
    [found] = [found.value for found in drift.measures if (found.measure, found.column) == (measure, column)]
    return found


def numbers(rows: list[Row]) -> list[float]:
    return [score for _, _, score in rows if score is not None and not math.isnan(score)]


def scored(*scores: float | None) -> list[Row]:
    return [(place, "a", score) for place, score in enumerate(scores)]


def naive_psi(before: list[Row], after: list[Row]) -> float:
    """By the definition: a value's tenth is the distribution function of the run before, at the value, rounded up."""
    known = numbers(before)

    def bin_of(score: float | None) -> int:
        if score is None or math.isnan(score):
            return 0
        below = sum(other <= score for other in known)
        return max(1, -(-10 * below // len(known))) if known else 11

    shares = [Counter(bin_of(score) for _, _, score in rows) for rows in (before, after)]
    pairs = [(shares[0][b] / len(before), shares[1][b] / len(after)) for b in shares[0] | shares[1]]
    return math.fsum(((a or 1e-4) - (b or 1e-4)) * math.log((a or 1e-4) / (b or 1e-4)) for b, a in pairs)


def test_ks_is_scipys_statistic() -> None:
    dice = random.Random(7)  # noqa: S311 - numbers, not secrets
    before, after = (scored(*(round(dice.gauss(mean, 1), 2) for _ in range(400))) for mean in (0.0, 0.2))

    found = value(compared(before, after), "ks", "score")

    assert found == pytest.approx(ks_2samp(numbers(before), numbers(after), method="asymp").statistic, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(before=ROWS, after=ROWS)
def test_ks_is_the_largest_gap_of_the_distributions_without_nulls_and_nan(before: list[Row], after: list[Row]) -> None:
    known = numbers(before), numbers(after)
    if not before or not after:
        return

    found = value(compared(before, after), "ks", "score")

    gaps = [abs(sum(x <= v for x in known[0]) / len(known[0]) - sum(x <= v for x in known[1]) / len(known[1]))
            for v in known[0] + known[1]] if all(known) else []  # fmt: skip
    assert found == (pytest.approx(max(gaps), abs=1e-12) if gaps else None)


@settings(deadline=None, max_examples=60)
@given(before=ROWS, after=ROWS)
def test_psi_is_its_definition_over_the_tenths_of_the_run_before(before: list[Row], after: list[Row]) -> None:
    if before and after:
        assert value(compared(before, after), "psi", "score") == pytest.approx(naive_psi(before, after), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(before=ROWS, after=ROWS)
def test_shift_is_half_the_change_of_all_shares(before: list[Row], after: list[Row]) -> None:
    if before and after:
        shares = [Counter(kind for _, kind, _ in rows) for rows in (before, after)]
        kinds = shares[0] | shares[1]
        changes = [abs(shares[0][kind] / len(before) - shares[1][kind] / len(after)) for kind in kinds]

        assert value(compared(before, after), "shift", "kind") == pytest.approx(sum(changes) / 2, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(before=ROWS, after=ROWS)
def test_entities_and_their_moves_are_counted_by_key(before: list[Row], after: list[Row]) -> None:
    drift = compared(before, after)

    kinds = [{number: kind for number, kind, _ in rows} for rows in (before, after)]
    labels = {"a": "a", "b": "b", "c": "other", None: "empty"}
    stayed = kinds[0].keys() & kinds[1].keys()
    steps = Counter((labels[kinds[0][number]], labels[kinds[1][number]]) for number in stayed)
    assert (drift.came, drift.went, drift.stayed) == (len(after) - len(stayed), len(before) - len(stayed), len(stayed))
    assert {(move.before, move.after): move.entities for move in drift.moves} == dict(steps)


@pytest.mark.parametrize("few_values", [False, True])
def test_counting_few_values_first_changes_nothing(few_values: bool) -> None:
    what = Subject((), {"score": True}, few_values=frozenset(["score"] if few_values else []))

    drift = compared(scored(0.0, 0.1, 0.1, 0.9), scored(0.1, 0.9, 0.9), what)

    assert value(drift, "ks", "score") == pytest.approx(5 / 12)


def test_two_runs_that_are_equal_have_not_drifted() -> None:
    rows: list[Row] = [(number, "ab"[number % 2], number / 7) for number in range(50)]

    drift = compared(rows, rows)

    assert {found.value for found in drift.measures} == {0.0}
    assert drift.moves == (Move("kind", "a", "a", 25), Move("kind", "b", "b", 25))


def test_a_known_shift_has_the_psi_of_the_textbook() -> None:
    before = scored(*range(10))
    after = scored(*([0] * 2 + [1] + [2] * 7))

    drift = compared(before, after)

    by_hand = 0.1 * math.log(2) + 0 + 0.6 * math.log(7) + 7 * (0.0001 - 0.1) * math.log(0.0001 / 0.1)
    assert value(drift, "psi", "score") == pytest.approx(by_hand)


def test_numbers_beyond_those_before_fall_into_the_first_and_the_last_tenth() -> None:
    engine = engine_with(scored(*range(10)), scored(-5, 99))

    tenths = engine.rows(tenths_query(PAIR, "score", True, False))

    assert sorted((tenth, after) for tenth, _, after, _ in tenths if after) == [(1, 1), (10, 1)]


def test_an_empty_run_has_lost_every_row_and_no_distribution() -> None:
    drift = compared(scored(0.5, 0.6), [])

    assert (value(drift, "row_count"), value(drift, "went"), value(drift, "came")) == (1.0, 1.0, None)
    assert [found for found in drift.measures if found.measure in ("psi", "ks", "shift")] == []


def test_a_level_is_the_highest_whose_limit_is_reached() -> None:
    limits = (
        DriftLimit("ks", "score", "note", 0.1),
        DriftLimit("ks", "score", "warn", 0.5),
        DriftLimit("ks", "score", "block", 0.6),
    )

    drift = compared(scored(1, 2), scored(2, 3), rules=DriftRules(limits, ("score",)))

    assert [found.level for found in drift.measures if found.measure == "ks"] == ["warn"]


def test_limits_that_warn_and_block_become_checks_and_notes_do_not() -> None:
    limits = (
        DriftLimit("row_count", "", "note", 0.1),
        DriftLimit("row_count", "", "block", 0.5),
        DriftLimit("ks", "score", "warn", 0.5),
    )
    rules = DriftRules(limits, ("score",))

    rows_check, ks_check = drift_checks(compared(scored(1, 2), scored(2, 3, 4), rules=rules), rules)

    assert (rows_check.id, rows_check.severity, rows_check.passed) == ("drift_row_count_block", "error", False)
    assert (ks_check.id, ks_check.severity, ks_check.passed) == ("drift_score_ks_warn", "warning", False)
    assert rows_check.sentence == "The number of rows changes by less than 50% from the run before."
    assert rows_check.observed == {"measured": 0.5}


def test_what_could_not_be_measured_fails_no_check() -> None:
    rules = DriftRules((DriftLimit("psi", "score", "block", 0.1),), ("score",))

    assert drift_checks(compared(scored(0.5), [], rules=rules), rules) == ()


def test_columns_are_compared_as_their_type_allows() -> None:
    found = subject(contract(KIND_KNOWN), DriftRules(columns=("kind", "score")), {"score": {"distinct": 3}})

    assert found == Subject(("id",), {"score": True}, ("kind",), {"kind": ("a", "b")}, frozenset({"score"}))


def test_changed_rows_say_what_became_of_each_entity() -> None:
    before: list[Row] = [(1, "a", 0.1), (2, "a", 0.2), (3, "b", None), (5, "b", None)]
    after: list[Row] = [(2, "b", 0.2), (3, "b", None), (4, "a", 0.4), (5, "b", 0.5)]

    rows = engine_with(before, after).rows(changed_rows_query(PAIR, ("id",), ("kind", "score"), 9))

    assert rows == [
        ("went", 1, "a", None, 0.1, None),
        ("changed", 2, "a", "b", 0.2, 0.2),
        ("came", 4, None, "a", None, 0.4),
        ("changed", 5, "b", "b", None, 0.5),
    ]
