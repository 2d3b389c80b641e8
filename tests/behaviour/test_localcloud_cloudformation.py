"""Stacks are made, changed and undone with their caller's rights, through plain boto3."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest

from tests.behaviour.lake import client, make_role, refused
from tests.behaviour.parts import make_bucket, unique
from tests.behaviour.parts import make_role as role_for
from tests.behaviour.stacks import Stacks, function, group, groups
from tests.conftest import PROVIDER, Cloud


@pytest.fixture
def stacks(cloud: Cloud) -> Stacks:
    return Stacks(cloud, PROVIDER)


def test_references_functions_and_conditions_are_computed(stacks: Stacks) -> None:
    template = """
    Parameters:
      Word: {Type: String, Default: lake}
      Words: {Type: CommaDelimitedList, Default: "a, b"}
    Conditions:
      IsLake: !Equals [!Ref Word, lake]
      Never: !And [!Condition IsLake, !Not [!Equals [x, x]]]
    Mappings:
      Days: {lake: {kept: 7}}
    Resources:
      Second:
        Type: AWS::Logs::LogGroup
        Properties:
          LogGroupName: !Sub ["/${AWS::StackName}/${Name}", {Name: !Select [1, !Ref Words]}]
          RetentionInDays: !FindInMap [Days, !Ref Word, kept]
          KmsKeyId: !If [Never, none, !Ref "AWS::NoValue"]
      Third: {Type: AWS::Logs::LogGroup, Condition: Never}
    Outputs:
      Arn: {Value: !GetAtt Second.Arn}
      Said: {Value: !Join [":", [!Ref Second, !Sub "${Second}-${!literal}"]]}
      None: {Value: !Ref Word, Condition: Never}
    """

    assert stacks.create(dedent(template)) == "CREATE_COMPLETE"

    name = f"/{stacks.name}/b"
    arn = f"arn:aws:logs:eu-west-1:{PROVIDER}:log-group:{name}:*"
    assert stacks.outputs() == {"Arn": arn, "Said": f"{name}:{name}-${{literal}}"}
    assert list(stacks.states()) == ["Second"]


def test_a_failing_resource_takes_the_whole_stack_back(stacks: Stacks) -> None:
    bucket = make_bucket(stacks.cloud)
    name = unique("/first")
    twice = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}, "DependsOn": "First"}

    ended = stacks.create({"Resources": {"Twice": twice, "First": group(name)}})

    assert (ended, groups(stacks, name)) == ("ROLLBACK_COMPLETE", [])
    assert list(stacks.reasons("CREATE_FAILED")) == ["Twice"]
    assert "BucketAlreadyOwnedByYou" in stacks.reasons("CREATE_FAILED")["Twice"]
    asked = {stacks.name: "The following resource(s) failed to create: [Twice]. Rollback requested by user."}
    assert stacks.reasons("ROLLBACK_IN_PROGRESS") == asked


def test_a_failing_stack_stays_where_that_was_asked_for(stacks: Stacks) -> None:
    name = unique("/first")
    resources = {"First": group(name), "Bad": {**group(Nonsense=1), "DependsOn": "First"}}

    ended = stacks.create({"Resources": resources}, DisableRollback=True)

    assert (ended, groups(stacks, name)) == ("CREATE_FAILED", [name])
    assert stacks.reasons("CREATE_FAILED")["Bad"] == "Encountered unsupported property Nonsense"


def test_an_update_changes_replaces_adds_and_removes(stacks: Stacks) -> None:
    prefix = unique("/g")
    before = {"Kept": group(f"{prefix}/kept"), "Moved": group(f"{prefix}/old"), "Gone": group(f"{prefix}/gone")}
    stacks.create({"Resources": before})
    after = {
        "Kept": group(f"{prefix}/kept", RetentionInDays=7),
        "Moved": group(f"{prefix}/new"),
        "Added": group(f"{prefix}/added"),
    }

    assert stacks.update({"Resources": after}) == "UPDATE_COMPLETE"

    assert sorted(groups(stacks, prefix)) == [f"{prefix}/{name}" for name in ("added", "kept", "new")]
    assert stacks.states() == {"Kept": "UPDATE_COMPLETE", "Moved": "CREATE_COMPLETE", "Added": "CREATE_COMPLETE"}


def test_a_failing_update_restores_what_was(stacks: Stacks) -> None:
    prefix = unique("/g")
    stacks.create({"Resources": {"Kept": group(f"{prefix}/kept", RetentionInDays=3)}})
    after = {
        "Kept": group(f"{prefix}/kept", RetentionInDays=7),
        "Added": {**group(f"{prefix}/added"), "DependsOn": "Kept"},
        "Bad": {**group(Nonsense=1), "DependsOn": "Added"},
    }

    ended = stacks.update({"Resources": after})

    logs = client(stacks.cloud, "logs", stacks.account)
    found = logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    assert (ended, [one["retentionInDays"] for one in found]) == ("UPDATE_ROLLBACK_COMPLETE", [3])
    again = stacks.update({"Resources": {"Kept": group(f"{prefix}/kept", RetentionInDays=7)}})
    assert again == "UPDATE_COMPLETE"


def test_an_update_that_changes_nothing_is_refused(stacks: Stacks) -> None:
    template = {"Resources": {"One": group()}}
    stacks.create(template)

    code, message = refused(lambda: stacks.update(template))

    assert (code, message) == ("ValidationError", "No updates are to be performed.")


def test_deleting_keeps_what_is_retained_and_fails_on_what_cannot_go(stacks: Stacks) -> None:
    prefix = unique("/g")
    kept = {**group(f"{prefix}/kept"), "DeletionPolicy": "Retain"}
    stacks.create({"Resources": {"Kept": kept, "Gone": group(f"{prefix}/gone"), "Full": {"Type": "AWS::S3::Bucket"}}})
    resources = stacks.api.describe_stack_resources(StackName=stacks.name)["StackResources"]
    bucket = next(one["PhysicalResourceId"] for one in resources if one["LogicalResourceId"] == "Full")
    s3 = client(stacks.cloud, "s3", stacks.account)
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")

    assert stacks.delete() == "DELETE_FAILED"
    assert (groups(stacks, prefix), "Full" in stacks.reasons("DELETE_FAILED")) == ([f"{prefix}/kept"], True)
    s3.delete_object(Bucket=bucket, Key="x")
    assert stacks.delete() == "DELETE_COMPLETE"

    assert refused(lambda: stacks.api.describe_stacks(StackName=stacks.name))[0] == "ValidationError"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({"Resources": {"A": {"Type": "AWS::Nobody::Knows"}}}, "Unrecognized resource types: [AWS::Nobody::Knows]"),
        ({"Resources": {"A": group(RetentionInDays={"Ref": "B"})}}, "Unresolved resource dependencies [B]"),
        (
            {"Resources": {"A": {**group(), "DependsOn": "B"}, "B": {**group(), "DependsOn": "A"}}},
            "Circular dependency between resources: [A, B]",
        ),
        ({"Resources": {}}, "At least one Resources member must be defined."),
        ({"Parameters": {"P": {"Type": "String"}}, "Resources": {"A": group()}}, "Parameters: [P] must have values"),
        (
            {"Parameters": {"P": {"Type": "Number", "Default": "x"}}, "Resources": {"A": group()}},
            "Parameter 'P' must be a number.",
        ),
    ],
)  # fmt: skip
def test_a_template_that_cannot_work_is_refused_before_anything_is_made(
    stacks: Stacks, template: dict[str, Any], message: str
) -> None:
    code, said = refused(lambda: stacks.create(template))

    assert (code, message in said) == ("ValidationError", True)


def test_roles_are_made_only_where_that_was_allowed(stacks: Stacks) -> None:
    body = json.dumps({"Resources": function("")})

    code, message = refused(lambda: stacks.api.create_stack(StackName=stacks.name, TemplateBody=body))

    wanted = ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
    assert (code, message) == wanted


def test_a_role_of_a_stack_may_have_policies_of_aws_and_loses_them(stacks: Stacks) -> None:
    role = function("")["Role"]
    role["Properties"]["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
    template = {"Resources": {"Role": role}, "Outputs": {"Name": {"Value": {"Ref": "Role"}}}}
    iam = client(stacks.cloud, "iam", stacks.account)

    assert stacks.create(template) == "CREATE_COMPLETE", stacks.reasons("CREATE_FAILED")
    attached = iam.list_attached_role_policies(RoleName=stacks.outputs()["Name"])["AttachedPolicies"]
    del role["Properties"]["ManagedPolicyArns"]
    stacks.update(template)

    assert [one["PolicyName"] for one in attached] == ["AWSLambdaBasicExecutionRole"]
    assert iam.list_attached_role_policies(RoleName=stacks.outputs()["Name"])["AttachedPolicies"] == []


def test_a_stack_has_no_more_rights_than_who_asks_for_it(stacks: Stacks) -> None:
    role = make_role(stacks.cloud, stacks.account, ["cloudformation:*"])
    credentials = stacks.cloud.assume(role)
    stacks.api = stacks.cloud.client("cloudformation", credentials=credentials)

    ended = stacks.create({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}})

    assert ended == "ROLLBACK_COMPLETE"
    assert "s3:CreateBucket" in stacks.reasons("CREATE_FAILED")["Bucket"]


def test_a_stack_with_a_role_has_the_rights_of_the_role(stacks: Stacks) -> None:
    template = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}

    poor = stacks.create(template, RoleARN=role_for(stacks.cloud, "cloudformation", "logs:*"))
    why = stacks.reasons("CREATE_FAILED")["Bucket"]
    stacks.delete()
    rich = stacks.create(template, RoleARN=role_for(stacks.cloud, "cloudformation", "s3:*"))

    assert (poor, "s3:CreateBucket" in why, rich) == ("ROLLBACK_COMPLETE", True, "CREATE_COMPLETE")


def test_a_change_set_says_what_it_will_do_and_does_it(stacks: Stacks) -> None:
    prefix = unique("/g")
    stacks.create({"Resources": {"Old": group(f"{prefix}/old")}})
    body = json.dumps({"Resources": {"New": group(f"{prefix}/new")}})
    stacks.api.create_change_set(StackName=stacks.name, ChangeSetName="next", TemplateBody=body)

    told = stacks.api.describe_change_set(StackName=stacks.name, ChangeSetName="next")
    changes = {one["ResourceChange"]["LogicalResourceId"]: one["ResourceChange"]["Action"] for one in told["Changes"]}
    stacks.api.execute_change_set(StackName=stacks.name, ChangeSetName="next")

    assert (told["Status"], changes) == ("CREATE_COMPLETE", {"Old": "Remove", "New": "Add"})
    assert (stacks.ended(stacks.stack_id), groups(stacks, prefix)) == ("UPDATE_COMPLETE", [f"{prefix}/new"])


def test_a_parameter_may_be_looked_up_and_must_be_there(stacks: Stacks) -> None:
    path = unique("/some/version")
    template = {
        "Parameters": {"Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": path}},
        "Resources": {"One": group()},
        "Outputs": {"Version": {"Value": {"Ref": "Version"}}},
    }

    code, message = refused(lambda: stacks.create(template))
    client(stacks.cloud, "ssm", stacks.account).put_parameter(Name=path, Value="6", Type="String")
    stacks.create(template)

    assert (code, path in message, stacks.outputs()) == ("ValidationError", True, {"Version": "6"})


def test_a_type_that_only_moto_knows_is_motos(stacks: Stacks) -> None:
    name = unique("queue")
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}},
    }

    stacks.create(template)

    assert stacks.outputs() == {"Arn": f"arn:aws:sqs:eu-west-1:{PROVIDER}:{name}"}
    assert stacks.delete() == "DELETE_COMPLETE"
    found = client(stacks.cloud, "sqs", stacks.account).list_queues(QueueNamePrefix=name)
    assert "QueueUrls" not in found
