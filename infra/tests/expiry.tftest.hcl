mock_provider "aws" {}

variables {
  environment = "test"
  project     = "tests/project"
  build       = "tests/packages"
}

run "shares_end_every_day_just_after_midnight_as_of_the_schedules_own_time" {
  command = plan

  assert {
    condition     = aws_scheduler_schedule.expire.schedule_expression == "cron(5 0 * * ? *)" && aws_scheduler_schedule.expire.target[0].input == "{\"time\":\"<aws.scheduler.scheduled-time>\"}"
    error_message = "Shares would end late, or as of the day on which an event happened to arrive."
  }
  assert {
    condition = jsondecode(aws_s3_object.shares.content) == {
      account_id = "111111111111"
      database   = "insights"
      shares = [
        { client = "acme", principal = "222222222222", grant_option = true, contact = "data@acme.example", start = "2020-01-01", end = "2099-12-31", tables = ["churn", "churn_latest", "churn_runs", "insight_receipts"] },
        { client = "globex", principal = "arn:aws:iam::111111111111:role/insightshare-test-client-globex", grant_option = false, contact = "data@globex.example", start = "2020-01-01", end = "2099-12-31", tables = ["churn", "churn_latest", "churn_runs", "insight_receipts"] },
      ]
    }
    error_message = "The function would end something else than what is deployed."
  }
}

run "an_agreement_that_is_over_leaves_the_list_with_its_grants" {
  command = plan

  variables {
    project = "tests/project_with_an_ended_agreement"
  }

  assert {
    condition     = [for share in jsondecode(aws_s3_object.shares.content).shares : share.client] == ["globex"]
    error_message = "The function would look after what is long over, every day."
  }

  expect_failures = [check.agreements_have_not_ended]
}

run "the_function_passes_on_reading_and_describing_and_so_takes_away_nothing_else" {
  command = plan

  assert {
    condition = alltrue([for grant in aws_lakeformation_permissions.expire_tables : grant.permissions == toset(["SELECT"]) && grant.permissions_with_grant_option == toset(["SELECT"])]) && (
      keys(aws_lakeformation_permissions.expire_tables) == ["churn/history", "churn/latest", "churn/runs", "receipts"]
    )
    error_message = "It could not revoke a client's SELECT, or could do more."
  }
  assert {
    condition     = aws_lakeformation_permissions.expire_database.permissions == toset(["DESCRIBE"]) && aws_lakeformation_permissions.expire_database.permissions_with_grant_option == toset(["DESCRIBE"])
    error_message = "It could not revoke a client's DESCRIBE, or could do more."
  }
  assert {
    condition     = flatten([for statement in jsondecode(aws_iam_role_policy.expire_grants.policy).Statement : statement.Action if startswith(flatten([statement.Action])[0], "lakeformation:")]) == ["lakeformation:RevokePermissions"]
    error_message = "It could grant, or read."
  }
}

run "a_contact_hears_of_its_own_client_and_we_of_all" {
  command = plan

  variables {
    alarm_emails = ["ours@provider.example", "data@globex.example"]
  }

  assert {
    condition     = { for contact, subscription in aws_sns_topic_subscription.contact : contact => jsondecode(subscription.filter_policy) } == { "data@acme.example" = { client = ["acme"] } }
    error_message = "Somebody would hear of another client's agreement, or not of its own."
  }
  assert {
    condition     = keys(aws_sns_topic_subscription.operator) == ["data@globex.example", "ours@provider.example"]
    error_message = "We would not hear."
  }
}
