"""A deployment is held against the tables that are there: what breaks a reader's table is refused, unless told why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from insightshare.aws.deployed import deployed_tables
from insightshare.aws.deployment import Deployment
from insightshare.contract.facts import Project
from insightshare.contract.read import load_project
from insightshare.errors import ProjectInvalid
from scripts.breaking_changes import refuse_breaking_changes
from tests.behaviour.parts import unique
from tests.conftest import PROVIDER, REGION, Cloud

PROJECT = load_project(Path(__file__).resolve().parents[2])


@pytest.fixture
def database(cloud: Cloud) -> Iterator[str]:
    """A database as a deployment of the project leaves it."""
    glue, name = cloud.client("glue"), unique("insights").replace("-", "_")
    glue.create_database(DatabaseInput={"Name": name})
    for insight in PROJECT.insights.values():
        columns = [{"Name": column, "Type": kind} for column, kind in insight.types.items()]
        for suffix in ("", "_latest"):
            glue.create_table(
                DatabaseName=name,
                TableInput={
                    "Name": insight.name + suffix,
                    "Parameters": {"insight": insight.name},
                    "StorageDescriptor": {"Columns": columns},
                },
            )
    yield name
    for table in glue.get_tables(DatabaseName=name)["TableList"]:
        glue.delete_table(DatabaseName=name, Name=table["Name"])
    glue.delete_database(Name=name)


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    name = unique("states")
    cloud.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def deployment(database: str) -> Deployment:
    return Deployment("test", PROVIDER, REGION, database)


def without_charges(project: Project) -> Project:
    churn = project.insights["churn"]
    columns = tuple(column for column in churn.columns if column.name != "churn_probability")
    return replace(project, insights={**project.insights, "churn": replace(churn, columns=columns)})


def test_the_deployed_tables_are_those_of_insights_in_their_order(cloud: Cloud, database: str) -> None:
    found = deployed_tables(cloud.session(), database)

    assert found == {name: insight.types for name, insight in PROJECT.insights.items()}


def test_before_the_first_deployment_there_are_no_tables(cloud: Cloud) -> None:
    assert deployed_tables(cloud.session(), "nowhere") == {}


def test_a_project_that_changes_nothing_is_deployed(cloud: Cloud, database: str, bucket: str) -> None:
    refuse_breaking_changes(PROJECT, deployment(database), cloud.session(), None, bucket)

    assert cloud.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_column_that_clients_read_does_not_go(cloud: Cloud, database: str, bucket: str) -> None:
    with pytest.raises(ProjectInvalid, match=r"column churn_probability: is gone while .* may read it is not"):
        refuse_breaking_changes(without_charges(PROJECT), deployment(database), cloud.session(), None, bucket)


def test_the_reason_for_breaking_it_is_kept(cloud: Cloud, database: str, bucket: str) -> None:
    refuse_breaking_changes(without_charges(PROJECT), deployment(database), cloud.session(), "a wrong number", bucket)

    (entry,) = cloud.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    record = json.loads(cloud.client("s3").get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
    assert entry["Key"] == f"test/forced-changes/{record['forced_at_utc']}.json"
    assert (record["reason"], record["forced_by"]) == ("a wrong number", f"arn:aws:iam::{PROVIDER}:user/admin")
    assert [line.split(": ")[2] for line in record["changes"]] == ["column churn_probability"]
