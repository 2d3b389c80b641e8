# The one reading of the project's YAML, and the truths that hold across its files. Modules get typed values from here.

locals {
  environments = yamldecode(file("${var.project}/project.yaml")).environments
  # A name that is not there is refused below, with the choices; until then it stands for no account at all.
  environment = lookup(local.environments, var.environment, { account_id = "000000000000", region = "eu-west-1" })
  account_id  = local.environment.account_id
  region      = local.environment.region

  insight_files  = fileset(var.project, "insights/*/contract.odcs.yaml")
  pipeline_files = fileset(var.project, "insights/*/pipeline.yaml")
  source_files   = fileset(var.project, "sources/*/contract.odcs.yaml")
  client_files   = fileset(var.project, "clients/*.yaml")

  insight_contracts = { for file in local.insight_files : basename(dirname(file)) => yamldecode(file("${var.project}/${file}")) }
  pipelines         = { for file in local.pipeline_files : basename(dirname(file)) => yamldecode(file("${var.project}/${file}")) }
  source_contracts  = { for file in local.source_files : basename(dirname(file)) => yamldecode(file("${var.project}/${file}")) }
  agreements        = { for file in local.client_files : trimsuffix(basename(file), ".yaml") => yamldecode(file("${var.project}/${file}")) }

  # What readers of a catalog must know of a column that is a conclusion about a person; the library says it alike.
  inferences = { for name, contract in local.insight_contracts : name => { for property in contract.schema[0].properties :
    property.name => join("", [for item in try(property.customProperties, []) :
      "Inferred, for ${join(", ", item.value.purposes)} only; ${item.value.confidence} says how sure it is." if item.property == "inferred"
    ])
  } }

  # Glue keeps 255 characters of a comment.
  insights = { for name, contract in local.insight_contracts : name => {
    title       = contract.name
    description = contract.schema[0].description
    version     = tostring(contract.version)
    status      = contract.status
    columns = [for property in contract.schema[0].properties : {
      name    = property.name
      type    = property.physicalType
      comment = substr(trimspace(join(" ", compact([property.description, local.inferences[name][property.name]]))), 0, 255)
    }]
    # Agreements grant columns by words too: the day since when there is a column, and the contract's own sets.
    since       = { for property in contract.schema[0].properties : property.name => try([for item in property.customProperties : "${item.value}T00:00:00Z" if item.property == "since"][0], null) }
    internal    = try([for item in contract.customProperties : item.value if item.property == "internal"][0], null)
    column_sets = try([for item in contract.schema[0].customProperties : item.value if item.property == "columnSets"][0], {})
  } }

  sources = { for name, contract in local.source_contracts : name => {
    title       = contract.name
    description = contract.schema[0].description
    version     = tostring(contract.version)
    status      = contract.status
    columns = [for property in contract.schema[0].properties : {
      name    = property.name
      type    = property.physicalType
      comment = substr(trimspace(property.description), 0, 255)
    }]
  } }

  # The words that an agreement may say instead of a list, and what they mean: `all` are the columns that there were when
  # the agreement began. Empty lists stand for insights that are not there, which is refused below.
  columns_by_word = { for name, agreement in local.agreements : name => {
    for insight in keys(agreement.insights) : insight => merge(
      { for set, columns in try(local.insights[insight].column_sets, {}) : set => tolist(columns) },
      {
        all           = tolist([for column, since in try(local.insights[insight].since, {}) : column if try(timecmp(since, "${agreement.start}T00:00:00Z") <= 0, true)])
        all_and_later = tolist(keys(try(local.insights[insight].since, {})))
      },
    )
  } }
  granted_columns = { for name, agreement in local.agreements : name => {
    for insight, grant in agreement.insights : insight => try(
      tolist(grant.columns),
      local.columns_by_word[name][insight][grant.columns],
      [tostring(grant.columns)],
    )
  } }

  # What each agreement says, with what it may leave out filled in.
  clients = { for name, agreement in local.agreements : name => {
    account_id     = agreement.account_id
    reads_from     = agreement.reads_from
    purpose        = trimspace(agreement.purpose)
    contact        = agreement.contact
    start          = agreement.start
    end            = agreement.end
    begins         = "${agreement.start}T00:00:00Z"
    ends           = timeadd("${agreement.end}T00:00:00Z", "24h")
    assumed_by     = try(agreement.assumed_by, ["arn:aws:iam::${agreement.account_id}:root"])
    scan_limit_mib = try(agreement.scan_limit_mib, var.scan_limit_mib)
    insights = { for insight, grant in agreement.insights : insight => {
      columns = local.granted_columns[name][insight]
      rows    = try(trimspace(grant.rows), null)
      tables  = try(tolist(grant.tables), ["history", "latest", "runs"])
    } }
  } if can(timeadd("${agreement.end}T00:00:00Z", "24h")) && can(timeadd("${agreement.start}T00:00:00Z", "0h")) }

  clients_in_force = { for name, client in local.clients : name => client
    if timecmp(plantimestamp(), client.begins) >= 0 && timecmp(plantimestamp(), client.ends) < 0
  }
  clients_ended = [for name, client in local.clients : name if timecmp(plantimestamp(), client.ends) >= 0]
}

