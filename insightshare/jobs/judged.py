"""Turns a query into a judged run: sorted files in its folder, a verdict, and last the manifest. Scores nothing."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from insightshare.contract.facts import AS_OF, Agreement, Insight
from insightshare.engine.facts import Engine, WrittenFile
from insightshare.errors import DataInvalid
from insightshare.jobs.before import compared
from insightshare.jobs.workplace import Workplace
from insightshare.publish.claims import write_manifest
from insightshare.publish.facts import Claim
from insightshare.publish.layout import run_folder
from insightshare.publish.manifest import File, Lineage, Manifest, check_listing
from insightshare.quality.audit import audit
from insightshare.quality.expectations_runner import GreatExpectations
from insightshare.quality.reader_profiles import reader_profiles
from insightshare.quality.verdict import Verdict

RUN_TABLE = "run"
HOURS = {"h": 1, "d": 24, "y": 365 * 24}


@dataclass(frozen=True)
class Judged:
    """A run without its manifest: its files lie in the run's folder, and nobody reads them yet."""

    claim: Claim
    files: tuple[File, ...]
    verdict: Verdict
    drift: Mapping[str, Any] = field(default_factory=dict, hash=False)
    reader_profiles: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)


def judged(place: Workplace, engine: Engine, insight: Insight, claim: Claim, sql: str) -> Judged:
    """Write what `sql` (the engine's own) yields as the run's files, audit exactly those, put them into the folder."""
    folder = run_folder(insight.name, claim.run_id)
    target = place.lake.uri(folder) if engine.distributed else str(place.scratch / claim.run_id)
    # Files carry as_of as a column too, so that a file says by itself what it is about.
    written = engine.write_sorted(sql, insight.types, insight.order_by, target, {AS_OF: claim.as_of})
    # Digests and uploads need little of a processor, the audit much: they go side by side.
    with ThreadPoolExecutor(1) as beside:
        stored = beside.submit(_stored, place, engine, written, folder)
        verdict = _audited(engine, insight, written, claim.as_of)
        found = compared(place, engine, insight, RUN_TABLE, claim.as_of, verdict)
        own = reader_profiles(engine, RUN_TABLE, insight, _readers(place, claim)) if found.verdict.passed else []
        files = stored.result()
    return Judged(claim, files, found.verdict, found.drift, tuple(own))


def published(place: Workplace, insight: Insight, run: Judged, lineage: Lineage) -> Manifest:
    """Write the run's manifest and return it.

    Raises ManifestRefused where the folder holds another file than those that were written (a task that came back from
    the dead leaves one), DataInvalid where the gate rejects the run: then the manifest is written all the same, and
    readers see no change.
    """
    manifest = Manifest(
        claim=run.claim,
        files=run.files,
        passed=run.verdict.passed,
        checks=tuple(check.to_json() for check in run.verdict.checks),
        lineage=lineage,
        profile=dict(run.verdict.profile),
        drift=run.drift,
        reader_profiles=run.reader_profiles,
        promised_hours=_promised_hours(insight),
    )
    check_listing(manifest, place.lake.list(run_folder(insight.name, run.claim.run_id)))
    write_manifest(place.lake, place.registry, manifest)
    place.say(
        f"run {run.claim.run_id} of {insight.name} {run.claim.as_of}: {manifest.rows:,} rows; {run.verdict.summary()}"
    )
    if not run.verdict.passed:
        fix = "mend the data or the pipeline and score again; readers still see the run before"
        found = f"[{run.verdict.summary()}]"
        raise DataInvalid.at(f"run {run.claim.run_id}", insight.name, found, "a run that may be shown", fix)
    return manifest


def _promised_hours(insight: Insight) -> float | None:
    """Hours after the as_of's day began within which it is promised to be published."""
    hours = [level.value * HOURS[level.unit] for level in insight.service_levels if level.property == "latency"]
    return hours[0] if hours else None


def _readers(place: Workplace, claim: Claim) -> list[Agreement]:
    """The agreements that are not past on the day of the run."""
    return [client for client in place.project.clients.values() if str(client.end) >= claim.claimed_at_utc[:10]]


def _audited(engine: Engine, insight: Insight, written: Sequence[WrittenFile], as_of: str) -> Verdict:
    paths, types = [file.path for file in written], {**insight.types, AS_OF: "string"}
    found = engine.found_types(paths, types)
    if list(found.items()) == list(types.items()):
        engine.add_files(RUN_TABLE, paths, insight.types)
    return audit(
        engine,
        RUN_TABLE,
        insight,
        {name: kind for name, kind in found.items() if name != AS_OF},
        as_of,
        GreatExpectations(),
    )


def _stored(place: Workplace, engine: Engine, written: Sequence[WrittenFile], folder: str) -> tuple[File, ...]:
    files = []
    for file in written:
        if not engine.distributed:
            place.lake.upload(Path(file.path), folder + file.name)
        files.append(File(file.name, file.size_bytes, file.rows, engine.sha256(file.path)))
    return tuple(files)
