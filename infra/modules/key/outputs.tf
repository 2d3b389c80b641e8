output "arn" {
  description = "For everything that is encrypted, and for the policies that allow to read it."
  value       = aws_kms_key.this.arn
}
