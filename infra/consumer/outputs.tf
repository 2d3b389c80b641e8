output "role_arn" {
  description = "For the client's analysts: the role that reads."
  value       = module.analyst.role_arn
}

output "workgroup" {
  description = "For the client's analysts: the workgroup to query in."
  value       = local.workgroup
}
