# When agreements end: a function that takes away every day what is past its last day, and the notices before that.
# The rule of days is in insightshare/share/expiry.py.

locals {
  expire_function = "${local.prefix}-expire"
  expire_role     = "${local.prefix}-lambda-expire"
  notice_topic    = "${local.prefix}-notices"
  shares_key      = "shares.json"

  # What the function holds itself to is what was deployed, not what the repository says by now: an agreement that is over
  # goes from here with its grants.
  shares = [for name, client in local.clients_in_force : {
    client       = name
    principal    = client.reads_from == "own_account" ? client.account_id : "arn:aws:iam::${local.account_id}:role/${local.prefix}-client-${name}"
    grant_option = client.reads_from == "own_account"
    contact      = client.contact
    start        = client.start
    end          = client.end
    tables = sort(concat([aws_glue_catalog_table.receipts.name], flatten([
      for insight, grant in client.insights : [for kind in grant.tables : module.insight[insight].tables[kind].name] if contains(keys(local.insights), insight)
    ])))
  }]

  # One address may be the contact of several clients; ours hears of all anyway.
  notice_contacts = { for contact, clients in { for name, client in local.clients : client.contact => name... } : contact => sort(clients)
  if !contains(var.alarm_emails, contact) }
}

resource "aws_s3_object" "shares" {
  bucket       = module.artefacts.name
  key          = local.shares_key
  content_type = "application/json"
  content = jsonencode({
    account_id = local.account_id
    database   = aws_glue_catalog_database.insights.name
    shares     = local.shares
  })
}

resource "aws_sns_topic" "notices" {
  name              = local.notice_topic
  kms_master_key_id = module.operations_key.arn
}

# A client hears of its own agreement alone; each address gets one message to confirm.
resource "aws_sns_topic_subscription" "contact" {
  for_each = local.notice_contacts

  topic_arn     = aws_sns_topic.notices.arn
  protocol      = "email"
  endpoint      = each.key
  filter_policy = jsonencode({ client = each.value })
}

resource "aws_sns_topic_subscription" "operator" {
  for_each = var.alarm_emails

  topic_arn = aws_sns_topic.notices.arn
  protocol  = "email"
  endpoint  = each.key
}

module "expire" {
  source = "./modules/function"

  name               = local.expire_function
  role               = local.expire_role
  description        = "Ends what is past its last day, and tells those whom it concerns 30, 7 and 1 days before."
  package            = "${var.build}/expire_shares.zip"
  timeout_seconds    = 600
  dead_letter_arn    = "${local.arn.queues}:${local.undelivered_queue}"
  alarm_topic_arn    = local.arn.alarm_topic
  data_key_arn       = module.data_key.arn
  operations_key_arn = module.operations_key.arn
  account_id         = local.account_id
  region             = local.region

  # It writes no object: the key is that of the list of shares and of the registry.
  data_key_actions = ["kms:Decrypt"]

  environment = {
    INSIGHTSHARE_SHARES_BUCKET = local.buckets.artefacts
    INSIGHTSHARE_SHARES_KEY    = local.shares_key
    INSIGHTSHARE_REGISTRY      = local.registry
    INSIGHTSHARE_NOTICE_TOPIC  = "arn:aws:sns:${local.region}:${local.account_id}:${local.notice_topic}"
  }

  statements = [
    {
      Sid      = "ReadShares"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["arn:aws:s3:::${local.buckets.artefacts}/${local.shares_key}"]
    },
    {
      # Of the registry only what was said to clients: never a run or a decision.
      Sid       = "RememberNotices"
      Effect    = "Allow"
      Action    = ["dynamodb:UpdateItem"]
      Resource  = [local.arn.registry]
      Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["client#*"] } }
    },
    {
      Sid      = "Tell"
      Effect   = "Allow"
      Action   = ["sns:Publish"]
      Resource = ["arn:aws:sns:${local.region}:${local.account_id}:${local.notice_topic}"]
    },
    {
      # Lake Formation asks for these beside its own (required-permissions-for-grant).
      Sid      = "Look"
      Effect   = "Allow"
      Action   = ["glue:GetTable"]
      Resource = concat(local.catalog_above, ["${local.arn.glue}:table/insights/insight_receipts"], local.catalog_tables)
    },
    {
      Sid      = "LookAbove"
      Effect   = "Allow"
      Action   = ["glue:GetDatabase"]
      Resource = local.catalog_above
    },
  ]
}