locals {
  unpaired_insights = concat(
    [for name in setsubtract(keys(local.insight_contracts), keys(local.pipelines)) : "insights/${name}/pipeline.yaml: file: it is missing. Fix: say how ${name} is made."],
    [for name in setsubtract(keys(local.pipelines), keys(local.insight_contracts)) : "insights/${name}/contract.odcs.yaml: file: it is missing. Fix: write the contract of ${name}."],
  )
  misnamed_contracts = concat(
    [for name, contract in local.insight_contracts : "insights/${name}/contract.odcs.yaml: schema.name: ${contract.schema[0].name} is not ${name}, its folder. Fix: rename one of them." if contract.schema[0].name != name],
    [for name, contract in local.source_contracts : "sources/${name}/contract.odcs.yaml: schema.name: ${contract.schema[0].name} is not ${name}, its folder. Fix: rename one of them." if contract.schema[0].name != name],
    [for name, agreement in local.agreements : "clients/${name}.yaml: client: ${agreement.client} is not ${name}, its file. Fix: rename one of them." if agreement.client != name],
  )
  unknown_inputs = flatten([for name, pipeline in local.pipelines : [
    for input in pipeline.inputs : "insights/${name}/pipeline.yaml: inputs: ${input} is not one of ${join(", ", keys(local.source_contracts))}. Fix: name a source, or add sources/${input}/."
    if !contains(keys(local.source_contracts), input)
  ]])
  unknown_insights = flatten([for name, agreement in local.agreements : [
    for insight in keys(agreement.insights) : "clients/${name}.yaml: insights: ${insight} is not one of ${join(", ", keys(local.insight_contracts))}. Fix: name an insight that exists."
    if !contains(keys(local.insight_contracts), insight)
  ]])
  unknown_columns = flatten([for name, agreement in local.agreements : [
    for insight, grant in agreement.insights : [
      for column in local.granted_columns[name][insight] : "clients/${name}.yaml: insights.${insight}.columns: ${column} is not one of ${join(", ", [for known in local.insights[insight].columns : known.name])}. Fix: name a column of the contract."
      if !contains([for known in local.insights[insight].columns : known.name], column)
    ] if contains(keys(local.insights), insight)
  ]])
  # `all` means nothing where every column came after the agreement's start, and a filter without columns would be one on all.
  empty_grants = flatten([for name, agreement in local.agreements : [
    for insight, columns in local.granted_columns[name] : "clients/${name}.yaml: insights.${insight}.columns: none is not at least one column. Fix: list columns, or begin when there are some."
    if length(columns) == 0 && contains(keys(local.insights), insight)
  ]])
  shared_internals = flatten([for name, agreement in local.agreements : [
    for insight in keys(agreement.insights) : "clients/${name}.yaml: insights: ${insight} is not an insight to share (${trimsuffix(local.insights[insight].internal, ".")}). Fix: remove it."
    if try(local.insights[insight].internal, null) != null
  ]])
  # An unquoted id is a number, which has already lost its leading zeros.
  malformed_accounts = [for name, agreement in local.agreements : "clients/${name}.yaml: account_id: ${agreement.account_id} is not 12 digits in quotes. Fix: write account_id: \"012345678901\"."
  if !try(agreement.account_id == tostring(agreement.account_id) && can(regex("^[0-9]{12}$", agreement.account_id)), false)]
  own_account = [for name, agreement in local.agreements : "clients/${name}.yaml: account_id: ${agreement.account_id} is our own account. Fix: give the client's account."
  if try(tostring(agreement.account_id) == local.account_id, false)]
  shared_accounts = [for account, names in { for name, agreement in local.agreements : tostring(agreement.account_id) => name... } :
    "clients/${names[1]}.yaml: account_id: ${account} is also that of clients/${names[0]}.yaml. Fix: make one agreement of the two."
  if length(names) > 1]
  malformed_dates = [for name in setsubtract(keys(local.agreements), keys(local.clients)) :
    "clients/${name}.yaml: start, end: ${local.agreements[name].start}, ${local.agreements[name].end} are not two dates. Fix: write start: \"2026-11-01\"."
  ]
}

