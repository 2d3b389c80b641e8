output "role_arn" {
  description = "For Lake Formation's grants: the role, known once it exists."
  value       = aws_iam_role.this.arn
}
