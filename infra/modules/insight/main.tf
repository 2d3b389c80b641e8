# The three tables of one insight: history (by as_of), `_latest` (current run of the newest as_of), `_runs` (by run).
# Terraform owns their schemas; registration owns the partitions, and on `_latest` the location and the run's parameters.

locals {
  folder = "s3://${var.lake}/insights/${var.name}"
  # Anyone with a right on any column reads these: readers' tools list and title insights by them; no secrets.
  parameters = {
    EXTERNAL        = "TRUE"
    classification  = "parquet"
    insight         = var.name
    title           = var.title
    version         = var.contract_version
    contract_status = var.contract_status
  }
  as_of  = { name = "as_of", type = "string", comment = "The date that the row is about, YYYY-MM-DD." }
  run_id = { name = "run_id", type = "string", comment = "The run that made the row; sorts by time." }
}

resource "aws_glue_catalog_table" "history" {
  database_name = var.database
  name          = var.name
  description   = "${var.description} Per as_of the rows of its current run."
  table_type    = "EXTERNAL_TABLE"
  parameters    = local.parameters

  partition_keys {
    name    = local.as_of.name
    type    = local.as_of.type
    comment = local.as_of.comment
  }

  storage_descriptor {
    location      = "${local.folder}/"
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

resource "aws_glue_catalog_table" "latest" {
  database_name = var.database
  name          = "${var.name}_latest"
  description   = "${var.description} The current run of the newest as_of."
  table_type    = "EXTERNAL_TABLE"
  parameters    = local.parameters

  storage_descriptor {
    # A reserved folder that never holds an object: nothing is published until registration moves the location.
    location      = "${local.folder}/empty/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    dynamic "columns" {
      for_each = concat(var.columns, [local.as_of])

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }

  lifecycle {
    ignore_changes = [
      storage_descriptor[0].location,
      parameters["as_of"],
      parameters["run_id"],
      parameters["sequence"],
    ]
  }
}

resource "aws_glue_catalog_table" "runs" {
  database_name = var.database
  name          = "${var.name}_runs"
  description   = "${var.description} Every retained run, so that readers can pin one and compare two."
  table_type    = "EXTERNAL_TABLE"
  parameters    = local.parameters

  partition_keys {
    name    = local.run_id.name
    type    = local.run_id.type
    comment = local.run_id.comment
  }

  storage_descriptor {
    location      = "${local.folder}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    dynamic "columns" {
      for_each = concat(var.columns, [local.as_of])

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}
