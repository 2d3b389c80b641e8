"""One run of `customers` published on local disk, by the job's own flow: claim, write, audit, digests, manifest.

Run as `python -m benchmarks.ours.publish FOLDER`, where FOLDER is what `benchmarks.stage` made. Only the ports differ
from a job on AWS: buckets are folders, the registry is in memory, and the catalog is never asked for anything.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.disk import FolderFiles
from benchmarks.stage import AS_OF, INSIGHT
from insightshare.contract.read import load_project
from insightshare.engine.choice import open_engine
from insightshare.jobs.score import score_insight
from insightshare.jobs.workplace import Workplace
from tests.fakes import World, ports_on


def main(folder: Path) -> None:
    """Publish once."""
    ports = ports_on(World())
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        place = Workplace(
            project=load_project(folder / "project"),
            lake=FolderFiles(folder / "lake"),
            landing=FolderFiles(folder / "landing"),
            registry=ports.registry,
            sources_catalog=ports.catalog,
            open_engine=open_engine,
            scratch=Path(scratch),
            code_version="benchmark",
            job_run_id="benchmark",
        )
        score_insight(place, INSIGHT, AS_OF)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
