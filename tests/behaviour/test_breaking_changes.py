"""A deployment is held against the tables that are there: what breaks a reader's table is refused, unless told why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from insightshare.aws.deployed import deployed_tables
from insightshare.aws.deployment import Deployment
from insightshare.contract.changes_deployed import DeployedTable
from insightshare.contract.facts import Project
from insightshare.contract.read import load_project
from insightshare.errors import AccessRefused, ProjectInvalid
from scripts.breaking_changes import refuse_breaking_changes
from tests.behaviour.lake import make_admin, make_role
from tests.behaviour.parts import unique
from tests.conftest import PROVIDER, REGION, Cloud

FILTER = ("TableCatalogId", "DatabaseName", "TableName", "Name")
PROJECT = load_project(Path(__file__).resolve().parents[2])


@pytest.fixture
def database(cloud: Cloud) -> Iterator[str]:
    """A database as a deployment of the project leaves it: acme is granted churn by a filter on each of two tables.

    Of initech, whose share has ended, a filter is left that nobody is granted.
    """
    glue, name = cloud.client("glue"), unique("insights").replace("-", "_")
    lakeformation = cloud.client("lakeformation")
    make_admin(cloud, PROVIDER)
    glue.create_database(DatabaseInput={"Name": name})
    for insight in PROJECT.insights.values():
        columns = [{"Name": column, "Type": kind} for column, kind in insight.types.items()]
        for suffix in ("", "_latest"):
            glue.create_table(
                DatabaseName=name,
                TableInput={
                    "Name": insight.name + suffix,
                    "Parameters": {"insight": insight.name, "version": insight.version},
                    "StorageDescriptor": {"Columns": columns},
                },
            )
    for table, column in (("churn", "customer_id"), ("churn_latest", "churn_probability")):
        grant(cloud, make_filter(cloud, name, table, "acme", ColumnNames=[column]))
    make_filter(cloud, name, "interests", "initech", ColumnNames=["user_id"])
    yield name
    for held in lakeformation.list_permissions()["PrincipalResourcePermissions"]:
        if held["Resource"].get("DataCellsFilter", {}).get("DatabaseName") == name:
            lakeformation.revoke_permissions(
                Principal=held["Principal"], Resource=held["Resource"], Permissions=held["Permissions"]
            )
    for cells in lakeformation.list_data_cells_filter()["DataCellsFilters"]:
        if cells["DatabaseName"] == name:
            lakeformation.delete_data_cells_filter(**{key: cells[key] for key in FILTER})
    for table in glue.get_tables(DatabaseName=name)["TableList"]:
        glue.delete_table(DatabaseName=name, Name=table["Name"])
    glue.delete_database(Name=name)


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    name = unique("states")
    cloud.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def make_filter(cloud: Cloud, database: str, table: str, name: str, **shown: Any) -> dict[str, Any]:
    place = {"TableCatalogId": PROVIDER, "DatabaseName": database, "TableName": table, "Name": name}
    data = {**place, **shown, "RowFilter": {"AllRowsWildcard": {}}}
    cloud.client("lakeformation").create_data_cells_filter(TableData=data)
    return {"DataCellsFilter": place}


def grant(cloud: Cloud, cells: dict[str, Any]) -> None:
    principal = {"DataLakePrincipalIdentifier": make_role(cloud, PROVIDER, ["athena:*"])}
    cloud.client("lakeformation").grant_permissions(Principal=principal, Resource=cells, Permissions=["SELECT"])


def deployment(database: str) -> Deployment:
    return Deployment("test", PROVIDER, REGION, database)


def with_churn(**changed: Any) -> Project:
    """The project, after its agreements let go of what is to change."""
    churn = replace(PROJECT.insights["churn"], **changed)
    return replace(PROJECT, insights={**PROJECT.insights, "churn": churn}, clients={})


def without_probability() -> Project:
    columns = PROJECT.insights["churn"].columns
    return with_churn(columns=tuple(column for column in columns if column.name != "churn_probability"))


def test_the_deployed_tables_are_those_of_insights_in_their_order_with_who_is_granted_what(
    cloud: Cloud, database: str
) -> None:
    found = deployed_tables(cloud.session(), database)

    readers = {"churn": {"acme": frozenset({"customer_id", "churn_probability"})}}
    assert found == {
        name: DeployedTable(insight.types, insight.version, readers.get(name, {}))
        for name, insight in PROJECT.insights.items()
    }


def test_who_is_granted_all_columns_but_one_reads_the_others(cloud: Cloud, database: str) -> None:
    wildcard = {"ExcludedColumnNames": ["genre"]}
    grant(cloud, make_filter(cloud, database, "interests", "globex", ColumnWildcard=wildcard))

    readers = deployed_tables(cloud.session(), database)["interests"].readers

    assert readers == {"globex": frozenset(PROJECT.insights["interests"].types) - {"genre"}}


def test_who_may_not_see_all_readers_is_not_told_that_there_are_none(cloud: Cloud, database: str) -> None:
    other = {"DataLakePrincipalIdentifier": make_role(cloud, PROVIDER, ["athena:*"])}
    cloud.client("lakeformation").put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": [other]})

    with pytest.raises(AccessRefused) as refused:
        deployed_tables(cloud.session(), database)

    make_admin(cloud, PROVIDER)
    assert str(refused.value) == (
        f"database {database}: readers: [grants: you are no data lake administrator, and see your own only] "
        "is not a list of all of them. Fix: ask as a data lake administrator; a new one is made by infra/account first."
    )


def test_before_the_first_deployment_there_are_no_tables(cloud: Cloud) -> None:
    assert deployed_tables(cloud.session(), "nowhere") == {}


def test_a_project_that_changes_nothing_is_deployed(cloud: Cloud, database: str, bucket: str) -> None:
    refuse_breaking_changes(PROJECT, deployment(database), cloud.session(), None, bucket)

    assert cloud.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_column_that_clients_are_granted_does_not_go(cloud: Cloud, database: str, bucket: str) -> None:
    with pytest.raises(ProjectInvalid, match=r"column churn_probability: is gone while acme may read it is not"):
        refuse_breaking_changes(without_probability(), deployment(database), cloud.session(), None, bucket)


def test_an_insight_that_clients_are_granted_does_not_go(cloud: Cloud, database: str, bucket: str) -> None:
    others = {name: insight for name, insight in PROJECT.insights.items() if name != "churn"}
    without_churn = replace(PROJECT, insights=others, clients={})

    with pytest.raises(ProjectInvalid, match=r"table: is gone while acme may read it is not"):
        refuse_breaking_changes(without_churn, deployment(database), cloud.session(), None, bucket)


def test_a_version_that_says_that_it_breaks_is_held(cloud: Cloud, database: str, bucket: str) -> None:
    with pytest.raises(ProjectInvalid, match=r"version: 1\.\S+ becomes 2\.0\.0 while acme may read it is not"):
        refuse_breaking_changes(with_churn(version="2.0.0"), deployment(database), cloud.session(), None, bucket)


def test_the_reason_for_breaking_it_is_kept(cloud: Cloud, database: str, bucket: str) -> None:
    refuse_breaking_changes(without_probability(), deployment(database), cloud.session(), "a wrong number", bucket)

    (entry,) = cloud.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    record = json.loads(cloud.client("s3").get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
    assert entry["Key"] == f"test/forced-changes/{record['forced_at_utc']}.json"
    assert (record["reason"], record["forced_by"]) == ("a wrong number", f"arn:aws:iam::{PROVIDER}:user/admin")
    assert [line.split(": ")[2] for line in record["changes"]] == ["column churn_probability"]
