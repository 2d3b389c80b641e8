variable "client" {
  description = "The client, as in the name of its agreement."
  type        = string
  nullable    = false
}

variable "agreements" {
  description = "Folder that holds the client's agreement; its account id and tables are read from it."
  type        = string
  default     = "../../clients"
  nullable    = false
}

variable "provider_account_id" {
  description = "The account that shares."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.provider_account_id))
    error_message = "provider_account_id: ${var.provider_account_id} is not 12 digits in quotes. Fix: ask the provider for its account id."
  }
}

variable "region" {
  description = "The region of the provider's data lake; links across regions are not made here."
  type        = string
  default     = "eu-west-1"
  nullable    = false
}

variable "assumed_by" {
  description = "ARNs of the principals that may take on the analyst role; null for the client's whole account."
  type        = list(string)
  default     = null
}

variable "scan_limit_mib" {
  description = "Most that one query may scan, in MiB; the client pays for it."
  type        = number
  default     = 10240
  nullable    = false
}

variable "make_default_database" {
  description = "Whether to make the database `default`; false where the account has it already."
  type        = bool
  default     = true
  nullable    = false
}

variable "force_destroy" {
  description = "Whether destroy may delete a bucket that holds results; true only on a laptop."
  type        = bool
  default     = false
  nullable    = false
}

variable "s3_use_path_style" {
  description = "Whether buckets are addressed by path, for endpoints without a name of their own per bucket."
  type        = bool
  default     = false
  nullable    = false
}
