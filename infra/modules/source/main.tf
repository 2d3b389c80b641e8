# The table of one source over what landing checked and accepted: one partition per as_of, added by the land job.

resource "aws_glue_catalog_table" "this" {
  database_name = var.database
  name          = var.name
  description   = var.description
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    EXTERNAL        = "TRUE"
    classification  = "parquet"
    source          = var.name
    title           = var.title
    version         = var.contract_version
    contract_status = var.contract_status
  }

  partition_keys {
    name    = "as_of"
    type    = "string"
    comment = "The date of the snapshot, YYYY-MM-DD."
  }

  storage_descriptor {
    location      = "s3://${var.landing}/sources/${var.name}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    dynamic "columns" {
      for_each = var.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}
