"""Runs SQL over tables and writes files; one module per engine, with the same results. Knows no AWS calls."""
