"""A source `things` and an insight `copy` of it, with rules as a test likes them. Holds no rule about input."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insightshare.contract.facts import Check, Field, Insight, Pipeline, Project, Source
from insightshare.engine.choice import open_engine
from insightshare.engine.facts import EngineName
from insightshare.errors import DataInvalid, InsightshareError
from insightshare.jobs.land import land_source
from insightshare.jobs.score import score_insight
from insightshare.jobs.workplace import Workplace
from insightshare.publish.layout import run_folder
from insightshare.publish.manifest import MAX_MANIFEST_BYTES, Manifest, parse_manifest
from tests.fakes import FakeCatalog, FakeRegistry, World, glue_table
from tests.unit.jobs.folders import FolderFiles

DAY = "2026-01-01"
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("value", pa.float64()),
        ("day", pa.date32()),
        ("at", pa.timestamp("us")),
    ]
)
TYPES = {"id": "bigint", "name": "string", "value": "double", "day": "date", "at": "timestamp"}
COLUMNS = tuple(Field(name, kind, "", name, required=name == "id") for name, kind in TYPES.items())
STATED = Check("schema", "schema", tuple(TYPES), "error", "The table has exactly the contract's columns.")
KEY_UNIQUE = Check("key_unique", "unique", ("id",), "error", "No two rows have the same id.")
NAMED = Check("named", "not_null", ("name",), "error", "Every row has a name.")
BOUNDED = Check("bounded", "range", ("value",), "error", "0 to 1.", minimum=0, maximum=1)
THIS_CENTURY = Check("this_century", "range", ("day",), "error", "2000s.", minimum="2000-01-01", maximum="2099-12-31")
SOME_ROWS = Check("some_rows", "row_count", (), "error", "At least one row.", minimum=1)
PLAIN = {"id": 1, "name": "a", "value": 0.5, "day": date(2026, 1, 1), "at": datetime(2026, 1, 1, 12)}
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Stage:
    """A source `things`, and an insight `copy` that publishes what it holds."""

    place: Workplace
    engine: EngineName

    def publish(self, rows: Sequence[dict[str, Any]] | pa.Table, *checks: Check) -> Manifest:
        """Land and score: the manifest, of a rejected run too."""
        self.deliver(rows)
        place = with_rules(self.place, (), checks)
        land_source(place, "things", DAY)
        before = {run.run_id for run in place.registry.runs("copy")}
        try:
            score_insight(place, "copy", DAY, self.engine)
        except DataInvalid as rejected:
            assert_one_line(rejected)
        (run_id,) = {run.run_id for run in place.registry.runs("copy")} - before
        key = f"runs/copy/{run_id}/manifest.json"
        return parse_manifest(key, place.lake.read(key, MAX_MANIFEST_BYTES) or b"")

    def refused_at_landing(self, rows: Sequence[dict[str, Any]] | pa.Table, *checks: Check) -> str:
        """What landing says."""
        self.deliver(rows)
        with pytest.raises(InsightshareError) as refused:
            land_source(with_rules(self.place, checks, ()), "things", DAY)
        assert self.place.landing.list("snapshots/") == ()
        assert_one_line(refused.value)
        return str(refused.value)

    def deliver(self, rows: Sequence[dict[str, Any]] | pa.Table) -> None:
        table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema=SCHEMA)
        pq.write_table(table, self.raw())

    def raw(self) -> Path:
        path = Path(self.place.landing.uri(f"raw/things/{DAY}/part-00000.parquet"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def rows(self, manifest: Manifest) -> list[dict[str, Any]]:
        """What readers would see."""
        folder = run_folder("copy", manifest.claim.run_id)
        files = [pq.read_table(self.place.lake.uri(folder + file.name)) for file in manifest.files]
        rows: list[dict[str, Any]] = pa.concat_tables(files).drop_columns(["as_of"]).to_pylist()
        return rows


def assert_one_line(error: InsightshareError) -> None:
    text = str(error)
    assert "\n" not in text and ". Fix: " in text and len(text) < 1000


def with_rules(place: Workplace, source_rules: Sequence[Check], insight_rules: Sequence[Check]) -> Workplace:
    """The same place, where landing and publishing have these rules beside those on the columns."""
    things, copy = place.project.sources["things"], place.project.insights["copy"]
    sources = {"things": replace(things, checks=(STATED, *source_rules))}
    insights = {"copy": replace(copy, checks=(STATED, *insight_rules))}
    return replace(place, project=replace(place.project, sources=sources, insights=insights))


def project() -> Project:
    stated = {"version": "1.0.0", "purpose": "", "usage": "", "limitations": "", "owner": "", "key": ("id",)}
    facts: dict[str, Any] = {**stated, "columns": COLUMNS, "checks": (STATED,), "description": "One row per thing."}
    pipeline = Pipeline("sql", "duckdb", "", "", ("things",), {"score": "SELECT id, name, value, day, at FROM things"})
    return Project(
        name="bad",
        environments={},
        sources={"things": Source(name="things", title="Things", **facts)},
        insights={"copy": Insight(name="copy", title="Copy", pipeline=pipeline, **facts)},
        clients={},
    )


def stage_for(engine: EngineName, folder: Path) -> Stage:
    """A stage with nothing on it."""
    world = World()
    world.tables["things"] = glue_table("things", "s3://landing/sources/things/", tuple(TYPES.items()))
    (folder / "scratch").mkdir()
    place = Workplace(
        project=project(),
        lake=FolderFiles(folder / "lake"),
        landing=FolderFiles(folder / "landing"),
        registry=FakeRegistry(world),
        sources_catalog=FakeCatalog(world),
        open_engine=open_engine,
        scratch=folder / "scratch",
        code_version="abc123",
        job_run_id="jr_1",
        say=lambda line: None,
    )
    return Stage(place, engine)
