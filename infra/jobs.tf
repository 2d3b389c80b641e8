# The Glue jobs that land sources, train models and score insights, and the clock that starts them.

locals {
  library = "${var.build}/insightshare.zip"
  folders = "${var.build}/project.zip"

  # Exactly the versions that are tested, from the one list of them.
  python_modules = join(",", [for pin in regexall("(?m)^([A-Za-z0-9][A-Za-z0-9._-]*==[^ ;\\\\\n]+)", file("${path.module}/../requirements/runtime.txt")) : pin[0]])

  job_arguments = {
    "--lake"                             = "s3://${local.buckets.lake}"
    "--landing"                          = "s3://${local.buckets.landing}"
    "--registry"                         = local.registry
    "--project"                          = "s3://${local.buckets.artefacts}/${local.folders_key}"
    "--code_version"                     = var.code_version
    "--extra-py-files"                   = "s3://${local.buckets.artefacts}/${local.library_key}"
    "--additional-python-modules"        = local.python_modules
    "--job-bookmark-option"              = "job-bookmark-disable"
    "--enable-metrics"                   = "true"
    "--enable-observability-metrics"     = "true"
    "--enable-continuous-cloudwatch-log" = "true"
    # Glue 5.1 asks us-east-2 unless it is told.
    "--conf" = "spark.hadoop.fs.s3a.endpoint.region=${local.region}"
  }

  library_key = "insightshare-${substr(filesha256(local.library), 0, 16)}.zip"
  folders_key = "project-${substr(filesha256(local.folders), 0, 16)}.zip"

  # What each task reads and writes, and nothing else. Listing has no conditions: S3 says that an object is missing only to
  # those who may list the bucket as a whole.
  job_statements = {
    deliver = [
      { Sid = "LogFiles", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local.arn.trail}/AWSLogs/${local.account_id}/CloudTrail/*"] },
      { Sid = "List", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.arn.trail] },
      { Sid = "Delivered", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["${local.arn.landing}/raw/share_reads/*"] },
    ]
    land = [
      { Sid = "Delivered", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local.arn.landing}/raw/*"] },
      { Sid = "Landed", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:PutObject"], Resource = ["${local.arn.landing}/sources/*"] },
      { Sid = "Snapshots", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${local.arn.landing}/snapshots/*"] },
      { Sid = "List", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.arn.landing] },
      {
        Sid      = "Catalog"
        Effect   = "Allow"
        Action   = ["glue:CreatePartition", "glue:GetTable", "glue:UpdatePartition"]
        Resource = concat(["${local.arn.glue}:catalog", "${local.arn.glue}:database/sources"], [for source in keys(local.sources) : "${local.arn.glue}:table/sources/${source}"])
      },
    ]
    train = [
      { Sid = "Landed", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local.arn.landing}/sources/*", "${local.arn.landing}/snapshots/*"] },
      { Sid = "Models", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${local.arn.lake}/models/*"] },
      { Sid = "List", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.arn.landing, local.arn.lake] },
    ]
    score = [
      { Sid = "Landed", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local.arn.landing}/sources/*", "${local.arn.landing}/snapshots/*"] },
      { Sid = "Models", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${local.arn.lake}/models/*"] },
      { Sid = "Runs", Effect = "Allow", Action = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], Resource = ["${local.arn.lake}/insights/*"] },
      { Sid = "Manifests", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${local.arn.lake}/runs/*/manifest.json"] },
      # Where Spark's committer keeps what is not committed yet, and its markers for folders: never a file of a run.
      { Sid = "Staging", Effect = "Allow", Action = ["s3:DeleteObject"], Resource = ["${local.arn.lake}/insights/*/_temporary/*", "${local.arn.lake}/insights/*/"] },
      { Sid = "List", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.arn.landing, local.arn.lake] },
      { Sid = "Claims", Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"], Resource = [local.arn.registry] },
    ]
  }

  job_descriptions = {
    deliver = "Delivers who read our tables on the day before, from the log files of the trail."
    land    = "Checks what upstream delivered for one source and one as_of, and lands it as a snapshot."
    train   = "Trains the model of one insight, and makes it the champion if it passes its gates."
    score   = "Makes one run of one insight for one as_of."
  }
  job_scripts = { deliver = "deliver_reads.py", land = "land_source.py", train = "train_model.py", score = "score_insight.py" }
}

