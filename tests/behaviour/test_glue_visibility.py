"""What the Glue Data Catalog shows to whom, at home and across accounts, through plain boto3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.behaviour.lake import Lake, client, make_admin, make_lake, make_role, refused
from tests.conftest import ACME, PROVIDER, Cloud


@pytest.fixture
def lake(cloud: Cloud) -> Lake:
    return make_lake(cloud)


@dataclass(frozen=True)
class Consumer:
    """Another account with a link to the lake's database, and an analyst without any grant."""

    lake: Lake
    analyst: str

    def as_analyst(self, service: str) -> Any:
        return self.lake.cloud.client(service, credentials=self.lake.cloud.assume(self.analyst, ACME))

    def grant(self, resource: dict[str, Any], *permissions: str) -> None:
        self.lake.client("lakeformation", ACME).grant_permissions(
            Principal={"DataLakePrincipalIdentifier": self.analyst}, Resource=resource, Permissions=list(permissions)
        )

    def link(self) -> dict[str, Any]:
        return {"Database": {"Name": self.lake.database}}

    def columns(self) -> list[str]:
        return columns(self.as_analyst("glue"), self.lake.database)


@pytest.fixture
def consumer(lake: Lake) -> Consumer:
    make_admin(lake.cloud, ACME)
    lake.client("glue", ACME).create_database(
        DatabaseInput={
            "Name": lake.database,
            "TargetDatabase": {"CatalogId": PROVIDER, "DatabaseName": lake.database},
        }
    )
    return Consumer(lake, make_role(lake.cloud, ACME, ["glue:*", "lakeformation:*"]))


def columns(glue: Any, database: str, **more: Any) -> list[str]:
    table = glue.get_table(DatabaseName=database, Name="churn", **more)["Table"]
    return [column["Name"] for column in table["StorageDescriptor"]["Columns"] + table["PartitionKeys"]]


def test_without_a_grant_a_table_is_refused(lake: Lake) -> None:
    glue = lake.as_role("glue")

    found = refused(lambda: glue.get_table(DatabaseName=lake.database, Name="churn"))

    assert found == ("AccessDeniedException", "Insufficient Lake Formation permission(s): Required Describe on churn")


def test_without_a_grant_a_database_is_refused_and_not_listed(lake: Lake) -> None:
    glue = lake.as_role("glue")

    found = refused(lambda: glue.get_database(Name=lake.database))
    listed = [one["Name"] for one in glue.get_databases()["DatabaseList"]]

    message = f"Insufficient Lake Formation permission(s): Required Describe on {lake.database}"
    assert (found, lake.database in listed) == (("AccessDeniedException", message), False)


def test_any_right_on_a_table_shows_that_its_database_exists(lake: Lake) -> None:
    lake.grant(lake.role, lake.columns(ColumnNames=["score"]), "SELECT")

    assert lake.as_role("glue").get_database(Name=lake.database)["Database"]["Name"] == lake.database


def test_a_table_shows_only_the_columns_that_may_be_read(lake: Lake) -> None:
    lake.grant(lake.role, lake.columns(ColumnNames=["score"]), "SELECT")

    assert columns(lake.as_role("glue"), lake.database) == ["score", "as_of"]


def test_describe_shows_all_columns(lake: Lake) -> None:
    lake.grant(lake.role, lake.table(), "DESCRIBE")

    assert columns(lake.as_role("glue"), lake.database) == ["customer", "score", "income", "as_of"]


def test_old_versions_show_no_more_than_the_current_one(lake: Lake) -> None:
    lake.grant(lake.role, lake.columns(ColumnNames=["score"]), "SELECT")
    glue = lake.as_role("glue")

    versions = glue.get_table_versions(DatabaseName=lake.database, TableName="churn")["TableVersions"]
    version = glue.get_table_version(DatabaseName=lake.database, TableName="churn", VersionId="1")["TableVersion"]

    shown = [one["Table"]["StorageDescriptor"]["Columns"] for one in [*versions, version]]
    assert shown == [[{"Name": "score", "Type": "double"}]] * 2


def test_partitions_show_only_the_columns_that_may_be_read(lake: Lake) -> None:
    described = lake.client("glue").get_table(DatabaseName=lake.database, Name="churn")["Table"]
    lake.client("glue").create_partition(
        DatabaseName=lake.database,
        TableName="churn",
        PartitionInput={"Values": ["2026-01-01"], "StorageDescriptor": described["StorageDescriptor"]},
    )
    lake.grant(lake.role, lake.columns(ColumnNames=["score"]), "SELECT")

    found = lake.as_role("glue").get_partitions(DatabaseName=lake.database, TableName="churn")["Partitions"]

    assert found[0]["StorageDescriptor"]["Columns"] == [{"Name": "score", "Type": "double"}]


