"""Stacks of CloudFormation for the behaviour tests: make, change, delete, and what they tell."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

from tests.behaviour.lake import client
from tests.behaviour.parts import unique, until
from tests.conftest import Cloud

DONE = ("_COMPLETE", "_FAILED")


class Stacks:
    """Stacks of one account, named for one test."""

    def __init__(self, cloud: Cloud, account: str) -> None:
        self.cloud, self.account, self.name = cloud, account, unique("stack")
        self.api = client(cloud, "cloudformation", account)

    def create(self, template: Any, **more: Any) -> str:
        body = template if isinstance(template, str) else json.dumps(template)
        found = self.api.create_stack(
            StackName=self.name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"], **more
        )
        return self.ended(found["StackId"])

    def update(self, template: Any, **more: Any) -> str:
        body = template if isinstance(template, str) else json.dumps(template)
        found = self.api.update_stack(
            StackName=self.name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"], **more
        )
        return self.ended(found["StackId"])

    def delete(self, **more: Any) -> str:
        stack_id = self.api.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"]
        self.api.delete_stack(StackName=self.name, **more)
        return self.ended(stack_id)

    def ended(self, stack_id: str) -> str:
        """The state in which work on the stack ends."""

        def status() -> str | None:
            found = str(self.api.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"])
            return found if found.endswith(DONE) else None

        self.stack_id = stack_id
        return until(status, 120)

    def outputs(self) -> dict[str, str]:
        stack = self.api.describe_stacks(StackName=self.stack_id)["Stacks"][0]
        return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}

    def reasons(self, status: str) -> dict[str, str]:
        """Why resources came into this state, by name."""
        events = self.api.describe_stack_events(StackName=self.stack_id)["StackEvents"]
        found = [one for one in events if one["ResourceStatus"] == status]
        return {one["LogicalResourceId"]: one.get("ResourceStatusReason", "") for one in found}

    def states(self) -> dict[str, str]:
        found = self.api.describe_stack_resources(StackName=self.stack_id)["StackResources"]
        return {one["LogicalResourceId"]: one["ResourceStatus"] for one in found}


def group(name: str | None = None, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {**({"LogGroupName": name} if name else {}), **more}}


def groups(stacks: Stacks, prefix: str) -> list[str]:
    found = client(stacks.cloud, "logs", stacks.account).describe_log_groups(logGroupNamePrefix=prefix)
    return [one["logGroupName"] for one in found["logGroups"]]


def function(code: str, *actions: str) -> dict[str, Any]:
    """The resources of an inline function with a role of its own."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": list(actions or ("none:None",)), "Resource": "*"}
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "Policies": [
                    {"PolicyName": "work", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}
                ],
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ZipFile": dedent(code)},
                "Handler": "index.handler",
                "Runtime": "python3.13",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Timeout": 60,
            },
        },
    }


def custom(**properties: Any) -> dict[str, Any]:
    return {"Type": "Custom::Thing", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, **properties}}
