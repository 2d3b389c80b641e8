"""Erases one person from an insight: every run that holds rows of theirs is replaced or condemned. Deletes no file.

Each as_of is one step: a copy of its current run without those rows, and a decision for it. What held them is
condemned: vacuum deletes every version of it, when no query can be reading it any more. Every call looks at the whole
lake anew, so repeating it finishes what was left, and says what still waits, until nothing is left.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from insightshare.errors import PlatformError, Retryable
from insightshare.publish import layout
from insightshare.publish.claims import claim, write_manifest
from insightshare.publish.erasure_plan import OUT_OF_REACH, ErasurePlan, Kind, Order, Seen, plan
from insightshare.publish.facts import UNREGISTERED, Claim, State, iso
from insightshare.publish.manifest import MAX_MANIFEST_BYTES, Manifest, parse_manifest
from insightshare.publish.ports import Ports, StoredVersion
from insightshare.publish.projection import ATTEMPTS
from insightshare.publish.receipts import MAX_RECEIPT_BYTES
from insightshare.publish.registration import register
from insightshare.publish.scrubbing import Subject, scrubbed
from insightshare.publish.vacuum import LONGEST_JOB, older

CLAIMED_BY = "erasure "


class Editor(Protocol):
    """Looks for one person in files, and writes a run again without their rows; an engine's work."""

    def holds(self, keys: Sequence[str]) -> bool:
        """Say whether these files hold a row of the person, or cannot be read so that it could be told."""

    def rewrite(self, own: Claim, before: Manifest) -> Manifest:
        """Write the files of `before` without the person's rows into the folder of a new run; return its manifest."""


def erase(ports: Ports, editor: Editor, order: Order) -> ErasurePlan:
    """Do what can be done now, and return it with what is left; the record of it lies in the lake."""
    found = plan(gather(ports, editor, order))
    return carry_out(ports, editor, order, found)


def gather(ports: Ports, editor: Editor, order: Order) -> Seen:
    """Read all that an erasure weighs; every run's files are searched, but for those that are condemned already."""
    insight, now = order.insight, ports.clock()
    runs = {run.run_id: run for run in ports.registry.runs(insight)}
    pointers = {pointer.as_of: pointer for pointer in ports.registry.pointers(insight)}
    current = {pointer.run_id for pointer in pointers.values()}
    files = _files_by_run(ports, insight)
    young = {
        r.run_id for r in runs.values() if r.state in UNREGISTERED and not older(r.claimed_at_utc, LONGEST_JOB, now)
    }
    copies = {run_id for run_id in young if runs[run_id].job_run_id.startswith(CLAIMED_BY)}
    holding = {
        run_id
        for run_id, keys in files.items()
        if run_id not in young
        and (run_id in current or not (run_id in runs and runs[run_id].condemned_by))
        and ((run_id in runs and runs[run_id].state in UNREGISTERED) or editor.holds(keys))
    }
    return Seen(
        insight=insight,
        runs=runs,
        pointers=pointers,
        holding=frozenset(holding),
        unfinished=frozenset(young - copies),
        copies=frozenset(run_id for run_id in copies & files.keys() if editor.holds(files[run_id])),
        naming=tuple(key for key in _documents(ports, insight) if _scrubbed(ports, key, order.subject) is not None),
        replaced=tuple(sorted({version.key for version in _replaced(ports, insight)})),
    )


def carry_out(ports: Ports, editor: Editor, order: Order, found: ErasurePlan) -> ErasurePlan:
    """Do what is planned, recorded before and after; return it with the runs that vacuum has to delete now."""
    if not found.actions:
        return found
    erasure = f"{ports.registry.next_sequence(order.insight):012d}"
    _record(ports, order, erasure, found)
    for action in found.actions:
        if action.kind is Kind.REWRITE:
            _rewrite(ports, editor, order, (action.what, erasure))
        elif action.kind is Kind.CONDEMN:
            _condemn(ports, order.insight, action.what, erasure)
        elif action.kind is Kind.SCRUB:
            _scrub(ports, action.what, order.subject)
        else:
            _purge(ports, action.what)
    runs = ports.registry.runs(order.insight)
    left = sorted(run.run_id for run in runs if run.condemned_by and run.state is not State.DELETED)
    done = replace(found, condemned=tuple(left), record=layout.erasure_key(order.insight, f"{erasure}-done"))
    _record(ports, order, f"{erasure}-done", done)
    return done


