mock_provider "aws" {}

variables {
  name             = "churn"
  title            = "Churn"
  description      = "One row per customer."
  contract_version = "1.0.0"
  contract_status  = "active"
  database         = "insights"
  lake             = "lake"
  columns = [
    { name = "customer_id", type = "string", comment = "The customer." },
    { name = "churn_probability", type = "double", comment = "How likely." },
  ]
}

run "history_has_one_partition_per_as_of_and_no_such_column" {
  command = plan

  assert {
    condition     = [for key in aws_glue_catalog_table.history.partition_keys : key.name] == ["as_of"]
    error_message = "The partition key is not as_of."
  }
  assert {
    condition     = [for column in aws_glue_catalog_table.history.storage_descriptor[0].columns : column.name] == ["customer_id", "churn_probability"]
    error_message = "The columns are not the contract's."
  }
}

run "latest_has_no_partitions_and_as_of_as_its_last_column" {
  command = plan

  assert {
    condition     = length(aws_glue_catalog_table.latest.partition_keys) == 0
    error_message = "There are partitions."
  }
  assert {
    condition     = [for column in aws_glue_catalog_table.latest.storage_descriptor[0].columns : column.name] == ["customer_id", "churn_probability", "as_of"]
    error_message = "as_of is not the last column."
  }
}

run "latest_begins_on_a_folder_that_never_holds_an_object" {
  command = plan

  assert {
    condition     = aws_glue_catalog_table.latest.storage_descriptor[0].location == "s3://lake/insights/churn/empty/"
    error_message = "It begins elsewhere."
  }
}

run "runs_has_one_partition_per_run_and_as_of_as_its_last_column" {
  command = plan

  assert {
    condition     = [for key in aws_glue_catalog_table.runs.partition_keys : key.name] == ["run_id"]
    error_message = "The partition key is not run_id."
  }
  assert {
    condition     = [for column in aws_glue_catalog_table.runs.storage_descriptor[0].columns : column.name] == ["customer_id", "churn_probability", "as_of"]
    error_message = "as_of is not the last column."
  }
}

run "a_column_has_the_type_that_the_contract_states" {
  command = plan

  assert {
    condition     = aws_glue_catalog_table.history.storage_descriptor[0].columns[1].type == "double"
    error_message = "The type is another one."
  }
}

run "readers_find_the_insight_by_the_parameters_of_its_tables" {
  command = plan

  assert {
    condition = alltrue([for table in [aws_glue_catalog_table.history, aws_glue_catalog_table.latest, aws_glue_catalog_table.runs] :
    table.parameters.insight == "churn" && table.parameters.title == "Churn" && table.parameters.version == "1.0.0"])
    error_message = "A table does not say what it is."
  }
}

run "a_name_that_is_no_table_name_is_refused" {
  command = plan

  variables {
    name = "Churn-2"
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

run "a_contract_with_the_platforms_own_column_is_refused" {
  command = plan

  variables {
    columns = [{ name = "as_of", type = "string", comment = "The date." }]
  }

  expect_failures = [var.columns]
}
