"""Workgroups: their settings win where they are enforced, their limit stops a query, roles use only their own."""

from __future__ import annotations

import json
import uuid
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError

from insightshare.aws.session import own_workgroup
from insightshare.errors import AccessRefused
from tests.behaviour.athena_lake import Lake
from tests.behaviour.share_stage import StageSession
from tests.conftest import PROVIDER, Cloud


@pytest.fixture(scope="module")
def lake(cloud: Cloud) -> Lake:
    made = Lake(cloud)
    made.put("t/1.parquet", {"id": [1], "long": ["x" * 40_000_000]})
    made.table("t", {"id": "bigint", "long": "string"}, "t/")
    return made


def workgroup(lake: Lake, **configuration: Any) -> str:
    name = f"wg-{uuid.uuid4().hex[:8]}"
    lake.athena.create_work_group(Name=name, Configuration=configuration)
    return name


def test_an_enforced_output_location_wins_over_the_callers(lake: Lake) -> None:
    output = f"s3://{lake.results}/enforced/"
    name = workgroup(lake, EnforceWorkGroupConfiguration=True, ResultConfiguration={"OutputLocation": output})

    answer = lake.ask("SELECT 1", WorkGroup=name)

    assert answer.execution["ResultConfiguration"]["OutputLocation"].startswith(output)


def test_an_output_location_that_is_not_enforced_is_only_the_default(lake: Lake) -> None:
    output = f"s3://{lake.results}/default/"
    name = workgroup(lake, EnforceWorkGroupConfiguration=False, ResultConfiguration={"OutputLocation": output})

    own = lake.ask("SELECT 1", WorkGroup=name).execution["ResultConfiguration"]["OutputLocation"]
    default = lake.ask("SELECT 1", WorkGroup=name, ResultConfiguration={}).execution["ResultConfiguration"][
        "OutputLocation"
    ]

    assert (own.startswith(lake.output), default.startswith(output)) == (True, True)


def test_a_query_over_the_scan_limit_is_cancelled(lake: Lake) -> None:
    long = lake.s3.head_object(Bucket=lake.bucket, Key="t/1.parquet")["ContentLength"]
    lake.s3.put_object(Bucket=lake.bucket, Key="j/1.json", Body=b'{"a": 1}' + b" " * 11_000_000 + b"\n")
    lake.table("j", {"a": "int"}, "j/", serde="org.openx.data.jsonserde.JsonSerDe")
    name = workgroup(lake, EnforceWorkGroupConfiguration=False, BytesScannedCutoffPerQuery=10_000_000)

    answer = lake.ask("SELECT a FROM j", WorkGroup=name)

    assert long > 0
    assert (answer.state, answer.reason) == ("CANCELLED", "Bytes scanned limit was exceeded")
    assert lake.ask("SELECT id FROM t", WorkGroup=name).rows == [["1"]]


def test_a_workgroup_is_updated_field_by_field(lake: Lake) -> None:
    name = workgroup(lake, BytesScannedCutoffPerQuery=20_000_000, ResultConfiguration={"OutputLocation": lake.output})
    updates = {"RemoveBytesScannedCutoffPerQuery": True, "ResultConfigurationUpdates": {"OutputLocation": "s3://else/"}}

    lake.athena.update_work_group(WorkGroup=name, Description="new", ConfigurationUpdates=updates)
    found = lake.athena.get_work_group(WorkGroup=name)["WorkGroup"]

    assert found["Description"] == "new"
    assert "BytesScannedCutoffPerQuery" not in found["Configuration"]
    assert found["Configuration"]["ResultConfiguration"] == {"OutputLocation": "s3://else/"}


def test_a_disabled_workgroup_takes_no_queries(lake: Lake) -> None:
    name = workgroup(lake)
    lake.athena.update_work_group(WorkGroup=name, State="DISABLED")

    with pytest.raises(ClientError, match=f"WorkGroup {name} is disabled"):
        lake.ask("SELECT 1", WorkGroup=name)


def test_a_workgroup_without_tags_has_an_empty_list_of_tags(lake: Lake) -> None:
    arn = f"arn:aws:athena:eu-west-1:{PROVIDER}:workgroup/{workgroup(lake)}"

    assert lake.athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == []


def test_a_used_workgroup_goes_only_with_its_queries(lake: Lake) -> None:
    name = workgroup(lake, EnforceWorkGroupConfiguration=False)
    lake.ask("SELECT 1", WorkGroup=name)

    with pytest.raises(ClientError, match="is not empty"):
        lake.athena.delete_work_group(WorkGroup=name)
    lake.athena.delete_work_group(WorkGroup=name, RecursiveDeleteOption=True)
    with pytest.raises(ClientError, match="is not found"):
        lake.athena.get_work_group(WorkGroup=name)


