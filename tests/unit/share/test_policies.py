"""What a policy's text allows: wildcards, denials, negations, names."""

from collections.abc import Mapping

import pytest

from insightshare.share.policies import allows, lets, parsed_policy

OBJECT = "arn:aws:s3:::lake/insights/a.parquet"


def of(*statements: Mapping[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:GetObject", "*", True),
        ("s3:Get*", "arn:aws:s3:::lake/*", True),
        ("S3:getobject", OBJECT, True),
        ("s3:GetObjec?", OBJECT, True),
        ("*", OBJECT, True),
        ("s3:GetObjects", "*", False),
        ("s3:GetObject", "arn:aws:s3:::LAKE/*", False),
        ("s3:GetObject", "arn:aws:s3:::lake[a]/*", False),
        ("s3:Get", "*", False),
    ],
)
def test_stars_and_question_marks_are_the_only_signs(action: str, resource: str, allowed: bool) -> None:
    policy = parsed_policy(of({"Effect": "Allow", "Action": [action], "Resource": resource}))

    assert allows(policy, "s3:GetObject", OBJECT) is allowed


def test_a_denial_wins_unless_it_has_a_condition() -> None:
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    over_http = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}

    assert not allows(parsed_policy(of(allow, deny)), "s3:GetObject", OBJECT)
    assert allows(parsed_policy(of(allow, over_http)), "s3:GetObject", OBJECT)


def test_negations_speak_of_all_else() -> None:
    policy = parsed_policy(of({"Effect": "Allow", "NotAction": "s3:Put*", "NotResource": "arn:aws:s3:::other/*"}))

    assert allows(policy, "s3:GetObject", OBJECT)
    assert not allows(policy, "s3:PutObject", OBJECT)
    assert not allows(policy, "s3:GetObject", "arn:aws:s3:::other/a")


@pytest.mark.parametrize("who", ["*", {"AWS": "*"}, {"AWS": ["a", "me"]}, {"Service": "me"}])
def test_a_resource_lets_in_whom_it_names_or_anybody(who: object) -> None:
    policy = parsed_policy({"Statement": {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}})

    assert lets(policy, ["me"], "sts:AssumeRole", "arn:role")
    assert not lets(policy, ["me"], "sts:TagSession", "arn:role")


def test_a_resource_lets_nobody_else_in() -> None:
    policy = parsed_policy(of({"Effect": "Allow", "Principal": {"AWS": "other"}, "Action": "*", "Resource": "*"}))

    assert not lets(policy, ["me"], "kms:Decrypt", "key")
