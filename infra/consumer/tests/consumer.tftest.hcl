mock_provider "aws" {}

variables {
  client              = "acme"
  agreements          = "tests/agreements"
  provider_account_id = "111111111111"
}

run "the_link_is_named_like_the_database_that_it_leads_to" {
  command = plan

  assert {
    condition     = aws_glue_catalog_database.link.name == aws_glue_catalog_database.link.target_database[0].database_name && aws_glue_catalog_database.link.target_database[0].catalog_id == "111111111111"
    error_message = "Views and jobs across accounts would not find it."
  }
}

run "the_analyst_describes_the_link_its_target_and_default" {
  command = plan

  assert {
    condition     = toset([for grant in aws_lakeformation_permissions.describe : "${grant.database[0].catalog_id}/${grant.database[0].name}"]) == toset(["222222222222/insights", "222222222222/default"])
    error_message = "A right in the client's own catalog is missing."
  }
  assert {
    condition     = aws_lakeformation_permissions.describe_target.database[0].catalog_id == "111111111111"
    error_message = "The target is not described."
  }
}

run "the_analyst_selects_from_the_agreed_tables_of_the_provider_and_the_receipts" {
  command = plan

  assert {
    condition     = toset([for grant in aws_lakeformation_permissions.select : "${grant.table[0].catalog_id}/${grant.table[0].name}"]) == toset([for table in ["churn", "churn_latest", "interests", "interests_latest", "interests_runs", "insight_receipts"] : "111111111111/${table}"])
    error_message = "The tables are not those of the agreement."
  }
}

run "a_client_that_reads_from_the_providers_account_needs_nothing_here" {
  command = plan

  variables {
    client = "globex"
  }

  expect_failures = [aws_glue_catalog_database.link]
}

run "a_provider_that_is_no_account_id_is_refused" {
  command = plan

  variables {
    provider_account_id = "provider"
  }

  expect_failures = [var.provider_account_id]
}
