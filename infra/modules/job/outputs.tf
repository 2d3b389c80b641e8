output "name" {
  description = "For schedules and alarms: the job, known once it exists."
  value       = aws_glue_job.this.name
}

output "role_arn" {
  description = "For Lake Formation's grants: the role, known once it exists."
  value       = aws_iam_role.this.arn
}
