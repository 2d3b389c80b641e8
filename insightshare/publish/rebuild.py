"""Puts the registry back together from the decisions and manifests in the lake. Never takes anything away."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from insightshare.errors import ManifestRefused
from insightshare.publish import layout
from insightshare.publish.facts import GONE, Decision, Pointer, Run, State
from insightshare.publish.manifest import MAX_MANIFEST_BYTES, Manifest, files_digest, parse_manifest
from insightshare.publish.ports import Ports, Registry

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


@dataclass(frozen=True)
class Remembered:
    """What the lake remembers of one insight: everything but claims that never wrote a manifest."""

    manifests: tuple[Manifest, ...]
    decisions: tuple[Decision, ...]
    receipts: frozenset[str]
    pins: Mapping[str, str]


def rebuild(ports: Ports, insight: str) -> Restoration:
    """Restore what the registry lost of one insight and return it. Call `repair` afterwards.

    Let no job register meanwhile: a decision that is made during the rebuild may be taken for a lost one.
    """
    found = lost(ports, insight)
    if found.runs or found.decisions:
        ports.registry.restore(insight, found.runs, found.decisions, found.sequence)
    return found


def lost(ports: Ports, insight: str) -> Restoration:
    """Return what a rebuild would restore; changes nothing."""
    keys = [item.key for item in ports.storage.list(layout.manifests_folder(insight))]
    remembered = Remembered(
        _manifests(ports, insight, keys),
        _decisions(ports, insight, keys),
        frozenset(item.key for item in ports.storage.list(layout.receipts_folder(insight))),
        _pins(ports, insight, keys),
    )
    return restoration(insight, remembered, ports.registry.runs(insight), ports.registry.decisions(insight))


def as_if_restored(ports: Ports, found: Restoration) -> Ports:
    """Return ports that read as if the restoration were done; whoever writes through them writes nothing sensible."""
    return replace(ports, registry=cast(Registry, _Restored(ports.registry, found)))


@dataclass(frozen=True)
class _Restored:
    """The registry as it would read after a restoration: only what a repair's plan reads."""

    now: Registry
    found: Restoration

    def run(self, insight: str, run_id: str) -> Run | None:
        return {run.run_id: run for run in self.runs(insight)}.get(run_id)

    def runs(self, insight: str) -> tuple[Run, ...]:
        runs = {run.run_id: run for run in (*self.now.runs(insight), *self.found.runs)}
        return tuple(runs[run_id] for run_id in sorted(runs))

    def decisions(self, insight: str) -> tuple[Decision, ...]:
        return tuple(sorted((*self.now.decisions(insight), *self.found.decisions), key=lambda d: d.sequence))

    def pointers(self, insight: str) -> tuple[Pointer, ...]:
        return pointers_of(self.decisions(insight))


def restoration(
    insight: str, remembered: Remembered, known_runs: tuple[Run, ...], known_decisions: tuple[Decision, ...]
) -> Restoration:
    """Return the runs and decisions that are missing, or whose state follows from a missing decision."""
    known = {run.run_id: run for run in known_runs}
    every = {decision.sequence: decision for decision in (*remembered.decisions, *known_decisions)}
    decisions = tuple(every[sequence] for sequence in sorted(every))
    missing = tuple(d for d in decisions if d.sequence not in {k.sequence for k in known_decisions})
    touched = {decision.as_of for decision in missing}
    runs = []
    for manifest in remembered.manifests:
        has_receipt = layout.receipt_key(insight, manifest.claim.run_id) in remembered.receipts
        run = _run(manifest, decisions, has_receipt)
        before = known.get(run.run_id)
        held = before.pinned_until if before else remembered.pins.get(run.run_id, "")
        run = replace(run, pinned_until=held, condemned_by=before.condemned_by if before else "")
        if before is None or (run.as_of in touched and before.state not in {*GONE, run.state}):
            runs.append(run)
    numbers = [d.sequence for d in decisions] + [m.claim.sequence for m in remembered.manifests] + [0]
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
        state_since_utc=(decided[-1].decided_at_utc if decided else claim.claimed_at_utc) if registered else "",
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


def _pins(ports: Ports, insight: str, keys: list[str]) -> dict[str, str]:
    """The last day of each pin, by run."""
    bodies = [
        ports.storage.read(key, MAX_MANIFEST_BYTES) for key in keys if key.startswith(layout.pins_folder(insight))
    ]
    pins = [json.loads(body) for body in bodies if body is not None]
    return {str(pin["run_id"]): str(pin["until"]) for pin in pins}


def _decisions(ports: Ports, insight: str, keys: list[str]) -> tuple[Decision, ...]:
    folder = layout.decisions_folder(insight)
    bodies = [ports.storage.read(key, MAX_MANIFEST_BYTES) for key in keys if key.startswith(folder)]
    return tuple(Decision.from_json(json.loads(body)) for body in bodies if body is not None)
