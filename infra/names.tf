# Every name and every ARN that policies need, from the environment alone, so that a plan shows whole policies and
# nothing waits for a resource only to learn what it is called.

locals {
  prefix = "insightshare-${var.environment}"

  buckets = { for purpose in ["lake", "landing", "results", "logs", "artefacts", "trail"] : purpose => "${local.prefix}-${purpose}-${local.account_id}" }

  register_queue     = "${local.prefix}-register.fifo"
  register_dead      = "${local.prefix}-register-dead.fifo"
  undelivered_queue  = "${local.prefix}-undelivered"
  register_function  = "${local.prefix}-register"
  repair_function    = "${local.prefix}-repair"
  vacuum_function    = "${local.prefix}-vacuum"
  registry           = "${local.prefix}-registry"
  bus                = "${local.prefix}-insights"
  alarm_topic        = "${local.prefix}-alarms"
  schedule_group     = local.prefix
  provider_workgroup = "${local.prefix}-provider"
  metrics_namespace  = "insightshare"
  jobs               = { for task in ["deliver", "land", "train", "score"] : task => "${local.prefix}-${task}" }
  manifest_rules     = { for insight in keys(local.insights) : insight => "${local.prefix}-manifest-${replace(insight, "_", "-")}" }
  job_failure_rule   = "${local.prefix}-job-failures"

  arn = {
    lake        = "arn:aws:s3:::${local.buckets.lake}"
    trail       = "arn:aws:s3:::${local.buckets.trail}"
    landing     = "arn:aws:s3:::${local.buckets.landing}"
    registry    = "arn:aws:dynamodb:${local.region}:${local.account_id}:table/${local.registry}"
    bus         = "arn:aws:events:${local.region}:${local.account_id}:event-bus/${local.bus}"
    rules       = "arn:aws:events:${local.region}:${local.account_id}:rule"
    queues      = "arn:aws:sqs:${local.region}:${local.account_id}"
    glue        = "arn:aws:glue:${local.region}:${local.account_id}"
    alarm_topic = "arn:aws:sns:${local.region}:${local.account_id}:${local.alarm_topic}"
    functions   = "arn:aws:lambda:${local.region}:${local.account_id}:function"
    schedules   = "arn:aws:scheduler:${local.region}:${local.account_id}:schedule-group/${local.schedule_group}"
  }
}
