variable "name" {
  description = "Name of the job."
  type        = string
  nullable    = false
}

variable "role" {
  description = "Name of the role that the job runs as."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What one run does."
  type        = string
  nullable    = false
}

variable "script" {
  description = "Path of the Python script."
  type        = string
  nullable    = false
}

variable "arguments" {
  description = "Arguments of every run, as Glue takes them: names begin with two hyphens."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.arguments) : startswith(name, "--")])
    error_message = "arguments: [${join(", ", keys(var.arguments))}] do not all begin with --. Fix: write --lake, not lake."
  }
}

variable "statements" {
  description = "IAM statements: what the job reads and writes, beside its artefacts, logs and metrics."
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
    error_message = "statements: a job's policy names resource *. Fix: name the bucket, prefix or table."
  }
}

variable "workers" {
  description = "Number of G.1X workers."
  type        = number
  default     = 2
  nullable    = false
}

variable "concurrent_runs" {
  description = "Runs of this job at the same time; further ones wait."
  type        = number
  default     = 20
  nullable    = false
}

variable "timeout_minutes" {
  description = "Minutes after which a run is stopped."
  type        = number
  default     = 60
  nullable    = false
}

variable "artefacts" {
  description = "Name of the bucket of scripts and libraries, for policies."
  type        = string
  nullable    = false
}

variable "artefacts_bucket" {
  description = "The same, known once it exists, for the script's object."
  type        = string
  nullable    = false
}

variable "data_key_arn" {
  description = "Key that encrypts what the job reads and writes."
  type        = string
  nullable    = false
}

variable "security_configuration" {
  description = "Glue security configuration that encrypts logs and bookmarks."
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
