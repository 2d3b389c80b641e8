"""Every mistake in a rule is named, in one line that says what to do; rules that are right are left alone."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from insightshare.contract.checks import StatedRule
from insightshare.contract.rules_quality import quality_problems
from tests.unit.quality.kinds import EVERY_RULE, contract

FILE = Path(__file__).resolve().parents[2] / "data" / "quality" / "mistakes.yaml"
CASES: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))


def said(rule: dict[str, Any], column: str) -> list[str]:
    """What lint says of a rule on the table of every sort."""
    stated = StatedRule({"id": "rule", "description": "A rule.", "severity": "error", **rule}, column, "rule")
    return [str(problem) for problem in quality_problems("contract", contract([]), [stated])]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(CASES.index(case)))
def test_a_mistake_in_a_rule_is_named_with_what_to_do(case: dict[str, Any]) -> None:
    assert said(case["rule"], case.get("column", "")) == case["says"]


def test_rules_of_every_kind_that_are_right_are_left_alone() -> None:
    expectations = [check for check in EVERY_RULE if check.expectation]

    for check in expectations:
        engine = "greatExpectations" if check.expectation.startswith("expect") else "insightshare"
        implementation = {"type": check.expectation, "kwargs": dict(check.kwargs)}
        of_table = not ({"column", "column_list"} & set(check.kwargs)) and len(check.columns) == 1
        rule = {"type": "custom", "engine": engine, "implementation": implementation}
        assert said(rule, check.columns[0] if of_table else "") == []