# Nothing else stops a plan that would quietly drop every table and grant because a folder was not found.
resource "terraform_data" "project" {
  input = {
    insights = keys(local.insights)
    sources  = keys(local.sources)
    clients  = keys(local.agreements)
  }

  lifecycle {
    precondition {
      condition     = contains(keys(local.environments), var.environment)
      error_message = "${var.project}/project.yaml: environments: ${var.environment} is not one of ${join(", ", keys(local.environments))}. Fix: add it with its account and region."
    }
    precondition {
      condition     = length(local.insight_files) > 0
      error_message = "${var.project}/insights: contracts: none is not at least one contract.odcs.yaml. Fix: run Terraform in infra/ of a whole clone, or set project."
    }
    precondition {
      condition     = length(local.source_files) > 0
      error_message = "${var.project}/sources: contracts: none is not at least one contract.odcs.yaml. Fix: run Terraform in infra/ of a whole clone, or set project."
    }
    precondition {
      condition     = length(local.client_files) > 0
      error_message = "${var.project}/clients: agreements: none is not at least one file. Fix: run Terraform in infra/ of a whole clone, or set project."
    }
    precondition {
      condition     = length(local.unpaired_insights) == 0
      error_message = join("\n", local.unpaired_insights)
    }
    precondition {
      condition     = length(local.misnamed_contracts) == 0
      error_message = join("\n", local.misnamed_contracts)
    }
    precondition {
      condition     = length(local.unknown_inputs) == 0
      error_message = join("\n", local.unknown_inputs)
    }
    precondition {
      condition     = length(local.unknown_insights) == 0
      error_message = join("\n", local.unknown_insights)
    }
    precondition {
      condition     = length(local.shared_internals) == 0
      error_message = join("\n", local.shared_internals)
    }
    precondition {
      condition     = length(local.unknown_columns) == 0
      error_message = join("\n", local.unknown_columns)
    }
    precondition {
      condition     = length(local.empty_grants) == 0
      error_message = join("\n", local.empty_grants)
    }
    precondition {
      condition     = length(local.malformed_accounts) == 0
      error_message = join("\n", local.malformed_accounts)
    }
    precondition {
      condition     = length(local.own_account) == 0
      error_message = join("\n", local.own_account)
    }
    precondition {
      condition     = length(local.shared_accounts) == 0
      error_message = join("\n", local.shared_accounts)
    }
    precondition {
      condition     = length(local.malformed_dates) == 0
      error_message = join("\n", local.malformed_dates)
    }
  }
}

# A warning, never an error: an agreement that has ended is no reason to stop a deployment.
check "agreements_have_not_ended" {
  assert {
    condition     = length(local.clients_ended) == 0
    error_message = join("\n", [for name in local.clients_ended : "clients/${name}.yaml: end: ${local.agreements[name].end} is past, so ${name} is granted nothing. Fix: agree on a new end, or delete the file."])
  }
}
