# Who read what: every read of the lake and every decision of Lake Formation, as CloudTrail writes them down.

locals {
  trail_name = "${local.prefix}-reads"
  trail_arn  = "arn:aws:cloudtrail:${local.region}:${local.account_id}:trail/${local.trail_name}"
}

module "trail_key" {
  source = "./modules/key"

  name        = "${local.prefix}-trail"
  description = "The log files of who read what in ${local.prefix}."
  account_id  = local.account_id

  services = {
    "cloudtrail.amazonaws.com" = { test = "StringEquals", variable = "aws:SourceArn", values = [local.trail_arn] }
  }
}

module "trail_bucket" {
  source = "./modules/bucket"

  name          = local.buckets.trail
  kms_key_arn   = module.trail_key.arn
  log_bucket    = module.logs.name
  trail_arn     = local.trail_arn
  lock_days     = 365
  expire_days   = 400
  force_destroy = var.force_destroy
}

resource "aws_cloudtrail" "reads" {
  #checkov:skip=CKV_AWS_252:Nobody waits for log files; usage is read once a day.
  #checkov:skip=CKV2_AWS_10:A second copy in CloudWatch would be paid for and read by nobody; alarms on calls belong to the account's own trail.
  name                          = local.trail_name
  s3_bucket_name                = module.trail_bucket.name
  kms_key_id                    = module.trail_key.arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true

  # GetDataAccess, Lake Formation's word on who may read a table, is a management event.
  advanced_event_selector {
    name = "calls"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  advanced_event_selector {
    name = "objects of the lake"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field       = "resources.ARN"
      starts_with = ["${local.arn.lake}/"]
    }
  }

  # CloudTrail looks whether it may write when the trail is made.
  depends_on = [module.trail_bucket]
}

# The one job that reads log files.
resource "aws_iam_role_policy" "deliver_keys" {
  role = "${local.prefix}-job-deliver"
  name = "trail-keys"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "LogFiles", Effect = "Allow", Action = "kms:Decrypt", Resource = module.trail_key.arn }]
  })

  depends_on = [module.job]
}
