# One Lambda function with its role, its log group and the alarm on its errors. The zip is built beforehand.

resource "aws_iam_role" "this" {
  name        = var.role
  description = var.description

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
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
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/lambda/${var.name}:*"
      },
      {
        # Traces know no resource. Metrics need no right: they are lines of the log.
        Sid      = "Traces"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = "*"
      },
      {
        Sid      = "GiveUp"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = var.dead_letter_arn
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
      Action   = var.data_key_actions
      Resource = var.data_key_arn
    }]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 365
  kms_key_id        = var.operations_key_arn
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_45:Environments hold names of buckets, tables and topics, which checkov takes for secrets; tests/policy holds them to names.
  #checkov:skip=CKV_AWS_115:The FIFO queue's message groups already limit it to one at a time per insight; a reservation could starve other functions.
  #checkov:skip=CKV_AWS_117:It calls only AWS's own endpoints, under its role; a VPC would add endpoints to pay for and nothing to protect.
  #checkov:skip=CKV_AWS_272:The zip is built and uploaded by the deployment that makes the function; a signing profile would be signed by the same identity.
  function_name    = var.name
  description      = var.description
  role             = aws_iam_role.this.arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  runtime          = "python3.13"
  handler          = "handler.handler"
  timeout          = var.timeout_seconds
  memory_size      = var.memory_mib
  kms_key_arn      = var.data_key_arn

  environment {
    variables = var.environment
  }

  tracing_config {
    mode = "Active"
  }

  dead_letter_config {
    target_arn = var.dead_letter_arn
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  depends_on = [aws_iam_role_policy.work, aws_iam_role_policy.keys]
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name}-errors"
  alarm_description   = "${var.name} failed. Read its log group /aws/lambda/${var.name}."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = var.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
}
