"""Small parts that tests of the local AWS need: roles, packages, and waiting for what happens a moment later."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from textwrap import dedent
from typing import Any, TypeVar
from uuid import uuid4

from tests.conftest import Cloud

T = TypeVar("T")


def unique(word: str) -> str:
    """A name that no other test has."""
    return f"{word}-{uuid4().hex[:8]}"


def make_role(cloud: Cloud, service: str, *actions: str) -> str:
    """The ARN of a new role for the service, allowed these actions on everything."""
    name = unique("role")
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = cloud.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]
    statement = {"Effect": "Allow", "Action": list(actions or ("none:None",)), "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=policy(statement))
    return str(role["Arn"])


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def package(**files: str) -> bytes:
    """A zip of Python modules given as name=source."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in files.items():
            archive.writestr(f"{name}.py", dedent(source))
    return buffer.getvalue()


def make_function(cloud: Cloud, source: str, *actions: str, **settings: Any) -> str:
    """The name of a new function whose module `handler` is `source`."""
    name = unique("function")
    cloud.client("lambda").create_function(
        FunctionName=name,
        Role=make_role(cloud, "lambda", *actions),
        Runtime="python3.13",
        Handler="handler.handler",
        Code={"ZipFile": package(handler=source)},
        **settings,
    )
    return name


def make_bucket(cloud: Cloud) -> str:
    """The name of a new bucket."""
    name = unique("bucket")
    cloud.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return name


def until(look: Callable[[], T | None], seconds: float = 30) -> T:
    """What `look` finds as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("nothing came")


def logged(cloud: Cloud, group: str) -> list[str]:
    """Every line of a log group."""
    logs = cloud.client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return []
    return [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
