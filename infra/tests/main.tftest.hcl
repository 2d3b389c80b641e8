mock_provider "aws" {}

variables {
  environment = "test"
  project     = "tests/project"
  build       = "tests/packages"
}

run "manifests_of_each_insight_go_to_the_queue_one_at_a_time" {
  command = plan

  assert {
    condition     = { for insight, target in aws_cloudwatch_event_target.manifest : insight => target.sqs_target[0].message_group_id } == { churn = "churn" }
    error_message = "Two registrations of one insight could run at once."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.manifest["churn"].event_pattern).detail.object.key == [{ wildcard = "runs/churn/*/manifest.json" }]
    error_message = "The rule hears of something else."
  }
}

run "only_the_rules_of_manifests_may_fill_the_queue" {
  command = plan

  assert {
    condition     = jsondecode(aws_sqs_queue.register.policy).Statement[1].Condition.ArnEquals["aws:SourceArn"] == ["arn:aws:events:eu-west-1:111111111111:rule/insightshare-test-manifest-churn"]
    error_message = "Somebody else could send manifests."
  }
}

run "a_message_comes_back_only_after_the_function_had_all_its_time" {
  command = plan

  assert {
    condition     = aws_sqs_queue.register.visibility_timeout_seconds >= 6 * 60
    error_message = "A slow registration would be tried twice at once."
  }
  assert {
    condition     = aws_lambda_event_source_mapping.register.batch_size == 1
    error_message = "One bad manifest would hold up others."
  }
}

run "the_registry_can_be_brought_back_and_is_not_deleted_by_accident" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.registry.point_in_time_recovery[0].enabled && aws_dynamodb_table.registry.deletion_protection_enabled
    error_message = "The truth about runs could be lost."
  }
}

run "what_nobody_needs_is_tidied_on_a_schedule_and_only_those_functions_are_invoked" {
  command = plan

  assert {
    condition     = { for name, schedule in aws_scheduler_schedule.tidying : name => schedule.schedule_expression } == { repair = "rate(15 minutes)", vacuum = "cron(30 1 * * ? *)" }
    error_message = "Repair or vacuum would not run."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.scheduler.policy).Statement[1].Resource == ["arn:aws:lambda:eu-west-1:111111111111:function:insightshare-test-expire", "arn:aws:lambda:eu-west-1:111111111111:function:insightshare-test-repair", "arn:aws:lambda:eu-west-1:111111111111:function:insightshare-test-vacuum"]
    error_message = "The scheduler could not start them, or could start others."
  }
}

run "vacuum_alters_and_deletes_partitions_of_runs_only" {
  command = plan

  assert {
    condition     = { for table, grant in aws_lakeformation_permissions.vacuum_tables : table => grant.permissions } == { "churn/history" = toset(["DESCRIBE"]), "churn/latest" = toset(["DESCRIBE"]), "churn/runs" = toset(["ALTER", "DELETE", "DESCRIBE"]) }
    error_message = "Vacuum could change what readers see."
  }
}

run "the_trail_holds_every_call_and_every_object_of_the_lake_and_can_be_verified" {
  command = plan

  assert {
    condition     = toset([for selector in aws_cloudtrail.reads.advanced_event_selector : join(" ", sort([for field in selector.field_selector : "${field.field}=${try(field.equals[0], field.starts_with[0])}"]))]) == toset(["eventCategory=Management", "eventCategory=Data resources.ARN=arn:aws:s3:::insightshare-test-lake-111111111111/ resources.type=AWS::S3::Object"])
    error_message = "Some reads would leave no trace."
  }
  assert {
    condition     = aws_cloudtrail.reads.enable_log_file_validation && aws_cloudtrail.reads.is_multi_region_trail
    error_message = "Log files could be changed unseen, or calls elsewhere leave no trace."
  }
}

run "runs_are_kept_for_whole_days" {
  command = plan

  variables {
    keep_superseded_days = 0
  }

  expect_failures = [var.keep_superseded_days]
}

run "jobs_get_their_packages_by_content" {
  command = plan

  assert {
    condition     = aws_s3_object.library.key == "insightshare-${substr(filesha256("tests/packages/insightshare.zip"), 0, 16)}.zip"
    error_message = "A running job's library could change under it."
  }
}

run "a_client_of_our_account_is_granted_as_its_role_and_one_of_its_own_as_its_account" {
  command = plan

  assert {
    condition     = keys(module.client_reader) == ["globex"] && keys(module.agreement) == ["acme", "globex"]
    error_message = "The clients are others."
  }
}

run "all_columns_are_those_that_there_were_when_the_agreement_began" {
  command = plan

  assert {
    condition     = local.client_insight_tables["acme"]["churn_latest"].columns == ["customer_id", "as_of"]
    error_message = "A column that came later is granted, or one that was there is not."
  }
}

run "an_agreement_that_has_ended_warns" {
  command = plan

  variables {
    project = "tests/project_with_an_ended_agreement"
  }

  expect_failures = [check.agreements_have_not_ended]
}

run "an_environment_whose_name_does_not_fit_into_names_is_refused" {
  command = plan

  variables {
    environment = "Test-1"
  }

  expect_failures = [var.environment]
}

run "a_scan_limit_below_what_athena_takes_is_refused" {
  command = plan

  variables {
    scan_limit_mib = 9
  }

  expect_failures = [var.scan_limit_mib]
}
