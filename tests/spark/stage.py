"""The project's own insights over the sample data in folders, made by either engine. Holds no assertion."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from insightshare.aws.reads_delivery import reads_table
from insightshare.contract.facts import Project
from insightshare.contract.read import load_project
from insightshare.engine.duckdb import DuckDb
from insightshare.engine.facts import Engine, EngineName
from insightshare.engine.spark import Spark
from insightshare.errors import DataInvalid
from insightshare.jobs.land import land_source
from insightshare.jobs.score import score_insight
from insightshare.jobs.workplace import Workplace
from insightshare.publish.layout import run_folder
from insightshare.publish.manifest import Manifest, parse_manifest
from insightshare.share.usage import Usage
from samples.__main__ import source_files
from tests.fakes import FakeCatalog, FakeRegistry, World, glue_table
from tests.unit.jobs.folders import FolderFiles

ROOT = Path(__file__).resolve().parents[2]
DAY = "2026-01-01"
ORDERS = pa.schema(
    [
        ("order_id", pa.int64()),
        ("customer_id", pa.string()),
        ("amount", pa.float64()),
        ("channel", pa.string()),
        ("returned", pa.bool_()),
        ("age", pa.int32()),
    ]
)
READS = tuple(
    Usage(client, table, 3, 2048, None, 5, datetime(2025, 12, 31, 9, 30, tzinfo=UTC), 0.25, "client", "trail")
    for client, table in (("acme", "churn"), ("acme", "interests_latest"), ("globex", "insight_receipts"))
)


def engine_of(name: EngineName) -> Engine:
    """An engine as small as tests need it."""
    return Spark("local[1]") if name == "spark" else DuckDb()


def workplace(folder: Path, project: Project, world: World | None = None) -> Workplace:
    """A workplace whose buckets are folders."""
    world = world or World()
    for name, source in project.sources.items():
        world.tables[name] = glue_table(name, f"s3://landing/sources/{name}/", tuple(source.types.items()))
    (folder / "scratch").mkdir(parents=True)
    return Workplace(
        project=project,
        lake=FolderFiles(folder / "lake"),
        landing=FolderFiles(folder / "landing"),
        registry=FakeRegistry(world),
        sources_catalog=FakeCatalog(world),
        open_engine=engine_of,
        scratch=folder / "scratch",
        code_version="abc123",
        job_run_id="jr_1",
        say=lambda line: None,
    )


def deliver(place: Workplace, source: str, path: Path) -> None:
    """Deliver a file and land it."""
    raw = Path(place.landing.uri(f"raw/{source}/{DAY}/part-00000.parquet"))
    raw.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, raw)
    land_source(place, source, DAY)


def small_place(folder: Path, rows: pa.Table, world: World | None = None) -> Workplace:
    """A small project of orders, with these delivered and landed."""
    shutil.copytree(ROOT / "tests/data/lint_base", folder / "project")
    shutil.copytree(ROOT / "schemas", folder / "project/schemas")
    place = workplace(folder / "places", load_project(folder / "project"), world)
    pq.write_table(rows, folder / "orders.parquet")
    deliver(place, "orders", folder / "orders.parquet")
    return place


def orders(count: int = 60, **changed: Any) -> pa.Table:
    """Orders of a third as many customers; `changed` columns have one value."""
    rows = [
        {
            "order_id": number,
            "customer_id": f"C{number % (count // 3):04d}",
            "amount": 10.0 + number,
            "channel": "web" if number % 2 else "shop",
            "returned": number % 3 == 0,
            "age": 30,
            **changed,
        }
        for number in range(count)
    ]
    return pa.Table.from_pylist(rows, schema=ORDERS)


def sample_place(folder: Path) -> Workplace:
    """The whole project with its sample data landed, and two clients' reads of its tables."""
    place = workplace(folder, load_project(ROOT))
    for source, path in source_files(ROOT / ".data").items():
        deliver(place, source, path)
    pq.write_table(reads_table(place.project, list(READS), "2025-12-31"), folder / "reads.parquet")
    deliver(place, "share_reads", folder / "reads.parquet")
    return place


@dataclass(frozen=True)
class Run:
    """What one engine made."""

    place: Workplace
    manifest: Manifest

    @cached_property
    def table(self) -> pa.Table:
        """Its rows, file after file."""
        folder = run_folder(self.manifest.claim.insight, self.manifest.claim.run_id)
        return pa.concat_tables(
            [pq.read_table(self.place.lake.uri(folder + file.name)) for file in self.manifest.files]
        )

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """Every check as the manifest has it, without digests: their salt differs from run to run."""
        return [{name: value for name, value in check.items() if name != "failing_keys"} for check in self.checks]

    @property
    def checks(self) -> tuple[Mapping[str, Any], ...]:
        return self.manifest.checks


def scored(place: Workplace, insight: str, engine: EngineName) -> Run:
    """Score with one engine; a rejected run is a run too."""
    before = {run.run_id for run in place.registry.runs(insight)}
    with rejections():
        score_insight(place, insight, DAY, engine)
    (run_id,) = {run.run_id for run in place.registry.runs(insight)} - before
    key = f"runs/{insight}/{run_id}/manifest.json"
    return Run(place, parse_manifest(key, place.lake.read(key, 2**30) or b""))


@contextmanager
def rejections() -> Iterator[None]:
    """Let the gate's refusal pass: its manifest is written."""
    try:
        yield
    except DataInvalid as refused:
        if not str(refused).startswith("run "):
            raise


def near(found: Any, expected: Any) -> bool:
    """Whether two JSON-like values are equal, floats to 1e-9 of their size."""
    if isinstance(found, float) or isinstance(expected, float):
        both_null = found is None and expected is None
        return both_null or (None not in (found, expected) and abs(found - expected) <= 1e-9 * max(1.0, abs(expected)))
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        return found.keys() == expected.keys() and all(near(found[name], expected[name]) for name in found)
    if isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(map(near, found, expected))
    return bool(found == expected)
