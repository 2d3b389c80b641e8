"""A reader's SQL meets only the columns and rows of its grants: what is hidden does not exist for it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.behaviour.athena_lake import Answer, Lake
from tests.conftest import ACME, PROVIDER, Cloud

HIDDEN = "cannot be resolved or requester is not authorized to access requested resources"


class Reader:
    """A role of the provider's account that reads `t` through one data cells filter."""

    def __init__(self, cloud: Cloud, lake: Lake, columns: list[str], rows: str | None) -> None:
        self.lake = lake
        self.role = make_role(cloud)
        share(cloud, lake, self.role, columns, rows)
        self.client = cloud.client("athena", credentials=cloud.assume(self.role))

    def ask(self, sql: str) -> Answer:
        return self.lake.ask(sql, self.client)


def make_role(cloud: Cloud) -> str:
    name, iam = f"reader-{uuid.uuid4().hex[:8]}", cloud.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole"}
    allowed = {
        "Effect": "Allow",
        "Action": ["athena:*", "s3:*", "glue:*", "lakeformation:GetDataAccess"],
        "Resource": "*",
    }
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(allowed))
    return f"arn:aws:iam::{PROVIDER}:role/{name}"


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def share(cloud: Cloud, lake: Lake, principal: str, columns: list[str], rows: str | None) -> None:
    lakeformation, name = cloud.client("lakeformation"), f"f{uuid.uuid4().hex[:8]}"
    whose = {"TableCatalogId": PROVIDER, "DatabaseName": lake.database, "TableName": "t", "Name": name}
    row_filter: dict[str, Any] = {"FilterExpression": rows} if rows else {"AllRowsWildcard": {}}
    lakeformation.create_data_cells_filter(TableData=whose | {"ColumnNames": columns, "RowFilter": row_filter})
    for resource, permission in (
        ({"Database": {"Name": lake.database}}, "DESCRIBE"),
        ({"DataCellsFilter": whose}, "SELECT"),
    ):
        lakeformation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": principal}, Resource=resource, Permissions=[permission]
        )


@pytest.fixture(scope="module")
def lake(cloud: Cloud) -> Lake:
    admin = [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{PROVIDER}:user/admin"}]
    cloud.client("lakeformation").put_data_lake_settings(
        DataLakeSettings={"DataLakeAdmins": admin, "Parameters": {"CROSS_ACCOUNT_VERSION": "4"}}
    )
    made = Lake(cloud)  # only now: databases made before are open to everybody with IAM rights
    cloud.client("lakeformation").register_resource(ResourceArn=f"arn:aws:s3:::{made.bucket}", RoleArn=make_role(cloud))
    rows = {"id": [1, 2, 3, 4], "region": ["EU", "EU", "US", None], "secret": ["a", "b", "c", "zero"]}
    made.put("t/x/1.parquet", rows)
    columns = {"id": "bigint", "region": "string", "secret": "string"}
    made.table("t", columns, "t/", ["as_of"])
    made.partition("t", columns, "t/x/", "2024-01-01")
    return made


def test_only_the_granted_columns_and_rows_come_back(cloud: Cloud, lake: Lake) -> None:
    reader = Reader(cloud, lake, ["id", "region"], "region = 'EU'")

    answer = reader.ask("SELECT * FROM t ORDER BY id")

    assert answer.header == ["id", "region", "as_of"]
    assert answer.rows == [["1", "EU", "2024-01-01"], ["2", "EU", "2024-01-01"]]
    assert reader.ask("SELECT count(*) FROM t").rows == [["2"]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT secret FROM t",
        "SELECT id FROM t WHERE secret = 'c'",
        "SELECT id FROM t ORDER BY secret",
        "SELECT count(*) FROM t GROUP BY secret",
        "SELECT x.secret FROM t AS x",
        "SELECT a.id FROM t AS a JOIN t AS b ON a.secret = b.secret",
        "SELECT id FROM t WHERE id IN (SELECT id FROM t WHERE secret = 'c')",
        "SELECT s FROM (SELECT secret AS s FROM t) AS q",
        "WITH q AS (SELECT * FROM t) SELECT secret FROM q",
        "SELECT max(secret) OVER () FROM t",
        "SELECT SECRET FROM t",
        'SELECT "secret" FROM t',
    ],
)
def test_a_hidden_column_does_not_exist_anywhere_in_a_query(cloud: Cloud, lake: Lake, sql: str) -> None:
    reader = Reader(cloud, lake, ["id", "region"], None)

    answer = reader.ask(sql)

    assert answer.state == "FAILED"
    assert answer.reason.startswith("COLUMN_NOT_FOUND: line ") and answer.reason.endswith(HIDDEN)


