"""`insightshare checks` on ports in memory: which verdict, as a table, as Great Expectations' JSON; what is missing."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from insightshare.cli.checks import checks_command
from insightshare.errors import NotFound
from insightshare.publish import Ports
from insightshare.publish.claims import claim, write_manifest
from insightshare.publish.manifest import File, Lineage, Manifest
from insightshare.quality.verdict import CheckResult
from tests.fakes import NOON, FakeDesk
from tests.unit.publish.scenes import INSIGHT, MONDAY, fresh
from tests.unit.quality.contracts import ENOUGH_ROWS, KIND_KNOWN, contract

FAILED = replace(CheckResult.of(KIND_KNOWN, False, broken_rows=2), considered_rows=9, failing_keys=(("7",), ("8",)))
WARNED = CheckResult.of(replace(ENOUGH_ROWS, severity="warning"), False, rows=10)


def next_minute(ports: Ports) -> Callable[[], datetime]:
    """A clock that stands a minute after the newest run."""
    return lambda: NOON + timedelta(minutes=len(ports.registry.runs(INSIGHT)))


def judged(ports: Ports, *checks: CheckResult) -> str:
    """A run whose verdict these checks are; nobody has registered it."""
    new = claim(ports.registry, INSIGHT, MONDAY, "job", next_minute(ports))
    passed = all(check.passed or check.severity == "warning" for check in checks)
    files = (File("part-00000.parquet", 1, 10, "0" * 64),)
    listed = tuple(check.to_json() for check in checks)
    write_manifest(ports.storage, ports.registry, Manifest(new, files, passed, listed, Lineage("1", "duckdb")))
    return new.run_id


def checks(ports: Ports, *words: str) -> Result:
    desk = FakeDesk(ports, INSIGHT)
    desk.__dict__["project"] = SimpleNamespace(insights={INSIGHT: contract()})
    return CliRunner().invoke(checks_command, [INSIGHT, *words], obj=desk, catch_exceptions=False)


def test_the_newest_verdict_is_shown_with_counts_and_keys_though_it_was_rejected() -> None:
    _, ports = fresh()
    judged(ports, replace(FAILED, passed=True, failing_keys=()))
    run_id = judged(ports, FAILED, WARNED)

    lines = [" ".join(line.replace("│", " ").split()) for line in checks(ports).output.splitlines()]

    assert "kind_known FAILED 2 broken rows; keys 7, 8 A kind is a or b." in lines
    assert "enough_rows warning 10 rows At least one row." in lines
    assert lines[-1] == f"run {run_id} of {INSIGHT} {MONDAY}: 10 rows; REJECTED: readers never see it"


def test_an_older_verdict_can_be_asked_for() -> None:
    _, ports = fresh()
    run_id = judged(ports, WARNED)
    judged(ports, FAILED)

    last = checks(ports, "--run", run_id).output.splitlines()[-1]

    assert last == f"run {run_id} of {INSIGHT} {MONDAY}: 10 rows; passed: it may be shown"


@pytest.mark.parametrize(("check", "may_be_shown"), [(WARNED, True), (FAILED, False)])
def test_json_is_a_validation_result_that_also_says_whether_the_run_may_be_shown(
    check: CheckResult, may_be_shown: bool
) -> None:
    _, ports = fresh()
    judged(ports, check)

    document = json.loads(checks(ports, "--json").output)

    assert (document["success"], document["meta"]["insightshare"]["passed"]) == (False, may_be_shown)


def test_a_claim_without_a_verdict_is_passed_over() -> None:
    _, ports = fresh()
    run_id = judged(ports, WARNED)
    claim(ports.registry, INSIGHT, MONDAY, "another job", next_minute(ports))

    assert run_id in checks(ports).output


def test_a_run_that_nobody_judged_is_one_line() -> None:
    _, ports = fresh()

    with pytest.raises(NotFound) as error:
        checks(ports, "--run", "20260101T000000000Z-00000000")

    assert str(error.value) == (
        f"{INSIGHT}: run: '20260101T000000000Z-00000000' is not a run with a manifest. "
        f"Fix: take a run of `insightshare runs {INSIGHT}`."
    )
