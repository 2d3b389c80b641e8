"""What the publishing suites do to a stage and see of it. Holds no assertion."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from insightshare.publish import (
    Ports,
    register,
)
from insightshare.publish.layout import run_folder
from tests.behaviour.publish_stage import Stage
from tests.unit.publish.scenes import (
    INSIGHT,
    MONDAY,
    written,
)


def shown(ports: Ports) -> dict[str, Any]:
    """Everything that registering may change, except times."""
    latest = ports.catalog.table(f"{INSIGHT}_latest")
    return {
        "latest": latest.location,
        "latest_run": latest.parameters.get("run_id", ""),
        "as_ofs": {p.value: p.location for p in ports.catalog.partitions(INSIGHT)},
        "runs": {p.value: p.location for p in ports.catalog.partitions(f"{INSIGHT}_runs")},
        "states": {run.run_id: run.state for run in ports.registry.runs(INSIGHT)},
        "decisions": [(d.sequence, d.kind, d.run_id) for d in ports.registry.decisions(INSIGHT)],
        "receipts": [item.key for item in ports.storage.list("receipts/")],
    }


def published(ports: Ports, as_of: str = MONDAY) -> str:
    own, key = written(ports, as_of)
    register(ports, key)
    return own.run_id


def later(ports: Ports, **time: float) -> Ports:
    """The same world after some time, in which nobody did anything."""
    return replace(ports, clock=lambda: ports.clock() + timedelta(**time))


def outside(key: str, stage: Stage) -> None:
    body = stage.ports.storage.read(key, 10**6) or b""
    stage.overwrite(key, body.replace(b"part-00000.parquet", b"../other/part-00000.parquet"))


def missing(key: str, stage: Stage) -> None:
    stage.remove(f"{run_folder(INSIGHT, key.split('/')[2])}part-00000.parquet")


def resized(key: str, stage: Stage) -> None:
    stage.overwrite(f"{run_folder(INSIGHT, key.split('/')[2])}part-00000.parquet", b"more rows")


def additional(key: str, stage: Stage) -> None:
    stage.overwrite(f"{run_folder(INSIGHT, key.split('/')[2])}part-00001.parquet", b"rows")


def additional_in_a_folder(key: str, stage: Stage) -> None:
    stage.overwrite(f"{run_folder(INSIGHT, key.split('/')[2])}more/part-00000.parquet", b"rows")


def another_sequence(key: str, stage: Stage) -> None:
    body = stage.ports.storage.read(key, 10**6) or b""
    stage.overwrite(key, body.replace(b'"sequence": 2', b'"sequence": 999'))


def too_large(key: str, stage: Stage) -> None:
    stage.overwrite(key, b" " * (4 * 1024 * 1024 + 1))


def spoil_catalog(ports: Ports, run_id: str) -> None:
    """What somebody's hand did to the tables."""
    catalog = ports.catalog
    catalog.delete_partition(INSIGHT, MONDAY)
    catalog.delete_partition(f"{INSIGHT}_runs", run_id)
    catalog.create_partition(catalog.table(INSIGHT), "2025-12-31", ports.storage.uri("elsewhere/"), {})
    catalog.move_table(catalog.table(f"{INSIGHT}_latest"), ports.storage.uri("elsewhere/"), {"run_id": "x"})