def _rewrite(ports: Ports, editor: Editor, order: Order, step: tuple[str, str]) -> None:
    """Replace the current run of an as_of by its copy without the person, whoever publishes meanwhile."""
    as_of, erasure = step
    for _ in range(ATTEMPTS):
        pointer = ports.registry.pointer(order.insight, as_of)
        if pointer is None or pointer.run_id is None:
            return
        if not editor.holds(_files_by_run(ports, order.insight, pointer.run_id).get(pointer.run_id, [])):
            return
        before = _manifest(ports, order.insight, pointer.run_id)
        own = claim(ports.registry, order.insight, as_of, f"{CLAIMED_BY}{erasure}", ports.clock)
        manifest = replace(editor.rewrite(own, before), replaces=pointer.run_id)
        done = register(ports, write_manifest(ports.storage, ports.registry, manifest))
        if done.run.state is State.CURRENT:
            _condemn(ports, order.insight, pointer.run_id, erasure)
            return
        _condemn(ports, order.insight, own.run_id, erasure)  # a copy of what is not current any more: nobody needs it
        now = ports.registry.pointer(order.insight, as_of)
        if now is None or now.run_id != pointer.run_id:
            _condemn(ports, order.insight, pointer.run_id, erasure)
    raise Retryable(f"{order.insight}: as_of {as_of}: other runs kept being published while it was rewritten.")


def _condemn(ports: Ports, insight: str, run_id: str, erasure: str) -> None:
    run = ports.registry.run(insight, run_id)
    ports.registry.condemn(insight, run_id, f"erasure {erasure}")
    if run is not None and run.pinned_until:
        forgotten = json.dumps({"run_id": run_id, "until": ""}).encode()
        ports.storage.overwrite(layout.pin_key(insight, run_id), forgotten)


def _scrub(ports: Ports, key: str, subject: Subject) -> None:
    body = _scrubbed(ports, key, subject)
    if body is not None:
        ports.storage.overwrite(key, body)
    _purge(ports, key)


def _purge(ports: Ports, key: str) -> None:
    versions = ports.storage.versions(key)
    ports.storage.delete_versions([version for version in versions if version.key == key and not version.is_current])


def _record(ports: Ports, order: Order, name: str, found: ErasurePlan) -> None:
    """Write what is or was done, and what it cannot reach; never who it was about."""
    document = {
        **found.to_json(),
        "column": order.subject.column,
        "reference": order.reference,
        "recorded_at_utc": iso(ports.clock()),
        "out_of_reach": list(OUT_OF_REACH),
    }
    body = json.dumps(document, sort_keys=True, indent=1).encode()
    ports.storage.create(layout.erasure_key(order.insight, name), body)


def _files_by_run(ports: Ports, insight: str, run_id: str = "") -> dict[str, list[str]]:
    """The keys that a query engine would read, by run."""
    folder = layout.insight_folder(insight)
    found: dict[str, list[str]] = {}
    for item in ports.storage.list(layout.run_folder(insight, run_id) if run_id else folder):
        name, _, file = item.key.removeprefix(folder).partition("/")
        if file and not file.startswith(("_", ".")):
            found.setdefault(name, []).append(item.key)
    return found


def _documents(ports: Ports, insight: str) -> list[str]:
    """The keys of manifests and receipts: all that was written down about runs."""
    manifests = [item.key for item in ports.storage.list(layout.manifests_folder(insight))]
    receipts = [item.key for item in ports.storage.list(layout.receipts_folder(insight))]
    return [key for key in manifests if layout.parse_manifest_key(key)] + receipts


def _scrubbed(ports: Ports, key: str, subject: Subject) -> bytes | None:
    """Return the document without the person; None where it does not name them, or is no document."""
    body = ports.storage.read(key, max(MAX_MANIFEST_BYTES, MAX_RECEIPT_BYTES))
    try:
        document = json.loads(body or b"null")
    except ValueError:
        return None
    clean = scrubbed(document, subject)
    if clean == document:
        return None
    if key.startswith("receipts/"):
        return (json.dumps(clean) + "\n").encode()  # one line, as it was
    return json.dumps(clean, sort_keys=True, indent=1).encode()


def _replaced(ports: Ports, insight: str) -> list[StoredVersion]:
    """Every older version of files, manifests and receipts: they are written once, so nobody needs another version."""
    folders = (layout.insight_folder(insight), layout.manifests_folder(insight), layout.receipts_folder(insight))
    versions = [version for folder in folders for version in ports.storage.versions(folder)]
    kept = (layout.decisions_folder(insight), layout.pins_folder(insight), layout.erasure_key(insight, "")[:-5])
    return [version for version in versions if not version.is_current and not version.key.startswith(kept)]


def _manifest(ports: Ports, insight: str, run_id: str) -> Manifest:
    key = layout.manifest_key(insight, run_id)
    body = ports.storage.read(key, MAX_MANIFEST_BYTES)
    if body is None:
        fix = "find out who deleted it; publish the as_of again without the person"
        raise PlatformError.at(key, "manifest", "a missing object", "that of the current run", fix)
    return parse_manifest(key, body)
