# From a manifest in the lake to the tables that readers see: S3 event, rule per insight, FIFO queue, register function.
# The repair function puts right every 15 minutes what an outage or a race left behind.

# A queue takes the provider half a minute to make, and a queue policy of its own another half: policies are inline.
resource "aws_sqs_queue" "register_dead" {
  name                      = local.register_dead
  fifo_queue                = true
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [local.tls_only_queue[local.register_dead]]
  })
}

resource "aws_sqs_queue" "register" {
  name                        = local.register_queue
  fifo_queue                  = true
  content_based_deduplication = true
  deduplication_scope         = "messageGroup"
  fifo_throughput_limit       = "perMessageGroupId"
  message_retention_seconds   = 345600
  visibility_timeout_seconds  = local.register_seconds * 6
  sqs_managed_sse_enabled     = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.register_dead.arn
    maxReceiveCount     = 3
  })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [local.tls_only_queue[local.register_queue], {
      Sid       = "Manifests"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "${local.arn.queues}:${local.register_queue}"
      Condition = { ArnEquals = { "aws:SourceArn" = [for rule in values(local.manifest_rules) : "${local.arn.rules}/${rule}"] } }
    }]
  })
}

# Events that EventBridge, the scheduler or Lambda could not deliver. They take only standard queues.
resource "aws_sqs_queue" "undelivered" {
  name                      = local.undelivered_queue
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [local.tls_only_queue[local.undelivered_queue], {
      Sid       = "Undelivered"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "${local.arn.queues}:${local.undelivered_queue}"
      Condition = { ArnEquals = { "aws:SourceArn" = [for rule in values(local.manifest_rules) : "${local.arn.rules}/${rule}"] } }
    }]
  })
}

locals {
  register_seconds = 60

  tls_only_queue = { for queue in [local.register_dead, local.register_queue, local.undelivered_queue] : queue => {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = "sqs:*"
    Resource  = "${local.arn.queues}:${queue}"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  } }
}

resource "aws_cloudwatch_event_rule" "manifest" {
  for_each = local.manifest_rules

  name        = each.value
  description = "A run of ${each.key} was written: register it."

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [local.buckets.lake] }
      object = { key = [{ wildcard = "runs/${each.key}/*/manifest.json" }] }
    }
  })
}

resource "aws_cloudwatch_event_target" "manifest" {
  for_each = local.manifest_rules

  rule      = aws_cloudwatch_event_rule.manifest[each.key].name
  target_id = "register"
  arn       = aws_sqs_queue.register.arn

  # One registration at a time per insight.
  sqs_target {
    message_group_id = each.key
  }

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }
}

# What was published, for whoever subscribes.
resource "aws_cloudwatch_event_bus" "insights" {
  name               = local.bus
  description        = "RunPublished: which run of which insight readers now see."
  kms_key_identifier = module.operations_key.arn
}

