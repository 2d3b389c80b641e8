"""What roles, buckets and queues of the plan may do: as little as their work needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.policy import Request, evaluate
from scripts.inspection import SECRETS
from tests.policy.conftest import Plan

pytestmark = pytest.mark.xdist_group("plan")

PROVIDER = "111111111111"
OWN_WORKGROUP = "insightshare-local-client-globex"
WORKGROUP = f"arn:aws:athena:eu-west-1:{PROVIDER}:workgroup/{OWN_WORKGROUP}"
RESULTS = f"arn:aws:s3:::insightshare-local-results-{PROVIDER}"
# Actions that IAM lets nobody limit to a resource; cloudwatch:PutMetricData is limited by its namespace,
# and those on the catalog's policy to services that act for the role.
WITHOUT_RESOURCE = {
    "athena:ListDataCatalogs",
    "athena:ListWorkGroups",
    "cloudwatch:PutMetricData",
    "glue:DeleteResourcePolicy",
    "glue:PutResourcePolicy",
    "lakeformation:GetDataAccess",
    "lakeformation:GetQueryState",
    "lakeformation:GetWorkUnitResults",
    "lakeformation:GetWorkUnits",
    "lakeformation:RevokePermissions",
    "lakeformation:StartQueryPlanning",
    "ram:GetResourceShareAssociations",
    "ram:GetResourceShares",
    "ram:ListResources",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(plan: Plan, kind: str, attribute: str = "policy") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of the policies that are known before apply, with the address of its resource."""
    for found in plan.of(kind):
        for statement in json.loads(found.get(attribute) or '{"Statement": []}')["Statement"]:
            yield found["address"], statement


def test_only_policies_of_keys_are_unknown_before_apply(main_plan: Plan) -> None:
    unknown = {
        found["address"].split(".")[-1] for found in main_plan.of("aws_iam_role_policy") if "policy" not in found
    }

    assert unknown == {"deliver_keys", "expire_keys", "keys", "lakeformation_keys", "scheduler_keys"}


def test_no_role_may_do_everything_of_a_service(main_plan: Plan) -> None:
    wide = {
        (address, action)
        for address, statement in statements(main_plan, "aws_iam_role_policy")
        for action in as_list(statement["Action"])
        if action.endswith("*")
    }

    assert wide == set()


