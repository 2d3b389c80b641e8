"""What a reader sees of a run's profile does not depend on what it may not see: generated runs and agreements."""

from collections import Counter

import pytest

from tests.leaks.profiles import findings

CASES = 60


def test_no_profile_shows_what_its_reader_may_not_see() -> None:
    tally = Counter[str]()

    found = [finding for seed in range(CASES) for finding in findings(seed, tally)]

    assert found == []
    assert tally["columns shown"] > CASES
    assert tally["moves shown"] > 10


@pytest.mark.long
def test_no_profile_shows_what_its_reader_may_not_see_in_thousands_of_cases() -> None:
    assert [finding for seed in range(1000, 4000) for finding in findings(seed, Counter())] == []
