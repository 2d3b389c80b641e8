# Keys, buckets and the registry of runs.

module "data_key" {
  source = "./modules/key"

  name        = "${local.prefix}-data"
  description = "Insights, sources, artefacts and the registry of ${local.prefix}."
  account_id  = local.account_id
}

module "results_key" {
  source = "./modules/key"

  name        = "${local.prefix}-results"
  description = "Query results of ${local.prefix}."
  account_id  = local.account_id
}

module "operations_key" {
  source = "./modules/key"

  name        = "${local.prefix}-operations"
  description = "Logs, alarms and schedules of ${local.prefix}."
  account_id  = local.account_id

  services = {
    "logs.${local.region}.amazonaws.com" = {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:aws:logs:${local.region}:${local.account_id}:log-group:*"]
    }
    "cloudwatch.amazonaws.com" = { test = "StringEquals", variable = "aws:SourceAccount", values = [local.account_id] }
    "events.amazonaws.com"     = { test = "StringEquals", variable = "aws:SourceAccount", values = [local.account_id] }
  }
}

module "logs" {
  source = "./modules/bucket"

  name                  = local.buckets.logs
  log_writer_account_id = local.account_id
  expire_days           = 400
  force_destroy         = var.force_destroy
}

module "lake" {
  source = "./modules/bucket"

  name            = local.buckets.lake
  kms_key_arn     = module.data_key.arn
  log_bucket      = module.logs.name
  noncurrent_days = 90
  eventbridge     = true
  force_destroy   = var.force_destroy
}

module "landing" {
  source = "./modules/bucket"

  name          = local.buckets.landing
  kms_key_arn   = module.data_key.arn
  log_bucket    = module.logs.name
  force_destroy = var.force_destroy
}

module "artefacts" {
  source = "./modules/bucket"

  name          = local.buckets.artefacts
  kms_key_arn   = module.data_key.arn
  log_bucket    = module.logs.name
  force_destroy = var.force_destroy
}

module "results" {
  source = "./modules/bucket"

  name            = local.buckets.results
  kms_key_arn     = module.results_key.arn
  log_bucket      = module.logs.name
  noncurrent_days = 1
  expire_days     = 30
  force_destroy   = var.force_destroy
}

# The truth about runs and decisions; point-in-time recovery because the catalog and all readers follow it.
resource "aws_dynamodb_table" "registry" {
  name                        = local.registry
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = !var.force_destroy

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = module.data_key.arn
  }
}
