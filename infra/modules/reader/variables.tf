variable "role" {
  description = "Name of the role."
  type        = string
  nullable    = false
}

variable "workgroup" {
  description = "Name of the workgroup, which is also its folder in the result bucket."
  type        = string
  nullable    = false
}

variable "description" {
  description = "Who reads, and for what."
  type        = string
  nullable    = false
}

variable "assumed_by" {
  description = "ARNs of the principals that may assume the role."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.assumed_by) > 0 && alltrue([for arn in var.assumed_by : can(regex("^arn:aws:iam::[0-9]{12}:(root|role/.+|user/.+)$", arn))])
    error_message = "assumed_by: [${join(", ", var.assumed_by)}] is not a list of IAM ARNs. Fix: name the account root, the roles or the users that read."
  }
}

variable "from_utc" {
  description = "The moment from which the role may be assumed; null: always."
  type        = string
  default     = null
}

variable "until_utc" {
  description = "The moment from which the role may not be assumed any more; null: never."
  type        = string
  default     = null
}

variable "knows_other_readers" {
  description = "Whether the role may list the account's workgroups, whose names say who reads here; never for a client."
  type        = bool
  default     = false
  nullable    = false
}

variable "scan_limit_mib" {
  description = "Most that one query may scan, in MiB."
  type        = number
  nullable    = false

  validation {
    condition     = var.scan_limit_mib >= 10
    error_message = "scan_limit_mib: ${var.scan_limit_mib} is not 10 or more, which is the least that Athena takes. Fix: give a limit in MiB."
  }
}

variable "queries" {
  description = "Saved queries by name, to start from."
  type        = map(object({ description = string, sql = string }))
  default     = {}
  nullable    = false
}

variable "database" {
  description = "Glue database that is read."
  type        = string
  nullable    = false
}

variable "results" {
  description = "Bucket of query results."
  type        = string
  nullable    = false
}

variable "results_key_arn" {
  description = "Key that encrypts query results."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "The account that is read in."
  type        = string
  nullable    = false
}

variable "region" {
  description = "The region that is read in."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of the workgroup, beside the provider's: an untagged workgroup cannot be read back everywhere."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "force_destroy" {
  description = "Whether destroy may delete a workgroup that has queries; true only on a laptop."
  type        = bool
  default     = false
  nullable    = false
}
