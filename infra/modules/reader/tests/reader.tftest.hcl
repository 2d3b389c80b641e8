mock_provider "aws" {}

variables {
  role            = "insightshare-test-client-globex"
  workgroup       = "insightshare-test-client-globex"
  description     = "Client globex reads here."
  assumed_by      = ["arn:aws:iam::333333333333:root"]
  scan_limit_mib  = 1024
  database        = "insights"
  results         = "results"
  results_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/1"
  account_id      = "111111111111"
  region          = "eu-west-1"
}

run "the_workgroup_decides_for_its_users" {
  command = plan

  assert {
    condition     = aws_athena_workgroup.this.configuration[0].enforce_workgroup_configuration
    error_message = "Users could choose another result folder and another limit."
  }
  assert {
    condition     = aws_athena_workgroup.this.configuration[0].bytes_scanned_cutoff_per_query == 1073741824
    error_message = "The limit is another one."
  }
  assert {
    condition     = aws_athena_workgroup.this.configuration[0].result_configuration[0].output_location == "s3://results/insightshare-test-client-globex/"
    error_message = "Results go elsewhere."
  }
}

run "the_role_reaches_no_objects_but_its_own_results" {
  command = plan

  assert {
    condition = [for resource in flatten([for statement in jsondecode(aws_iam_role_policy.read.policy).Statement : statement.Resource]) : resource if startswith(resource, "arn:aws:s3:::") && strcontains(resource, "/")] == [
      "arn:aws:s3:::results/insightshare-test-client-globex/*"
    ]
    error_message = "The role could read objects that are not its own."
  }
}

run "nobody_else_takes_the_role" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal.AWS == ["arn:aws:iam::333333333333:root"]
    error_message = "Somebody else is trusted."
  }
}

run "a_role_that_everybody_could_take_is_refused" {
  command = plan

  variables {
    assumed_by = ["*"]
  }

  expect_failures = [var.assumed_by]
}

run "a_limit_below_what_athena_takes_is_refused" {
  command = plan

  variables {
    scan_limit_mib = 9
  }

  expect_failures = [var.scan_limit_mib]
}

run "the_role_opens_and_closes_by_itself" {
  command = plan

  variables {
    from_utc  = "2026-11-01T00:00:00Z"
    until_utc = "2027-11-01T00:00:00Z"
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition == {
      DateGreaterThanEquals = { "aws:CurrentTime" = "2026-11-01T00:00:00Z" }
      DateLessThan          = { "aws:CurrentTime" = "2027-11-01T00:00:00Z" }
    }
    error_message = "The role could be assumed outside of the agreement's days."
  }
}

run "a_reader_without_a_period_may_always_read" {
  command = plan

  assert {
    condition     = !contains(keys(jsondecode(aws_iam_role.this.assume_role_policy).Statement[0]), "Condition")
    error_message = "Our own analysts would be locked out."
  }
}

run "a_reader_is_told_of_no_other_reader" {
  command = plan

  assert {
    condition     = length([for action in flatten([for statement in jsondecode(aws_iam_role_policy.read.policy).Statement : statement.Action]) : action if contains(["athena:ListWorkGroups", "s3:ListBucketMultipartUploads"], action)]) == 0
    error_message = "The role could list who else reads here."
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.read.policy).Statement : statement.Condition.StringLike["s3:prefix"] if statement.Sid == "ListResults"] == [["insightshare-test-client-globex/*"]]
    error_message = "The role could list the results of a workgroup whose name begins like its own."
  }
}

run "our_own_analysts_may_list_workgroups" {
  command = plan

  variables {
    knows_other_readers = true
  }

  assert {
    condition     = contains(flatten([for statement in jsondecode(aws_iam_role_policy.read.policy).Statement : statement.Action]), "athena:ListWorkGroups")
    error_message = "Athena's console would show our analysts no workgroup."
  }
}
