"""What people use today, run by the Python of `.venv-peers`; imports nothing of ours. Measures nothing."""
