mock_provider "aws" {}

variables {
  client            = "acme"
  principal         = "222222222222"
  with_grant_option = true
  account_id        = "111111111111"
  database          = "insights"
  tables = {
    churn            = { columns = ["customer_id", "contract"], rows = "contract = 'One year'" }
    insight_receipts = { rows = "insight = 'churn'" }
  }
}

run "every_table_is_granted_through_a_filter_of_its_own_as_select_only" {
  command = plan

  assert {
    condition     = toset([for grant in aws_lakeformation_permissions.select : "${grant.data_cells_filter[0].table_name}/${grant.data_cells_filter[0].name}"]) == toset(["churn/acme", "insight_receipts/acme"])
    error_message = "A table is not granted through the client's filter."
  }
  assert {
    condition     = alltrue([for grant in aws_lakeformation_permissions.select : join(",", grant.permissions) == "SELECT"])
    error_message = "More than SELECT is granted."
  }
}

run "a_filter_shows_the_columns_and_rows_that_were_agreed" {
  command = plan

  assert {
    condition     = toset(aws_lakeformation_data_cells_filter.this["churn"].table_data[0].column_names) == toset(["customer_id", "contract"])
    error_message = "The columns are others."
  }
  assert {
    condition     = aws_lakeformation_data_cells_filter.this["churn"].table_data[0].row_filter[0].filter_expression == "contract = 'One year'"
    error_message = "The rows are others."
  }
}

run "without_a_row_filter_all_rows_are_shown_and_without_columns_all_of_them" {
  command = plan

  variables {
    tables = { churn = {} }
  }

  assert {
    condition     = length(aws_lakeformation_data_cells_filter.this["churn"].table_data[0].row_filter[0].all_rows_wildcard) == 1
    error_message = "Rows are filtered."
  }
  assert {
    condition     = length(aws_lakeformation_data_cells_filter.this["churn"].table_data[0].column_wildcard) == 1
    error_message = "Columns are filtered."
  }
}

run "an_account_can_pass_its_grants_on_to_its_own_people" {
  command = plan

  assert {
    condition     = alltrue([for grant in aws_lakeformation_permissions.select : join(",", grant.permissions_with_grant_option) == "SELECT"])
    error_message = "The client's administrator could not grant."
  }
}

run "a_role_of_ours_cannot_pass_anything_on" {
  command = plan

  variables {
    principal         = "arn:aws:iam::111111111111:role/insightshare-test-client-globex"
    with_grant_option = false
  }

  assert {
    condition     = length(flatten([for grant in aws_lakeformation_permissions.select : grant.permissions_with_grant_option])) == 0
    error_message = "The role could grant."
  }
}

run "a_principal_that_is_neither_an_account_nor_a_role_is_refused" {
  command = plan

  variables {
    principal = "IAM_ALLOWED_PRINCIPALS"
  }

  expect_failures = [var.principal]
}

run "an_agreement_without_a_table_is_refused" {
  command = plan

  variables {
    tables = {}
  }

  expect_failures = [var.tables]
}

run "an_empty_list_of_columns_is_refused" {
  command = plan

  variables {
    tables = { churn = { columns = [] } }
  }

  expect_failures = [var.tables]
}

run "a_row_filter_on_the_partition_key_is_refused" {
  command = plan

  variables {
    tables = { churn = { rows = "as_of > '2026-01-01'" } }
  }

  expect_failures = [var.tables]
}
