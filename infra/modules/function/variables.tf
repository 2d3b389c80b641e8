variable "name" {
  description = "Name of the function."
  type        = string
  nullable    = false
}

variable "role" {
  description = "Name of the role that the function runs as."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What one invocation does."
  type        = string
  nullable    = false
}

variable "package" {
  description = "Path of the zip, whose module `handler` has the function `handler`."
  type        = string
  nullable    = false
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
  nullable    = false
}

variable "statements" {
  description = "IAM statements: what the function reads and writes, beside its logs, traces and metrics."
  type = list(object({
    Sid       = string
    Effect    = string
    Action    = list(string)
    Resource  = list(string)
    Condition = optional(map(map(list(string))))
  }))
  nullable = false

  validation {
    condition     = alltrue(flatten([for statement in var.statements : [for resource in statement.Resource : resource != "*"]]))
    error_message = "statements: a function's policy names resource *. Fix: name the bucket, prefix or table."
  }
}

variable "timeout_seconds" {
  description = "Seconds after which an invocation is stopped."
  type        = number
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "timeout_seconds: ${var.timeout_seconds} is not between 1 and 900. Fix: give seconds that Lambda takes."
  }
}

variable "memory_mib" {
  description = "Memory, and with it the share of a processor."
  type        = number
  default     = 512
  nullable    = false
}

variable "dead_letter_arn" {
  description = "Standard queue that gets asynchronous events after the last failed try."
  type        = string
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "Topic that hears of errors."
  type        = string
  nullable    = false
}

variable "data_key_actions" {
  description = "What the function does with the data key: it reads by Decrypt, also the registry, and writes objects by GenerateDataKey."
  type        = list(string)
  nullable    = false
  default     = ["kms:Decrypt", "kms:GenerateDataKey"]

  validation {
    condition     = length(setsubtract(var.data_key_actions, ["kms:Decrypt", "kms:GenerateDataKey"])) == 0
    error_message = "A function only reads and writes with the key: kms:Decrypt, kms:GenerateDataKey."
  }
}

variable "data_key_arn" {
  description = "Key that encrypts what the function reads and writes, and its environment."
  type        = string
  nullable    = false
}

variable "operations_key_arn" {
  description = "Key that encrypts logs."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Our account."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Our region."
  type        = string
  nullable    = false
}
