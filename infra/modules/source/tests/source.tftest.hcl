mock_provider "aws" {}

variables {
  name             = "telco_customers"
  title            = "Telco customers"
  description      = "One row per customer."
  contract_version = "1.0.0"
  contract_status  = "active"
  database         = "sources"
  landing          = "landing"
  columns          = [{ name = "customer_id", type = "string", comment = "The customer." }]
}

run "a_source_has_one_partition_per_as_of_over_what_was_landed" {
  command = plan

  assert {
    condition     = [for key in aws_glue_catalog_table.this.partition_keys : key.name] == ["as_of"]
    error_message = "The partition key is not as_of."
  }
  assert {
    condition     = aws_glue_catalog_table.this.storage_descriptor[0].location == "s3://landing/sources/telco_customers/"
    error_message = "The table lies elsewhere."
  }
}

run "a_name_that_is_no_table_name_is_refused" {
  command = plan

  variables {
    name = "Telco"
  }

  expect_failures = [var.name]
}

run "a_description_that_does_not_say_what_a_row_is_is_refused" {
  command = plan

  variables {
    description = "Customers."
  }

  expect_failures = [var.description]
}

run "a_contract_without_columns_is_refused" {
  command = plan

  variables {
    columns = []
  }

  expect_failures = [var.columns]
}
