mock_provider "aws" {}

override_data {
  target = data.aws_lakeformation_data_lake_settings.present
  values = { admins = ["arn:aws:iam::111111111111:role/deploy"] }
}

variables {
  account_id     = "111111111111"
  administrators = ["arn:aws:iam::111111111111:role/deploy"]
}

run "new_tables_are_lake_formations_from_the_start_and_no_engine_filters_by_itself" {
  command = plan

  assert {
    condition     = aws_lakeformation_data_lake_settings.this.allow_external_data_filtering == false && aws_lakeformation_data_lake_settings.this.allow_full_table_external_data_access == false
    error_message = "Engines outside of AWS could filter our data themselves."
  }
  assert {
    condition     = aws_lakeformation_data_lake_settings.this.parameters["CROSS_ACCOUNT_VERSION"] == "4"
    error_message = "The version of sharing is not the one that was decided."
  }
}

run "reads_of_the_lake_are_logged_with_the_role_that_asked" {
  command = plan

  assert {
    condition     = aws_lakeformation_data_lake_settings.this.parameters["SET_SOURCE_IDENTITY"] == "TRUE"
    error_message = "The trail would name only the role that Lake Formation reads through."
  }
}

run "nothing_in_the_account_is_public" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_account_public_access_block.this.block_public_acls, aws_s3_account_public_access_block.this.block_public_policy,
      aws_s3_account_public_access_block.this.ignore_public_acls, aws_s3_account_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "Something public is not blocked."
  }
}

run "an_administrator_who_is_not_listed_is_not_dropped_without_a_word" {
  command = plan

  variables {
    administrators = ["arn:aws:iam::111111111111:role/other"]
  }

  expect_failures = [aws_lakeformation_data_lake_settings.this]
}

run "a_read_only_administrator_who_is_not_listed_is_not_dropped_without_a_word" {
  command = plan

  override_data {
    target = data.aws_lakeformation_data_lake_settings.present
    values = { read_only_admins = ["arn:aws:iam::111111111111:role/audit"] }
  }

  expect_failures = [aws_lakeformation_data_lake_settings.this]
}

run "a_trusted_owner_who_is_not_listed_is_not_dropped_without_a_word" {
  command = plan

  override_data {
    target = data.aws_lakeformation_data_lake_settings.present
    values = { trusted_resource_owners = ["999999999999"] }
  }

  expect_failures = [aws_lakeformation_data_lake_settings.this]
}

run "who_is_listed_stays" {
  command = plan

  override_data {
    target = data.aws_lakeformation_data_lake_settings.present
    values = { read_only_admins = ["arn:aws:iam::111111111111:role/audit"], trusted_resource_owners = ["999999999999"] }
  }

  variables {
    read_only_administrators = ["arn:aws:iam::111111111111:role/audit"]
    trusted_resource_owners  = ["999999999999"]
  }

  assert {
    condition     = aws_lakeformation_data_lake_settings.this.read_only_admins == toset(["arn:aws:iam::111111111111:role/audit"]) && aws_lakeformation_data_lake_settings.this.trusted_resource_owners == tolist(["999999999999"])
    error_message = "They would be dropped."
  }
}

run "an_engine_that_filters_by_itself_is_not_locked_out_without_a_word" {
  command = plan

  override_data {
    target = data.aws_lakeformation_data_lake_settings.present
    values = { external_data_filtering_allow_list = ["999999999999"] }
  }

  expect_failures = [aws_lakeformation_data_lake_settings.this]
}

run "a_tag_by_which_engines_are_known_is_not_dropped_without_a_word" {
  command = plan

  override_data {
    target = data.aws_lakeformation_data_lake_settings.present
    values = { authorized_session_tag_value_list = ["Amazon EMR"] }
  }

  expect_failures = [aws_lakeformation_data_lake_settings.this]
}

run "engines_that_read_whole_tables_are_not_locked_out_without_a_word" {
  command = plan

  override_data {
    target = data.aws_lakeformation_data_lake_settings.present
    values = { allow_full_table_external_data_access = true }
  }

  expect_failures = [aws_lakeformation_data_lake_settings.this]
}

run "sharing_takes_no_step_down" {
  command = plan

  override_data {
    target = data.aws_lakeformation_data_lake_settings.present
    values = { parameters = { CROSS_ACCOUNT_VERSION = "5" } }
  }

  expect_failures = [aws_lakeformation_data_lake_settings.this]
}

run "sharing_takes_a_step_up_that_was_decided" {
  command = plan

  override_data {
    target = data.aws_lakeformation_data_lake_settings.present
    values = { parameters = { CROSS_ACCOUNT_VERSION = "1" } }
  }

  variables {
    cross_account_version = "5"
  }

  assert {
    condition     = aws_lakeformation_data_lake_settings.this.parameters["CROSS_ACCOUNT_VERSION"] == "5"
    error_message = "The version that was decided is not taken."
  }
}

run "an_administrator_who_shall_go_goes" {
  command = plan

  variables {
    administrators         = ["arn:aws:iam::111111111111:role/other"]
    administrators_to_drop = ["arn:aws:iam::111111111111:role/deploy"]
  }

  assert {
    condition     = aws_lakeformation_data_lake_settings.this.admins == toset(["arn:aws:iam::111111111111:role/other"])
    error_message = "The administrator stays."
  }
}

run "a_default_database_that_the_account_has_is_left_alone" {
  command = plan

  variables {
    make_default_database = false
  }

  assert {
    condition     = length(aws_glue_catalog_database.default) == 0
    error_message = "It would be made again."
  }
}

run "an_account_that_is_no_account_id_is_refused" {
  command = plan

  variables {
    account_id = "12345"
  }

  expect_failures = [var.account_id]
}

run "an_empty_list_of_administrators_is_refused" {
  command = plan

  variables {
    administrators = []
  }

  expect_failures = [var.administrators]
}

run "a_version_of_sharing_that_nobody_decided_is_refused" {
  command = plan

  variables {
    cross_account_version = "3"
  }

  expect_failures = [var.cross_account_version]
}
