mock_provider "aws" {}

variables {
  name = "insightshare-test-lake-111111111111"
}

run "a_bucket_is_private_versioned_and_owned" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "Something public is not blocked."
  }
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Versions are not kept."
  }
  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "Access lists are not off."
  }
}

run "a_bucket_that_holds_objects_is_not_destroyed_unless_that_was_said" {
  command = plan

  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "Destroy would delete published data."
  }
}

run "without_a_key_objects_are_encrypted_by_s3_itself" {
  command = plan

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "The encryption is not S3's own."
  }
}

run "with_a_key_objects_are_encrypted_under_it_with_a_bucket_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/1"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == "arn:aws:kms:eu-west-1:111111111111:key/1"
    error_message = "The key is another one."
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled
    error_message = "Every object would ask KMS for a key of its own."
  }
}

run "only_the_bucket_of_logs_lets_s3_write_access_logs" {
  command = plan

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid] == ["TlsOnly"]
    error_message = "The policy allows something."
  }
}

run "access_logs_are_taken_from_one_account_only" {
  command = plan

  variables {
    log_writer_account_id = "111111111111"
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this.policy).Statement[1].Condition.StringEquals["aws:SourceAccount"] == "111111111111"
    error_message = "Other accounts could write logs here."
  }
}

run "one_trail_alone_writes_log_files_and_only_below_its_account" {
  command = plan

  variables {
    trail_arn = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/reads"
  }

  assert {
    condition     = [for statement in slice(jsondecode(aws_s3_bucket_policy.this.policy).Statement, 1, 3) : [statement.Action, statement.Resource]] == [["s3:GetBucketAcl", "arn:aws:s3:::insightshare-test-lake-111111111111"], ["s3:PutObject", "arn:aws:s3:::insightshare-test-lake-111111111111/AWSLogs/111111111111/*"]]
    error_message = "The trail could not write, or could write elsewhere."
  }
  assert {
    condition     = alltrue([for statement in slice(jsondecode(aws_s3_bucket_policy.this.policy).Statement, 1, 3) : statement.Condition.StringEquals["aws:SourceArn"] == "arn:aws:cloudtrail:eu-west-1:111111111111:trail/reads"])
    error_message = "Another trail could write here."
  }
}

run "evidence_is_locked_for_as_long_as_is_said" {
  command = plan

  variables {
    lock_days = 365
  }

  assert {
    condition     = aws_s3_bucket.this.object_lock_enabled && one(aws_s3_bucket_object_lock_configuration.this[0].rule).default_retention[0].days == 365
    error_message = "What was written could be deleted before its time."
  }
}

run "a_bucket_that_jobs_write_is_not_locked" {
  command = plan

  assert {
    condition     = !aws_s3_bucket.this.object_lock_enabled && length(aws_s3_bucket_object_lock_configuration.this) == 0
    error_message = "A lake whose versions cannot be deleted cannot forget a person."
  }
}

run "a_lock_of_no_days_is_refused" {
  command = plan

  variables {
    lock_days = 0
  }

  expect_failures = [var.lock_days]
}

run "days_of_replaced_versions_below_one_are_refused" {
  command = plan

  variables {
    noncurrent_days = 0
  }

  expect_failures = [var.noncurrent_days]
}
