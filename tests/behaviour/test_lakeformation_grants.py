"""What Lake Formation answers to grants, revokes and lists, through plain boto3."""

from __future__ import annotations

from typing import Any

import pytest

from tests.behaviour.lake import Lake, make_admin, make_lake, make_role, refused
from tests.conftest import ACME, PROVIDER, Cloud


@pytest.fixture
def lake(cloud: Cloud) -> Lake:
    return make_lake(cloud)


def test_select_on_a_table_is_listed_apart_as_all_its_columns(lake: Lake) -> None:
    lake.grant(lake.role, lake.table(), "SELECT", "DESCRIBE")

    listed = lake.listed(lake.role, lake.table())

    assert listed == [
        {"Resource": lake.table(), "Permissions": ["DESCRIBE"], "PermissionsWithGrantOption": []},
        {"Resource": lake.columns(ColumnWildcard={}), "Permissions": ["SELECT"], "PermissionsWithGrantOption": []},
    ]


def test_select_on_columns_is_listed_when_asked_by_table(lake: Lake) -> None:
    lake.grant(lake.role, lake.columns(ColumnNames=["score", "customer"]), "SELECT")

    listed = lake.listed(lake.role, lake.table())

    wanted = lake.columns(ColumnNames=["customer", "score"])
    assert listed == [{"Resource": wanted, "Permissions": ["SELECT"], "PermissionsWithGrantOption": []}]


def test_a_grant_on_all_tables_is_listed_by_its_wildcard(lake: Lake) -> None:
    wildcard = {"Table": {"DatabaseName": lake.database, "TableWildcard": {}}}
    lake.grant(ACME, wildcard, "SELECT", "DESCRIBE", option=True)

    resources = [entry["Resource"] for entry in lake.listed(ACME, wildcard)]

    name = {"CatalogId": PROVIDER, "DatabaseName": lake.database, "Name": "ALL_TABLES"}
    assert resources == [
        {"Table": {**name, "TableWildcard": {}}},
        {"TableWithColumns": {**name, "ColumnWildcard": {}}},
    ]


@pytest.mark.parametrize("option", [False, True])
def test_a_grant_on_a_data_cells_filter_is_listed_with_its_grant_option(lake: Lake, option: bool) -> None:
    lake.make_filter("acme")
    lake.grant(ACME, lake.filter("acme"), "SELECT", option=option)

    listed = lake.listed(ACME, lake.filter("acme"))

    passed_on = ["SELECT"] if option else []
    assert listed == [
        {"Resource": lake.filter("acme"), "Permissions": ["SELECT"], "PermissionsWithGrantOption": passed_on}
    ]


def test_batch_grants_keep_the_grant_option_and_report_each_failure(lake: Lake) -> None:
    entries = [
        {
            "Id": str(number),
            "Principal": {"DataLakePrincipalIdentifier": ACME},
            "Resource": {"Database": {"Name": name}},
            "Permissions": ["DESCRIBE"],
            "PermissionsWithGrantOption": ["DESCRIBE"],
        }
        for number, name in enumerate((lake.database, "nowhere"))
    ]

    failures = lake.client("lakeformation").batch_grant_permissions(Entries=entries)["Failures"]

    assert [(one["RequestEntry"]["Id"], one["Error"]["ErrorCode"]) for one in failures] == [
        ("1", "EntityNotFoundException")
    ]
    database = {"Database": {"CatalogId": PROVIDER, "Name": lake.database}}
    assert lake.listed(ACME, database)[0]["PermissionsWithGrantOption"] == ["DESCRIBE"]


def test_a_list_comes_in_pages(lake: Lake) -> None:
    for column in ("customer", "score", "income"):
        lake.grant(lake.role, lake.columns(ColumnNames=[column]), "SELECT")
    client = lake.client("lakeformation")
    asked: dict[str, Any] = {
        "Principal": {"DataLakePrincipalIdentifier": lake.role}, "Resource": lake.table(), "MaxResults": 2
    }  # fmt: skip

    first = client.list_permissions(**asked)
    second = client.list_permissions(**asked, NextToken=first["NextToken"])

    sizes = [len(page["PrincipalResourcePermissions"]) for page in (first, second)]
    assert (sizes, "NextToken" in second) == ([2, 1], False)


def test_revoking_takes_away_exactly_what_it_names(lake: Lake) -> None:
    lake.grant(lake.role, lake.table(), "SELECT", "DESCRIBE", "ALTER")

    lake.revoke(lake.role, lake.table(), "SELECT", "ALTER")

    assert [entry["Permissions"] for entry in lake.listed(lake.role, lake.table())] == [["DESCRIBE"]]


