# Someone who reads with Athena in our account: a role, and a workgroup of its own with a scan limit and a result folder.
# What the role may see is Lake Formation's to say; this module only lets it ask.

locals {
  workgroup_arn = "arn:aws:athena:${var.region}:${var.account_id}:workgroup/${var.workgroup}"
  glue          = "arn:aws:glue:${var.region}:${var.account_id}"

  period = merge(
    var.from_utc == null ? {} : { DateGreaterThanEquals = { "aws:CurrentTime" = var.from_utc } },
    var.until_utc == null ? {} : { DateLessThan = { "aws:CurrentTime" = var.until_utc } },
  )
}

resource "aws_iam_role" "this" {
  name                 = var.role
  description          = var.description
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(
      { Effect = "Allow", Principal = { AWS = var.assumed_by }, Action = "sts:AssumeRole" },
      length(local.period) > 0 ? { Condition = local.period } : {},
    )]
  })
}

resource "aws_iam_role_policy" "read" {
  role = aws_iam_role.this.name
  name = "read"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Query"
        Effect = "Allow"
        Action = [
          "athena:BatchGetNamedQuery", "athena:BatchGetQueryExecution", "athena:GetNamedQuery", "athena:GetQueryExecution",
          "athena:GetQueryResults", "athena:GetQueryResultsStream", "athena:GetQueryRuntimeStatistics", "athena:GetWorkGroup",
          "athena:ListNamedQueries", "athena:ListQueryExecutions", "athena:StartQueryExecution", "athena:StopQueryExecution",
        ]
        Resource = local.workgroup_arn
      },
      {
        Sid      = "Catalogs"
        Effect   = "Allow"
        Action   = ["athena:GetDataCatalog", "athena:GetDatabase", "athena:GetTableMetadata", "athena:ListDatabases", "athena:ListTableMetadata"]
        Resource = "arn:aws:athena:${var.region}:${var.account_id}:datacatalog/AwsDataCatalog"
      },
      {
        # Lists know no resource; that of workgroups says who else reads in this account.
        Sid      = "Lists"
        Effect   = "Allow"
        Action   = concat(["athena:ListDataCatalogs"], var.knows_other_readers ? ["athena:ListWorkGroups"] : [])
        Resource = "*"
      },
      {
        # The filtered rows come through Lake Formation's own sessions; these actions know no resource.
        Sid    = "FilteredData"
        Effect = "Allow"
        Action = [
          "lakeformation:GetDataAccess", "lakeformation:GetQueryState", "lakeformation:GetWorkUnitResults",
          "lakeformation:GetWorkUnits", "lakeformation:StartQueryPlanning",
        ]
        Resource = "*"
      },
      {
        Sid      = "Databases"
        Effect   = "Allow"
        Action   = ["glue:GetDatabase", "glue:GetDatabases"]
        Resource = ["${local.glue}:catalog", "${local.glue}:database/default", "${local.glue}:database/${var.database}"]
      },
      {
        Sid      = "Tables"
        Effect   = "Allow"
        Action   = ["glue:BatchGetPartition", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
        Resource = ["${local.glue}:catalog", "${local.glue}:database/${var.database}", "${local.glue}:table/${var.database}/*"]
      },
      {
        Sid      = "FindResults"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation"]
        Resource = "arn:aws:s3:::${var.results}"
      },
      {
        # The slash is what keeps out a workgroup whose name begins like this one's. Unfinished uploads are not listed:
        # S3 knows no prefix there.
        Sid       = "ListResults"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::${var.results}"
        Condition = { StringLike = { "s3:prefix" = ["${var.workgroup}/*"] } }
      },
      {
        Sid      = "Results"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = "arn:aws:s3:::${var.results}/${var.workgroup}/*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "keys" {
  role = aws_iam_role.this.name
  name = "keys"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Results"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = var.results_key_arn
    }]
  })
}

resource "aws_athena_workgroup" "this" {
  name          = var.workgroup
  description   = var.description
  force_destroy = var.force_destroy

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.scan_limit_mib * 1024 * 1024

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location       = "s3://${var.results}/${var.workgroup}/"
      expected_bucket_owner = var.account_id

      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = var.results_key_arn
      }
    }
  }

  tags = var.tags
}

resource "aws_athena_named_query" "this" {
  for_each = var.queries

  name        = each.key
  description = each.value.description
  workgroup   = aws_athena_workgroup.this.name
  database    = var.database
  query       = each.value.sql
}
