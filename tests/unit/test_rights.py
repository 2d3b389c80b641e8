"""What is compared of roles: a right that nothing used and a use that nothing allows are both told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.rights import Exemption, Right, compare, recorded_uses

ROLE = "arn:aws:iam::111111111111:role/insightshare-worker"
KINDS = {r"table/(churn|interests)$": "table/<insight>"}


def policies(*statements: tuple[str, str], **more: Any) -> dict[str, tuple[dict[str, Any], ...]]:
    return {ROLE: tuple({"Effect": "Allow", "Action": action, "Resource": on, **more} for action, on in statements)}


def lines(*asked: tuple[str, str], principal: str = ROLE, **context: str) -> list[str]:
    named = {f"s3:{key}": value for key, value in context.items()}
    return [json.dumps({"principal": principal, "asked": [[action, on, named]]}) for action, on in asked]


def told(held: dict[str, Any], record: list[str], *exemptions: Exemption) -> list[str]:
    return compare(held, recorded_uses(record, held), KINDS, exemptions).splitlines()


def test_a_role_that_uses_exactly_what_it_may_is_not_spoken_of() -> None:
    held = policies(("s3:GetObject", "arn:aws:s3:::lake/runs/*"))

    assert told(held, lines(("s3:GetObject", "arn:aws:s3:::lake/runs/a"))) == []


def test_a_right_that_nothing_used_is_told() -> None:
    held = policies(("s3:GetObject", "arn:aws:s3:::lake/*"), ("s3:PutObject", "arn:aws:s3:::lake/*"))

    assert told(held, lines(("s3:GetObject", "arn:aws:s3:::lake/a"))) == [
        f"nothing used {ROLE}: s3:PutObject on arn:aws:s3:::lake/*"
    ]


@pytest.mark.parametrize("asked", [("s3:PutObject", "arn:aws:s3:::lake/a"), ("s3:GetObject", "arn:aws:s3:::other/a")])
def test_a_use_that_nothing_allows_is_told(asked: tuple[str, str]) -> None:
    held = policies(("s3:GetObject", "arn:aws:s3:::lake/*"))

    assert f"nothing allows {ROLE}: {asked[0]} on {asked[1]}" in told(held, lines(asked))


def test_a_use_outside_a_rights_condition_is_not_allowed() -> None:
    held = policies(("s3:ListBucket", "arn:aws:s3:::lake"), Condition={"StringLike": {"s3:prefix": "runs/*"}})

    inside = told(held, lines(("s3:ListBucket", "arn:aws:s3:::lake"), prefix="runs/churn/"))
    outside = told(held, lines(("s3:ListBucket", "arn:aws:s3:::lake"), prefix="models/"))

    assert (inside, outside) == ([], [f"nothing allows {ROLE}: s3:ListBucket on arn:aws:s3:::lake"])


def test_what_one_insight_used_another_need_not() -> None:
    held = policies(("glue:GetTable", "table/churn"), ("glue:GetTable", "table/interests"))

    assert told(held, lines(("glue:GetTable", "table/churn"))) == []


def test_the_uses_of_another_role_do_not_count() -> None:
    held = policies(("s3:GetObject", "*"))

    assert told(held, lines(("s3:GetObject", "a"), principal=f"{ROLE}-else")) == [
        f"nothing used {ROLE}: s3:GetObject on *"
    ]


def test_an_exemption_silences_what_it_names_and_is_told_itself_when_it_is_not_needed() -> None:
    held = policies(("xray:PutTraceSegments", "*"))
    exemption = Exemption("*worker", ("xray:PutTraceSegments",), "*", "no X-Ray here")

    assert told(held, [], exemption) == []
    assert told(held, lines(("xray:PutTraceSegments", "a")), exemption) == [
        "nothing needs the exemption *worker: xray:PutTraceSegments: no X-Ray here"
    ]


def test_an_exemption_of_one_action_says_nothing_of_another() -> None:
    exemption = Exemption("*", ("s3:GetObject",), "*", "why")

    assert not exemption.covers(Right(ROLE, "s3:PutObject", "a"))
