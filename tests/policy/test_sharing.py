"""What the plan may grant, and to whom: rules that no linter of Terraform knows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from insightshare.contract.read import load_project
from insightshare.share.grants import DesiredGrant, desired_grants
from tests.policy.conftest import Plan
from tests.policy.project_copy import REPOSITORY, ProjectCopy, Root

pytestmark = pytest.mark.xdist_group("plan")

PROVIDER = "111111111111"
PROJECT = load_project(REPOSITORY)
TODAY = datetime.now(UTC).date()
OWN_ACCOUNT = {a.account_id for a in PROJECT.clients.values() if a.reads_from == "own_account"}


def grants(plan: Plan) -> list[dict[str, Any]]:
    return plan.of("aws_lakeformation_permissions")


def client_grants(plan: Plan) -> list[dict[str, Any]]:
    return [grant for grant in grants(plan) if grant["address"].startswith("module.agreement")]


def test_lake_formation_reads_the_lake_through_our_role_and_never_its_service_linked_one(main_plan: Plan) -> None:
    locations = main_plan.of("aws_lakeformation_resource")

    assert len(locations) == 2
    assert not any(location.get("use_service_linked_role") for location in locations)


def test_no_location_is_in_hybrid_mode(main_plan: Plan) -> None:
    assert not any(location["hybrid_access_enabled"] for location in main_plan.of("aws_lakeformation_resource"))


def test_nobody_is_granted_what_iam_allows(main_plan: Plan, account_plan: Plan) -> None:
    principals = {grant.get("principal") for plan in (main_plan, account_plan) for grant in grants(plan)}
    settings = account_plan.of("aws_lakeformation_data_lake_settings")[0]

    assert not {
        str(principal) for principal in principals if "IAM" in str(principal).upper().replace("ARN:AWS:IAM", "")
    }
    assert not settings.get("create_database_default_permissions")
    assert not settings.get("create_table_default_permissions")


def test_a_client_gets_select_through_a_filter_and_describe_on_the_database_and_nothing_else(main_plan: Plan) -> None:
    shapes = {
        (tuple(grant["permissions"]), kind)
        for grant in client_grants(main_plan)
        for kind in ("data_cells_filter", "database", "table", "table_with_columns", "data_location", "lf_tag_policy")
        if grant.get(kind)
    }

    assert shapes == {(("SELECT",), "data_cells_filter"), (("DESCRIBE",), "database")}


def test_only_accounts_of_clients_that_read_from_their_own_are_granted_anything(main_plan: Plan) -> None:
    accounts = {
        grant["principal"] for grant in grants(main_plan) if re.fullmatch(r"\d{12}", str(grant.get("principal")))
    }

    assert accounts == OWN_ACCOUNT


def test_of_clients_only_a_whole_account_may_pass_a_grant_on(main_plan: Plan) -> None:
    passing = {grant["principal"] for grant in client_grants(main_plan) if grant.get("permissions_with_grant_option")}

    assert passing == OWN_ACCOUNT


def test_every_grant_to_an_account_carries_the_option_with_which_its_administrator_passes_it_on(
    main_plan: Plan,
) -> None:
    grants_to_accounts = [grant for grant in client_grants(main_plan) if grant.get("principal") in OWN_ACCOUNT]

    assert grants_to_accounts
    assert all(grant["permissions"] == grant["permissions_with_grant_option"] for grant in grants_to_accounts)


def test_of_ours_only_what_ends_shares_may_pass_grants_on(main_plan: Plan) -> None:
    passing = {
        grant["address"].split("[")[0]
        for grant in grants(main_plan)
        if grant.get("permissions_with_grant_option") and not grant["address"].startswith("module.agreement")
    }

    assert passing == {"aws_lakeformation_permissions.expire_tables", "aws_lakeformation_permissions.expire_database"}


def test_the_planned_filters_are_exactly_what_the_agreements_mean(main_plan: Plan) -> None:
    agreements = PROJECT.clients
    planned = sorted(
        DesiredGrant(
            client=table["name"],
            account_id=agreements[table["name"]].account_id,
            table=table["table_name"],
            columns=tuple(sorted(table.get("column_names") or ())),
            row_filter=table["row_filter"][0].get("filter_expression") or "",
            with_grant_option=agreements[table["name"]].reads_from == "own_account",
        )
        for found in main_plan.of("aws_lakeformation_data_cells_filter")
        for table in found["table_data"]
    )

    # A filter's list of columns is a set: Lake Formation shows them in the table's order.
    meant = sorted(replace(grant, columns=tuple(sorted(grant.columns))) for grant in desired_grants(PROJECT, TODAY))
    assert planned == meant


def test_every_filter_is_granted_to_its_client(main_plan: Plan) -> None:
    filters = {
        (table["name"], table["table_name"])
        for found in main_plan.of("aws_lakeformation_data_cells_filter")
        for table in found["table_data"]
    }
    granted = {
        (cells["name"], cells["table_name"])
        for grant in client_grants(main_plan)
        for cells in grant.get("data_cells_filter") or []
    }

    assert granted == filters


def test_no_filter_lists_a_partition_key(main_plan: Plan) -> None:
    keys = {
        table["name"]: {key["name"] for key in table["partition_keys"] or []}
        for table in main_plan.of("aws_glue_catalog_table")
    }
    listed = {
        (table["table_name"], column)
        for found in main_plan.of("aws_lakeformation_data_cells_filter")
        for table in found["table_data"]
        for column in table.get("column_names") or []
    }

    assert not {(table, column) for table, column in listed if column in keys[table]}


def test_engines_outside_of_aws_may_not_filter_our_data_themselves(account_plan: Plan) -> None:
    settings = account_plan.of("aws_lakeformation_data_lake_settings")[0]

    assert settings["allow_external_data_filtering"] is False
    assert settings["allow_full_table_external_data_access"] is False
    assert not settings.get("external_data_filtering_allow_list")


def test_sharing_keeps_to_a_version_that_was_decided(account_plan: Plan) -> None:
    settings = account_plan.of("aws_lakeformation_data_lake_settings")[0]

    assert settings["parameters"]["CROSS_ACCOUNT_VERSION"] == "4"


def test_every_table_lies_where_lake_formation_decides_or_where_only_our_jobs_read(main_plan: Plan) -> None:
    locations = {table["storage_descriptor"][0]["location"] for table in main_plan.of("aws_glue_catalog_table")}
    lake, landing = f"s3://insightshare-local-lake-{PROVIDER}/", f"s3://insightshare-local-landing-{PROVIDER}/"

    assert {place.split("/")[3] for place in locations if place.startswith(lake)} == {"insights", "receipts"}
    assert {place.split("/")[3] for place in locations if place.startswith(landing)} == {"sources"}
    assert all(place.startswith((lake, landing)) for place in locations)


def test_the_schema_of_every_insight_is_its_contract(main_plan: Plan) -> None:
    planned = {
        table["name"]: [(column["name"], column["type"]) for column in table["storage_descriptor"][0]["columns"]]
        for table in main_plan.of("aws_glue_catalog_table")
        if table["name"] in PROJECT.insights
    }

    assert planned == {name: list(insight.types.items()) for name, insight in PROJECT.insights.items()}


def test_an_agreement_that_has_ended_is_left_out_with_a_warning(project_copy: ProjectCopy, main_root: Root) -> None:
    project = project_copy.edited()
    project.edit("clients/acme.yaml", '"2028-03-31"', '"2026-11-02"')

    said = main_root.run("plan", "-input=false", "-var-file=local.tfvars", f"-var=project={project.folder}")

    assert "clients/acme.yaml: end: 2026-11-02 is past, so acme is granted nothing. Fix:" in said
    assert 'module.agreement["acme"]' not in said
    assert 'module.agreement["globex"]' in said
