mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "222222222222", arn = "arn:aws:sts::222222222222:assumed-role/platform/me" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_iam_session_context" {
    defaults = { issuer_arn = "arn:aws:iam::222222222222:role/platform" }
  }
  mock_resource "aws_cloudformation_stack" {
    defaults = { outputs = { AnalystRole = "arn:aws:iam::222222222222:role/insightshare-analyst", WorkgroupName = "insightshare-acme" } }
  }
}

variables {
  kit = "tests/kit"
}

run "the_stack_is_the_kits_template_as_it_is" {
  command = plan

  assert {
    condition     = aws_cloudformation_stack.share.name == "insightshare-acme" && aws_cloudformation_stack.share.template_body == file("tests/kit/template.yaml")
    error_message = "What Terraform deploys is not what CloudFormation would."
  }
  assert {
    condition     = toset(aws_cloudformation_stack.share.capabilities) == toset(["CAPABILITY_NAMED_IAM"])
    error_message = "CloudFormation would refuse to make the role."
  }
}

run "the_role_behind_the_session_is_the_deployer" {
  command = plan

  assert {
    condition     = aws_cloudformation_stack.share.parameters["Deployer"] == "arn:aws:iam::222222222222:role/platform"
    error_message = "A session cannot be a data lake administrator."
  }
}

run "another_deployer_is_the_one_that_was_named" {
  command = plan

  variables {
    deployer = "arn:aws:iam::222222222222:role/pipeline"
  }

  assert {
    condition     = aws_cloudformation_stack.share.parameters["Deployer"] == "arn:aws:iam::222222222222:role/pipeline"
    error_message = "Whoever plans would become an administrator."
  }
}

run "a_session_is_no_deployer" {
  command = plan

  variables {
    deployer = "arn:aws:sts::222222222222:assumed-role/platform/me"
  }

  expect_failures = [var.deployer]
}

run "a_limit_in_mebibytes_is_one_in_bytes" {
  command = plan

  variables {
    scan_limit_mib = 100
    assumed_by     = ["arn:aws:iam::222222222222:role/a", "arn:aws:iam::222222222222:role/b"]
    grants         = "off"
  }

  assert {
    condition     = aws_cloudformation_stack.share.parameters["ScanLimitBytes"] == "104857600"
    error_message = "The template wants bytes."
  }
  assert {
    condition     = aws_cloudformation_stack.share.parameters["AssumedBy"] == "arn:aws:iam::222222222222:role/a,arn:aws:iam::222222222222:role/b" && aws_cloudformation_stack.share.parameters["Grants"] == "off"
    error_message = "What was said does not reach the stack."
  }
}

run "another_account_than_the_kits_is_refused" {
  command = plan

  override_data {
    target = data.aws_caller_identity.this
    values = { account_id = "333333333333", arn = "arn:aws:iam::333333333333:user/me" }
  }

  expect_failures = [aws_cloudformation_stack.share]
}

run "another_region_than_the_tables_is_refused" {
  command = plan

  override_data {
    target = data.aws_region.this
    values = { name = "us-east-1" }
  }

  expect_failures = [aws_cloudformation_stack.share]
}

run "a_limit_that_athena_does_not_take_is_refused" {
  command = plan

  variables {
    scan_limit_mib = 1
  }

  expect_failures = [var.scan_limit_mib]
}

run "who_may_take_on_the_role_is_an_arn" {
  command = plan

  variables {
    assumed_by = ["analysts"]
  }

  expect_failures = [var.assumed_by]
}

run "grants_are_on_or_off" {
  command = plan

  variables {
    grants = "perhaps"
  }

  expect_failures = [var.grants]
}

run "somebody_deploys_the_kit" {
  command = apply
}

run "who_plans_later_changes_nothing" {
  command = plan

  override_data {
    target = data.aws_iam_session_context.this
    values = { issuer_arn = "arn:aws:iam::222222222222:role/somebody-else" }
  }

  assert {
    condition     = aws_cloudformation_stack.share.parameters["Deployer"] == "arn:aws:iam::222222222222:role/platform"
    error_message = "Each role that plans would become an administrator."
  }
}
