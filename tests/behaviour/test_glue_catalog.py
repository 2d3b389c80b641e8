"""Changing the Glue Data Catalog: rights, versions, partitions and limits, through plain boto3."""

from __future__ import annotations

from typing import Any

import pytest

from tests.behaviour.lake import COLUMNS, Lake, make_lake, refused
from tests.conftest import Cloud


@pytest.fixture
def lake(cloud: Cloud) -> Lake:
    return make_lake(cloud)


def table_input(**more: Any) -> dict[str, Any]:
    storage = {"Columns": COLUMNS, "Location": more.pop("location", "s3://lake/elsewhere/")}
    return {
        "Name": "churn",
        "StorageDescriptor": storage,
        "PartitionKeys": [{"Name": "as_of", "Type": "string"}],
        **more,
    }


def partition(day: int, **more: Any) -> dict[str, Any]:
    return {"Values": [f"2026-01-{day:02d}"], "StorageDescriptor": {"Columns": COLUMNS, **more}}


def fill(lake: Lake, days: int) -> None:
    for first in range(1, days + 1, 100):
        lake.client("glue").batch_create_partition(
            DatabaseName=lake.database,
            TableName="churn",
            PartitionInputList=[partition(day) for day in range(first, min(first + 100, days + 1))],
        )


def version(lake: Lake) -> str:
    found: str = lake.client("glue").get_table(DatabaseName=lake.database, Name="churn")["Table"]["VersionId"]
    return found


def test_an_update_against_an_old_version_is_refused_and_changes_nothing(lake: Lake) -> None:
    glue, read = lake.client("glue"), version(lake)
    glue.update_table(DatabaseName=lake.database, TableInput=table_input(Description="a"), VersionId=read)

    code, _ = refused(
        lambda: glue.update_table(DatabaseName=lake.database, TableInput=table_input(Description="b"), VersionId=read)
    )

    found = glue.get_table(DatabaseName=lake.database, Name="churn")["Table"]
    assert (code, found["Description"]) == ("ConcurrentModificationException", "a")


def test_skipping_the_archive_makes_a_new_version_and_keeps_no_old_one(lake: Lake) -> None:
    glue, read = lake.client("glue"), version(lake)
    glue.update_table(DatabaseName=lake.database, TableInput=table_input(), SkipArchive=True)

    versions = glue.get_table_versions(DatabaseName=lake.database, TableName="churn")["TableVersions"]

    assert [one["VersionId"] for one in versions] == [version(lake)]
    assert version(lake) != read


@pytest.mark.parametrize(
    ("operation", "needed"),
    [
        ("update_table", "Required Alter on churn"),
        ("delete_table", "Required Drop on churn"),
        ("create_partition", "Required Alter on churn"),
        ("delete_partition", "Required Alter on churn"),
        ("create_table", "Required Create Table on "),
        ("delete_database", "Required Drop on "),
    ],
)
def test_who_may_only_read_changes_nothing(lake: Lake, operation: str, needed: str) -> None:
    lake.grant(lake.role, lake.table(), "SELECT", "DESCRIBE")
    arguments: dict[str, dict[str, Any]] = {
        "update_table": {"TableInput": table_input()},
        "delete_table": {"Name": "churn"},
        "create_partition": {"TableName": "churn", "PartitionInput": partition(1)},
        "delete_partition": {"TableName": "churn", "PartitionValues": ["2026-01-01"]},
        "create_table": {"TableInput": {"Name": "mine"}},
    }
    database = {"Name": lake.database} if operation == "delete_database" else {"DatabaseName": lake.database}

    code, message = refused(
        lambda: getattr(lake.as_role("glue"), operation)(**database, **arguments.get(operation, {}))
    )

    assert code == "AccessDeniedException"
    assert message.startswith(f"Insufficient Lake Formation permission(s): {needed}")


def test_moving_a_table_to_a_registered_location_needs_a_right_on_it(lake: Lake) -> None:
    arn = f"arn:aws:s3:::lake/{lake.database}"
    lake.client("lakeformation").register_resource(ResourceArn=arn, RoleArn=lake.role)
    lake.grant(lake.role, lake.table(), "ALTER", "DESCRIBE")
    moved = table_input(location=f"s3://lake/{lake.database}/run-2/")
    glue = lake.as_role("glue")

    code, message = refused(lambda: glue.update_table(DatabaseName=lake.database, TableInput=moved))
    lake.grant(lake.role, {"DataLocation": {"ResourceArn": arn}}, "DATA_LOCATION_ACCESS")
    glue.update_table(DatabaseName=lake.database, TableInput=moved)

    location = f"s3://lake/{lake.database}/run-2/"
    expected = f"Insufficient Lake Formation permission(s) on {location}"
    assert (code, message) == ("AccessDeniedException", expected)
    found = glue.get_table(DatabaseName=lake.database, Name="churn")["Table"]
    assert (found["StorageDescriptor"]["Location"], found["IsRegisteredWithLakeFormation"]) == (location, True)


