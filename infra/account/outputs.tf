output "cross_account_version" {
  description = "For operators: the version in force."
  value       = aws_lakeformation_data_lake_settings.this.parameters["CROSS_ACCOUNT_VERSION"]
}
