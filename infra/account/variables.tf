variable "account_id" {
  description = "The account; a deployment with another account's credentials stops."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: ${var.account_id} is not 12 digits in quotes. Fix: write the account id as text."
  }
}

variable "region" {
  description = "The region of the data lake."
  type        = string
  default     = "eu-west-1"
  nullable    = false
}

variable "administrators" {
  description = "ARNs of the data lake administrators, the deploying role among them: all of them, because others are dropped."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.administrators) > 0 && length(var.administrators) <= 30 && alltrue([for arn in var.administrators : can(regex("^arn:aws:iam::[0-9]{12}:(role|user)/.+$", arn))])
    error_message = "administrators: [${join(", ", var.administrators)}] is not 1 to 30 ARNs of roles or users. Fix: list every administrator."
  }
}

variable "administrators_to_drop" {
  description = "ARNs of present administrators that shall no longer be; without this, an unlisted one stops the plan."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "read_only_administrators" {
  description = "ARNs of those who may see everything in the data lake's catalog and change nothing: all of them, because others are dropped."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "trusted_resource_owners" {
  description = "Account ids of owners of shared resources whose trail may name our callers: all of them, because others are dropped."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "cross_account_version" {
  description = "Version of Lake Formation's cross-account sharing. Going up is a step that cannot be undone; 5 is for very many tables."
  type        = string
  default     = "4"
  nullable    = false

  validation {
    condition     = contains(["4", "5"], var.cross_account_version)
    error_message = "cross_account_version: ${var.cross_account_version} is not 4 or 5. Fix: use 4, unless a step to 5 was decided."
  }
}

variable "make_default_database" {
  description = "Whether to make the database `default`; false where the account has it already."
  type        = bool
  default     = true
  nullable    = false
}