def test_lists_and_searches_leave_out_what_the_caller_may_not_see(lake: Lake) -> None:
    lake.client("glue").create_table(DatabaseName=lake.database, TableInput={"Name": "hidden"})
    lake.grant(lake.role, lake.table(), "DESCRIBE")
    glue = lake.as_role("glue")

    listed = [table["Name"] for table in glue.get_tables(DatabaseName=lake.database)["TableList"]]
    filters = [{"Key": "DatabaseName", "Value": lake.database}]
    searched = [table["Name"] for table in glue.search_tables(Filters=filters)["TableList"]]

    assert (listed, searched) == (["churn"], ["churn"])


def test_a_search_does_not_find_a_column_that_is_hidden(lake: Lake) -> None:
    lake.grant(lake.role, lake.columns(ColumnNames=["score"]), "SELECT")
    filters = [{"Key": "DatabaseName", "Value": lake.database}]

    found = lake.as_role("glue").search_tables(SearchText="income", Filters=filters)["TableList"]

    assert found == []


def test_an_admin_describes_everything_of_its_account(lake: Lake) -> None:
    owner = lake.cloud.assume(make_role(lake.cloud, PROVIDER, ["glue:*"]))
    glue = lake.cloud.client("glue", credentials=owner)
    glue_role = lake.cloud.client("sts", credentials=owner).get_caller_identity()["Arn"]
    role = f"arn:aws:iam::{PROVIDER}:role/{glue_role.split('/')[1]}"
    settings = lake.client("lakeformation").get_data_lake_settings()["DataLakeSettings"]
    with_role = [*settings["DataLakeAdmins"], {"DataLakePrincipalIdentifier": role}]
    lake.client("lakeformation").put_data_lake_settings(DataLakeSettings={**settings, "DataLakeAdmins": with_role})

    assert columns(glue, lake.database) == ["customer", "score", "income", "as_of"]


def test_an_admin_drops_no_table_that_others_made(lake: Lake) -> None:
    glue = lake.cloud.client("glue", credentials=lake.cloud.assume(lake.role))
    lake.grant(lake.role, {"Database": {"Name": lake.database}}, "CREATE_TABLE")
    glue.create_table(DatabaseName=lake.database, TableInput={"Name": "mine"})

    code, message = refused(lambda: lake.client("glue").delete_table(DatabaseName=lake.database, Name="mine"))

    assert (code, message) == (
        "AccessDeniedException",
        "Insufficient Lake Formation permission(s): Required Drop on mine",
    )


def test_where_the_iam_group_holds_all_everybody_of_the_account_sees_and_nobody_else(lake: Lake) -> None:
    lake.grant("IAM_ALLOWED_PRINCIPALS", lake.table(), "ALL")
    other = lake.client("glue", ACME)

    seen = columns(lake.as_role("glue"), lake.database)
    code, _ = refused(lambda: columns(other, lake.database, CatalogId=PROVIDER))

    assert (seen, code) == (["customer", "score", "income", "as_of"], "AccessDeniedException")


def test_in_an_account_that_left_everything_to_iam_any_role_may_do_all(cloud: Cloud) -> None:
    account, database = "777777777777", "legacy"
    client(cloud, "glue", account).create_database(DatabaseInput={"Name": database})
    client(cloud, "glue", account).create_table(DatabaseName=database, TableInput={"Name": "churn"})
    role = make_role(cloud, account, ["glue:*"])
    glue = cloud.client("glue", account, cloud.assume(role, account))

    glue.update_table(DatabaseName=database, TableInput={"Name": "churn", "Description": "One row per customer."})

    found = glue.get_table(DatabaseName=database, Name="churn")["Table"]
    assert found["Description"] == "One row per customer."


def test_another_accounts_table_and_one_that_does_not_exist_are_refused_alike(lake: Lake) -> None:
    other = lake.client("glue", ACME)

    def ask(name: str) -> tuple[str, str]:
        return refused(lambda: other.get_table(CatalogId=PROVIDER, DatabaseName=lake.database, Name=name))

    real, missing = ask("churn"), ask("nothing")

    assert real == missing


def test_a_shared_table_is_found_by_its_catalog_id(lake: Lake) -> None:
    make_admin(lake.cloud, ACME)
    lake.grant(ACME, lake.columns(ColumnNames=["score"]), "SELECT", option=True)

    assert columns(lake.client("glue", ACME), lake.database, CatalogId=PROVIDER) == ["score", "as_of"]


