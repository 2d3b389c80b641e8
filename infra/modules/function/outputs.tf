output "arn" {
  description = "For event sources and schedules: the function, known once it exists."
  value       = aws_lambda_function.this.arn
}

output "name" {
  description = "For operators who invoke it."
  value       = aws_lambda_function.this.function_name
}

output "role_arn" {
  description = "For Lake Formation's grants: the role, known once it exists."
  value       = aws_iam_role.this.arn
}