# Lake Formation's actions know no resource: what they reach is what the role may pass on, below.
resource "aws_iam_role_policy" "expire_grants" {
  role = local.expire_role
  name = "grants"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Revoke"
        Effect   = "Allow"
        Action   = ["lakeformation:RevokePermissions"]
        Resource = "*"
      },
      {
        # Lake Formation takes a client's account out of its shares in the name of who revokes
        # (AWSLakeFormationCrossAccountManager, without what only granting needs).
        Sid       = "Unshare"
        Effect    = "Allow"
        Action    = ["ram:DeleteResourceShare", "ram:DisassociateResourceShare", "ram:UpdateResourceShare"]
        Resource  = "arn:aws:ram:${local.region}:${local.account_id}:resource-share/*"
        Condition = { StringLike = { "ram:ResourceShareName" = ["LakeFormation*"] } }
      },
      {
        # RAM carries a share by the catalog's own policy, which it writes in the name of who changes the share. The role
        # itself may not: only a service that acts for it.
        Sid       = "UnshareCatalog"
        Effect    = "Allow"
        Action    = ["glue:DeleteResourcePolicy", "glue:PutResourcePolicy"]
        Resource  = "*"
        Condition = { Bool = { "aws:ViaAWSService" = "true" } }
      },
      {
        # Lists know no resource; they say which shares there are.
        Sid      = "FindShares"
        Effect   = "Allow"
        Action   = ["ram:GetResourceShareAssociations", "ram:GetResourceShares", "ram:ListResources"]
        Resource = "*"
      },
    ]
  })

  depends_on = [module.expire]
}

# The topic is encrypted, so whoever publishes needs its key.
resource "aws_iam_role_policy" "expire_keys" {
  role = local.expire_role
  name = "notices"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Notices"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = module.operations_key.arn
    }]
  })

  depends_on = [module.expire]
}

# Who may pass a right on may take it away: SELECT on whole tables and DESCRIBE on the database, and nothing that changes
# either. The role has no right to fetch data through Lake Formation (lakeformation:GetDataAccess).
resource "aws_lakeformation_permissions" "expire_tables" {
  for_each = merge(
    { for key, table in local.insight_tables : key => module.insight[table.insight].tables[table.kind].name },
    { receipts = aws_glue_catalog_table.receipts.name },
  )

  principal                     = module.expire.role_arn
  permissions                   = ["SELECT"]
  permissions_with_grant_option = ["SELECT"]

  table {
    database_name = aws_glue_catalog_database.insights.name
    catalog_id    = local.account_id
    name          = each.value
  }

  depends_on = [aws_lakeformation_resource.lake]
}

resource "aws_lakeformation_permissions" "expire_database" {
  principal                     = module.expire.role_arn
  permissions                   = ["DESCRIBE"]
  permissions_with_grant_option = ["DESCRIBE"]

  database {
    name       = aws_glue_catalog_database.insights.name
    catalog_id = local.account_id
  }
}

resource "aws_scheduler_schedule" "expire" {
  name                = "expire"
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = "cron(5 0 * * ? *)"
  kms_key_arn         = module.operations_key.arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.expire.arn
    role_arn = aws_iam_role.scheduler.arn
    # Scheduler writes its own time there, so that a late delivery still is of its day.
    input = "{\"time\":\"<aws.scheduler.scheduled-time>\"}"

    dead_letter_config {
      arn = "${local.arn.queues}:${local.undelivered_queue}"
    }
  }
}