def test_an_analyst_needs_a_right_on_the_link_too(consumer: Consumer) -> None:
    consumer.lake.grant(ACME, consumer.lake.table(), "SELECT", option=True)
    consumer.grant(consumer.lake.table(), "SELECT")

    without = refused(consumer.columns)
    consumer.grant(consumer.link(), "DESCRIBE")

    message = f"Insufficient Lake Formation permission(s): Required Describe on {consumer.lake.database}"
    assert without == ("AccessDeniedException", message)
    assert consumer.columns() == ["customer", "score", "income", "as_of"]


def test_a_right_on_the_link_is_none_on_the_target(consumer: Consumer) -> None:
    consumer.lake.grant(ACME, consumer.lake.table(), "SELECT", option=True)
    consumer.grant(consumer.link(), "DESCRIBE")

    assert refused(consumer.columns)[0] == "AccessDeniedException"


def test_what_the_account_was_given_is_the_ceiling_for_everybody_in_it(consumer: Consumer) -> None:
    consumer.lake.grant(ACME, consumer.lake.columns(ColumnNames=["customer", "score"]), "SELECT", option=True)
    consumer.grant(consumer.link(), "DESCRIBE")
    consumer.grant(consumer.lake.table(), "SELECT")

    assert consumer.columns() == ["customer", "score", "as_of"]


def test_what_is_taken_from_the_account_is_taken_from_everybody_in_it(consumer: Consumer) -> None:
    consumer.lake.grant(ACME, consumer.lake.table(), "SELECT", option=True)
    consumer.grant(consumer.link(), "DESCRIBE")
    consumer.grant(consumer.lake.table(), "SELECT")

    consumer.lake.revoke(ACME, consumer.lake.table(), "SELECT")

    assert refused(consumer.columns)[0] == "AccessDeniedException"


def test_a_link_lists_only_the_tables_that_are_shared(consumer: Consumer) -> None:
    consumer.lake.client("glue").create_table(DatabaseName=consumer.lake.database, TableInput={"Name": "private"})
    consumer.lake.grant(ACME, consumer.lake.table(), "SELECT", option=True)

    found = consumer.lake.client("glue", ACME).get_tables(DatabaseName=consumer.lake.database)["TableList"]

    assert [(table["Name"], table["CatalogId"]) for table in found] == [("churn", PROVIDER)]


def test_a_link_reads_back_as_a_link(consumer: Consumer) -> None:
    found = consumer.lake.client("glue", ACME).get_database(Name=consumer.lake.database)["Database"]

    assert (found["CatalogId"], found["TargetDatabase"]) == (
        ACME,
        {"CatalogId": PROVIDER, "DatabaseName": consumer.lake.database},
    )


def test_a_table_link_keeps_its_name_and_shows_its_target(consumer: Consumer) -> None:
    glue, lake = consumer.lake.client("glue", ACME), consumer.lake
    lake.grant(ACME, lake.table(), "DESCRIBE", option=True)
    glue.create_database(DatabaseInput={"Name": f"{lake.database}_own"})
    target = {"CatalogId": PROVIDER, "DatabaseName": lake.database, "Name": "churn"}
    glue.create_table(DatabaseName=f"{lake.database}_own", TableInput={"Name": "theirs", "TargetTable": target})

    found = glue.get_table(DatabaseName=f"{lake.database}_own", Name="theirs")["Table"]

    assert (found["Name"], found["TargetTable"], len(found["StorageDescriptor"]["Columns"])) == ("theirs", target, 3)


def test_dropping_a_link_leaves_its_target(consumer: Consumer) -> None:
    consumer.lake.client("glue", ACME).delete_database(Name=consumer.lake.database)

    assert columns(consumer.lake.client("glue"), consumer.lake.database) == ["customer", "score", "income", "as_of"]


def test_shared_databases_are_listed_only_when_asked_for(consumer: Consumer) -> None:
    consumer.lake.grant(ACME, {"Database": {"Name": consumer.lake.database}}, "DESCRIBE", option=True)
    glue = consumer.lake.client("glue", ACME)

    def owners(**more: str) -> list[str]:
        found = glue.get_databases(**more)["DatabaseList"]
        return [one["CatalogId"] for one in found if one["Name"] == consumer.lake.database]

    assert (owners(), owners(ResourceShareType="ALL")) == ([ACME], [ACME, PROVIDER])
