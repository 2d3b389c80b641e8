"""Every compiled expectation says what Great Expectations says on the same data, or the difference has a name."""

from dataclasses import replace

import pytest

from insightshare.contract.expectations import GREAT_EXPECTATIONS
from tests.expectations.cases import cases
from tests.expectations.compared import Compared
from tests.expectations.differences import DIFFERENCES, Point, same
from tests.expectations.tables import VARIANTS

pytestmark = [pytest.mark.expectations, pytest.mark.timeout(1800)]  # one process answers for all tests: minutes
CASES = list(cases())


def points(compared: Compared, place: int) -> list[tuple[str, Point]]:
    """One case on every table."""
    case = compared.cases[place]
    return [
        (name, Point(case, table, compared.ours[name][place], compared.theirs[name][place]))
        for name, table in compared.tables.items()
    ]


def names_of(point: Point) -> list[str]:
    """The differences that explain why two endings are not the same."""
    return [name for name, explains in DIFFERENCES.items() if explains(point)]


@pytest.mark.parametrize("place", range(len(CASES)), ids=lambda place: f"{CASES[place][0]}-{place}")
def test_a_compiled_expectation_says_what_great_expectations_says_or_its_difference_has_a_name(
    compared: Compared, place: int
) -> None:
    unexplained = [
        f"{name}: {point.ours} is not {point.theirs}"
        for name, point in points(compared, place)
        if not same(point.ours, point.theirs) and not names_of(point)
    ]

    assert unexplained == [], compared.cases[place]


def test_each_named_difference_is_seen(compared: Compared) -> None:
    every = [point for place in range(len(CASES)) for _, point in points(compared, place)]

    seen = {name for point in every if not same(point.ours, point.theirs) for name in names_of(point)}

    assert seen == set(DIFFERENCES)


def test_cases_pass_and_fail_so_that_agreement_means_something(compared: Compared) -> None:
    whole = range(len(CASES))
    verdicts = {
        name: {compared.ours[table][place].passed for table in VARIANTS for place in whole if CASES[place][0] == name}
        for name in {name for name, _ in CASES}
    }
    # What can only fail at lint (columns and types are the contract's own) never fails here.
    static = {name for name, meant in GREAT_EXPECTATIONS.items() if meant.kind in ("columns", "type", "column_count")}

    assert {name for name, seen in verdicts.items() if len(seen) < 2} <= static


def test_a_difference_in_the_last_digit_of_a_count_is_seen(compared: Compared) -> None:
    ending = compared.ours["plain"][0]

    assert not same(ending, replace(ending, broken=(ending.broken or 0) + 1))
