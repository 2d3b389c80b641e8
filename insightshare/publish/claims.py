"""What a job does to publish: claim a run before it writes, and write the manifest last. Registers nothing."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from insightshare.errors import Conflict, UsageError
from insightshare.publish.facts import INSIGHT_NAME, Claim, is_date, iso, utc_now
from insightshare.publish.manifest import MAX_MANIFEST_BYTES, Manifest, parse_manifest
from insightshare.publish.ports import Registry, Storage


def claim(
    registry: Registry, insight: str, as_of: str, job_run_id: str, clock: Callable[[], datetime] = utc_now
) -> Claim:
    """Return the claim of a new run. Start order wins: a run claimed later replaces one claimed earlier, never back."""
    if not INSIGHT_NAME.fullmatch(insight):
        raise UsageError.at("claim", "insight", repr(insight), "a snake_case name", "name an insight of insights/")
    if not is_date(as_of):
        raise UsageError.at(insight, "as_of", repr(as_of), "a date YYYY-MM-DD", "give the date that the run is about")
    sequence = registry.next_sequence(insight)
    now = clock()
    new = Claim(insight, as_of, _run_id(insight, sequence, job_run_id, now), sequence, job_run_id, iso(now))
    registry.add_claim(new)
    return new


def write_manifest(storage: Storage, registry: Registry, manifest: Manifest) -> str:
    """Write the manifest, once, and return its key; call it after every file is written and audited.

    Writing the same manifest again, as a retry does, changes nothing.
    """
    body = manifest.to_bytes()
    parse_manifest(manifest.key, body)  # what the registrar would refuse is refused here, where the job can be mended
    if not storage.create(manifest.key, body) and storage.read(manifest.key, MAX_MANIFEST_BYTES) != body:
        fix = "run the job again; it claims a new run"
        raise Conflict.at(manifest.key, "manifest", "the object that exists", "the manifest of this run", fix)
    registry.mark_written(manifest.claim.insight, manifest.claim.run_id)
    return manifest.key


def _run_id(insight: str, sequence: int, job_run_id: str, now: datetime) -> str:
    """Run ids sort by time; the tail differs for each sequence number, so that two never meet."""
    tail = hashlib.sha256(f"{insight}/{sequence}/{job_run_id}".encode()).hexdigest()[:8]
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{tail}"
