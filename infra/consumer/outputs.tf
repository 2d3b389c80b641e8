output "role_arn" {
  description = "For the client's analysts: the role that reads."
  value       = aws_cloudformation_stack.share.outputs["AnalystRole"]
}

output "workgroup" {
  description = "For the client's analysts: the workgroup to query in."
  value       = aws_cloudformation_stack.share.outputs["WorkgroupName"]
}
