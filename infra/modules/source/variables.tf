variable "name" {
  description = "The source, which is the name of its table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{1,60}$", var.name))
    error_message = "name: ${var.name} is not a table name. Fix: begin with a lower-case letter and use only a-z, 0-9 and _."
  }
}

variable "description" {
  description = "One sentence that begins `One row per`."
  type        = string
  nullable    = false

  validation {
    condition     = startswith(var.description, "One row per ")
    error_message = "description: it does not begin with \"One row per \". Fix: say in the contract what one row is."
  }
}

variable "title" {
  description = "What people call it."
  type        = string
  nullable    = false
}

variable "contract_status" {
  description = "Where its contract is in its life: draft, active, deprecated, retired."
  type        = string
  nullable    = false
}

variable "contract_version" {
  description = "Version of the contract that the table keeps."
  type        = string
  nullable    = false
}

variable "columns" {
  description = "The contract's columns in its order, without as_of: Athena type and comment (Glue keeps 255 characters)."
  type        = list(object({ name = string, type = string, comment = string }))
  nullable    = false

  validation {
    condition     = length(var.columns) > 0 && !anytrue([for column in var.columns : contains(["as_of", "run_id"], column.name)])
    error_message = "columns: it is empty or names as_of or run_id, which the platform adds. Fix: list the contract's own columns."
  }
}

variable "database" {
  description = "Glue database of the table."
  type        = string
  nullable    = false
}

variable "landing" {
  description = "Bucket that holds the landed snapshots."
  type        = string
  nullable    = false
}
