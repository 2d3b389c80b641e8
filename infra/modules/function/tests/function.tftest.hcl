mock_provider "aws" {}

variables {
  name               = "insightshare-test-register"
  role               = "insightshare-test-lambda-register"
  description        = "Registers."
  package            = "tests/function.tftest.hcl"
  environment        = { INSIGHTSHARE_LAKE = "lake" }
  timeout_seconds    = 60
  dead_letter_arn    = "arn:aws:sqs:eu-west-1:111111111111:undelivered"
  alarm_topic_arn    = "arn:aws:sns:eu-west-1:111111111111:alarms"
  data_key_arn       = "arn:aws:kms:eu-west-1:111111111111:key/1"
  operations_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/2"
  account_id         = "111111111111"
  region             = "eu-west-1"
  statements         = [{ Sid = "Read", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::lake/runs/*"] }]
}

run "a_function_runs_its_handler_and_is_deployed_again_when_its_zip_changes" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.handler == "handler.handler" && aws_lambda_function.this.runtime == "python3.13"
    error_message = "The function runs something else."
  }
  assert {
    condition     = aws_lambda_function.this.source_code_hash == filebase64sha256("tests/function.tftest.hcl")
    error_message = "A new zip would not be noticed."
  }
}

run "its_log_is_encrypted_and_kept_for_a_year" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 365 && aws_cloudwatch_log_group.this.kms_key_id == "arn:aws:kms:eu-west-1:111111111111:key/2"
    error_message = "The log is not kept as it should be."
  }
}

run "its_first_error_raises_the_alarm" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.errors.threshold == 0 && aws_cloudwatch_metric_alarm.errors.dimensions.FunctionName == "insightshare-test-register"
    error_message = "Errors would go unheard."
  }
}

run "a_right_on_everything_is_refused" {
  command = plan

  variables {
    statements = [{ Sid = "Read", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["*"] }]
  }

  expect_failures = [var.statements]
}

run "a_time_that_lambda_does_not_give_is_refused" {
  command = plan

  variables {
    timeout_seconds = 901
  }

  expect_failures = [var.timeout_seconds]
}
