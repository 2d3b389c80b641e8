# One client's agreement as Lake Formation grants: per table one data cells filter and SELECT through it, nothing else,
# and DESCRIBE on the database apart. The account-wide ceiling of a client that reads from its own account is this filter.

locals {
  grant_option = var.with_grant_option
}

resource "aws_lakeformation_data_cells_filter" "this" {
  for_each = var.tables

  table_data {
    database_name    = var.database
    name             = var.client
    table_catalog_id = var.account_id
    table_name       = each.key
    column_names     = each.value.columns

    dynamic "column_wildcard" {
      for_each = each.value.columns == null ? [true] : []
      content {}
    }

    row_filter {
      filter_expression = each.value.rows

      dynamic "all_rows_wildcard" {
        for_each = each.value.rows == null ? [true] : []
        content {}
      }
    }
  }
}

resource "aws_lakeformation_permissions" "select" {
  for_each = var.tables

  principal                     = var.principal
  permissions                   = ["SELECT"]
  permissions_with_grant_option = local.grant_option ? ["SELECT"] : []

  data_cells_filter {
    database_name    = var.database
    name             = aws_lakeformation_data_cells_filter.this[each.key].table_data[0].name
    table_catalog_id = var.account_id
    table_name       = each.key
  }
}

resource "aws_lakeformation_permissions" "database" {
  principal                     = var.principal
  permissions                   = ["DESCRIBE"]
  permissions_with_grant_option = local.grant_option ? ["DESCRIBE"] : []

  database {
    name       = var.database
    catalog_id = var.account_id
  }
}
