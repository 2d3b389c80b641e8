# Who is told when something fails: one topic, alarms on the queues of what could not be done, and failed jobs.
# Each function's own alarm is in its module.

resource "aws_sns_topic" "alarms" {
  name              = local.alarm_topic
  kms_master_key_id = module.operations_key.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.arn.alarm_topic
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      },
      {
        Sid       = "FailedJobs"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.arn.alarm_topic
        Condition = { ArnEquals = { "aws:SourceArn" = "${local.arn.rules}/${local.job_failure_rule}" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.alarm_emails

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_cloudwatch_metric_alarm" "queue" {
  for_each = {
    (local.register_dead)     = "A manifest was refused three times. Look at it with insightshare runs, then mend and send it again."
    (local.undelivered_queue) = "An event, a schedule or an invocation could not be delivered. Read the message for which."
  }

  alarm_name          = "${each.key}-not-empty"
  alarm_description   = each.value
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.key }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

# Manifests wait in the queue for seconds; an hour means that registration stands still.
resource "aws_cloudwatch_metric_alarm" "waiting" {
  alarm_name          = "${local.register_queue}-waiting"
  alarm_description   = "A manifest has waited for an hour. See whether ${local.register_function} runs."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = local.register_queue }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 3600
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_event_rule" "job_failures" {
  name        = local.job_failure_rule
  description = "A job of ours failed."

  event_pattern = jsonencode({
    source      = ["aws.glue"]
    detail-type = ["Glue Job State Change"]
    detail      = { jobName = values(local.jobs), state = ["ERROR", "FAILED", "TIMEOUT"] }
  })
}

resource "aws_cloudwatch_event_target" "job_failures" {
  rule      = aws_cloudwatch_event_rule.job_failures.name
  target_id = "alarms"
  arn       = aws_sns_topic.alarms.arn
}