def test_a_partition_below_its_table_needs_no_location_right_and_one_elsewhere_does(lake: Lake) -> None:
    arn = f"arn:aws:s3:::lake/{lake.database}"
    lake.client("lakeformation").register_resource(ResourceArn=arn, RoleArn=lake.role)
    lake.grant(lake.role, lake.table(), "INSERT")
    glue = lake.as_role("glue")

    def create(day: int, location: str) -> None:
        wire = partition(day, Location=location)
        glue.create_partition(DatabaseName=lake.database, TableName="churn", PartitionInput=wire)

    create(1, f"s3://lake/{lake.database}/churn/run-1/")
    code, _ = refused(lambda: create(2, f"s3://lake/{lake.database}/other/"))

    assert code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("operation", "field", "entry", "limit"),
    [
        ("batch_create_partition", "PartitionInputList", partition(1), 100),
        ("batch_update_partition", "Entries", {"PartitionValueList": ["x"], "PartitionInput": partition(1)}, 100),
        ("batch_delete_partition", "PartitionsToDelete", {"Values": ["x"]}, 25),
        ("batch_get_partition", "PartitionsToGet", {"Values": ["x"]}, 1000),
    ],
)
def test_a_batch_beyond_its_limit_is_refused(
    lake: Lake, operation: str, field: str, entry: dict[str, Any], limit: int
) -> None:
    def send(count: int) -> None:
        getattr(lake.client("glue"), operation)(
            DatabaseName=lake.database, TableName="churn", **{field: [entry] * count}
        )

    send(limit)
    code, message = refused(lambda: send(limit + 1))

    assert (code, message) == ("InvalidInputException", f"{field}: {limit + 1} is more than {limit}.")


def test_a_batch_reports_each_entry_that_failed(lake: Lake) -> None:
    fill(lake, 1)

    errors = lake.client("glue").batch_create_partition(
        DatabaseName=lake.database, TableName="churn", PartitionInputList=[partition(1), partition(2)]
    )["Errors"]

    assert [(one["PartitionValues"], one["ErrorDetail"]["ErrorCode"]) for one in errors] == [
        (["2026-01-01"], "AlreadyExistsException")
    ]


def test_a_partition_needs_a_value_for_each_key(lake: Lake) -> None:
    wire = {"Values": ["2026-01-01", "surplus"], "StorageDescriptor": {}}

    code, message = refused(
        lambda: lake.client("glue").create_partition(DatabaseName=lake.database, TableName="churn", PartitionInput=wire)
    )

    expected = "The number of partition keys do not match the number of partition values"
    assert (code, message) == ("InvalidInputException", expected)


def test_segments_share_the_partitions_without_overlap(lake: Lake) -> None:
    fill(lake, 30)
    glue = lake.client("glue")

    segments = [
        glue.get_partitions(
            DatabaseName=lake.database, TableName="churn", Segment={"SegmentNumber": number, "TotalSegments": 4}
        )["Partitions"]
        for number in range(4)
    ]

    values = [one["Values"][0] for segment in segments for one in segment]
    assert (len(values), len(set(values)), min(len(segment) for segment in segments) > 0) == (30, 30, True)


def test_partitions_match_an_expression_and_come_in_pages(lake: Lake) -> None:
    fill(lake, 9)
    pages = (
        lake.client("glue")
        .get_paginator("get_partitions")
        .paginate(
            DatabaseName=lake.database,
            TableName="churn",
            Expression="as_of > '2026-01-04'",
            PaginationConfig={"PageSize": 2},
        )
    )

    sizes = [len(page["Partitions"]) for page in pages]

    assert sizes == [2, 2, 1]


def test_a_partition_index_is_active_and_reads_back(lake: Lake) -> None:
    glue = lake.client("glue")
    where = {"DatabaseName": lake.database, "TableName": "churn"}
    glue.create_partition_index(**where, PartitionIndex={"IndexName": "by_day", "Keys": ["as_of"]})

    found = glue.get_partition_indexes(**where)["PartitionIndexDescriptorList"]

    keys = [{"Name": "as_of", "Type": "string"}]
    assert found == [{"IndexName": "by_day", "Keys": keys, "IndexStatus": "ACTIVE"}]


def test_names_are_folded_to_lower_case(lake: Lake) -> None:
    lake.client("glue").create_table(DatabaseName=lake.database, TableInput={"Name": "Mixed"})

    found = lake.client("glue").get_table(DatabaseName=lake.database.upper(), Name="MIXED")["Table"]

    assert found["Name"] == "mixed"


@pytest.mark.parametrize(
    ("database", "table", "expected"),
    [("nowhere", "churn", "Database nowhere not found."), (None, "nothing", "Table nothing not found.")],
)
def test_what_is_not_there_is_not_found(lake: Lake, database: str | None, table: str, expected: str) -> None:
    found = refused(lambda: lake.client("glue").get_table(DatabaseName=database or lake.database, Name=table))

    assert found == ("EntityNotFoundException", expected)


def test_a_new_table_belongs_to_its_creator(lake: Lake) -> None:
    lake.grant(lake.role, {"Database": {"Name": lake.database}}, "CREATE_TABLE")
    glue = lake.as_role("glue")
    glue.create_table(DatabaseName=lake.database, TableInput={"Name": "mine"})

    glue.delete_table(DatabaseName=lake.database, Name="mine")

    assert refused(lambda: glue.get_table(DatabaseName=lake.database, Name="mine"))[0] == "EntityNotFoundException"


def test_a_new_database_gives_new_tables_what_the_account_settings_say(cloud: Cloud) -> None:
    glue = cloud.client("glue", "888888888888")
    glue.create_database(DatabaseInput={"Name": "old_style"})

    found = glue.get_database(Name="old_style")["Database"]["CreateTableDefaultPermissions"]

    everybody = {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    assert found == [{"Principal": everybody, "Permissions": ["ALL"]}]
