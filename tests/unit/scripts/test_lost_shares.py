"""What Terraform is told to forget."""

from typing import Any

from scripts.lost_shares import lost_grants

ACME, OF_GLOBEX = "222222222222", "arn:aws:iam::111111111111:role/insightshare-local-client-globex"


def granted(module: str, name: str, principal: str, *tables: str, kind: str = "aws_lakeformation_permissions") -> Any:
    """A resource of Terraform's state: one instance, or one for each table."""
    keys: list[dict[str, Any]] = [{"index_key": table} for table in tables] or [{}]
    instances = [{**key, "attributes": {"principal": principal}} for key in keys]
    return {"module": module, "mode": "managed", "type": kind, "name": name, "instances": instances}


STATE = {
    "version": 4,
    "resources": [
        {"mode": "managed", "type": "aws_glue_catalog_database", "name": "this", "instances": []},
        granted("module.job", "database", ACME),
        granted('module.agreement["acme"]', "this", ACME, "churn", kind="aws_lakeformation_data_cells_filter"),
        granted('module.agreement["acme"]', "select", ACME, "churn", "churn_latest"),
        granted('module.agreement["acme"]', "database", ACME),
        granted('module.agreement["globex"]', "database", OF_GLOBEX),
    ],
}


def test_only_grants_of_agreements_are_forgotten_and_all_of_those_to_who_holds_nothing() -> None:
    assert lost_grants(STATE, {OF_GLOBEX}) == [
        'module.agreement["acme"].aws_lakeformation_permissions.database',
        'module.agreement["acme"].aws_lakeformation_permissions.select["churn"]',
        'module.agreement["acme"].aws_lakeformation_permissions.select["churn_latest"]',
    ]


def test_whoever_holds_anything_still_is_left_to_terraform() -> None:
    assert lost_grants(STATE, {ACME, OF_GLOBEX}) == []
