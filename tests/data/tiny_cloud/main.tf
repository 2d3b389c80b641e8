# A weather station's account: readings in a bucket, a table over them, a workgroup to ask, and a function that events reach.
# It shares nothing with this project: what the local AWS can do, it can do for others.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region            = "eu-west-1"
  s3_use_path_style = true

  default_tags {
    tags = { project = "weather" }
  }
}

variable "name" {
  description = "Prefix of everything, so that two copies fit into one account."
  type        = string
}

variable "package" {
  description = "The function's zip."
  type        = string
}

resource "aws_s3_bucket" "readings" {
  bucket        = "${var.name}-readings"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "readings" {
  bucket                  = aws_s3_bucket.readings.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_object" "monday" {
  bucket  = aws_s3_bucket.readings.id
  key     = "readings/monday.jsonl"
  content = <<-LINES
    {"station": "north", "celsius": 4.5}
    {"station": "south", "celsius": 9.5}
    {"station": "south", "celsius": 10.5}
  LINES
}

resource "aws_glue_catalog_database" "weather" {
  name = replace(var.name, "-", "_")
}

resource "aws_glue_catalog_table" "readings" {
  name          = "readings"
  database_name = aws_glue_catalog_database.weather.name
  table_type    = "EXTERNAL_TABLE"

  storage_descriptor {
    location      = "s3://${aws_s3_bucket.readings.id}/readings/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }

    columns {
      name = "station"
      type = "string"
    }

    columns {
      name = "celsius"
      type = "double"
    }
  }
}

resource "aws_athena_workgroup" "weather" {
  name          = var.name
  force_destroy = true

  configuration {
    enforce_workgroup_configuration = true

    result_configuration {
      output_location = "s3://${aws_s3_bucket.readings.id}/results/"
    }
  }
}

resource "aws_iam_role" "alert" {
  name = "${var.name}-alert"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "alert" {
  role = aws_iam_role.alert.name
  name = "work"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "${aws_s3_bucket.readings.arn}/alerts/*" }]
  })
}

resource "aws_lambda_function" "alert" {
  function_name    = "${var.name}-alert"
  role             = aws_iam_role.alert.arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  runtime          = "python3.13"
  handler          = "alert.handle"
  timeout          = 10

  environment {
    variables = { BUCKET = aws_s3_bucket.readings.id }
  }
}

resource "aws_cloudwatch_event_rule" "alert" {
  name          = "${var.name}-alert"
  event_pattern = jsonencode({ source = [var.name] })
}

resource "aws_cloudwatch_event_target" "alert" {
  rule = aws_cloudwatch_event_rule.alert.name
  arn  = aws_lambda_function.alert.arn
}

resource "aws_lambda_permission" "alert" {
  function_name = aws_lambda_function.alert.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.alert.arn
}

output "source" {
  description = "What whoever sends alerts calls itself."
  value       = var.name
}
