"""Faults: every call of every operation fails once in every way, and readers look on (python -m tests.faults)."""