resource "aws_s3_object" "library" {
  bucket      = module.artefacts.name
  key         = local.library_key
  source      = local.library
  source_hash = filesha256(local.library)
}

resource "aws_s3_object" "folders" {
  bucket      = module.artefacts.name
  key         = local.folders_key
  source      = local.folders
  source_hash = filesha256(local.folders)
}

resource "aws_glue_security_configuration" "jobs" {
  name = "${local.prefix}-jobs"

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "SSE-KMS"
      kms_key_arn                = module.operations_key.arn
    }

    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "CSE-KMS"
      kms_key_arn                   = module.data_key.arn
    }

    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = module.data_key.arn
    }
  }
}

module "job" {
  source   = "./modules/job"
  for_each = local.jobs

  name                   = each.value
  role                   = "${local.prefix}-job-${each.key}"
  description            = local.job_descriptions[each.key]
  script                 = "${var.project}/glue_jobs/${local.job_scripts[each.key]}"
  arguments              = local.job_arguments
  statements             = local.job_statements[each.key]
  artefacts              = local.buckets.artefacts
  artefacts_bucket       = module.artefacts.name
  data_key_arn           = module.data_key.arn
  security_configuration = aws_glue_security_configuration.jobs.name
  account_id             = local.account_id
  region                 = local.region
}

# The clock, in UTC. as_of is left to the job: the day on which it runs.
resource "aws_scheduler_schedule_group" "this" {
  name = local.schedule_group
}

resource "aws_iam_role" "scheduler" {
  name        = "${local.prefix}-scheduler"
  description = "The scheduler starts jobs and the functions that expire, repair and vacuum through this role."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id, "aws:SourceArn" = local.arn.schedules } }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  role = aws_iam_role.scheduler.name
  name = "start"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Jobs", Effect = "Allow", Action = "glue:StartJobRun", Resource = [for job in values(local.jobs) : "${local.arn.glue}:job/${job}"] },
      { Sid = "Tidy", Effect = "Allow", Action = "lambda:InvokeFunction", Resource = [for function in [local.expire_function, local.repair_function, local.vacuum_function] : "${local.arn.functions}:${function}"] },
      { Sid = "GiveUp", Effect = "Allow", Action = "sqs:SendMessage", Resource = "${local.arn.queues}:${local.undelivered_queue}" },
    ]
  })
}

resource "aws_iam_role_policy" "scheduler_keys" {
  role = aws_iam_role.scheduler.name
  name = "keys"

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Schedules", Effect = "Allow", Action = "kms:Decrypt", Resource = module.operations_key.arn }]
  })
}

locals {
  job_schedules = merge(
    { for source in keys(local.sources) : "land-${replace(source, "_", "-")}" => {
      task = "land", expression = var.land_schedule, arguments = { "--source" = source }
    } },
    { deliver-reads = { task = "deliver", expression = var.deliver_schedule, arguments = { "--deployment" = var.environment } } },
    [for insight, pipeline in local.pipelines : { for task, expression in try(pipeline.schedules, {}) : "${task}-${replace(insight, "_", "-")}" => {
      task = task, expression = expression, arguments = { "--insight" = insight }
    } }]...
  )
}

resource "aws_scheduler_schedule" "job" {
  for_each = local.job_schedules

  name                = each.key
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = each.value.expression
  kms_key_arn         = module.operations_key.arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:glue:startJobRun"
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ JobName = module.job[each.value.task].name, Arguments = each.value.arguments })

    dead_letter_config {
      arn = "${local.arn.queues}:${local.undelivered_queue}"
    }
  }
}

locals {
  tidying = {
    repair = { expression = "rate(15 minutes)", function = module.repair.arn }
    vacuum = { expression = "cron(30 1 * * ? *)", function = module.vacuum.arn }
  }
}

resource "aws_scheduler_schedule" "tidying" {
  for_each = local.tidying

  name                = each.key
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = each.value.expression
  kms_key_arn         = module.operations_key.arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = each.value.function
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({})

    dead_letter_config {
      arn = "${local.arn.queues}:${local.undelivered_queue}"
    }
  }
}
