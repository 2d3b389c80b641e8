# What an account has once, whatever is deployed in it: who administers the data lake, how it shares, and that nothing is
# public. Never destroyed: destroying the settings would empty the list of administrators.

data "aws_lakeformation_data_lake_settings" "present" {
  catalog_id = var.account_id
}

locals {
  unlisted_administrators = setsubtract(data.aws_lakeformation_data_lake_settings.present.admins, concat(var.administrators, var.administrators_to_drop))
}

# Terraform replaces all settings with these: whoever is an administrator and not listed would be dropped without a word.
resource "aws_lakeformation_data_lake_settings" "this" {
  catalog_id                            = var.account_id
  admins                                = var.administrators
  allow_external_data_filtering         = false
  allow_full_table_external_data_access = false

  # No default permissions for IAMAllowedPrincipals: every new database and table is Lake Formation's from the start.
  # Reads of the lake are logged with the role that asked, not only with the one that Lake Formation reads through.
  parameters = { CROSS_ACCOUNT_VERSION = var.cross_account_version, SET_SOURCE_IDENTITY = "TRUE" }

  lifecycle {
    prevent_destroy = true

    precondition {
      condition     = length(local.unlisted_administrators) == 0
      error_message = "infra/account: administrators: [${join(", ", local.unlisted_administrators)}] are administrators now and are not listed. Fix: add them to administrators, or to administrators_to_drop."
    }
  }
}

resource "aws_s3_account_public_access_block" "this" {
  account_id              = var.account_id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true

  lifecycle {
    prevent_destroy = true
  }
}

# Athena asks every reader for DESCRIBE on a database `default`.
resource "aws_glue_catalog_database" "default" {
  count = var.make_default_database ? 1 : 0

  name        = "default"
  description = "Empty; Athena wants it to be there."

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [aws_lakeformation_data_lake_settings.this]
}
