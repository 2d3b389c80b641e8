"""Data cells filters, registered locations and data lake settings, through plain boto3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.lake import Lake, client, make_lake, make_role, refused
from tests.conftest import PROVIDER, Cloud

# An account of its own for what changes an account's settings.
SPARE = "444444444444"


@pytest.fixture
def lake(cloud: Cloud) -> Lake:
    return make_lake(cloud)


def got(lake: Lake, name: str) -> dict[str, Any]:
    where = lake.filter(name)["DataCellsFilter"]
    found: dict[str, Any] = lake.client("lakeformation").get_data_cells_filter(**where)["DataCellsFilter"]
    return found


@pytest.mark.parametrize(
    "shown",
    [
        {"ColumnNames": ["score", "customer"]},
        {"ColumnWildcard": {}},
        {"ColumnWildcard": {"ExcludedColumnNames": ["income"]}},
    ],
)
def test_a_filter_reads_back_as_it_was_made(lake: Lake, shown: dict[str, Any]) -> None:
    rows = {"FilterExpression": "income > 3 AND as_of <> '2026-01-01'"}
    data = {**lake.filter("acme")["DataCellsFilter"], **shown, "RowFilter": rows}
    lake.client("lakeformation").create_data_cells_filter(TableData=data)

    found = got(lake, "acme")

    assert found.pop("VersionId")
    assert found == data


def test_all_rows_read_back_as_both_of_aws_s_words_for_them(lake: Lake) -> None:
    lake.make_filter("acme", RowFilter={"AllRowsWildcard": {}})

    assert got(lake, "acme")["RowFilter"] == {"FilterExpression": "TRUE", "AllRowsWildcard": {}}


def test_changing_a_filter_needs_the_version_that_was_read(lake: Lake) -> None:
    lake.make_filter("acme")
    old = got(lake, "acme")
    change = {**old, "ColumnNames": ["score"], "RowFilter": {"AllRowsWildcard": {}}}
    lake.client("lakeformation").update_data_cells_filter(TableData=change)

    code, _ = refused(lambda: lake.client("lakeformation").update_data_cells_filter(TableData=change))

    assert (code, got(lake, "acme")["ColumnNames"]) == ("ConcurrentModificationException", ["score"])


def test_a_deleted_filter_takes_its_grants_along(lake: Lake) -> None:
    lake.make_filter("acme")
    lake.grant(lake.role, lake.filter("acme"), "SELECT")
    lake.client("lakeformation").delete_data_cells_filter(**lake.filter("acme")["DataCellsFilter"])
    lake.make_filter("acme")

    assert lake.listed(lake.role, lake.filter("acme")) == []


def test_filters_are_listed_by_table_in_pages(lake: Lake) -> None:
    for name in ("b", "a", "c"):
        lake.make_filter(name)
    table = {"CatalogId": PROVIDER, "DatabaseName": lake.database, "Name": "churn"}
    lister = lake.client("lakeformation")

    first = lister.list_data_cells_filter(Table=table, MaxResults=2)
    rest = lister.list_data_cells_filter(Table=table, MaxResults=2, NextToken=first["NextToken"])

    names = [one["Name"] for page in (first, rest) for one in page["DataCellsFilters"]]
    assert names == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ColumnNames": ["secret"]}, "Column secret is not a column of the table."),
        (
            {"ColumnNames": None, "ColumnWildcard": {"ExcludedColumnNames": ["as_of"]}},
            "Column filtering cannot be applied on partition keys.",
        ),
        ({"ColumnWildcard": {}}, "Exactly one of ColumnNames and ColumnWildcard must be given."),
        ({"RowFilter": {}}, "RowFilter needs exactly one of FilterExpression and AllRowsWildcard."),
        (
            {"RowFilter": {"FilterExpression": "customer = '" + "x" * 2048 + "'"}},
            "FilterExpression has 2061 characters; at most 2048 are allowed.",
        ),
        ({"RowFilter": {"FilterExpression": "lower(customer) = 'a'"}}, "FilterExpression is not supported: "),
        ({"RowFilter": {"FilterExpression": "customer = score"}}, "FilterExpression is not supported: "),
        ({"RowFilter": {"FilterExpression": "secret = 1"}}, "FilterExpression is not supported: "),
    ],
)
def test_a_filter_that_aws_would_refuse_is_refused(lake: Lake, wrong: dict[str, Any], said: str) -> None:
    right = {"ColumnNames": ["customer"], "RowFilter": {"AllRowsWildcard": {}}}
    data = {key: value for key, value in {**right, **wrong}.items() if value is not None}

    code, message = refused(
        lambda: lake.client("lakeformation").create_data_cells_filter(
            TableData={**lake.filter("acme")["DataCellsFilter"], **data}
        )
    )

    assert code == "InvalidInputException"
    assert message.startswith(said)


def test_a_name_is_taken_only_once(lake: Lake) -> None:
    lake.make_filter("acme")

    assert refused(lambda: lake.make_filter("acme"))[0] == "AlreadyExistsException"


def test_who_cannot_grant_a_table_makes_no_filter_on_it(lake: Lake) -> None:
    lake.grant(lake.role, lake.table(), "SELECT")
    data = {**lake.filter("mine")["DataCellsFilter"], "ColumnWildcard": {}, "RowFilter": {"AllRowsWildcard": {}}}

    code, _ = refused(lambda: lake.as_role("lakeformation").create_data_cells_filter(TableData=data))

    assert code == "AccessDeniedException"


def test_who_may_pass_select_on_sees_a_filter_and_does_not_drop_it(lake: Lake) -> None:
    lake.make_filter("acme")
    lake.grant(lake.role, lake.table(), "SELECT", option=True)
    named = lake.filter("acme")["DataCellsFilter"]

    seen = lake.as_role("lakeformation").get_data_cells_filter(**named)["DataCellsFilter"]
    code, _ = refused(lambda: lake.as_role("lakeformation").delete_data_cells_filter(**named))

    assert (seen["Name"], code) == ("acme", "AccessDeniedException")


@pytest.mark.parametrize(("permission", "drops"), [("DESCRIBE", False), ("DROP", True)])
def test_a_filter_has_permissions_of_its_own_which_are_not_the_tables(lake: Lake, permission: str, drops: bool) -> None:
    lake.make_filter("acme")
    lake.grant(lake.role, lake.filter("acme"), permission)
    role, named = lake.as_role("lakeformation"), lake.filter("acme")["DataCellsFilter"]

    seen = role.get_data_cells_filter(**named)["DataCellsFilter"]["Name"]
    table_code, _ = refused(lambda: lake.as_role("glue").get_table(DatabaseName=lake.database, Name="churn"))
    dropped = not _refuses(lambda: role.delete_data_cells_filter(**named))

    assert (seen, table_code, dropped) == ("acme", "AccessDeniedException", drops)


def test_another_account_gets_select_on_a_filter_and_nothing_else(lake: Lake) -> None:
    lake.make_filter("acme")

    code, _ = refused(lambda: lake.grant("222222222222", lake.filter("acme"), "DESCRIBE", option=True))

    assert code == "InvalidInputException"


def _refuses(call: Callable[[], Any]) -> bool:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] == "AccessDeniedException"
    return False


def test_a_location_reads_back_with_its_flags(lake: Lake) -> None:
    arn = f"arn:aws:s3:::lake/{lake.database}"
    registrar = lake.client("lakeformation")
    registrar.register_resource(ResourceArn=arn, RoleArn=lake.role, HybridAccessEnabled=True)

    found = registrar.describe_resource(ResourceArn=arn)["ResourceInfo"]

    assert {key: found[key] for key in ("ResourceArn", "RoleArn", "HybridAccessEnabled", "WithFederation")} == {
        "ResourceArn": arn,
        "RoleArn": lake.role,
        "HybridAccessEnabled": True,
        "WithFederation": False,
    }


def test_a_location_is_registered_once_and_gone_when_deregistered(lake: Lake) -> None:
    arn = f"arn:aws:s3:::lake/{lake.database}"
    registrar = lake.client("lakeformation")
    registrar.register_resource(ResourceArn=arn, RoleArn=lake.role)

    twice, _ = refused(lambda: registrar.register_resource(ResourceArn=arn + "/", RoleArn=lake.role))
    registrar.deregister_resource(ResourceArn=arn)
    gone, _ = refused(lambda: registrar.describe_resource(ResourceArn=arn))

    assert (twice, gone) == ("AlreadyExistsException", "EntityNotFoundException")


def test_only_a_registered_location_can_be_granted(lake: Lake) -> None:
    location = {"DataLocation": {"ResourceArn": f"arn:aws:s3:::lake/{lake.database}"}}

    code, _ = refused(lambda: lake.grant(lake.role, location, "DATA_LOCATION_ACCESS"))
    lake.client("lakeformation").register_resource(
        ResourceArn=location["DataLocation"]["ResourceArn"], RoleArn=lake.role
    )
    lake.grant(lake.role, location, "DATA_LOCATION_ACCESS")

    assert (code, len(lake.listed(lake.role, location))) == ("InvalidInputException", 1)


def put(cloud: Cloud, **settings: Any) -> None:
    client(cloud, "lakeformation", SPARE).put_data_lake_settings(DataLakeSettings=settings)


def test_a_new_account_leaves_everything_to_iam(cloud: Cloud) -> None:
    found = client(cloud, "lakeformation", "555555555555").get_data_lake_settings()["DataLakeSettings"]

    everything = [{"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}]
    assert (found["CreateDatabaseDefaultPermissions"], found["CreateTableDefaultPermissions"]) == (
        everything,
        everything,
    )


def test_settings_are_replaced_as_a_whole(cloud: Cloud) -> None:
    admin = [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{SPARE}:user/admin"}]
    put(cloud, DataLakeAdmins=admin, TrustedResourceOwners=["111111111111"])
    put(cloud, DataLakeAdmins=admin)

    found = client(cloud, "lakeformation", SPARE).get_data_lake_settings()["DataLakeSettings"]

    assert (found["DataLakeAdmins"], found["TrustedResourceOwners"], found["CreateDatabaseDefaultPermissions"]) == (
        admin,
        [],
        [],
    )


@pytest.mark.parametrize("version", ["0", "6", "FOO"])
def test_an_unknown_cross_account_version_is_refused(cloud: Cloud, version: str) -> None:
    assert refused(lambda: put(cloud, Parameters={"CROSS_ACCOUNT_VERSION": version}))[0] == "InvalidInputException"


def test_there_is_no_way_back_from_version_five(cloud: Cloud) -> None:
    owner = client(cloud, "lakeformation", "666666666666")
    owner.put_data_lake_settings(DataLakeSettings={"Parameters": {"CROSS_ACCOUNT_VERSION": "5"}})

    back: dict[str, Any] = {"Parameters": {"CROSS_ACCOUNT_VERSION": "4"}}
    code, message = refused(lambda: owner.put_data_lake_settings(DataLakeSettings=back))

    assert (code, message) == ("InvalidInputException", "CROSS_ACCOUNT_VERSION: a downgrade from 5 is not supported.")


def test_a_role_cannot_make_itself_an_administrator(lake: Lake) -> None:
    role = make_role(lake.cloud, PROVIDER, ["athena:*", "lakeformation:GetDataAccess"])
    caller = lake.cloud.client("lakeformation", credentials=lake.cloud.assume(role))
    settings: dict[str, Any] = {"DataLakeAdmins": [{"DataLakePrincipalIdentifier": role}]}

    code, _ = refused(lambda: caller.put_data_lake_settings(DataLakeSettings=settings))

    assert code == "AccessDeniedException"


def test_the_caller_learns_who_it_is(lake: Lake) -> None:
    assert lake.as_role("lakeformation").get_data_lake_principal()["Identity"] == lake.role
