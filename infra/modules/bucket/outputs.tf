output "name" {
  description = "For whoever writes objects, or access logs: the bucket's name, once its policy is in force."
  value       = aws_s3_bucket.this.bucket

  depends_on = [aws_s3_bucket_policy.this]
}

output "arn" {
  description = "For Lake Formation's registration."
  value       = aws_s3_bucket.this.arn
}
