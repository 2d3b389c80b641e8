mock_provider "aws" {}

variables {
  name                   = "insightshare-test-land"
  role                   = "insightshare-test-job-land"
  description            = "Lands."
  script                 = "tests/land.py"
  arguments              = { "--lake" = "s3://lake" }
  artefacts              = "artefacts"
  artefacts_bucket       = "artefacts"
  data_key_arn           = "arn:aws:kms:eu-west-1:111111111111:key/1"
  security_configuration = "insightshare-test-jobs"
  account_id             = "111111111111"
  region                 = "eu-west-1"
  statements             = [{ Sid = "Read", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::landing/raw/*"] }]
}

run "a_job_runs_python_on_a_stated_glue_version_under_encryption" {
  command = plan

  assert {
    condition     = aws_glue_job.this.glue_version == "5.1" && aws_glue_job.this.command[0].name == "glueetl" && aws_glue_job.this.command[0].python_version == "3"
    error_message = "The job runs on something else."
  }
  assert {
    condition     = aws_glue_job.this.security_configuration == "insightshare-test-jobs"
    error_message = "Logs and bookmarks are not encrypted."
  }
}

run "a_changed_script_is_another_object" {
  command = plan

  assert {
    condition     = aws_s3_object.script.key == "glue_jobs/land-${substr(filesha256("tests/land.py"), 0, 16)}.py"
    error_message = "A running job's script could change under it."
  }
}

run "the_role_may_what_it_was_given_and_read_its_artefacts_and_log" {
  command = plan

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.work.policy).Statement : statement.Sid] == ["Read", "Artefacts", "Logs", "Metrics"]
    error_message = "The role may something else."
  }
  assert {
    condition     = !contains(keys(jsondecode(aws_iam_role_policy.work.policy).Statement[0]), "Condition")
    error_message = "IAM refuses a condition that is null."
  }
}

run "a_right_on_everything_is_refused" {
  command = plan

  variables {
    statements = [{ Sid = "Read", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["*"] }]
  }

  expect_failures = [var.statements]
}

run "an_argument_without_hyphens_is_refused" {
  command = plan

  variables {
    arguments = { lake = "s3://lake" }
  }

  expect_failures = [var.arguments]
}
