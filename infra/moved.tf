# Renames that a deployed state still has to hear of.

moved {
  from = aws_scheduler_schedule.repair
  to   = aws_scheduler_schedule.tidying["repair"]
}
