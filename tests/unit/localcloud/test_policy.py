"""What a policy says of a moment."""

from typing import Any

import pytest

from localcloud.policy import Request, evaluate

NOON = "2027-10-31T12:00:00Z"


def verdict(effect: str, operator: str, wanted: str, now: str = NOON) -> str:
    statement: dict[str, Any] = {
        "Effect": effect,
        "Action": "sts:AssumeRole",
        "Resource": "*",
        "Condition": {operator: {"aws:CurrentTime": wanted}},
    }
    facts = {"aws:currenttime": now}
    return evaluate([{"Statement": [statement]}], Request("sts:AssumeRole", "role", "arn", "1", facts))


@pytest.mark.parametrize(
    ("operator", "earlier", "same", "later"),
    [
        ("DateLessThan", "silent", "silent", "allow"),
        ("DateLessThanEquals", "silent", "allow", "allow"),
        ("DateGreaterThan", "allow", "silent", "silent"),
        ("DateGreaterThanEquals", "allow", "allow", "silent"),
        ("DateEquals", "silent", "allow", "silent"),
        ("DateNotEquals", "allow", "silent", "allow"),
    ],
)
def test_a_date_condition_compares_now_with_what_the_policy_says(
    operator: str, earlier: str, same: str, later: str
) -> None:
    said = [verdict("Allow", operator, wanted) for wanted in ("2027-10-31T11:59:59Z", NOON, "2027-11-01T00:00:00Z")]

    assert said == [earlier, same, later]


def test_a_moment_is_a_number_or_a_date_in_any_zone() -> None:
    assert verdict("Allow", "DateEquals", "1824984000") == "allow"
    assert verdict("Allow", "DateEquals", "2027-10-31T14:00:00+02:00") == "allow"


def test_what_is_no_moment_allows_nothing() -> None:
    assert verdict("Allow", "DateLessThan", "tomorrow") == "silent"


def test_a_denial_from_a_moment_on_denies_from_then_on() -> None:
    assert verdict("Deny", "DateGreaterThanEquals", NOON) == "deny"
    assert verdict("Deny", "DateGreaterThanEquals", "2027-10-31T12:00:01Z") == "silent"