def test_named_queries_are_updated_and_deleted(lake: Lake) -> None:
    request = {"Name": "q", "Database": lake.database, "QueryString": "SELECT 1", "WorkGroup": workgroup(lake)}
    identifier = lake.athena.create_named_query(**request)["NamedQueryId"]

    lake.athena.update_named_query(NamedQueryId=identifier, Name="q2", QueryString="SELECT 2")
    found = lake.athena.get_named_query(NamedQueryId=identifier)["NamedQuery"]
    lake.athena.delete_named_query(NamedQueryId=identifier)

    assert (found["Name"], found["QueryString"]) == ("q2", "SELECT 2")
    with pytest.raises(ClientError, match="is not found"):
        lake.athena.get_named_query(NamedQueryId=identifier)


def test_a_role_uses_only_the_workgroups_that_its_policy_names(lake: Lake, cloud: Cloud) -> None:
    mine, other = (workgroup(lake, EnforceWorkGroupConfiguration=False) for _ in range(2))
    credentials = role(cloud, lake, f"arn:aws:athena:eu-west-1:{PROVIDER}:workgroup/{mine}")
    client = cloud.client("athena", credentials=credentials)

    assert lake.ask("SELECT 1", client, WorkGroup=mine).rows == [["1"]]
    for elsewhere in (other, "primary"):
        with pytest.raises(ClientError, match="is not authorized to perform: athena:StartQueryExecution"):
            lake.ask("SELECT 1", client, WorkGroup=elsewhere)


def test_a_clients_role_uses_the_workgroup_of_its_name_and_looks_for_no_other(lake: Lake, cloud: Cloud) -> None:
    name = f"insightshare-test-client-{uuid.uuid4().hex[:8]}"
    credentials = role(cloud, lake, f"arn:aws:athena:eu-west-1:{PROVIDER}:workgroup/{name}", name)

    found = own_workgroup(session(cloud, credentials))

    asked = {one["service"] for one in cloud.calls() if name in one["principal"]}
    assert (found, asked) == (name, {"sts"})


def test_another_role_finds_the_workgroup_of_its_name_among_all(lake: Lake, cloud: Cloud) -> None:
    name = f"insightshare-{uuid.uuid4().hex[:8]}"
    for one in (name, f"{name}-more"):
        lake.athena.create_work_group(Name=one)

    assert own_workgroup(session(cloud, role(cloud, lake, "*", name))) == name


def test_a_role_that_may_list_none_is_told_to_name_its_workgroup(lake: Lake, cloud: Cloud) -> None:
    credentials = role(cloud, lake, f"arn:aws:athena:eu-west-1:{PROVIDER}:workgroup/another")

    with pytest.raises(AccessRefused, match=r"Fix: pass workgroup=… or set INSIGHTSHARE_WORKGROUP\.$"):
        own_workgroup(session(cloud, credentials))


def session(cloud: Cloud, credentials: dict[str, Any]) -> boto3.Session:
    return cast(boto3.Session, StageSession(cloud, PROVIDER, credentials=credentials))


def role(cloud: Cloud, lake: Lake, resource: str, name: str = "") -> dict[str, Any]:
    name, iam = name or f"role-{uuid.uuid4().hex[:8]}", cloud.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole"}],
    }
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    statements = [
        {"Effect": "Allow", "Action": "athena:*", "Resource": resource},
        {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{lake.results}", f"arn:aws:s3:::{lake.results}/*"],
        },
    ]
    iam.put_role_policy(
        RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements})
    )
    return cloud.assume(f"arn:aws:iam::{PROVIDER}:role/{name}")


def test_catalog_operations_answer_from_glue(lake: Lake) -> None:
    tables = lake.athena.list_table_metadata(CatalogName="AwsDataCatalog", DatabaseName=lake.database)[
        "TableMetadataList"
    ]
    one = lake.athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName=lake.database, TableName="t")
    databases = lake.athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"]

    assert "t" in [table["Name"] for table in tables]
    assert [column["Name"] for column in one["TableMetadata"]["Columns"]] == ["id", "long"]
    assert lake.database in [database["Name"] for database in databases]
    assert lake.athena.list_data_catalogs()["DataCatalogsSummary"][0]["CatalogName"] == "AwsDataCatalog"
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        lake.athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName=lake.database, TableName="nope")