def test_a_filter_may_name_a_column_that_the_reader_does_not_see(cloud: Cloud, lake: Lake) -> None:
    reader = Reader(cloud, lake, ["id"], "secret = 'c' OR secret = 'a'")

    assert reader.ask("SELECT id FROM t ORDER BY id").rows == [["1"], ["3"]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 / (id - 3) FROM t",
        "SELECT id FROM t WHERE 1 / (id - 3) > 5",
        "SELECT CAST(region AS bigint) FROM t WHERE region <> 'EU'",
    ],
)
def test_an_error_never_tells_of_a_hidden_row(cloud: Cloud, lake: Lake, sql: str) -> None:
    reader = Reader(cloud, lake, ["id", "region"], "region = 'EU'")

    assert reader.ask(sql).state == "SUCCEEDED"


def test_several_filters_show_the_union_cell_by_cell(cloud: Cloud, lake: Lake) -> None:
    reader = Reader(cloud, lake, ["id", "region"], "region = 'EU'")
    share(cloud, lake, reader.role, ["id", "secret"], "id = 3")

    rows = reader.ask("SELECT id, region, secret FROM t ORDER BY id").rows

    assert rows == [["1", "EU", None], ["2", "EU", None], ["3", None, "c"]]


def test_a_reader_without_a_grant_is_told_of_missing_permissions(cloud: Cloud, lake: Lake) -> None:
    stranger = cloud.client("athena", credentials=cloud.assume(make_role(cloud)))

    answer = lake.ask("SELECT * FROM t", stranger)

    assert answer.reason == (
        "ACCESS_DENIED: Insufficient permissions to execute the query. "
        "Insufficient Lake Formation permission(s): Required Describe on t"
    )


def test_describe_and_show_columns_leave_hidden_columns_out(cloud: Cloud, lake: Lake) -> None:
    reader = Reader(cloud, lake, ["id"], None)

    assert [row[0].strip() for row in reader.ask("SHOW COLUMNS IN t").rows if row[0]] == ["id", "as_of"]
    assert "secret" not in str(reader.ask("DESCRIBE t").rows)
    assert "secret" not in str(reader.ask("SHOW CREATE TABLE t").rows)


def test_hidden_columns_are_not_charged(cloud: Cloud, lake: Lake) -> None:
    reader = Reader(cloud, lake, ["id"], None)

    assert 0 < reader.ask("SELECT * FROM t").scanned_bytes < lake.ask("SELECT * FROM t").scanned_bytes


def test_another_account_reads_through_its_resource_link(cloud: Cloud, lake: Lake) -> None:
    consumer = Lake(cloud, ACME)
    whose = {
        "TableCatalogId": PROVIDER,
        "DatabaseName": lake.database,
        "TableName": "t",
        "Name": f"acme{lake.database}",
    }
    mine, theirs = cloud.client("lakeformation"), cloud.client("lakeformation", ACME)
    mine.create_data_cells_filter(
        TableData=whose | {"ColumnNames": ["id"], "RowFilter": {"FilterExpression": "region = 'US'"}}
    )
    target = {"Database": {"CatalogId": PROVIDER, "Name": lake.database}}
    for resource, permission in ((target, "DESCRIBE"), ({"DataCellsFilter": whose}, "SELECT")):
        mine.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": ACME}, Resource=resource,
            Permissions=[permission], PermissionsWithGrantOption=[permission],
        )  # fmt: skip
    admin = [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{ACME}:user/admin"}]
    theirs.put_data_lake_settings(DataLakeSettings={"DataLakeAdmins": admin})
    theirs.grant_permissions(Principal=admin[0], Resource={"DataCellsFilter": whose}, Permissions=["SELECT"])
    link = {"Name": "link", "TargetDatabase": {"CatalogId": PROVIDER, "DatabaseName": lake.database}}
    consumer.glue.create_database(DatabaseInput=link)

    answer = consumer.ask("SELECT * FROM link.t")

    assert (answer.header, answer.rows) == (["id", "as_of"], [["3", "2024-01-01"]]), answer.reason


def test_data_that_lake_formation_does_not_hold_needs_the_callers_own_rights(cloud: Cloud) -> None:
    open_lake = Lake(cloud)
    open_lake.put("t/1.parquet", {"id": [1]})
    open_lake.table("t", {"id": "bigint"}, "t/")
    name, iam = f"poor-{uuid.uuid4().hex[:8]}", cloud.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole"}
    results = f"arn:aws:s3:::{open_lake.results}*"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    for number, (action, resource) in enumerate((("athena:*", "*"), ("glue:*", "*"), ("s3:*", results))):
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        iam.put_role_policy(RoleName=name, PolicyName=str(number), PolicyDocument=policy(statement))
    table = {"Table": {"DatabaseName": open_lake.database, "TableWildcard": {}}}
    cloud.client("lakeformation").grant_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{PROVIDER}:role/{name}"},
        Resource=table,
        Permissions=["SELECT"],
    )
    client = cloud.client("athena", credentials=cloud.assume(f"arn:aws:iam::{PROVIDER}:role/{name}"))

    assert open_lake.ask("SELECT id FROM t", client).reason.startswith("PERMISSION_DENIED: Access Denied when reading")
