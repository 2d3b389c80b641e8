"""A lake on the local AWS as a `World` of the model, so that the same rules judge both. Judges nothing itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from insightshare.publish.facts import Decision
from insightshare.publish.layout import parse_manifest_key
from insightshare.publish.manifest import MAX_MANIFEST_BYTES
from insightshare.publish.ports import CatalogPartition, CatalogTable
from tests.fakes import LAKE, World
from tests.faults.lake import Lake
from tests.unit.publish.scenes import INSIGHT

TABLES = (INSIGHT, f"{INSIGHT}_latest", f"{INSIGHT}_runs")


def world_of(lake: Lake, announced: list[Decision]) -> World:
    """Read everything that the rules look at."""
    ports = lake.quiet
    registry = ports.registry
    return World(
        objects={item.key: _body(lake, item.key, item.size_bytes) for item in ports.storage.list("")},
        tables={name: _named(ports.catalog.table(name), lake) for name in TABLES},
        partitions={(name, p.value): _named(p, lake) for name in TABLES[::2] for p in ports.catalog.partitions(name)},
        runs={(INSIGHT, run.run_id): run for run in registry.runs(INSIGHT)},
        pointers={(INSIGHT, pointer.as_of): pointer for pointer in registry.pointers(INSIGHT)},
        decisions={(INSIGHT, decision.sequence): decision for decision in registry.decisions(INSIGHT)},
        announced=announced,
    )


def _body(lake: Lake, key: str, size_bytes: int) -> bytes:
    """Manifests as they are; of other objects only the size counts."""
    if parse_manifest_key(key) is None:
        return bytes(size_bytes)
    return lake.quiet.storage.read(key, MAX_MANIFEST_BYTES) or b""


def _named(shown: Any, lake: Lake) -> Any:
    """A table or partition as if the bucket had the model's name."""
    own: CatalogTable | CatalogPartition = shown
    return replace(own, location=own.location.replace(f"s3://{lake.settings.lake}/", f"s3://{LAKE}/"))
