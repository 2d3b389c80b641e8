"""A table of the provider's that a client's analyst reads through a link, in an account with a database of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.behaviour.athena_lake import Lake
from tests.behaviour.lake import make_admin, make_role
from tests.conftest import ACME, PROVIDER, REGION, Cloud

ANALYST = [
    *("athena:*", "s3:*", "lakeformation:GetDataAccess", "glue:Get*", "glue:BatchGetPartition"),
    *("glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable", "glue:CreateDatabase", "sts:GetCallerIdentity"),
]


@dataclass(frozen=True)
class SharedLake:
    """The provider's lake, and what the client's analyst has: a role, a link, a database, a bucket, a workgroup."""

    lake: Lake
    role: str
    database: str
    bucket: str
    workgroup: str

    @property
    def link(self) -> str:
        """The link in the client's account; named as what it points to."""
        return self.lake.database

    def environment(self) -> dict[str, str]:
        """What any AWS tool needs to work as the analyst."""
        keys = self.lake.cloud.assume(self.role, ACME)
        return self.lake.cloud.environment(ACME) | {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }


def shared_lake(cloud: Cloud, rows: Mapping[str, Any], types: Mapping[str, str], shown: str) -> SharedLake:
    """Share the table `churn` of these rows: all columns, and the rows that the filter `shown` keeps."""
    for account in (PROVIDER, ACME):
        make_admin(cloud, account)
    lake = Lake(cloud)  # only now: databases made before are open to everybody with IAM rights
    arn = f"arn:aws:s3:::{lake.bucket}"
    cloud.client("lakeformation").register_resource(ResourceArn=arn, RoleArn=make_role(cloud, PROVIDER, ["s3:*"]))
    lake.put("churn/run/1.parquet", rows)
    lake.table("churn", types, "churn/", ["as_of"])
    lake.partition("churn", types, "churn/run/", "2026-11-20")
    role = make_role(cloud, ACME, ANALYST)
    table = {"DatabaseName": lake.database, "Name": "churn"}
    cells = {"TableCatalogId": PROVIDER, "DatabaseName": lake.database, "TableName": "churn", "Name": "monthly"}
    cloud.client("lakeformation").create_data_cells_filter(
        TableData={**cells, "ColumnWildcard": {}, "RowFilter": {"FilterExpression": shown}}
    )
    database = {"Database": {"CatalogId": PROVIDER, "Name": lake.database}}
    _grant(cloud, PROVIDER, ACME, database, "DESCRIBE", option=True)
    _grant(cloud, PROVIDER, ACME, {"DataCellsFilter": cells}, "SELECT", option=True)
    return _client_half(cloud, lake, role, {"Table": {"CatalogId": PROVIDER, **table}})


def _client_half(cloud: Cloud, lake: Lake, role: str, table: dict[str, Any]) -> SharedLake:
    name = uuid.uuid4().hex[:8]
    made = SharedLake(lake, role, f"marts_{name}", f"marts-{name}", f"analysts-{name}")
    place = {"LocationConstraint": REGION}
    cloud.client("s3", ACME).create_bucket(Bucket=made.bucket, CreateBucketConfiguration=place)
    glue = cloud.client("glue", ACME)
    target = {"CatalogId": PROVIDER, "DatabaseName": lake.database}
    glue.create_database(DatabaseInput={"Name": made.link, "TargetDatabase": target})
    glue.create_database(DatabaseInput={"Name": made.database, "LocationUri": f"s3://{made.bucket}/marts/"})
    cloud.client("athena", ACME).create_work_group(
        Name=made.workgroup,
        Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{made.bucket}/results/"}},
    )
    _grant(cloud, ACME, role, {"Database": {"Name": made.link}}, "DESCRIBE")
    _grant(cloud, ACME, role, {"Database": {"CatalogId": PROVIDER, "Name": lake.database}}, "DESCRIBE")
    _grant(cloud, ACME, role, table, "SELECT")
    _grant(cloud, ACME, role, {"Database": {"Name": made.database}}, "DESCRIBE", "CREATE_TABLE")
    return made


def _grant(
    cloud: Cloud, account: str, principal: str, resource: dict[str, Any], *permissions: str, option: bool = False
) -> None:
    cloud.client("lakeformation", account).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": principal},
        Resource=resource,
        Permissions=list(permissions),
        PermissionsWithGrantOption=list(permissions) if option else [],
    )
