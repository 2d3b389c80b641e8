"""Where benchmarks work: rows made once, folders that go afterwards, a local AWS if asked for. Measures nothing."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cloud import Cloud, running_cloud

ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / ".venv-peers/bin/python"
OUR_PYTHON = Path(sys.executable)
KEPT = ROOT / ".local/benchmarks"
"""Rows are the same on every machine and cost minutes to make: they are kept between runs."""


@dataclass
class Workshop:
    """One run of the harness. `folder` is empty at first, on the disk that is measured, and goes afterwards."""

    folder: Path
    with_peers: bool = True
    stack: ExitStack = field(default_factory=ExitStack)
    _cloud: Cloud | None = None

    def rows(self, count: int) -> Path:
        """Return a Parquet file of so many customers, in no order."""
        path = KEPT / f"rows-{count}.parquet"
        if not path.exists():
            subprocess.run([str(OUR_PYTHON), "-m", "benchmarks.rows", str(count), str(path)], check=True, cwd=ROOT)
        return path

    def cloud(self) -> Cloud:
        """Return the local AWS, started when it is first asked for."""
        if self._cloud is None:
            self._cloud = self.stack.enter_context(running_cloud(self.folder / "cloud"))
        return self._cloud

    @contextmanager
    def scratch(self, name: str) -> Iterator[Path]:
        """Give an empty folder, which goes with the block."""
        path = self.folder / name
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path)


@contextmanager
def open_workshop(with_peers: bool = True) -> Iterator[Workshop]:
    """Open a workshop below the kept folder, so that rows and results are on the same disk."""
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=KEPT, prefix="work-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        yield Workshop(folder, with_peers, stack)
