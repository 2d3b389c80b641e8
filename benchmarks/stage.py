"""Where publishing is measured: the project of the benchmarks, and its rows landed as a snapshot. Measures nothing."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

from insightshare.jobs.snapshots import Snapshot, SnapshotFile, snapshot_folder, take_snapshot
from insightshare.jobs.workplace import Files

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "benchmarks" / "project"
FLOOR = "floor.parquet"
SOURCE, INSIGHT, AS_OF = "scored_customers", "customers", "2026-01-31"


def copy_project(target: Path) -> None:
    """Write the project's folders, with the schemas that they are held against."""
    shutil.copytree(PROJECT, target)
    shutil.copytree(ROOT / "schemas", target / "schemas")


def remove_published(folder: Path) -> None:
    """Remove what was written beside the project and the landed rows."""
    for name in ("lake", "peer"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / FLOOR).unlink(missing_ok=True)


def as_written(rows: Path, folder: Path, with_as_of: bool = True) -> Path:
    """Return the rows as one file of a run: sorted, with our codec and row groups."""
    target = folder / "sorted.parquet"
    words = [] if with_as_of else ["--without-as-of"]
    floor = [sys.executable, "-m", "benchmarks.ours.floor", str(rows), str(target), *words]
    subprocess.run(floor, check=True, cwd=ROOT)
    return target


def land(landing: Files, rows: Path) -> None:
    """Make the rows the newest snapshot of the source, as a land job leaves it."""
    key = snapshot_folder(SOURCE, AS_OF, "benchmark") + "part-00000.parquet"
    landing.upload(rows, key)
    with rows.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    file_rows = pq.read_metadata(rows).num_rows
    take_snapshot(
        landing, Snapshot(SOURCE, AS_OF, "benchmark", (SnapshotFile(key, rows.stat().st_size, file_rows, digest),))
    )
