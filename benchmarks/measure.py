"""Seconds and memory of whole processes, with everything that they start. Knows nothing of what is measured."""

import json
import os
import resource
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

LOOK_EVERY_SECONDS = 0.02
FIND_CHILDREN_EVERY = 10  # looks: to find them means to read the whole of /proc
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MIB = 1024 * 1024


@dataclass(frozen=True)
class Run:
    """One process from its start to its end: what the clock said, what its tree held at once, what it printed last.

    `processor_seconds` are of all cores together, without what children leave behind that nobody waited for.
    """

    seconds: float
    processor_seconds: float
    peak_mib: float
    found: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """Some runs of one command. The figures are those of the run with the median time."""

    command: str
    runs: tuple[Run, ...]

    @property
    def middle(self) -> Run:
        """The run with the median time; of two, the slower."""
        return sorted(self.runs, key=lambda run: run.seconds)[len(self.runs) // 2]

    @property
    def seconds(self) -> float:
        """The median time."""
        return median(run.seconds for run in self.runs)

    @property
    def peak_mib(self) -> float:
        """The most memory that any of the runs held."""
        return max(run.peak_mib for run in self.runs)

    def to_json(self) -> dict[str, Any]:
        """Return the runs as JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Measured":
        """Return what `to_json` described."""
        return cls(value["command"], tuple(Run(**run) for run in value["runs"]))


def measure(
    argv: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    look_every_seconds: float = LOOK_EVERY_SECONDS,
) -> Run:
    """Run a command in `folder` to its end; raises SystemExit with its words where it fails.

    The last line that it prints, where it is JSON, is what it found.
    """
    with (folder / "output.txt").open("w+") as output, (folder / "errors.txt").open("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(argv, stdout=output, stderr=errors, env={**os.environ, **environment})
        seconds, peak, usage = _watched(process, started, look_every_seconds)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(argv)}: exit code {process.returncode}\n{errors.read()[-2000:]}")
        spent = usage.ru_utime + usage.ru_stime
        return Run(round(seconds, 3), round(spent, 2), round(peak / MIB, 1), _last_line(output.read()))


def _watched(
    process: "subprocess.Popen[bytes]", started: float, look_every_seconds: float
) -> tuple[float, int, resource.struct_rusage]:
    """Look at a process until it ends; return seconds, the most bytes held at once by it and its children, usage."""
    peak, looks, tree = 0, 0, [process.pid]
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            # Linux counts in KiB, and never misses the peak; but it knows of one process only.
            return time.perf_counter() - started, max(peak, usage.ru_maxrss * 1024), usage
        if looks % FIND_CHILDREN_EVERY == 0:
            tree = _tree(process.pid)
        looks += 1
        peak = max(peak, sum(_resident_bytes(pid) for pid in tree))
        time.sleep(look_every_seconds)


def _tree(root: int) -> list[int]:
    """A process and everything that it started, directly or not."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            children.setdefault(_parent(entry), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _parent(process: Path) -> int:
    text = _read(process / "stat")
    return int(text.rpartition(")")[2].split()[1]) if text else -1


def _resident_bytes(pid: int) -> int:
    text = _read(Path(f"/proc/{pid}/statm"))
    return int(text.split()[1]) * PAGE_BYTES if text else 0


def _read(path: Path) -> str:
    """The file of a process, empty where it has ended meanwhile."""
    try:
        return path.read_text()
    except OSError:
        return ""


def _last_line(output: str) -> Mapping[str, Any]:
    lines = output.strip().splitlines()
    try:
        value = json.loads(lines[-1]) if lines else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def in_turn(runs: int, measures: Sequence[Callable[[], Run]]) -> list[list[Run]]:
    """Run each of some measures `runs` times, one after another in turn, so that a slow minute is everybody's."""
    results: list[list[Run]] = [[] for _ in measures]
    for _ in range(runs):
        for result, one in zip(results, measures, strict=True):
            result.append(one())
    return results