def test_every_right_names_its_resource_where_iam_can(main_plan: Plan) -> None:
    loose = {
        action
        for _, statement in statements(main_plan, "aws_iam_role_policy")
        if "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }

    assert loose <= WITHOUT_RESOURCE


def test_every_named_resource_is_of_this_environment(main_plan: Plan) -> None:
    ours = (
        "insightshare-local",
        "/insights",
        "/sources",
        ":catalog",
        "/default",
        "AwsDataCatalog",
        "/aws-glue/jobs/",
        ":resource-share/",
    )
    foreign = {
        (address, resource)
        for address, statement in statements(main_plan, "aws_iam_role_policy")
        for resource in as_list(statement["Resource"])
        if resource != "*" and not any(part in resource for part in ours)
    }

    assert foreign == set()


def test_only_vacuum_deletes_runs_and_scoring_only_what_spark_staged(main_plan: Plan) -> None:
    deleting = {
        (address, resource)
        for address, statement in statements(main_plan, "aws_iam_role_policy")
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
        if action.startswith("s3:Delete")
    }

    lake = f"arn:aws:s3:::insightshare-local-lake-{PROVIDER}"
    vacuum, score = "module.vacuum.aws_iam_role_policy.work", 'module.job["score"].aws_iam_role_policy.work'
    assert deleting == {
        (vacuum, f"{lake}/insights/*"),
        (vacuum, f"{lake}/runs/*/manifest.json"),
        (score, f"{lake}/insights/*/_temporary/*"),
        (score, f"{lake}/insights/*/"),
    }


def test_vacuum_writes_no_object_and_moves_no_table(main_plan: Plan) -> None:
    writing = {
        action: as_list(statement["Resource"])
        for address, statement in statements(main_plan, "aws_iam_role_policy")
        if address == "module.vacuum.aws_iam_role_policy.work"
        for action in as_list(statement["Action"])
        if action.startswith(("s3:Put", "glue:Create", "glue:Update", "glue:Delete", "dynamodb:Put", "dynamodb:Delete"))
    }

    tables = [resource for resource in writing.get("glue:DeletePartition", []) if ":table/" in resource]
    assert set(writing) == {"glue:DeletePartition"}
    assert tables and all(table.endswith("_runs") for table in tables)


def test_readers_have_no_right_on_the_lake_of_their_own(main_plan: Plan) -> None:
    reading = {
        (address, resource)
        for address, statement in statements(main_plan, "aws_iam_role_policy")
        if "reader" in address or "analyst" in address
        for resource in as_list(statement["Resource"])
        if "lake" in resource or "landing" in resource
    }

    assert reading == set()


def test_a_client_reaches_only_its_own_results(main_plan: Plan) -> None:
    results = {
        resource
        for address, statement in statements(main_plan, "aws_iam_role_policy")
        if address.startswith('module.client_reader["globex"]')
        for resource in as_list(statement["Resource"])
        if resource.startswith("arn:aws:s3:::") and "/" in resource
    }

    assert results == {f"arn:aws:s3:::insightshare-local-results-{PROVIDER}/insightshare-local-client-globex/*"}


@pytest.mark.parametrize(
    ("action", "resource", "prefix"),
    [
        ("athena:ListWorkGroups", "*", ""),
        ("athena:GetWorkGroup", f"{WORKGROUP}-eu", ""),
        ("athena:ListQueryExecutions", f"{WORKGROUP}-eu", ""),
        ("s3:ListBucket", RESULTS, ""),
        ("s3:ListBucket", RESULTS, OWN_WORKGROUP),
        ("s3:ListBucket", RESULTS, f"{OWN_WORKGROUP}-eu/"),
        ("s3:ListBucketVersions", RESULTS, f"{OWN_WORKGROUP}/"),
        ("s3:ListBucketMultipartUploads", RESULTS, f"{OWN_WORKGROUP}/"),
        ("s3:GetObject", f"{RESULTS}/{OWN_WORKGROUP}-eu/1.csv", ""),
    ],
)
def test_a_client_learns_of_no_other_client(main_plan: Plan, action: str, resource: str, prefix: str) -> None:
    assert not may(main_plan, 'module.client_reader["globex"]', action, resource, **{"s3:prefix": prefix})


@pytest.mark.parametrize(
    ("action", "resource", "prefix"),
    [
        ("athena:GetWorkGroup", WORKGROUP, ""),
        ("athena:StartQueryExecution", WORKGROUP, ""),
        ("s3:ListBucket", RESULTS, f"{OWN_WORKGROUP}/tables/1"),
        ("s3:PutObject", f"{RESULTS}/{OWN_WORKGROUP}/1.csv", ""),
    ],
)
def test_a_client_uses_its_own_workgroup(main_plan: Plan, action: str, resource: str, prefix: str) -> None:
    assert may(main_plan, 'module.client_reader["globex"]', action, resource, **{"s3:prefix": prefix})


@pytest.mark.parametrize("action", ["glue:PutResourcePolicy", "glue:DeleteResourcePolicy"])
def test_who_ends_shares_changes_the_catalogs_policy_through_services_alone(main_plan: Plan, action: str) -> None:
    catalog = f"arn:aws:glue:eu-west-1:{PROVIDER}:catalog"

    by_itself, through = (
        may(main_plan, "aws_iam_role_policy.expire_grants", action, catalog, **{"aws:viaawsservice": via})
        for via in ("false", "true")
    )

    assert (by_itself, through) == (False, True)


def may(plan: Plan, address: str, action: str, resource: str, **context: str) -> bool:
    """Whether the policies below an address of the plan allow a call of which these facts are known."""
    allowed = [one for found, one in statements(plan, "aws_iam_role_policy") if found.startswith(address)]
    request = Request(action, resource, f"arn:aws:iam::{PROVIDER}:role/{OWN_WORKGROUP}", PROVIDER, context)
    return evaluate([{"Statement": allowed}], request) == "allow"


def test_functions_are_told_names_and_no_secret(main_plan: Plan) -> None:
    told = {
        value
        for function in main_plan.of("aws_lambda_function")
        for value in function["environment"][0]["variables"].values()
    }

    assert len(told) > 5
    assert {
        value for value in told if not re.fullmatch(r"(arn:aws:[a-z]+:[a-z0-9:-]+:)?[a-z0-9._-]{1,63}", value)
    } == set()
    assert not [value for value in told for pattern in SECRETS.values() if re.search(pattern, value.encode())]


def test_no_role_trusts_everybody(main_plan: Plan) -> None:
    trusted = {
        (address, str(principal))
        for address, statement in statements(main_plan, "aws_iam_role", "assume_role_policy")
        for principal in as_list(statement["Principal"].get("AWS", []))
    }

    assert {principal for _, principal in trusted} == {
        f"arn:aws:iam::{PROVIDER}:root",
        "arn:aws:iam::333333333333:root",
    }


def test_roles_of_services_that_act_for_others_ask_for_whom(main_plan: Plan) -> None:
    asked = {
        statement["Principal"]["Service"]: statement["Condition"]["StringEquals"]["aws:SourceAccount"]
        for _, statement in statements(main_plan, "aws_iam_role", "assume_role_policy")
        if statement["Principal"].get("Service") in ("lakeformation.amazonaws.com", "scheduler.amazonaws.com")
    }

    assert asked == {"lakeformation.amazonaws.com": PROVIDER, "scheduler.amazonaws.com": PROVIDER}


@pytest.mark.parametrize("kind", ["aws_s3_bucket_policy", "aws_sqs_queue", "aws_sns_topic"])
def test_resources_allow_only_aws_services_and_only_for_us(main_plan: Plan, kind: str) -> None:
    allowed = [statement for _, statement in statements(main_plan, kind) if statement["Effect"] == "Allow"]

    assert allowed
    assert all(set(statement["Principal"]) == {"Service"} for statement in allowed)
    assert all(PROVIDER in json.dumps(statement["Condition"]) for statement in allowed)


@pytest.mark.parametrize("kind", ["aws_s3_bucket_policy", "aws_sqs_queue"])
def test_buckets_and_queues_refuse_whoever_does_not_encrypt_the_way(main_plan: Plan, kind: str) -> None:
    refusing = {
        address
        for address, statement in statements(main_plan, kind)
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }

    assert refusing == {found["address"] for found in main_plan.of(kind)}


def test_every_workgroup_decides_for_its_users_and_limits_what_they_scan(main_plan: Plan) -> None:
    settings = {
        workgroup["name"]: (
            workgroup["configuration"][0]["enforce_workgroup_configuration"],
            workgroup["configuration"][0]["bytes_scanned_cutoff_per_query"],
        )
        for workgroup in main_plan.of("aws_athena_workgroup")
    }

    assert settings == {
        "insightshare-local-provider": (True, 10240 * 1024 * 1024),
        "insightshare-local-client-globex": (True, 1024 * 1024 * 1024),
    }


def test_a_schedule_exists_for_every_one_that_a_pipeline_states(main_plan: Plan) -> None:
    schedules = {
        schedule["name"]: schedule["schedule_expression"] for schedule in main_plan.of("aws_scheduler_schedule")
    }

    assert schedules["train-churn"] == "cron(0 2 1 * ? *)"
    assert schedules["score-product-area-impact"].startswith("cron(")
    assert (schedules["repair"], schedules["vacuum"]) == ("rate(15 minutes)", "cron(30 1 * * ? *)")
