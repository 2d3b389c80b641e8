"""A small lake for the behaviour tests: one database, one table, grants and filters on it, through plain boto3."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import PROVIDER, Cloud

COLUMNS = [
    {"Name": "customer", "Type": "string"},
    {"Name": "score", "Type": "double"},
    {"Name": "income", "Type": "int"},
]


@dataclass(frozen=True)
class Lake:
    """A database with one table, in an account that left IAM-only mode."""

    cloud: Cloud
    database: str
    role: str

    def client(self, service: str, account: str = PROVIDER) -> Any:
        return client(self.cloud, service, account)

    def as_role(self, service: str) -> Any:
        return self.cloud.client(service, credentials=self.cloud.assume(self.role))

    def grant(self, principal: str, resource: dict[str, Any], *permissions: str, option: bool = False) -> None:
        self.client("lakeformation").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": principal},
            Resource=resource,
            Permissions=list(permissions),
            PermissionsWithGrantOption=list(permissions) if option else [],
        )

    def revoke(self, principal: str, resource: dict[str, Any], *permissions: str) -> None:
        self.client("lakeformation").revoke_permissions(
            Principal={"DataLakePrincipalIdentifier": principal}, Resource=resource, Permissions=list(permissions)
        )

    def listed(self, principal: str, resource: dict[str, Any], account: str = PROVIDER) -> list[dict[str, Any]]:
        reply = self.client("lakeformation", account).list_permissions(
            Principal={"DataLakePrincipalIdentifier": principal}, Resource=resource
        )
        return [
            {key: entry[key] for key in ("Resource", "Permissions", "PermissionsWithGrantOption")}
            for entry in reply["PrincipalResourcePermissions"]
        ]

    def table(self, **more: Any) -> dict[str, Any]:
        return {"Table": {"CatalogId": PROVIDER, "DatabaseName": self.database, "Name": "churn", **more}}

    def columns(self, **more: Any) -> dict[str, Any]:
        return {"TableWithColumns": {"CatalogId": PROVIDER, "DatabaseName": self.database, "Name": "churn", **more}}

    def filter(self, name: str) -> dict[str, Any]:
        where = {"TableCatalogId": PROVIDER, "DatabaseName": self.database, "TableName": "churn"}
        return {"DataCellsFilter": {**where, "Name": name}}

    def make_filter(self, name: str, **more: Any) -> None:
        data = {"ColumnNames": ["customer"], "RowFilter": {"AllRowsWildcard": {}}, **more}
        self.client("lakeformation").create_data_cells_filter(
            TableData={**self.filter(name)["DataCellsFilter"], **data}
        )


@functools.cache
def client(cloud: Cloud, service: str, account: str) -> Any:
    """One boto3 client of an administrator; making one is slow."""
    return cloud.client(service, account)


def make_admin(cloud: Cloud, account: str) -> None:
    client(cloud, "lakeformation", account).put_data_lake_settings(
        DataLakeSettings={
            "DataLakeAdmins": [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/admin"}],
            "Parameters": {"CROSS_ACCOUNT_VERSION": "4"},
        }
    )


def make_role(cloud: Cloud, account: str, actions: list[str]) -> str:
    name = f"reader-{uuid.uuid4().hex[:8]}"
    iam = client(cloud, "iam", account)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps(policy))
    return arn


def make_lake(cloud: Cloud) -> Lake:
    """A new database with the table `churn` in the provider's account, and a role there without any grant."""
    make_admin(cloud, PROVIDER)
    database = f"insights_{uuid.uuid4().hex[:8]}"
    glue = client(cloud, "glue", PROVIDER)
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_table(
        DatabaseName=database,
        TableInput={
            "Name": "churn",
            "StorageDescriptor": {"Columns": COLUMNS, "Location": f"s3://lake/{database}/churn/"},
            "PartitionKeys": [{"Name": "as_of", "Type": "string"}],
        },
    )
    return Lake(cloud, database, make_role(cloud, PROVIDER, ["glue:*", "lakeformation:*"]))


def refused(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]
