# Who may read what: the registered locations, every client's agreement, and the rights of our own roles.

resource "aws_iam_role" "lakeformation" {
  name        = "${local.prefix}-lakeformation"
  description = "Lake Formation reads the lake through this role, never through its service-linked role."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lakeformation.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:SetContext", "sts:SetSourceIdentity"]
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:aws:lakeformation:${local.region}:${local.account_id}:*" }
      }
    }]
  })
}

# Readers only read: nothing writes to the lake through Lake Formation, so the role cannot either.
resource "aws_iam_role_policy" "lakeformation" {
  role = aws_iam_role.lakeformation.name
  name = "read"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = ["${local.arn.lake}/insights/*", "${local.arn.lake}/receipts/*"]
      },
      {
        Sid       = "List"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = local.arn.lake
        Condition = { StringLike = { "s3:prefix" = ["insights", "insights/*", "receipts", "receipts/*"] } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "lakeformation_keys" {
  role = aws_iam_role.lakeformation.name
  name = "keys"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Data"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:DescribeKey"]
      Resource = module.data_key.arn
    }]
  })
}

resource "aws_lakeformation_resource" "lake" {
  for_each = toset(["insights", "receipts"])

  arn                   = "${module.lake.arn}/${each.key}"
  role_arn              = aws_iam_role.lakeformation.arn
  hybrid_access_enabled = false

  depends_on = [aws_iam_role_policy.lakeformation, aws_iam_role_policy.lakeformation_keys]
}

locals {
  # Who is granted: the account, or the role in ours.
  client_principals = { for client, agreement in local.clients : client =>
    agreement.reads_from == "own_account" ? agreement.account_id : module.client_reader[client].role_arn
  }

  # Per client in force and per table that its agreement names: the filter's columns (the contract's order, and as_of where
  # it is an ordinary column) and rows.
  client_insight_tables = { for client, agreement in local.clients_in_force : client => merge([
    for insight, grant in agreement.insights : {
      for kind in grant.tables : module.insight[insight].tables[kind].name => {
        columns = concat(
          [for column in module.insight[insight].tables[kind].columns : column if contains(grant.columns, column)],
          module.insight[insight].tables[kind].extras,
        )
        rows = grant.rows
      }
    } if contains(keys(local.insights), insight)
  ]...) }

  # A client reads the receipts of exactly its insights.
  client_receipts = { for client, agreement in local.clients_in_force : client => {
    (aws_glue_catalog_table.receipts.name) = {
      columns = null
      rows    = join(" OR ", [for insight in sort(keys(agreement.insights)) : "insight = '${insight}'"])
    }
  } }
}

module "agreement" {
  source   = "./modules/agreement"
  for_each = local.clients_in_force

  client            = each.key
  principal         = local.client_principals[each.key]
  with_grant_option = each.value.reads_from == "own_account"
  account_id        = local.account_id
  database          = aws_glue_catalog_database.insights.name
  tables            = merge(local.client_insight_tables[each.key], local.client_receipts[each.key])

  depends_on = [aws_lakeformation_resource.lake]
}

# Registration and repair move partitions and `_latest`; Lake Formation asks for its own rights beside IAM's.
locals {
  registrars = { register = module.register.role_arn, repair = module.repair.role_arn }
  insight_tables = merge([for name in keys(local.insights) : {
    for kind in ["history", "latest", "runs"] : "${name}/${kind}" => { insight = name, kind = kind }
  }]...)
  registrar_tables = merge([for registrar in ["register", "repair"] : {
    for key, table in local.insight_tables : "${registrar}/${key}" => merge(table, { registrar = registrar })
  }]...)
}

resource "aws_lakeformation_permissions" "registrar_tables" {
  for_each = local.registrar_tables

  principal   = local.registrars[each.value.registrar]
  permissions = each.value.kind == "latest" ? ["ALTER", "DESCRIBE"] : ["ALTER", "DELETE", "DESCRIBE", "INSERT"]

  table {
    database_name = aws_glue_catalog_database.insights.name
    catalog_id    = local.account_id
    name          = module.insight[each.value.insight].tables[each.value.kind].name
  }
}

resource "aws_lakeformation_permissions" "registrar_database" {
  for_each = toset(["register", "repair"])

  principal   = local.registrars[each.key]
  permissions = ["DESCRIBE"]

  database {
    name       = aws_glue_catalog_database.insights.name
    catalog_id = local.account_id
  }
}

resource "aws_lakeformation_permissions" "registrar_location" {
  for_each = toset(["register", "repair"])

  principal   = local.registrars[each.key]
  permissions = ["DATA_LOCATION_ACCESS"]

  data_location {
    arn        = aws_lakeformation_resource.lake["insights"].arn
    catalog_id = local.account_id
  }
}

# Vacuum sees which runs the tables show, and takes those out of `_runs` that go.
resource "aws_lakeformation_permissions" "vacuum_tables" {
  for_each = local.insight_tables

  principal   = module.vacuum.role_arn
  permissions = each.value.kind == "runs" ? ["ALTER", "DELETE", "DESCRIBE"] : ["DESCRIBE"]

  table {
    database_name = aws_glue_catalog_database.insights.name
    catalog_id    = local.account_id
    name          = module.insight[each.value.insight].tables[each.value.kind].name
  }
}

resource "aws_lakeformation_permissions" "vacuum_database" {
  principal   = module.vacuum.role_arn
  permissions = ["DESCRIBE"]

  database {
    name       = aws_glue_catalog_database.insights.name
    catalog_id = local.account_id
  }
}

# Landing adds the partition of its day.
resource "aws_lakeformation_permissions" "land_tables" {
  for_each = local.sources

  principal   = module.job["land"].role_arn
  permissions = ["ALTER", "DESCRIBE", "INSERT"]

  table {
    database_name = aws_glue_catalog_database.sources.name
    catalog_id    = local.account_id
    name          = module.source[each.key].table
  }
}

resource "aws_lakeformation_permissions" "land_database" {
  principal   = module.job["land"].role_arn
  permissions = ["DESCRIBE"]

  database {
    name       = aws_glue_catalog_database.sources.name
    catalog_id = local.account_id
  }
}
