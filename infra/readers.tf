# Who queries in our account: clients that read from ours, and our own analysts.

locals {
  # As long as there is an agreement, also before its first and after its last day: the role opens and closes by itself,
  # results and history stay until the file goes, and grants come and go without any other change.
  provider_readers = { for name, client in local.clients : name => client if client.reads_from == "provider_account" }

  starting_queries = { for insight in keys(local.insights) : insight => {
    "newest ${insight}" = {
      description = "A first look at the newest rows of ${insight}."
      sql         = "SELECT * FROM insights.${insight}_latest LIMIT 100"
    }
  } }
  receipts_query = {
    "runs" = {
      description = "Which runs there are, and what their checks said."
      sql         = "SELECT insight, as_of, run_id, passed, row_count FROM insights.insight_receipts ORDER BY insight, as_of, run_id"
    }
  }
}

module "client_reader" {
  source   = "./modules/reader"
  for_each = local.provider_readers

  role            = "${local.prefix}-client-${each.key}"
  workgroup       = "${local.prefix}-client-${each.key}"
  description     = "Client ${each.key} reads here what its agreement grants."
  assumed_by      = each.value.assumed_by
  from_utc        = each.value.begins
  until_utc       = each.value.ends
  scan_limit_mib  = each.value.scan_limit_mib
  queries         = merge(concat([for insight in keys(each.value.insights) : try(local.starting_queries[insight], {})], [local.receipts_query])...)
  database        = aws_glue_catalog_database.insights.name
  results         = local.buckets.results
  results_key_arn = module.results_key.arn
  account_id      = local.account_id
  region          = local.region
  tags            = { client = each.key }
  force_destroy   = var.force_destroy
}

module "analyst" {
  source = "./modules/reader"

  role                = "${local.prefix}-provider-analyst"
  workgroup           = local.provider_workgroup
  description         = "Our own analysts read every insight."
  assumed_by          = ["arn:aws:iam::${local.account_id}:root"]
  knows_other_readers = true
  scan_limit_mib      = var.scan_limit_mib
  queries             = merge(concat(values(local.starting_queries), [local.receipts_query])...)
  database            = aws_glue_catalog_database.insights.name
  results             = local.buckets.results
  results_key_arn     = module.results_key.arn
  account_id          = local.account_id
  region              = local.region
  tags                = { reader = "provider" }
  force_destroy       = var.force_destroy
}

resource "aws_lakeformation_permissions" "analyst_tables" {
  for_each = merge(
    { for key, table in local.insight_tables : key => module.insight[table.insight].tables[table.kind].name },
    { receipts = aws_glue_catalog_table.receipts.name },
  )

  principal   = module.analyst.role_arn
  permissions = ["SELECT"]

  table {
    database_name = aws_glue_catalog_database.insights.name
    catalog_id    = local.account_id
    name          = each.value
  }

  depends_on = [aws_lakeformation_resource.lake]
}

resource "aws_lakeformation_permissions" "analyst_database" {
  principal   = module.analyst.role_arn
  permissions = ["DESCRIBE"]

  database {
    name       = aws_glue_catalog_database.insights.name
    catalog_id = local.account_id
  }
}

# Athena asks every reader for DESCRIBE on `default`, which the account root makes.
resource "aws_lakeformation_permissions" "default_database" {
  for_each = merge({ for name, reader in module.client_reader : name => reader.role_arn }, { provider = module.analyst.role_arn })

  principal   = each.value
  permissions = ["DESCRIBE"]

  database {
    name       = "default"
    catalog_id = local.account_id
  }
}
