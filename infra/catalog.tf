# What the catalog says: databases, the tables of insights and sources, and the receipts that readers get.
# The account root comes first: with its settings, new databases and tables are Lake Formation's from the start.

resource "aws_glue_catalog_database" "insights" {
  name        = "insights"
  description = "What we publish: per insight its history, its newest state and its runs; and the receipts of all runs."
}

resource "aws_glue_catalog_database" "sources" {
  name        = "sources"
  description = "What we read, after checks."
}

module "insight" {
  source   = "./modules/insight"
  for_each = local.insights

  name             = each.key
  title            = each.value.title
  description      = each.value.description
  contract_status  = each.value.status
  contract_version = each.value.version
  columns          = each.value.columns
  database         = aws_glue_catalog_database.insights.name
  lake             = local.buckets.lake
}

module "source" {
  source   = "./modules/source"
  for_each = local.sources

  name             = each.key
  title            = each.value.title
  description      = each.value.description
  contract_status  = each.value.status
  contract_version = each.value.version
  columns          = each.value.columns
  database         = aws_glue_catalog_database.sources.name
  landing          = local.buckets.landing
}

# The columns are those that registration writes: one list, read by both.
resource "aws_glue_catalog_table" "receipts" {
  database_name = aws_glue_catalog_database.insights.name
  name          = "insight_receipts"
  description   = "One row per registered run: what a reader may know of it."
  table_type    = "EXTERNAL_TABLE"
  parameters    = { classification = "json", EXTERNAL = "TRUE" }

  storage_descriptor {
    location      = "s3://${local.buckets.lake}/receipts/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }

    dynamic "columns" {
      for_each = jsondecode(file("${path.module}/../insightshare/publish/receipt_columns.json"))

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}
