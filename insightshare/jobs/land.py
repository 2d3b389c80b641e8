"""Lands a source: holds what upstream delivered against its contract, and keeps it as a snapshot. Changes no value."""

import hashlib
import tempfile
from pathlib import Path

from insightshare.contract.facts import Source
from insightshare.engine.facts import Engine, WrittenFile
from insightshare.errors import DataInvalid, NotFound
from insightshare.jobs.snapshots import Snapshot, SnapshotFile, snapshot_folder, take_snapshot
from insightshare.jobs.workplace import Workplace
from insightshare.publish.ports import Catalog
from insightshare.quality.audit import audit
from insightshare.quality.expectations_runner import GreatExpectations

DELIVERY = "delivery"


def land_source(place: Workplace, name: str, as_of: str) -> Snapshot:
    """Land one delivery and return its snapshot.

    Raises NotFound where nothing was delivered, DataInvalid where it breaks the source's contract; then the earlier
    snapshots stay as they are.
    """
    source = place.project.sources.get(name)
    if source is None:
        choices = ", ".join(place.project.sources)
        raise NotFound.at("job land", "source", repr(name), f"one of {choices}", "name a folder of sources/")
    delivered = [found for found in place.landing.list(f"raw/{name}/{as_of}/") if found.key.endswith(".parquet")]
    if not delivered:
        fix = "ask the data owner to deliver it, or land another date"
        raise NotFound.at(f"source {name}", as_of, "nothing", "a delivery of Parquet files", fix)
    written = _check_and_copy(place, source, as_of, [place.landing.uri(found.key) for found in delivered])
    snapshot_id = hashlib.sha256(f"{name}/{as_of}/{place.job_run_id}".encode()).hexdigest()[:16]
    folder = snapshot_folder(name, as_of, snapshot_id)
    snapshot = Snapshot(name, as_of, snapshot_id, tuple(_stored(place, folder, file) for file in written))
    take_snapshot(place.landing, snapshot)
    _show_in_catalog(place.sources_catalog, name, as_of, place.landing.uri(folder), snapshot_id)
    place.say(f"landed {name} {as_of}: {snapshot.rows:,} rows from {len(delivered)} files, snapshot {snapshot_id}")
    return snapshot


def _check_and_copy(place: Workplace, source: Source, as_of: str, paths: list[str]) -> tuple[WrittenFile, ...]:
    """Copy the delivery into sorted files and audit the copy: a delivery that changes meanwhile changes nothing."""
    written: tuple[WrittenFile, ...] = ()
    with place.open_engine("duckdb") as engine:
        found = _delivered_types(engine, source, paths)
        if list(found.items()) == list(source.types.items()):
            engine.add_files(DELIVERY, paths, source.types)
            target = tempfile.mkdtemp(dir=place.scratch) + "/copy"
            written = engine.write_sorted(f"SELECT * FROM {DELIVERY}", source.types, source.order_by, target)
            engine.add_files(source.name, [file.path for file in written], source.types)
        verdict = audit(engine, source.name, source, found, as_of, GreatExpectations())
    for warning in (check for check in verdict.checks if not check.passed and check.severity == "warning"):
        place.say(f"warning: {source.name}: {warning.id}: {warning.sentence}")
    if not verdict.passed:
        fix = "ask the data owner for a delivery that keeps the contract"
        contract = f"what sources/{source.name}/contract.odcs.yaml promises"
        raise DataInvalid.at(f"source {source.name}", "delivery", f"[{verdict.summary()}]", contract, fix)
    return written


def _delivered_types(engine: Engine, source: Source, paths: list[str]) -> dict[str, str]:
    try:
        return engine.found_types(paths, source.types)
    except DataInvalid as error:
        fix = "ask the data owner to deliver it again"
        found = "a file that cannot be read"
        raise DataInvalid.at(f"source {source.name}", "delivery", found, "whole Parquet files", fix) from error


def _stored(place: Workplace, folder: str, file: WrittenFile) -> SnapshotFile:
    with Path(file.path).open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    place.landing.upload(Path(file.path), folder + file.name)
    return SnapshotFile(folder + file.name, file.size_bytes, file.rows, digest)


def _show_in_catalog(catalog: Catalog, name: str, as_of: str, location: str, snapshot_id: str) -> None:
    table = catalog.table(name)
    parameters = {"snapshot_id": snapshot_id}
    if not catalog.create_partition(table, as_of, location, parameters):
        catalog.update_partition(table, as_of, location, parameters)
