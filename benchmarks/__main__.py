"""`python -m benchmarks [--rows N]`: measures whole processes, ours and the peer's, and prints them as ratios."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

REPEATS = 3
MIB = 1024
"""`ru_maxrss` is in KiB on Linux."""


@dataclass(frozen=True)
class Measured:
    """The best of some runs of one process: seconds by the clock, and the most memory that it held, in MiB."""

    seconds: float
    peak_mib: float


def main() -> int:
    """Measure and print a table; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "rows.parquet"
        subprocess.run([sys.executable, "-m", "benchmarks.rows", str(rows), str(source)], check=True)
        ours = measure("benchmarks.ours", source, Path(folder) / "ours.parquet")
        peer = measure("benchmarks.peer", source, Path(folder) / "peer.parquet")
    print(f"{rows:,} rows, best of {REPEATS}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| | seconds | peak MiB |\n|---|---|---|")
    print(f"| ours: sort, write, 16 checks, profile | {ours.seconds:.2f} | {ours.peak_mib:,.0f} |")
    print(f"| pandas: write unsorted, the same rules, no profile | {peer.seconds:.2f} | {peer.peak_mib:,.0f} |")
    print(f"| ours / pandas | {ours.seconds / peer.seconds:.2f} | {ours.peak_mib / peer.peak_mib:.2f} |")
    return 0


def measure(module: str, source: Path, target: Path) -> Measured:
    """Run a module on the rows some times, each in a process of its own; return the best of each figure."""
    runs = [_measure_once(module, source, target) for _ in range(REPEATS)]
    return Measured(min(run.seconds for run in runs), min(run.peak_mib for run in runs))


def _measure_once(module: str, source: Path, target: Path) -> Measured:
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", module, str(source), str(target)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{module}: exit code {process.returncode}")
    return Measured(time.monotonic() - started, usage.ru_maxrss / MIB)


if __name__ == "__main__":
    sys.exit(main())
