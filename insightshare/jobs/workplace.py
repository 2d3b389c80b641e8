"""What a job works with: the project, the buckets, an engine, a scratch folder. Does no work itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from insightshare.contract.facts import Project
from insightshare.engine.facts import Engine, EngineName
from insightshare.publish.ports import Catalog, Registry, Storage


class Files(Storage, Protocol):
    """One bucket as a job needs it: storage, and what moves pointers and large files."""

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        """Return the object and its entity tag, or None."""

    def replace(self, key: str, body: bytes, tag: str | None) -> bool:
        """Write the object if it still has `tag` (None: if it is not there); return False if not."""

    def upload(self, path: Path, key: str) -> None:
        """Write a local file as an object."""

    def download(self, key: str, path: Path) -> None:
        """Write an object as a local file; raises NotFound where there is none."""


@dataclass(frozen=True)
class Workplace:
    """Everything that a job touches."""

    project: Project
    lake: Files
    landing: Files
    registry: Registry
    sources_catalog: Catalog
    open_engine: Callable[[EngineName], Engine]
    scratch: Path
    code_version: str
    job_run_id: str
    say: Callable[[str], None] = print
