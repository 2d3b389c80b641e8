"""Speed and memory, ours beside a peer in the same run. Tests nothing."""
