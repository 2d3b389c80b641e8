"""Nobody is shown more, or less, than was granted, by query or by profile: 1,000 cases here, 50,000 in `make leaks`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.leaks.cases import run

PARTS, CASES = 4, 250


@pytest.mark.parametrize("part", range(PARTS))
def test_nobody_is_shown_more_or_less_than_was_granted(part: int) -> None:
    findings, shown, tally = run(range(part * CASES, (part + 1) * CASES))

    assert _text(findings) == ""
    assert _text(shown) == ""
    assert min(tally["answered"], tally["refused"], tally["columns shown"]) > CASES
    assert tally["moves shown"] > 10


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_nobody_is_shown_more_or_less_in_thousands_of_cases(part: int) -> None:
    findings, shown, _ = run(range(1000 + part * 500, 1000 + (part + 1) * 500))

    assert _text([*findings, *shown]) == ""


def _text(findings: list[Any]) -> str:
    fix = "Fix: `python -m tests.leaks --cases 1 --seed SEED` shows one case again."
    return "\n".join([*map(str, findings), *([fix] if findings else [])])
