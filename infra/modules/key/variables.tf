variable "name" {
  description = "The alias, without `alias/`."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What the key encrypts."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "The account that holds the key."
  type        = string
  nullable    = false
}

variable "services" {
  description = "AWS services that use the key by themselves, each under one condition: service principal -> condition."
  type = map(object({
    test     = string
    variable = string
    values   = list(string)
  }))
  default  = {}
  nullable = false
}
