"""Lands a source: holds what upstream delivered against its contract, and keeps it as a snapshot. Changes no value."""

import hashlib
from pathlib import Path

from insightshare.contract.facts import Source
from insightshare.errors import DataInvalid, NotFound
from insightshare.jobs.snapshots import Snapshot, SnapshotFile, snapshot_folder, take_snapshot
from insightshare.jobs.workplace import Workplace
from insightshare.publish.ports import Catalog
from insightshare.quality.audit import audit

FILE_NAME = "part-00000.parquet"
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
    target = place.scratch / FILE_NAME
    rows = _check_and_copy(place, source, [place.landing.uri(found.key) for found in delivered], target)
    snapshot_id = hashlib.sha256(f"{name}/{as_of}/{place.job_run_id}".encode()).hexdigest()[:16]
    folder = snapshot_folder(name, as_of, snapshot_id)
    place.landing.upload(target, folder + FILE_NAME)
    file = SnapshotFile(folder + FILE_NAME, target.stat().st_size, rows, file_sha256(target))
    snapshot = Snapshot(name, as_of, snapshot_id, (file,))
    take_snapshot(place.landing, snapshot)
    _show_in_catalog(place.sources_catalog, name, as_of, place.landing.uri(folder), snapshot_id)
    place.say(f"landed {name} {as_of}: {rows:,} rows from {len(delivered)} files, snapshot {snapshot_id}")
    return snapshot


def file_sha256(path: Path) -> str:
    """Return the digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_and_copy(place: Workplace, source: Source, paths: list[str], target: Path) -> int:
    """Copy the delivery into one sorted file and audit the copy: a delivery that changes meanwhile changes nothing."""
    rows = 0
    with place.open_engine() as engine:
        found = engine.found_types(paths, source.types)
        if list(found.items()) == list(source.types.items()):
            engine.add_files(DELIVERY, paths, source.types)
            rows = engine.write_sorted(f"SELECT * FROM {DELIVERY}", source.types, source.order_by, target).rows
            engine.add_files(source.name, [str(target)], source.types)
        verdict = audit(engine, source.name, source, found)
    for warning in (check for check in verdict.checks if not check.passed and check.severity == "warning"):
        place.say(f"warning: {source.name}: {warning.id}: {warning.sentence}")
    if not verdict.passed:
        fix = "ask the data owner for a delivery that keeps the contract"
        contract = f"what sources/{source.name}/contract.odcs.yaml promises"
        raise DataInvalid.at(f"source {source.name}", "delivery", f"[{verdict.summary()}]", contract, fix)
    return rows


def _show_in_catalog(catalog: Catalog, name: str, as_of: str, location: str, snapshot_id: str) -> None:
    table = catalog.table(name)
    parameters = {"snapshot_id": snapshot_id}
    if not catalog.create_partition(table, as_of, location, parameters):
        catalog.update_partition(table, as_of, location, parameters)
