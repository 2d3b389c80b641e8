output "tables" {
  description = "For filters and grants, by kind of table: its name, and the columns that a filter can list in table order."
  value = {
    history = { name = aws_glue_catalog_table.history.name, columns = [for column in var.columns : column.name], extras = [] }
    latest  = { name = aws_glue_catalog_table.latest.name, columns = [for column in var.columns : column.name], extras = ["as_of"] }
    runs    = { name = aws_glue_catalog_table.runs.name, columns = [for column in var.columns : column.name], extras = ["as_of"] }
  }
}
