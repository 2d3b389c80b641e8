variable "name" {
  description = "The bucket's whole name, account id included."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts new objects; null for S3's own keys (only for the bucket of access logs, which S3 cannot write under a KMS key)."
  type        = string
  default     = null
}

variable "log_bucket" {
  description = "Bucket that gets the access logs; null for that bucket itself."
  type        = string
  default     = null
}

variable "log_writer_account_id" {
  description = "Account whose buckets may write access logs here; null for every bucket but the one of logs."
  type        = string
  default     = null
}

variable "trail_arn" {
  description = "The CloudTrail trail that writes its log files here; null for every bucket but the one of a trail."
  type        = string
  default     = null
}

variable "noncurrent_days" {
  description = "Days for which replaced and deleted versions are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "noncurrent_days: ${var.noncurrent_days} is not 1 or more. Fix: give the days for which replaced versions are kept."
  }
}

variable "expire_days" {
  description = "Days after which objects go; null keeps them."
  type        = number
  default     = null
}

variable "eventbridge" {
  description = "Whether the bucket reports its events to EventBridge."
  type        = bool
  default     = false
  nullable    = false
}

variable "lock_days" {
  description = "Days for which no version can be deleted or overwritten (Object Lock); null for none. Only a new bucket can begin with it."
  type        = number
  default     = null

  validation {
    condition     = var.lock_days == null || try(var.lock_days >= 1 && floor(var.lock_days) == var.lock_days, false)
    error_message = "lock_days must be a whole number of days, 1 or more."
  }
}

variable "force_destroy" {
  description = "Whether destroy may delete a bucket that still holds objects; true only on a laptop."
  type        = bool
  default     = false
  nullable    = false
}
