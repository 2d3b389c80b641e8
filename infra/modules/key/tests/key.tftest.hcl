mock_provider "aws" {}

variables {
  name        = "insightshare-test-data"
  description = "Test."
  account_id  = "111111111111"
}

run "a_key_rotates_and_belongs_to_its_account" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key does not rotate."
  }
  assert {
    condition     = [for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Principal] == [{ AWS = "arn:aws:iam::111111111111:root" }]
    error_message = "Somebody else may use the key."
  }
}

run "a_service_uses_the_key_only_under_its_condition" {
  command = plan

  variables {
    services = { "events.amazonaws.com" = { test = "StringEquals", variable = "aws:SourceAccount", values = ["111111111111"] } }
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[1].Condition == { StringEquals = { "aws:SourceAccount" = ["111111111111"] } }
    error_message = "The service's condition is missing."
  }
}
