variable "client" {
  description = "The client, which is the name of its filters."
  type        = string
  nullable    = false
}

variable "principal" {
  description = "Who is granted: the client's account id, or the ARN of its role in our account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([0-9]{12}|arn:aws:iam::[0-9]{12}:role/.+)$", var.principal))
    error_message = "principal: ${var.principal} is not an account id or a role's ARN. Fix: grant to the client's account or to its role in ours."
  }
}

variable "with_grant_option" {
  description = "Whether the client's own administrator passes the grant on; true for a client that reads from its own account."
  type        = bool
  nullable    = false
}

variable "account_id" {
  description = "Our account, whose catalog holds the tables."
  type        = string
  nullable    = false
}

variable "database" {
  description = "Glue database of the tables."
  type        = string
  nullable    = false
}

variable "tables" {
  description = "Per table the columns that the client may read (null: all; never partition keys) and its rows in Lake Formation's grammar (null: all)."
  type = map(object({
    columns = optional(list(string))
    rows    = optional(string)
  }))
  nullable = false

  validation {
    condition     = length(var.tables) > 0
    error_message = "tables: an agreement without a table is not one. Fix: list an insight in the client's agreement."
  }
  validation {
    condition     = alltrue([for table in var.tables : table.columns == null ? true : length(table.columns) > 0])
    error_message = "tables: an empty list of columns is not a grant. Fix: name columns, or say columns: all."
  }
  validation {
    condition     = alltrue([for table in var.tables : table.rows == null ? true : !can(regex("\\bas_of\\b", table.rows))])
    error_message = "tables: a row filter on as_of is not possible, because it is a partition key. Fix: filter on another column."
  }
}
