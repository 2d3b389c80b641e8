# The client's half, applied in the client's account: a link to the provider's database, the rights of one analyst role on
# what the provider shares, and a workgroup with a scan limit and a result bucket. Needs a data lake administrator there.

locals {
  agreement = yamldecode(file("${var.agreements}/${var.client}.yaml"))
  suffixes  = { history = "", latest = "_latest", runs = "_runs" }

  # What the provider shares under this agreement: Lake Formation shows of it what the agreement says, whatever is granted here.
  tables = toset(concat(["insight_receipts"], flatten([
    for insight, grant in local.agreement.insights : [for kind in try(tolist(grant.tables), keys(local.suffixes)) : "${insight}${local.suffixes[kind]}"]
  ])))

  workgroup = "insightshare-${var.client}"
  results   = "insightshare-${var.client}-results-${local.agreement.account_id}"
  database  = "insights"
  glue = {
    here     = "arn:aws:glue:${var.region}:${local.agreement.account_id}"
    provider = "arn:aws:glue:${var.region}:${var.provider_account_id}"
  }
}

# Named like its target, which views and Glue jobs across accounts want.
resource "aws_glue_catalog_database" "link" {
  name = local.database

  target_database {
    catalog_id    = var.provider_account_id
    database_name = local.database
  }

  lifecycle {
    precondition {
      condition     = local.agreement.reads_from == "own_account"
      error_message = "${var.agreements}/${var.client}.yaml: reads_from: ${local.agreement.reads_from} is not own_account. Fix: a client that reads from the provider's account needs nothing in its own."
    }
  }
}

# Athena asks every reader for DESCRIBE on a database `default`.
resource "aws_glue_catalog_database" "default" {
  count = var.make_default_database ? 1 : 0

  name        = "default"
  description = "Empty; Athena wants it to be there."
}

resource "aws_lakeformation_permissions" "describe" {
  for_each = toset([local.database, "default"])

  principal   = module.analyst.role_arn
  permissions = ["DESCRIBE"]

  database {
    name       = each.key
    catalog_id = local.agreement.account_id
  }

  depends_on = [aws_glue_catalog_database.link, aws_glue_catalog_database.default]
}

# Rights on a link never cover its target: these are on the provider's database and tables.
# Provider 5.100 plans to replace such grants of a role for ever on AWS (hashicorp/terraform-provider-aws#49669, open in
# August 2026): the same grant is made again, so readers lose it for a moment at each apply. Apply here only on a change.
resource "aws_lakeformation_permissions" "describe_target" {
  principal   = module.analyst.role_arn
  permissions = ["DESCRIBE"]

  database {
    name       = local.database
    catalog_id = var.provider_account_id
  }
}

resource "aws_lakeformation_permissions" "select" {
  for_each = local.tables

  principal   = module.analyst.role_arn
  permissions = ["SELECT"]

  table {
    database_name = local.database
    name          = each.key
    catalog_id    = var.provider_account_id
  }
}

module "results_key" {
  source = "../modules/key"

  name        = "insightshare-${var.client}-results"
  description = "Query results of insightshare."
  account_id  = local.agreement.account_id
}

module "results" {
  source = "../modules/bucket"

  name            = local.results
  kms_key_arn     = module.results_key.arn
  noncurrent_days = 1
  expire_days     = 30
  force_destroy   = var.force_destroy
}

module "analyst" {
  source = "../modules/reader"

  role             = "insightshare-analyst"
  workgroup        = local.workgroup
  description      = "Analysts of ${var.client} read the insights that are shared with it."
  assumed_by       = var.assumed_by == null ? ["arn:aws:iam::${local.agreement.account_id}:root"] : var.assumed_by
  scan_limit_mib   = var.scan_limit_mib
  database         = local.database
  results          = module.results.name
  results_key_arn  = module.results_key.arn
  account_id       = local.agreement.account_id
  region           = var.region
  tags             = { client = var.client }
  force_destroy    = var.force_destroy
  foreign_catalogs = ["${local.glue.provider}:catalog", "${local.glue.provider}:database/${local.database}", "${local.glue.provider}:table/${local.database}/*"]
}
