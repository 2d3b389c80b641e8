"""The run before, and how far a new one is from it; the pipeline's limits become checks. Lets nothing pass or fail."""

from dataclasses import dataclass, replace
from typing import Any

from insightshare.contract.drift import LEVELS
from insightshare.contract.facts import Insight
from insightshare.engine.facts import Engine
from insightshare.jobs.inputs import fetched
from insightshare.jobs.workplace import Workplace
from insightshare.publish.layout import manifest_key, run_folder
from insightshare.publish.manifest import MAX_MANIFEST_BYTES, Manifest, parse_manifest
from insightshare.publish.ports import Storage
from insightshare.quality.drift import drift_checks, measured, subject
from insightshare.quality.drift_queries import Pair
from insightshare.quality.verdict import Verdict

BEFORE_TABLE = "run_before"


@dataclass(frozen=True)
class Compared:
    """A verdict with the drift checks, and the drift as the manifest has it; empty where no run was before."""

    verdict: Verdict
    drift: dict[str, Any]


def run_before(place: Workplace, insight: str, as_of: str) -> Manifest | None:
    """Return the manifest of the current run of the newest as_of before this one; None where there is none.

    Never another run of the same as_of: what changed since yesterday is the question, not what a second try changed.
    """
    earlier = [p.run_id for p in place.registry.pointers(insight) if p.as_of < as_of and p.run_id is not None]
    return run_manifest(place.lake, insight, earlier[-1]) if earlier else None


def compared(place: Workplace, engine: Engine, insight: Insight, table: str, as_of: str, verdict: Verdict) -> Compared:
    """Measure the drift of the run in `table`, which passed its schema check, since the run before."""
    before = run_before(place, insight.name, as_of)
    if before is None or not _has_the_contracts_columns(verdict):
        return Compared(verdict, {})
    types = add_run(place, engine, insight, before, BEFORE_TABLE)
    rules = insight.pipeline.drift
    rules = replace(rules, columns=tuple(name for name in rules.columns if name in types))
    pair = Pair(BEFORE_TABLE, table, engine.dialect)
    drift = measured(engine, pair, subject(insight, rules, verdict.profile), rules)
    reached = [found for found in drift.measures if found.level]
    worst = max((found.level for found in reached if found.level), key=LEVELS.index, default="none")
    place.say(f"drift since {before.claim.as_of}: {len(reached)} of {len(drift.measures)} measures, at most {worst}")
    checks = (*verdict.checks, *drift_checks(drift, rules))
    since = {"since_run_id": before.claim.run_id, "since_as_of": before.claim.as_of}
    return Compared(replace(verdict, checks=checks), {**since, **drift.to_json()})


def run_manifest(lake: Storage, insight: str, run_id: str) -> Manifest | None:
    """Return the manifest of a run; None where it never had one, or has none any more."""
    key = manifest_key(insight, run_id)
    body = lake.read(key, MAX_MANIFEST_BYTES)
    return None if body is None else parse_manifest(key, body)


def add_run(place: Workplace, engine: Engine, insight: Insight, manifest: Manifest, table: str) -> dict[str, str]:
    """Make a run's files a table of the engine; return its columns' types: the contract's, without those it lacks."""
    folder = run_folder(insight.name, manifest.claim.run_id)
    paths = [fetched(place, engine, place.lake, folder + file.name, file.sha256) for file in manifest.files]
    found = engine.found_types(paths, insight.types)
    types = {name: kind for name, kind in insight.types.items() if found.get(name) == kind}
    engine.add_files(table, paths, types)
    return types


def _has_the_contracts_columns(verdict: Verdict) -> bool:
    return all(check.passed for check in verdict.checks if check.kind == "schema")
