"""What Terraform is told to forget."""

from scripts.lost_shares import remembered_grants

STATE = [
    'module.agreement["acme"].aws_lakeformation_data_cells_filter.this["churn"]',
    'module.agreement["acme"].aws_lakeformation_permissions.select["churn"]',
    'module.agreement["acme"].aws_lakeformation_permissions.database',
    'module.agreement["acme-labs"].aws_lakeformation_permissions.database',
    'module.client_reader["globex"].aws_iam_role.this',
]


def test_only_grants_are_forgotten_and_only_those_that_are_remembered() -> None:
    assert remembered_grants(["globex", "acme"], STATE) == sorted(STATE[1:3])
