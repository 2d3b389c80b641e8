"""A small project of orders in folders: what is delivered, landed and published there. Holds no assertion."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insightshare.contract.read import load_project
from insightshare.engine.duckdb import DuckDb
from insightshare.jobs.land import land_source
from insightshare.jobs.snapshots import Snapshot, SnapshotFile
from insightshare.jobs.workplace import Workplace
from insightshare.publish.layout import run_folder
from tests.fakes import FakeCatalog, FakeRegistry, World, glue_table
from tests.unit.jobs.folders import FolderFiles

ROOT = Path(__file__).resolve().parents[3]
DAY, NEXT_DAY = "2026-01-01", "2026-01-02"
SCHEMA = pa.schema(
    [
        ("order_id", pa.int64()),
        ("customer_id", pa.string()),
        ("amount", pa.float64()),
        ("channel", pa.string()),
        ("returned", pa.bool_()),
        ("age", pa.int32()),
    ]
)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A workplace whose buckets are folders, on a small project."""
    shutil.copytree(ROOT / "tests/data/lint_base", tmp_path / "project")
    shutil.copytree(ROOT / "schemas", tmp_path / "project/schemas")
    project = load_project(tmp_path / "project")
    world = World()
    world.tables["orders"] = glue_table(
        "orders", "s3://landing/sources/orders/", tuple(project.sources["orders"].types.items())
    )
    (tmp_path / "scratch").mkdir()
    return Workplace(
        project=project,
        lake=FolderFiles(tmp_path / "lake"),
        landing=FolderFiles(tmp_path / "landing"),
        registry=FakeRegistry(world),
        sources_catalog=FakeCatalog(world),
        open_engine=lambda name: DuckDb(),
        scratch=tmp_path / "scratch",
        code_version="abc123",
        job_run_id="jr_1",
        say=lambda line: None,
    )


def orders(count: int = 600, change: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: row) -> pa.Table:
    """Orders of a third as many customers; those who spend much send things back."""
    rows = []
    for number in range(count):
        customer = number % (count // 3)
        rows.append(
            change(
                {
                    "order_id": number,
                    "customer_id": f"C{customer:04d}",
                    "amount": 10.0 + customer % 100,
                    "channel": "web" if number % 2 else "shop",
                    "returned": customer % 100 > 70,
                    "age": 30,
                }
            )
        )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def deliver(place: Workplace, table: pa.Table, as_of: str = DAY, part: int = 0, source: str = "orders") -> None:
    path = Path(place.landing.uri(f"raw/{source}/{as_of}/part-{part:05d}.parquet"))
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def landed(place: Workplace, table: pa.Table | None = None, as_of: str = DAY) -> Workplace:
    deliver(place, orders() if table is None else table, as_of)
    land_source(place, "orders", as_of)
    return place


def customers(place: Workplace) -> Snapshot:
    """Customers of whom those with short tenure leave, most of them women; age has nothing to do with it."""
    plain: dict[str, Any] = {"string": "some", "int": 1, "double": 1.0, "boolean": False}
    types = place.project.sources["telco_customers"].types
    rows = []
    for number in range(1200):
        short = number % 4 == 0
        row = {name: plain[kind] for name, kind in types.items()}
        row |= {"customer_id": f"C{number:06d}", "tenure_months": number % 7 if short else 40 + number % 9}
        row |= {"churned": short, "female": short or number % 5 == 0, "senior_citizen": number % 3 == 0}
        rows.append(row)
    deliver(place, pa.Table.from_pylist(rows), source="telco_customers")
    key = f"raw/telco_customers/{DAY}/part-00000.parquet"
    body = Path(place.landing.uri(key)).read_bytes()
    file = SnapshotFile(key, len(body), len(rows), hashlib.sha256(body).hexdigest())
    return Snapshot("telco_customers", DAY, "made-up", (file,))


def run_rows(place: Workplace, insight: str, run_id: str) -> list[dict[str, Any]]:
    folder = Path(place.lake.uri(run_folder(insight, run_id)))
    rows: list[dict[str, Any]] = pq.read_table(folder / "part-00000.parquet").to_pylist()
    return rows
