"""Registers a manifest: checks it against its claim and folder, decides, projects, records. Trusts nothing it reads."""

import json
from dataclasses import dataclass

from insightshare.errors import Retryable
from insightshare.publish import decisions
from insightshare.publish.facts import GONE, RETAINED, UNREGISTERED, Decision, Run, State, iso
from insightshare.publish.layout import decision_key, manifest_key, parse_manifest_key, run_folder
from insightshare.publish.manifest import (
    MAX_MANIFEST_BYTES,
    Manifest,
    check_listing,
    files_digest,
    parse_manifest,
)
from insightshare.publish.ports import Ports, Registry, Storage
from insightshare.publish.projection import ATTEMPTS, project
from insightshare.publish.receipts import write_receipt
from insightshare.publish.untrusted import refused


@dataclass(frozen=True)
class Registration:
    """What came of a manifest: the run with its state, and whether this call was the one that finished it."""

    run: Run
    first: bool


def register(ports: Ports, key: str) -> Registration:
    """Register the manifest at this key. At-least-once delivery in any order ends in the same state.

    Raises ManifestRefused, having changed nothing, if the manifest does not describe its own run folder.
    An event that comes after the run's deletion has begun is done with.
    """
    gone = _gone(ports.registry, key)
    if gone is not None:
        return Registration(gone, first=False)
    manifest, run = examine(ports, key)
    if run.state in UNREGISTERED:
        run = _decide(ports, manifest)
    finished_before = run.complete
    if not finished_before:
        record(ports, manifest, run)
    if run.state in RETAINED:
        project(ports, run.insight, run.as_of, run.run_id)
    if not finished_before:
        _announce(ports, run)
        ports.registry.mark_complete(run.insight, run.run_id)
    return Registration(run, first=not finished_before)


def examine(ports: Ports, key: str) -> tuple[Manifest, Run]:
    """Return a manifest and its run; raise ManifestRefused if it is not what its job claimed and wrote.

    The folder is held against the file list until the run is registered; later changes are for `repair` to report.
    """
    body = ports.storage.read(key, MAX_MANIFEST_BYTES)
    if body is None:
        raise refused(key, "object", "a missing object", "a manifest")
    manifest = parse_manifest(key, body)
    run = ports.registry.run(manifest.claim.insight, manifest.claim.run_id)
    if run is None:
        raise refused(key, "claim.run_id", "a run that nobody claimed", "a run of the registry")
    if (run.as_of, run.sequence) != (manifest.claim.as_of, manifest.claim.sequence):
        raise refused(key, "claim", "an as_of or sequence that was not claimed", "the run's claim in the registry")
    if run.state in UNREGISTERED:
        check_listing(manifest, ports.storage.list(run_folder(run.insight, run.run_id)))
    elif run.files_digest != files_digest({file.name: file.size_bytes for file in manifest.files}):
        raise refused(key, "files", "another list", "the list that was registered")
    return manifest, run


def record(ports: Ports, manifest: Manifest, run: Run) -> None:
    """Write the run's decision, if it won one, and its receipt as objects; both are written once."""
    won = _won(ports.registry, run)
    if won is not None:
        write_decision(ports.storage, won)
    if run.state in RETAINED or run.state is State.REJECTED:
        write_receipt(ports.storage, manifest, run.registered_at_utc)


def write_decision(storage: Storage, decision: Decision) -> None:
    """Write a decision as an immutable object; writing it again changes nothing."""
    body = json.dumps(decision.to_json(), sort_keys=True).encode() + b"\n"
    storage.create(decision_key(decision.insight, decision.sequence), body)


def _gone(registry: Registry, key: str) -> Run | None:
    """Return the run whose manifest has this key, if its deletion has begun: then the manifest may be gone too."""
    location = parse_manifest_key(key)
    run = registry.run(*location) if location else None
    return run if run is not None and run.state in GONE else None


def _decide(ports: Ports, manifest: Manifest) -> Run:
    insight, run_id = manifest.claim.insight, manifest.claim.run_id
    digest = files_digest({file.name: file.size_bytes for file in manifest.files})
    for _ in range(ATTEMPTS):
        pointer = ports.registry.pointer(insight, manifest.claim.as_of)
        run = ports.registry.run(insight, run_id)
        if run is None or run.state not in UNREGISTERED:
            break
        registered = decisions.registered_run(run, manifest.rows, digest, iso(ports.clock()))
        if ports.registry.commit(decisions.registration(run, registered, manifest.passed, pointer, manifest.replaces)):
            break
    decided = ports.registry.run(insight, run_id)
    if decided is None or decided.state in UNREGISTERED:
        raise Retryable(f"{manifest_key(insight, run_id)}: other decisions kept coming first.")
    return decided


def _won(registry: Registry, run: Run) -> Decision | None:
    """Return the decision that this run won when it was registered; its number is the run's own."""
    return registry.decision(run.insight, run.sequence) if run.state in RETAINED else None


def _announce(ports: Ports, run: Run) -> None:
    won = _won(ports.registry, run)
    if won is not None:
        ports.events.announce(won)
