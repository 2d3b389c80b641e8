"""A stack's own functions run for real, and one stack takes an account from an invitation to reading."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests.behaviour.lake import client, make_admin, make_lake, make_role
from tests.behaviour.stacks import Stacks, custom, function
from tests.conftest import PROVIDER, Cloud

CLIENT = Path(__file__).parents[1] / "data" / "client_stack" / "template.yaml"
ECHO = """
import json
import cfnresponse
def handler(event, context):
    print(event["RequestType"], json.dumps(event.get("OldResourceProperties", {}).get("Size")))
    if event["ResourceProperties"].get("Fails") == event["RequestType"]:
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, "thing", reason="no luck")
        return
    size = event["ResourceProperties"]["Size"]
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Size": repr(size)}, "thing-" + str(size))
"""


@pytest.fixture
def stacks(cloud: Cloud) -> Stacks:
    return Stacks(cloud, PROVIDER)


def test_a_custom_resource_is_what_its_function_answers(stacks: Stacks) -> None:
    resources = {**function(ECHO), "Thing": custom(Size=3, Deep={"Yes": True})}
    template = {"Resources": resources, "Outputs": {"Size": {"Value": {"Fn::GetAtt": ["Thing", "Size"]}}}}

    assert stacks.create(template) == "CREATE_COMPLETE"

    assert stacks.outputs() == {"Size": "'3'"}  # numbers travel as text
    resources["Thing"] = custom(Size=4)
    assert (stacks.update(template), stacks.outputs()) == ("UPDATE_COMPLETE", {"Size": "'4'"})
    events = stacks.api.describe_stack_events(StackName=stacks.name)["StackEvents"]
    deleted = [one["PhysicalResourceId"] for one in events if one["ResourceStatus"] == "DELETE_COMPLETE"]
    assert deleted == ["thing-3"]  # it said that it is another one now
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_custom_resource_that_fails_says_why(stacks: Stacks) -> None:
    ended = stacks.create({"Resources": {**function(ECHO), "Thing": custom(Size=1, Fails="Create")}})

    reason = stacks.reasons("CREATE_FAILED")["Thing"]
    said = "Received response status [FAILED] from custom resource. Message returned: no luck"
    assert (ended, said in reason) == ("ROLLBACK_COMPLETE", True)


@pytest.mark.parametrize(
    "code",
    [
        "def handler(event, context): return 1",
        "import nothing_like_it",
        ECHO.replace("import cfnresponse", "import cfnresponse  # to answer"),
        ECHO.replace("import cfnresponse", "import os, cfnresponse"),
    ],
)
def test_a_custom_resource_that_does_not_answer_fails(stacks: Stacks, code: str) -> None:
    ended = stacks.create({"Resources": {**function(code), "Thing": custom()}}, OnFailure="DELETE")

    reason = stacks.reasons("CREATE_FAILED")["Thing"]
    said = "CloudFormation did not receive a response from your Custom Resource."
    assert (ended, said in reason) == ("DELETE_COMPLETE", True)


def test_one_stack_takes_an_account_from_an_invitation_to_reading_and_leaves_nothing(cloud: Cloud) -> None:
    lake, guest = make_lake(cloud), f"5{uuid.uuid4().int % 10**11:011d}"
    lake.grant(guest, {"Database": {"CatalogId": PROVIDER, "Name": lake.database}}, "DESCRIBE", option=True)
    lake.make_filter("few", ColumnNames=["customer", "score"])
    lake.grant(guest, lake.filter("few"), "SELECT", option=True)
    stacks = Stacks(cloud, guest)
    given = {"Sender": PROVIDER, "Database": lake.database, "Table": "churn"}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]

    assert stacks.create(CLIENT.read_text(), Parameters=parameters) == "CREATE_COMPLETE", stacks.reasons(
        "CREATE_FAILED"
    )

    outputs = stacks.outputs()
    analyst = cloud.client("glue", credentials=cloud.assume(outputs["Analyst"], guest))
    table = analyst.get_table(DatabaseName=lake.database, Name="churn")["Table"]
    workgroup = lake.client("athena", guest).get_work_group(WorkGroup=outputs["WorkGroup"])["WorkGroup"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["customer", "score"]
    assert workgroup["Configuration"]["ResultConfiguration"]["OutputLocation"] == f"s3://{outputs['Results']}/"
    assert outputs["Taken"] == "2"
    assert stacks.delete() == "DELETE_COMPLETE", stacks.reasons("DELETE_FAILED")
    settings = lake.client("lakeformation", guest).get_data_lake_settings()["DataLakeSettings"]
    assert settings["DataLakeAdmins"] == []  # what the stack appended
    assert lake.client("s3", guest).list_buckets()["Buckets"] == []
    assert lake.client("glue", guest).get_databases()["DatabaseList"] == []


def test_a_stack_appends_to_the_settings_and_takes_back_only_its_own(cloud: Cloud) -> None:
    account = f"5{uuid.uuid4().int % 10**11:011d}"
    make_admin(cloud, account)
    stacks, role = Stacks(cloud, account), make_role(cloud, account, ["glue:*"])
    admins = [{"DataLakePrincipalIdentifier": one} for one in (role, f"arn:aws:iam::{account}:user/admin")]
    properties = {"MutationType": "APPEND", "Admins": admins}

    def found() -> tuple[list[str], str]:
        settings = client(cloud, "lakeformation", account).get_data_lake_settings()["DataLakeSettings"]
        names = [one["DataLakePrincipalIdentifier"] for one in settings["DataLakeAdmins"]]
        return names, settings["Parameters"]["CROSS_ACCOUNT_VERSION"]

    resource = {"Type": "AWS::LakeFormation::DataLakeSettings", "Properties": properties}
    assert stacks.create({"Resources": {"Settings": resource}}) == "CREATE_COMPLETE"
    both = found()
    stacks.delete()

    assert both == ([f"arn:aws:iam::{account}:user/admin", role], "4")
    assert found() == ([f"arn:aws:iam::{account}:user/admin"], "4")
