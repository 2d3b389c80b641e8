"""Small parts of a share: the resources that grants name, and what both accounts have. Grants nothing."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import PROVIDER, REGION

NAME = "acme"


def make_key(kms: Any) -> str:
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def make_bucket(s3: Any, name: str, region: str = REGION) -> None:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})


def make_role(iam: Any, name: str, trusted: dict[str, str], rights: list[dict[str, Any]]) -> str:
    trust = {"Effect": "Allow", "Principal": trusted, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(*rights))
    return str(role["Arn"])


def filter_on(name: str) -> dict[str, Any]:
    where = {"TableCatalogId": PROVIDER, "DatabaseName": "insights", "TableName": name, "Name": NAME}
    return {"DataCellsFilter": where}


def table(name: str) -> dict[str, Any]:
    return {"Table": {"CatalogId": PROVIDER, "DatabaseName": "insights", "Name": name}}


def database(owner: str, name: str) -> dict[str, Any]:
    return {"Database": {"CatalogId": owner, "Name": name}}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def administer(lakeformation: Any, account: str, version: str = "4") -> None:
    admin = [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:user/admin"}]
    parameters = {"CROSS_ACCOUNT_VERSION": version, "SET_SOURCE_IDENTITY": "TRUE"}
    settings = {"DataLakeAdmins": admin, "Parameters": parameters}
    lakeformation.put_data_lake_settings(DataLakeSettings=settings)
