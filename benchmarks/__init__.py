"""Speed and memory, ours beside what people use today, in the same run. Tests nothing."""