def test_revoking_one_column_leaves_the_others(lake: Lake) -> None:
    lake.grant(lake.role, lake.columns(ColumnNames=["customer", "score"]), "SELECT")

    lake.revoke(lake.role, lake.columns(ColumnNames=["score"]), "SELECT")

    resources = [entry["Resource"] for entry in lake.listed(lake.role, lake.table())]
    assert resources == [lake.columns(ColumnNames=["customer"])]


def test_revoking_what_nobody_holds_is_an_error_that_says_so(lake: Lake) -> None:
    code, message = refused(lambda: lake.revoke(lake.role, lake.table(), "SELECT"))

    expected = "No permissions revoked. Grantee has no permissions and no grantable permissions on resource"
    assert (code, message) == ("InvalidInputException", expected)


def test_revoking_more_than_is_held_changes_nothing(lake: Lake) -> None:
    lake.grant(lake.role, lake.table(), "DESCRIBE")

    code, message = refused(lambda: lake.revoke(lake.role, lake.table(), "DESCRIBE", "ALTER"))

    assert (code, message) == ("InvalidInputException", "No permissions revoked. Grantee does not have:[ALTER]")
    assert lake.listed(lake.role, lake.table())[0]["Permissions"] == ["DESCRIBE"]


@pytest.mark.parametrize(
    ("shape", "permissions"),
    [
        ("columns", ["SELECT", "DESCRIBE"]),
        ("filter", ["SELECT", "INSERT"]),
        ("table", ["CREATE_TABLE"]),
        ("database", ["SELECT"]),
    ],
)
def test_a_permission_that_its_resource_does_not_have_is_refused(
    lake: Lake, shape: str, permissions: list[str]
) -> None:
    lake.make_filter("acme")
    resource = {
        "columns": lake.columns(ColumnNames=["customer"]),
        "filter": lake.filter("acme"),
        "table": lake.table(),
        "database": {"Database": {"Name": lake.database}},
    }[shape]

    code, message = refused(lambda: lake.grant(lake.role, resource, *permissions))

    assert (code, message) == ("InvalidInputException", "Permissions modification is invalid.")


@pytest.mark.parametrize(
    ("kind", "name", "permission", "expected"),
    [
        ("Database", {"Name": "nowhere"}, "DESCRIBE", "Database nowhere not found."),
        ("Table", {"Name": "nothing"}, "DESCRIBE", "Table nothing not found."),
        ("DataCellsFilter", {"TableName": "churn", "Name": "none"}, "SELECT", "Data cells filter none not found."),
    ],
)
def test_what_does_not_exist_cannot_be_granted(
    lake: Lake, kind: str, name: dict[str, Any], permission: str, expected: str
) -> None:
    where = {} if kind == "Database" else {"DatabaseName": lake.database}

    code, message = refused(lambda: lake.grant(lake.role, {kind: {**where, **name}}, permission))

    assert (code, message) == ("EntityNotFoundException", expected)


def test_a_column_that_does_not_exist_cannot_be_granted(lake: Lake) -> None:
    code, message = refused(lambda: lake.grant(lake.role, lake.columns(ColumnNames=["secret"]), "SELECT"))

    assert (code, message) == ("InvalidInputException", "You cannot grant/revoke permission on non-existent column.")


def test_an_unknown_principal_is_refused(lake: Lake) -> None:
    nobody = f"arn:aws:iam::{PROVIDER}:role/nobody"

    code, message = refused(lambda: lake.grant(nobody, lake.table(), "SELECT"))

    assert (code, message) == ("InvalidInputException", f"Invalid principal, {nobody}")


def test_another_account_gets_no_exclude_list(lake: Lake) -> None:
    excluding = lake.columns(ColumnWildcard={"ExcludedColumnNames": ["income"]})

    code, _ = refused(lambda: lake.grant(ACME, excluding, "SELECT"))

    assert code == "InvalidInputException"


@pytest.mark.parametrize("permission", ["ALL", "DROP"])
def test_another_account_gets_neither_all_nor_drop_on_a_database(lake: Lake, permission: str) -> None:
    code, _ = refused(lambda: lake.grant(ACME, {"Database": {"Name": lake.database}}, permission))

    assert code == "InvalidInputException"


def test_what_the_iam_group_still_holds_cannot_be_shared(lake: Lake) -> None:
    lake.grant("IAM_ALLOWED_PRINCIPALS", lake.table(), "ALL")

    code, message = refused(lambda: lake.grant(ACME, lake.table(), "SELECT"))

    expected = "Insufficient Lake Formation permissions: Illegal combination"
    assert (code, message) == ("AccessDeniedException", expected)


