output "lake" {
  description = "For operators and the demo: the bucket of insights, manifests and decisions."
  value       = module.lake.name
}

output "landing" {
  description = "For upstream: the bucket that deliveries go to, under raw/<source>/<as_of>/."
  value       = module.landing.name
}

output "client_roles" {
  description = "For clients that read from our account: the role to assume."
  value       = { for client, reader in module.client_reader : client => reader.role_arn }
}

output "repair_function" {
  description = "For the deployment, which repairs once when it is done."
  value       = module.repair.name
}
