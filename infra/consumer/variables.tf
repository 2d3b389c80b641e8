variable "kit" {
  description = "Folder of the kit, with share.yaml and template.yaml; null where this module lies in the kit."
  type        = string
  default     = null
}

variable "deployer" {
  description = "ARN of the role or user that becomes a data lake administrator as the stack is made; null: whoever applies it first. Later changes are ignored: the stack would have to be made anew."
  type        = string
  default     = null

  validation {
    condition     = var.deployer == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$", var.deployer))
    error_message = "deployer: ${coalesce(var.deployer, "null")} is not the ARN of a role or user. Fix: name the one that applies, not a session of it."
  }
}

variable "assumed_by" {
  description = "ARNs of the principals that may take on the analyst role; none for whoever the account's own policies allow."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.assumed_by : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(root|role/.+|user/.+)$", arn))])
    error_message = "assumed_by: [${join(", ", var.assumed_by)}] is not a list of IAM ARNs. Fix: name roles or users of the account."
  }
}

variable "scan_limit_mib" {
  description = "Most that one query may scan, in MiB; the client pays for it."
  type        = number
  default     = 10240
  nullable    = false

  validation {
    condition     = var.scan_limit_mib >= 10
    error_message = "scan_limit_mib: ${var.scan_limit_mib} is not 10 or more, which is the least that Athena takes. Fix: give a limit in MiB."
  }
}

variable "grants" {
  description = "Apply with off and then with on to make the grants anew, once the provider has offered the share again."
  type        = string
  default     = "on"
  nullable    = false

  validation {
    condition     = contains(["on", "off"], var.grants)
    error_message = "grants: ${var.grants} is not on or off. Fix: write on, unless the share was offered again."
  }
}
