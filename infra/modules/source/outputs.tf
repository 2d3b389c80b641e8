output "table" {
  description = "For grants: the table's name, known once it exists."
  value       = aws_glue_catalog_table.this.name
}
