# One Glue job with the role that it runs as. Scripts and libraries are objects whose names change with their content.

locals {
  logs = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws-glue/jobs/*"
}

resource "aws_iam_role" "this" {
  name        = var.role
  description = var.description

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "glue.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "work" {
  role = aws_iam_role.this.name
  name = "work"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([for statement in var.statements : { for key, value in statement : key => value if value != null }], [
      {
        Sid      = "Artefacts"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::${var.artefacts}/*"
      },
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = local.logs
      },
      {
        # Glue's own metrics know no resource; the namespace is what can be limited.
        Sid       = "Metrics"
        Effect    = "Allow"
        Action    = "cloudwatch:PutMetricData"
        Resource  = "*"
        Condition = { StringEquals = { "cloudwatch:namespace" = "Glue" } }
      },
    ])
  })
}

resource "aws_iam_role_policy" "keys" {
  role = aws_iam_role.this.name
  name = "keys"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Data"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = var.data_key_arn
    }]
  })
}

resource "aws_s3_object" "script" {
  bucket      = var.artefacts_bucket
  key         = "glue_jobs/${trimsuffix(basename(var.script), ".py")}-${substr(filesha256(var.script), 0, 16)}.py"
  source      = var.script
  source_hash = filesha256(var.script)
}

resource "aws_glue_job" "this" {
  name                      = var.name
  description               = var.description
  role_arn                  = aws_iam_role.this.arn
  glue_version              = "5.1"
  worker_type               = "G.1X"
  number_of_workers         = var.workers
  timeout                   = var.timeout_minutes
  max_retries               = 0
  security_configuration    = var.security_configuration
  job_run_queuing_enabled   = true
  execution_class           = "STANDARD"
  default_arguments         = var.arguments
  non_overridable_arguments = {}

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = "s3://${var.artefacts_bucket}/${aws_s3_object.script.key}"
  }

  execution_property {
    max_concurrent_runs = var.concurrent_runs
  }

  depends_on = [aws_iam_role_policy.work, aws_iam_role_policy.keys]
}