def test_who_may_read_a_part_of_a_table_gets_no_other_right_on_it(lake: Lake) -> None:
    lake.grant(lake.role, lake.columns(ColumnNames=["customer"]), "SELECT")

    code, message = refused(lambda: lake.grant(lake.role, lake.table(), "INSERT"))

    assert (code, message) == ("InvalidInputException", "Permissions modification is invalid.")


def test_without_the_grant_option_nobody_but_an_admin_grants(lake: Lake) -> None:
    lake.grant(lake.role, lake.table(), "SELECT")
    other = make_role(lake.cloud, PROVIDER, ["glue:Get*"])

    code, message = refused(
        lambda: lake.as_role("lakeformation").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": other}, Resource=lake.table(), Permissions=["SELECT"]
        )
    )

    expected = "Resource does not exist or requester is not authorized to access requested permissions."
    assert (code, message) == ("AccessDeniedException", expected)


def test_with_the_grant_option_a_holder_passes_on_what_it_holds_and_no_more(lake: Lake) -> None:
    lake.grant(lake.role, lake.columns(ColumnNames=["customer"]), "SELECT", option=True)
    other = make_role(lake.cloud, PROVIDER, ["glue:Get*"])
    client = lake.as_role("lakeformation")

    def pass_on(column: str) -> None:
        client.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": other},
            Resource=lake.columns(ColumnNames=[column]),
            Permissions=["SELECT"],
        )

    pass_on("customer")
    assert refused(lambda: pass_on("income"))[0] == "AccessDeniedException"
    assert [entry["Resource"] for entry in lake.listed(other, lake.table())] == [lake.columns(ColumnNames=["customer"])]


def test_a_role_sees_its_own_grants_and_of_others_nothing(lake: Lake) -> None:
    admin = f"arn:aws:iam::{PROVIDER}:user/admin"
    for principal in (lake.role, admin):
        lake.grant(principal, lake.table(), "SELECT")
    client = lake.as_role("lakeformation")

    mine = client.list_permissions(Resource=lake.table())["PrincipalResourcePermissions"]
    others = client.list_permissions(Principal={"DataLakePrincipalIdentifier": admin}, Resource=lake.table())

    assert {entry["Principal"]["DataLakePrincipalIdentifier"] for entry in mine} == {lake.role}
    assert others["PrincipalResourcePermissions"] == []


def test_what_was_shared_with_an_account_stays_in_it(lake: Lake) -> None:
    make_admin(lake.cloud, ACME)
    lake.grant(ACME, lake.table(), "SELECT", option=True)

    code, message = refused(
        lambda: lake.client("lakeformation", ACME).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": "333333333333"}, Resource=lake.table(), Permissions=["SELECT"]
        )
    )

    assert (code, message) == ("AccessDeniedException", "Not authorized to grant permissions for the resource")


def test_an_admin_passes_on_only_what_its_account_may_pass_on(lake: Lake) -> None:
    make_admin(lake.cloud, ACME)
    analyst = make_role(lake.cloud, ACME, ["glue:Get*"])
    lake.grant(ACME, lake.table(), "SELECT")

    code, _ = refused(
        lambda: lake.client("lakeformation", ACME).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": analyst}, Resource=lake.table(), Permissions=["SELECT"]
        )
    )

    assert code == "AccessDeniedException"


def test_the_admin_of_another_account_sees_what_was_shared_with_it(lake: Lake) -> None:
    make_admin(lake.cloud, ACME)
    lake.make_filter("acme")
    lake.grant(ACME, lake.filter("acme"), "SELECT", option=True)

    listed = lake.listed(ACME, lake.filter("acme"), account=ACME)

    assert [entry["Permissions"] for entry in listed] == [["SELECT"]]


def test_a_dropped_table_takes_its_filters_and_grants_along(lake: Lake) -> None:
    lake.make_filter("acme")
    lake.grant(ACME, lake.filter("acme"), "SELECT")
    lake.client("glue").delete_table(DatabaseName=lake.database, Name="churn")

    client = lake.client("lakeformation")
    filters = client.list_data_cells_filter()["DataCellsFilters"]
    grants = client.list_permissions()["PrincipalResourcePermissions"]

    left = [one for one in filters if one["DatabaseName"] == lake.database]
    assert (left, [one for one in grants if "churn" in str(one) and lake.database in str(one)]) == ([], [])
