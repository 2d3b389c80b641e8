"""What the figures were measured on: machine, versions, load. Measures nothing."""

import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.workshop import PEER_PYTHON

OURS = ("duckdb", "pyarrow", "sqlglot")
PEERS = ("awswrangler", "great_expectations", "numpy", "pandas", "pyarrow", "pyspark")
GIB = 1024**3


def machine() -> dict[str, Any]:
    """Return the facts of this machine that decide what figures mean."""
    pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(pages * page / GIB, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions(with_peers: bool) -> dict[str, dict[str, str]]:
    """Return the versions of what is measured: ours by this Python, the peers' by theirs."""
    ours = {"python": platform.python_version(), **{name: version(name) for name in OURS}}
    return {"ours": ours, "peers": _peer_versions() if with_peers else {}}


def load() -> float:
    """Return how many processes wanted a core within the last minute: near 0 on a quiet machine."""
    return round(os.getloadavg()[0], 2)


def commit() -> str:
    """Return what is checked out, with a `+` where files differ from it."""
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    changed = subprocess.run(["git", "status", "--porcelain", "-uno"], capture_output=True, text=True).stdout.strip()
    return found.stdout.strip() + ("+" if changed else "")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _peer_versions() -> dict[str, str]:
    ask = f"import json, importlib.metadata as m; print(json.dumps({{n: m.version(n) for n in {PEERS!r}}}))"
    found = subprocess.run([str(PEER_PYTHON), "-c", ask], check=True, capture_output=True, text=True).stdout
    return dict(json.loads(found))
