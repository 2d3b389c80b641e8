variable "environment" {
  description = "Which environment of project.yaml this is; every resource's name holds it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment: ${var.environment} is not 2 to 12 lower-case letters and digits. Fix: choose a name such as local, dev or prod."
  }
}

variable "project" {
  description = "Folder with project.yaml, insights/, sources/, clients/ and glue_jobs/."
  type        = string
  default     = ".."
  nullable    = false
}

variable "build" {
  description = "Folder with the packages that `make package` builds."
  type        = string
  default     = "../build"
  nullable    = false
}

variable "code_version" {
  description = "Version of the code that is deployed; receipts name it."
  type        = string
  default     = "unknown"
  nullable    = false
}

variable "scan_limit_mib" {
  description = "Most that one query may scan where the agreement does not say, and for our own analysts; in MiB."
  type        = number
  default     = 10240
  nullable    = false

  validation {
    condition     = var.scan_limit_mib >= 10
    error_message = "scan_limit_mib: ${var.scan_limit_mib} is not 10 or more, which is the least that Athena takes. Fix: give a limit in MiB."
  }
}

variable "alarm_emails" {
  description = "Who hears of alarms; each address gets one message to confirm."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "force_destroy" {
  description = "Whether destroy may delete buckets that hold objects and tables that hold data; true only on a laptop."
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

variable "keep_superseded_days" {
  description = "Days for which runs are kept that are not current any more; longer than any query."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.keep_superseded_days >= 1 && floor(var.keep_superseded_days) == var.keep_superseded_days
    error_message = "keep_superseded_days: ${var.keep_superseded_days} is not a whole number of days from 1 on. Fix: give the days for which runs are kept."
  }
}

variable "land_schedule" {
  description = "When sources are landed, in UTC; before the first insight is scored."
  type        = string
  default     = "cron(0 3 * * ? *)"
  nullable    = false
}

variable "deliver_schedule" {
  description = "When a job delivers who read our tables on the day before, in UTC; before sources are landed."
  type        = string
  default     = "cron(30 2 * * ? *)"
  nullable    = false
}
