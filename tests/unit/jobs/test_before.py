"""A run is compared with the one before: which that is, what the manifest says of it, and what a limit stops."""

from dataclasses import replace
from typing import Any

import pytest

from insightshare.contract.drift import DriftLevel, DriftLimit, DriftRules
from insightshare.errors import DataInvalid
from insightshare.jobs.before import run_before
from insightshare.jobs.score import score_insight
from insightshare.jobs.workplace import Workplace
from insightshare.publish.facts import Decision, Kind, Run, State, iso, utc_now
from insightshare.publish.manifest import Manifest, parse_manifest
from insightshare.publish.ports import Change, RunChange
from tests.unit.jobs.orders import DAY, NEXT_DAY, landed, orders, place

__all__ = ["place"]  # the fixture
THIRD_DAY = "2026-01-03"


def registered(place: Workplace, manifest: Manifest) -> Manifest:
    """The manifest, whose run is current now."""
    own = manifest.claim
    run = place.registry.run(own.insight, own.run_id)
    assert run is not None
    done = Run(**{**vars(run), "state": State.CURRENT, "registered_at_utc": iso(utc_now())})
    decision = Decision(own.insight, own.sequence, Kind.PUBLISH, own.as_of, own.run_id, None, iso(utc_now()))
    change = Change(
        own.insight, (RunChange(own.run_id, run.state, State.CURRENT, iso(utc_now()), registered=done),), decision
    )
    assert place.registry.commit(change)
    return manifest


def with_limit(place: Workplace, level: DriftLevel, limit: float) -> Workplace:
    """The workplace whose insight `spend` may only change so much in its totals."""
    rules = DriftRules((DriftLimit("ks", "total", level, limit),), ("total",))
    spend = place.project.insights["spend"]
    spend = replace(spend, pipeline=replace(spend.pipeline, drift=rules))
    return replace(place, project=replace(place.project, insights={**place.project.insights, "spend": spend}))


def dearer(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "amount": row["amount"] + 50}


def two_days(place: Workplace) -> Workplace:
    """The first day is published; on the second everything is dearer."""
    registered(place, score_insight(landed(place), "spend", DAY))
    return landed(place, orders(change=dearer), NEXT_DAY)


def test_the_first_run_has_nothing_to_be_compared_with(place: Workplace) -> None:
    assert score_insight(landed(place), "spend", DAY).drift == {}


def test_a_run_is_compared_with_the_current_run_of_the_as_of_before(place: Workplace) -> None:
    manifest = score_insight(with_limit(two_days(place), "warn", 0.2), "spend", NEXT_DAY)

    found = {(item["measure"], item["column"]): item for item in manifest.drift["measures"]}
    assert (manifest.drift["since_as_of"], manifest.drift["rows_before"]) == (DAY, 200)
    assert (manifest.drift["came"], manifest.drift["went"], manifest.drift["stayed"]) == (0, 0, 200)
    assert found["ks", "total"] == {"measure": "ks", "column": "total", "value": 0.5, "level": "warn"}
    assert parse_manifest(manifest.key, manifest.to_bytes()).drift == manifest.drift


def test_a_limit_that_warns_publishes_and_tells(place: Workplace) -> None:
    manifest = score_insight(with_limit(two_days(place), "warn", 0.2), "spend", NEXT_DAY)

    assert manifest.passed
    assert [check["id"] for check in manifest.checks if not check["passed"]] == ["drift_total_ks_warn"]


def test_a_limit_that_blocks_rejects_the_run(place: Workplace) -> None:
    place = with_limit(two_days(place), "block", 0.5)

    with pytest.raises(DataInvalid, match=r"1 of \d+ checks failed: drift_total_ks_block \(measured 0\.5\)"):
        score_insight(place, "spend", NEXT_DAY)


def test_a_run_of_the_same_day_or_a_later_one_is_never_the_run_before(place: Workplace) -> None:
    two_days(place)
    second = registered(place, score_insight(place, "spend", NEXT_DAY))

    assert run_before(place, "spend", DAY) is None
    before = run_before(place, "spend", THIRD_DAY)
    assert before and before.claim == second.claim


def test_a_day_that_was_withdrawn_is_passed_over(place: Workplace) -> None:
    two_days(place)
    score = registered(place, score_insight(place, "spend", NEXT_DAY))
    run = place.registry.run("spend", score.claim.run_id)
    assert run is not None
    withdrawn = Decision("spend", 9, Kind.WITHDRAW, NEXT_DAY, None, run.run_id, iso(utc_now()))
    move = RunChange(run.run_id, State.CURRENT, State.WITHDRAWN, iso(utc_now()))
    assert place.registry.commit(Change("spend", (move,), withdrawn, seen_sequence=score.claim.sequence))

    before = run_before(place, "spend", THIRD_DAY)

    assert before and before.claim.as_of == DAY


def test_each_row_filter_has_a_profile_of_its_own_rows_and_columns(place: Workplace) -> None:
    manifest = score_insight(landed(place), "spend", DAY)

    [own] = manifest.reader_profiles
    totals = _totals()
    assert own["rows"] == "total > 100 AND customer_id LIKE 'C%'"
    assert own["row_count"] == sum(total > 100 for total in totals)
    assert sorted(own["profile"]) == ["customer_id", "total"]
    assert own["profile"]["total"]["min"] == min(total for total in totals if total > 100)


def test_an_insight_without_row_filters_has_no_profiles_of_readers(place: Workplace) -> None:
    assert score_insight(landed(place), "urgency", DAY).reader_profiles == ()


def _totals() -> list[float]:
    totals: dict[str, float] = {}
    for row in orders().to_pylist():
        totals[row["customer_id"]] = totals.get(row["customer_id"], 0.0) + row["amount"]
    return list(totals.values())
