"""A workplace in folders on this project itself, for its insight about itself. Holds no assertion."""

from pathlib import Path

from insightshare.contract.read import load_project
from insightshare.engine.duckdb import DuckDb
from insightshare.jobs.workplace import Workplace
from tests.fakes import FakeCatalog, FakeRegistry, World, glue_table
from tests.unit.jobs.folders import FolderFiles

ROOT = Path(__file__).resolve().parents[3]


def place_of(folder: Path) -> Workplace:
    """A workplace whose buckets are folders, with the table of the source `share_reads`."""
    project, world = load_project(ROOT), World()
    types = tuple(project.sources["share_reads"].types.items())
    world.tables["share_reads"] = glue_table("share_reads", "s3://landing/sources/share_reads/", types)
    (folder / "scratch").mkdir()
    return Workplace(
        project=project,
        lake=FolderFiles(folder / "lake"),
        landing=FolderFiles(folder / "landing"),
        registry=FakeRegistry(world),
        sources_catalog=FakeCatalog(world),
        open_engine=lambda name: DuckDb(),
        scratch=folder / "scratch",
        code_version="abc123",
        job_run_id="jr_1",
        say=lambda line: None,
    )
