"""Puts the registry back together from the decisions and manifests in the lake. Never takes anything away."""

import json
from dataclasses import dataclass, replace

from insightshare.errors import ManifestRefused
from insightshare.publish import layout
from insightshare.publish.facts import GONE, Decision, Pointer, Run, State
from insightshare.publish.manifest import MAX_MANIFEST_BYTES, Manifest, files_digest, parse_manifest
from insightshare.publish.ports import Ports

# Jobs that had claimed a number before the registry was lost may still be running; their numbers are not in the lake.
SEQUENCE_MARGIN = 1_000


@dataclass(frozen=True)
class Restoration:
    """What the lake knows and the registry does not; empty when it lost nothing."""

    insight: str
    runs: tuple[Run, ...]
    decisions: tuple[Decision, ...]
    sequence: int

    def __str__(self) -> str:
        return f"{self.insight}: {len(self.runs)} runs and {len(self.decisions)} decisions to restore"


def rebuild(ports: Ports, insight: str) -> Restoration:
    """Restore what the registry lost of one insight and return it. Call `repair` afterwards.

    Let no job register meanwhile: a decision that is made during the rebuild may be taken for a lost one.
    """
    keys = [item.key for item in ports.storage.list(layout.manifests_folder(insight))]
    found = restoration(
        insight,
        _manifests(ports, insight, keys),
        _decisions(ports, insight, keys),
        {item.key for item in ports.storage.list(layout.receipts_folder(insight))},
        ports.registry.runs(insight),
        ports.registry.decisions(insight),
    )
    if found.runs or found.decisions:
        ports.registry.restore(insight, found.runs, found.decisions, found.sequence)
    return found


def restoration(
    insight: str,
    manifests: tuple[Manifest, ...],
    stored: tuple[Decision, ...],
    receipts: set[str],
    known_runs: tuple[Run, ...],
    known_decisions: tuple[Decision, ...],
) -> Restoration:
    """Return the runs and decisions that are missing, or whose state follows from a missing decision."""
    known = {run.run_id: run for run in known_runs}
    lost = {decision.sequence: decision for decision in stored} | {d.sequence: d for d in known_decisions}
    decisions = tuple(lost[sequence] for sequence in sorted(lost))
    missing = tuple(d for d in decisions if d.sequence not in {k.sequence for k in known_decisions})
    touched = {decision.as_of for decision in missing}
    runs = []
    for manifest in manifests:
        run = _run(manifest, decisions, layout.receipt_key(insight, manifest.claim.run_id) in receipts)
        before = known.get(run.run_id)
        if before is not None:
            run = replace(run, pinned_until=before.pinned_until, condemned_by=before.condemned_by)
        if before is None or (run.as_of in touched and before.state not in {*GONE, run.state}):
            runs.append(run)
    numbers = [d.sequence for d in decisions] + [m.claim.sequence for m in manifests] + [0]
    return Restoration(insight, tuple(runs), missing, max(numbers) + SEQUENCE_MARGIN)


def pointers_of(decisions: tuple[Decision, ...]) -> tuple[Pointer, ...]:
    """Return the pointer of each as_of: what the decision with its highest number says."""
    last = {d.as_of: d for d in sorted(decisions, key=lambda d: d.sequence)}
    return tuple(Pointer(as_of, last[as_of].run_id, last[as_of].sequence) for as_of in sorted(last))


def _run(manifest: Manifest, decisions: tuple[Decision, ...], has_receipt: bool) -> Run:
    """A run as its manifest and the decisions describe it; one without decision and receipt was never registered."""
    claim = manifest.claim
    own = [d for d in decisions if d.as_of == claim.as_of]
    decided = [d for d in own if claim.run_id in (d.run_id, d.previous_run_id)]
    state = _state(manifest, own, decided, has_receipt)
    registered = state is not State.WRITTEN
    digest = files_digest({file.name: file.size_bytes for file in manifest.files})
    return Run(
        insight=claim.insight,
        run_id=claim.run_id,
        as_of=claim.as_of,
        sequence=claim.sequence,
        state=state,
        job_run_id=claim.job_run_id,
        claimed_at_utc=claim.claimed_at_utc,
        registered_at_utc=(decided[0].decided_at_utc if decided else claim.claimed_at_utc) if registered else "",
        rows=manifest.rows if registered else 0,
        files_digest=digest if registered else "",
        complete=registered and has_receipt,
    )


def _state(manifest: Manifest, own: list[Decision], decided: list[Decision], has_receipt: bool) -> State:
    if not decided and not has_receipt:
        return State.WRITTEN
    if not manifest.passed:
        return State.REJECTED
    if own and own[-1].run_id == manifest.claim.run_id:
        return State.CURRENT
    taken = [d for d in decided if d.previous_run_id == manifest.claim.run_id]
    return State.WITHDRAWN if taken and taken[-1].run_id is None else State.SUPERSEDED


def _manifests(ports: Ports, insight: str, keys: list[str]) -> tuple[Manifest, ...]:
    """Every manifest that parses; the others are for `repair` to report."""
    manifests = []
    for key in keys:
        body = ports.storage.read(key, MAX_MANIFEST_BYTES) if layout.parse_manifest_key(key) else None
        if body is None:
            continue
        try:
            manifests.append(parse_manifest(key, body))
        except ManifestRefused:
            continue  # repair names it
    return tuple(manifests)


def _decisions(ports: Ports, insight: str, keys: list[str]) -> tuple[Decision, ...]:
    folder = layout.decisions_folder(insight)
    bodies = [ports.storage.read(key, MAX_MANIFEST_BYTES) for key in keys if key.startswith(folder)]
    return tuple(Decision.from_json(json.loads(body)) for body in bodies if body is not None)
