# What an account has once, whatever is deployed in it: who administers the data lake, how it shares, and that nothing is
# public. Never destroyed: destroying the settings would empty the list of administrators.

data "aws_lakeformation_data_lake_settings" "present" {
  catalog_id = var.account_id
}

locals {
  present = data.aws_lakeformation_data_lake_settings.present

  unlisted_administrators = setsubtract(local.present.admins, concat(var.administrators, var.administrators_to_drop))
  unlisted_readers        = setsubtract(local.present.read_only_admins, var.read_only_administrators)
  unlisted_owners         = setsubtract(local.present.trusted_resource_owners, var.trusted_resource_owners)
  present_version         = try(tonumber(local.present.parameters["CROSS_ACCOUNT_VERSION"]), 0)

  # Engines that filter rows and columns themselves, or that read whole tables past Lake Formation's own filtering.
  engines = concat(
    tolist(local.present.external_data_filtering_allow_list),
    local.present.authorized_session_tag_value_list,
    local.present.allow_full_table_external_data_access ? ["full table access"] : [],
  )
}

# Terraform replaces all settings with these: what the account has and nobody lists would be dropped without a word.
resource "aws_lakeformation_data_lake_settings" "this" {
  catalog_id                            = var.account_id
  admins                                = var.administrators
  read_only_admins                      = var.read_only_administrators
  trusted_resource_owners               = var.trusted_resource_owners
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
    precondition {
      condition     = length(local.unlisted_readers) == 0
      error_message = "infra/account: read_only_administrators: [${join(", ", local.unlisted_readers)}] are read-only administrators now and are not listed. Fix: add them to read_only_administrators, or take them out of the account's settings first."
    }
    precondition {
      condition     = length(local.unlisted_owners) == 0
      error_message = "infra/account: trusted_resource_owners: [${join(", ", local.unlisted_owners)}] are trusted owners of shared resources now and are not listed. Fix: add them to trusted_resource_owners, or take them out of the account's settings first."
    }
    precondition {
      condition     = length(local.engines) == 0
      error_message = "infra/account: external engines: [${join(", ", local.engines)}] may filter or read tables by themselves now, which this data lake leaves to Lake Formation. Fix: take that out of the account's settings first, or use an account of its own."
    }
    precondition {
      condition     = local.present_version <= tonumber(var.cross_account_version)
      error_message = "infra/account: cross_account_version: ${var.cross_account_version} is less than ${local.present_version}, by which the account shares now, and Lake Formation takes no step down. Fix: write ${local.present_version}."
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
