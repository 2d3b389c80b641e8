output "name" {
  description = "For whoever writes objects or settings: the bucket's name, known once it exists."
  value       = aws_s3_bucket.this.id
}

output "arn" {
  description = "For policies and for Lake Formation's registration."
  value       = aws_s3_bucket.this.arn
}
