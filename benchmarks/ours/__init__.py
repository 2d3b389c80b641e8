"""What is measured of ours: each module is one process, and prints nothing but what it found. Measures nothing."""
