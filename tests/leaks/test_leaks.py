"""No principal sees more, or less, than its grants allow; 200 cases each time, thousands in `make long`."""

from __future__ import annotations

import pytest

from tests.leaks.__main__ import run
from tests.leaks.check import Finding

PARTS = 4  # so that two workers share the cases


def report(findings: list[Finding]) -> str:
    return "\n".join([*map(str, findings), "Fix: `python -m tests.leaks --cases 1 --seed SEED` shows one case again."])


@pytest.mark.parametrize("part", range(PARTS))
def test_no_query_shows_more_or_less_than_was_granted(part: int) -> None:
    cases = 200 // PARTS

    findings, tally = run(range(part * cases, (part + 1) * cases))

    assert findings == [], report(findings)
    assert tally["answered"] > cases
    assert tally["refused"] > cases


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_no_query_shows_more_or_less_than_was_granted_in_thousands_of_cases(part: int) -> None:
    findings, _ = run(range(1000 + part * 500, 1000 + (part + 1) * 500))

    assert findings == [], report(findings)
