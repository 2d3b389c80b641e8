"""What publishing tests begin with: tables as Terraform leaves them, runs as jobs leave them. Holds no assertion."""

import hashlib
from dataclasses import replace

from insightshare.publish import Claim, File, Input, Lineage, Manifest, Model, Ports, claim, write_manifest
from insightshare.publish.layout import empty_folder, insight_folder, run_folder
from tests.fakes import LAKE, World, glue_table, ports_on

INSIGHT = "churn"
MONDAY, TUESDAY = "2026-01-05", "2026-01-06"
COLUMNS = (("customer_id", "string"), ("churn_probability", "double"))
LINEAGE = Lineage("abc123", "duckdb", (Input("telco_customers", MONDAY, "s-1", 7043),), Model("m-1", {"auc": 0.84}))
CHECK = {
    "id": "churn_probability-range",
    "kind": "range",
    "columns": ["churn_probability"],
    "severity": "error",
    "passed": True,
    "sentence": "churn_probability lies between 0 and 1.",
    "observed": {"min": 0.01},
    "failing_keys": [],
}


def empty_world() -> World:
    """A deployed lake in which nothing was published."""
    world = World()
    for name, folder, columns in (
        ("churn", insight_folder(INSIGHT), COLUMNS),
        ("churn_latest", empty_folder(INSIGHT), (*COLUMNS, ("as_of", "string"))),
        ("churn_runs", insight_folder(INSIGHT), (*COLUMNS, ("as_of", "string"))),
    ):
        world.tables[name] = glue_table(name, f"s3://{LAKE}/{folder}", columns)
    return world


def fresh() -> tuple[World, Ports]:
    """An empty world and the ports on it."""
    world = empty_world()
    return world, ports_on(world)


def started(ports: Ports, as_of: str = MONDAY) -> Claim:
    """A job that has claimed its run."""
    return claim(ports.registry, INSIGHT, as_of, "jr_1", ports.clock)


def manifest_of(own: Claim, contents: tuple[bytes, ...] = (b"rows",), passed: bool = True) -> Manifest:
    """The manifest of a run with one file per content."""
    files = tuple(
        File(f"part-{index:05d}.parquet", len(body), 2, hashlib.sha256(body).hexdigest())
        for index, body in enumerate(contents)
    )
    return Manifest(own, files, passed, ({**CHECK, "passed": passed},), LINEAGE)


def finished(ports: Ports, own: Claim, passed: bool = True) -> str:
    """A job that has written its files and its manifest; returns the manifest's key."""
    manifest = manifest_of(own, passed=passed)
    write_files(ports, own)
    return write_manifest(ports.storage, ports.registry, manifest)


def write_files(ports: Ports, own: Claim, contents: tuple[bytes, ...] = (b"rows",)) -> None:
    """A job that has written its files."""
    for index, body in enumerate(contents):
        ports.storage.create(f"{run_folder(INSIGHT, own.run_id)}part-{index:05d}.parquet", body)


def written(ports: Ports, as_of: str = MONDAY, passed: bool = True) -> tuple[Claim, str]:
    """A whole job: its claim, and its manifest's key."""
    own = started(ports, as_of)
    return own, finished(ports, own, passed)


def location(ports: Ports, run_id: str) -> str:
    """Where a table points that shows this run."""
    return ports.storage.uri(run_folder(INSIGHT, run_id))


def with_columns(world: World, table: str, columns: tuple[tuple[str, str], ...]) -> None:
    """A table after a schema change."""
    world.tables[table] = replace(world.tables[table], columns=columns)