locals {
  function_environment = {
    INSIGHTSHARE_LAKE              = local.buckets.lake
    INSIGHTSHARE_REGISTRY          = local.registry
    INSIGHTSHARE_DATABASE          = "insights"
    INSIGHTSHARE_BUS               = local.bus
    INSIGHTSHARE_QUEUE             = local.register_queue
    INSIGHTSHARE_METRICS_NAMESPACE = local.metrics_namespace
  }
  vacuum_environment = merge(local.function_environment, { INSIGHTSHARE_KEEP_DAYS = tostring(var.keep_superseded_days) })

  # Glue asks for a right on the catalog and the database as on the table itself.
  catalog_above  = ["${local.arn.glue}:catalog", "${local.arn.glue}:database/insights"]
  catalog_kinds  = { for kind, suffix in { history = "", latest = "_latest", runs = "_runs" } : kind => [for name in keys(local.insights) : "${local.arn.glue}:table/insights/${name}${suffix}"] }
  catalog_tables = flatten(values(local.catalog_kinds))

  # What registering a run and repairing one have in common.
  registration_statements = [
    {
      Sid      = "ReadManifests"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${local.arn.lake}/runs/*/manifest.json"]
    },
    {
      # Without conditions: S3 says that an object is missing only to those who may list the bucket as a whole.
      Sid      = "ListRuns"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [local.arn.lake]
    },
    {
      Sid      = "WriteDecisions"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["${local.arn.lake}/runs/*/decisions/*"]
    },
    {
      Sid      = "ReadTables"
      Effect   = "Allow"
      Action   = ["glue:GetTable"]
      Resource = concat(local.catalog_above, local.catalog_tables)
    },
    {
      Sid      = "ShowAndHide"
      Effect   = "Allow"
      Action   = ["glue:CreatePartition", "glue:DeletePartition"]
      Resource = concat(local.catalog_above, local.catalog_kinds.history, local.catalog_kinds.runs)
    },
    {
      Sid      = "MoveDates"
      Effect   = "Allow"
      Action   = ["glue:UpdatePartition"]
      Resource = concat(local.catalog_above, local.catalog_kinds.history)
    },
    {
      Sid      = "MoveLatest"
      Effect   = "Allow"
      Action   = ["glue:UpdateTable"]
      Resource = concat(local.catalog_above, local.catalog_kinds.latest)
    },
  ]
}

module "register" {
  source = "./modules/function"

  name               = local.register_function
  role               = "${local.prefix}-lambda-register"
  description        = "Registers the run that a manifest describes, and shows it to readers."
  package            = "${var.build}/register_run.zip"
  environment        = local.function_environment
  timeout_seconds    = local.register_seconds
  dead_letter_arn    = "${local.arn.queues}:${local.undelivered_queue}"
  alarm_topic_arn    = local.arn.alarm_topic
  data_key_arn       = module.data_key.arn
  operations_key_arn = module.operations_key.arn
  account_id         = local.account_id
  region             = local.region

  statements = concat(local.registration_statements, [
    {
      Sid      = "WriteReceipts"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["${local.arn.lake}/receipts/*"]
    },
    {
      Sid      = "Registry"
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
      Resource = [local.arn.registry]
    },
    {
      Sid      = "Announce"
      Effect   = "Allow"
      Action   = ["events:PutEvents"]
      Resource = [local.arn.bus]
    },
    {
      Sid      = "Queue"
      Effect   = "Allow"
      Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
      Resource = ["${local.arn.queues}:${local.register_queue}"]
    },
  ])
}

module "repair" {
  source = "./modules/function"

  name               = local.repair_function
  role               = "${local.prefix}-lambda-repair"
  description        = "Makes the catalog say again what the registry decided, and queues manifests that nobody registered."
  package            = "${var.build}/repair_projection.zip"
  environment        = local.function_environment
  timeout_seconds    = 600
  dead_letter_arn    = "${local.arn.queues}:${local.undelivered_queue}"
  alarm_topic_arn    = local.arn.alarm_topic
  data_key_arn       = module.data_key.arn
  operations_key_arn = module.operations_key.arn
  account_id         = local.account_id
  region             = local.region

  statements = concat(local.registration_statements, [
    {
      Sid      = "ReadPartitions"
      Effect   = "Allow"
      Action   = ["glue:GetPartitions"]
      Resource = concat(local.catalog_above, local.catalog_kinds.history, local.catalog_kinds.runs)
    },
    {
      Sid      = "Registry"
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"]
      Resource = [local.arn.registry]
    },
    {
      Sid      = "Requeue"
      Effect   = "Allow"
      Action   = ["sqs:GetQueueUrl", "sqs:SendMessage"]
      Resource = ["${local.arn.queues}:${local.register_queue}"]
    },
  ])
}

# The one role that deletes: whole runs that nobody needs, with their manifests; never a decision or a receipt.
# Versions too, because those that hold an erased person must not outlive the erasure.
module "vacuum" {
  source = "./modules/function"

  name               = local.vacuum_function
  role               = "${local.prefix}-lambda-vacuum"
  description        = "Deletes the runs that nobody needs any more: out of the tables first, files when no query can be reading them."
  package            = "${var.build}/vacuum_runs.zip"
  environment        = local.vacuum_environment
  timeout_seconds    = 900
  dead_letter_arn    = "${local.arn.queues}:${local.undelivered_queue}"
  alarm_topic_arn    = local.arn.alarm_topic
  data_key_arn       = module.data_key.arn
  operations_key_arn = module.operations_key.arn
  account_id         = local.account_id
  region             = local.region

  # It reads and writes no object: the key is the registry's.
  data_key_actions = ["kms:Decrypt"]

  statements = [
    {
      Sid      = "List"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:ListBucketVersions"]
      Resource = [local.arn.lake]
    },
    {
      Sid      = "DeleteRuns"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource = ["${local.arn.lake}/insights/*", "${local.arn.lake}/runs/*/manifest.json"]
    },
    {
      Sid      = "Registry"
      Effect   = "Allow"
      Action   = ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"]
      Resource = [local.arn.registry]
    },
    {
      Sid      = "ReadLatest"
      Effect   = "Allow"
      Action   = ["glue:GetTable"]
      Resource = concat(local.catalog_above, local.catalog_kinds.latest)
    },
    {
      Sid      = "ReadPartitions"
      Effect   = "Allow"
      Action   = ["glue:GetPartition", "glue:GetPartitions"]
      Resource = concat(local.catalog_above, local.catalog_kinds.history, local.catalog_kinds.runs)
    },
    {
      Sid      = "HideRuns"
      Effect   = "Allow"
      Action   = ["glue:DeletePartition"]
      Resource = concat(local.catalog_above, local.catalog_kinds.runs)
    },
  ]
}

resource "aws_lambda_event_source_mapping" "register" {
  event_source_arn        = aws_sqs_queue.register.arn
  function_name           = module.register.arn
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]
}
