"""Compares registry, decisions in S3 and catalog, and makes the catalog follow. Makes no decision of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from insightshare.errors import ManifestRefused
from insightshare.publish import layout
from insightshare.publish.facts import GONE, INSIGHT_NAME, RETAINED, UNREGISTERED, Decision, Pointer, Run
from insightshare.publish.manifest import files_digest, visible_sizes
from insightshare.publish.ports import CatalogPartition, CatalogTable, Ports, StoredObject
from insightshare.publish.projection import (
    hide_run,
    latest_location,
    latest_parameters,
    project_as_of,
    project_latest,
    project_run,
)
from insightshare.publish.registration import examine, write_decision


class Kind(StrEnum):
    """What repair does; each is safe at any time and reads the registry again when it acts."""

    PROJECT_AS_OF = "project as_of"
    PROJECT_LATEST = "project latest"
    PROJECT_RUN = "project run"
    HIDE_RUN = "hide run"
    REQUEUE = "requeue"
    WRITE_DECISION = "write decision"


@dataclass(frozen=True, order=True)
class Action:
    """One step of a repair: what is done to which as_of, run, decision or manifest, and why."""

    kind: Kind
    subject: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}: {self.reason}".strip()


@dataclass(frozen=True)
class Plan:
    """What repair would do for one insight, in order; and what it found that a person must look at."""

    insight: str
    actions: tuple[Action, ...]
    findings: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"  {action}" for action in self.actions] + [f"  look at: {finding}" for finding in self.findings]
        return "\n".join([f"{self.insight}: {len(self.actions)} to repair, {len(self.findings)} to look at", *lines])

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON types."""
        actions = [{"kind": str(a.kind), "subject": a.subject, "reason": a.reason} for a in self.actions]
        return {"insight": self.insight, "actions": actions, "findings": list(self.findings)}


@dataclass(frozen=True)
class Observed:
    """Everything that repair compares, as read from registry, lake and catalog."""

    insight: str
    runs: Mapping[str, Run]
    pointers: tuple[Pointer, ...]
    decisions: tuple[Decision, ...]
    stored_decisions: frozenset[int]
    manifests: tuple[str, ...]
    refusals: Mapping[str, str]
    digests: Mapping[str, str]
    history: CatalogTable
    latest: CatalogTable
    run_table: CatalogTable
    as_of_partitions: Mapping[str, CatalogPartition]
    run_partitions: Mapping[str, CatalogPartition]
    expected_as_of: Mapping[str, str]
    expected_run: Mapping[str, str]
    expected_latest: tuple[str, Mapping[str, str]]


def repair(ports: Ports, insight: str) -> Plan:
    """Repair one insight and return what was done; a second call finds nothing to do once the queue has been worked."""
    found = plan(gather(ports, insight))
    for action in found.actions:
        _apply(ports, insight, action)
    return found


def insights_in_lake(ports: Ports) -> tuple[str, ...]:
    """Return the insights of which the lake holds any manifest or decision."""
    return tuple(name for name in ports.storage.folders(layout.MANIFESTS) if INSIGHT_NAME.fullmatch(name))


def gather(ports: Ports, insight: str) -> Observed:
    """Read all that repair compares."""
    runs = {run.run_id: run for run in ports.registry.runs(insight)}
    pointers = ports.registry.pointers(insight)
    shown = [pointer for pointer in pointers if pointer.run_id]
    newest = shown[-1] if shown else None
    keys = [item.key for item in ports.storage.list(layout.manifests_folder(insight))]
    manifests = tuple(found[1] for found in map(layout.parse_manifest_key, keys) if found)
    waiting = [run_id for run_id in manifests if run_id not in runs or runs[run_id].state in UNREGISTERED]
    run_of = {pointer.as_of: pointer.run_id for pointer in shown if pointer.run_id}
    return Observed(
        insight=insight,
        runs=runs,
        pointers=pointers,
        decisions=ports.registry.decisions(insight),
        stored_decisions=frozenset(_sequences(insight, keys)),
        manifests=manifests,
        refusals=_refusals(ports, insight, waiting),
        digests=_digests(insight, ports.storage.list(layout.insight_folder(insight))),
        history=ports.catalog.table(layout.history_table(insight)),
        latest=ports.catalog.table(layout.latest_table(insight)),
        run_table=ports.catalog.table(layout.runs_table(insight)),
        as_of_partitions={p.value: p for p in ports.catalog.partitions(layout.history_table(insight))},
        run_partitions={p.value: p for p in ports.catalog.partitions(layout.runs_table(insight))},
        expected_as_of={as_of: _run_uri(ports, insight, run_id) for as_of, run_id in run_of.items()},
        expected_run={run_id: _run_uri(ports, insight, run_id) for run_id in runs},
        expected_latest=(latest_location(ports, insight, newest), latest_parameters(newest)),
    )


def plan(seen: Observed) -> Plan:
    """Return what must be done and what must be looked at; empty when everything agrees.

    Where the lake holds decisions that the registry lost, the registry is not the truth: nothing is projected from it.
    """
    lost = seen.stored_decisions - {decision.sequence for decision in seen.decisions}
    if lost:
        finding = (
            f"registry of {seen.insight}: decisions: {len(lost)} missing is not all that the lake holds. "
            f"Fix: run `insightshare repair {seen.insight} --from-s3`."
        )
        return Plan(seen.insight, (), (finding,))
    actions = [*_decision_actions(seen), *_as_of_actions(seen), *_run_actions(seen), *_latest_actions(seen)]
    return Plan(seen.insight, tuple(sorted([*actions, *_queue_actions(seen)])), tuple(sorted(_findings(seen))))


def _decision_actions(seen: Observed) -> list[Action]:
    absent = [decision for decision in seen.decisions if decision.sequence not in seen.stored_decisions]
    return [Action(Kind.WRITE_DECISION, f"{decision.sequence:012d}", "not in the lake") for decision in absent]


def _as_of_actions(seen: Observed) -> list[Action]:
    actions = []
    for as_of in seen.expected_as_of.keys() | seen.as_of_partitions.keys():
        expected, partition = seen.expected_as_of.get(as_of), seen.as_of_partitions.get(as_of)
        reason = _difference(expected, partition, seen.history)
        if reason:
            actions.append(Action(Kind.PROJECT_AS_OF, as_of, reason))
    return actions


def _run_actions(seen: Observed) -> list[Action]:
    retained = [run_id for run_id, run in seen.runs.items() if run.state in RETAINED]
    absent = [run_id for run_id in retained if run_id not in seen.run_partitions]
    gone = [run_id for run_id in seen.run_partitions if run_id in seen.runs and seen.runs[run_id].state in GONE]
    return [
        *(Action(Kind.PROJECT_RUN, run_id, "has no partition") for run_id in absent),
        *(Action(Kind.HIDE_RUN, run_id, "is shown, but its deletion has begun") for run_id in gone),
    ]


def _latest_actions(seen: Observed) -> list[Action]:
    location, parameters = seen.expected_latest
    shown = {name: seen.latest.parameters.get(name, "") for name in parameters}
    if seen.latest.location == location and shown == parameters:
        return []
    return [Action(Kind.PROJECT_LATEST, seen.latest.name, "does not show the newest decision")]


def _queue_actions(seen: Observed) -> list[Action]:
    actions = []
    for run_id in seen.manifests:
        run = seen.runs.get(run_id)
        if run is None or run_id in seen.refusals or run.state in GONE:
            continue
        if run.state in UNREGISTERED:
            actions.append(Action(Kind.REQUEUE, run_id, "its manifest was never registered"))
        elif not run.complete:
            actions.append(Action(Kind.REQUEUE, run_id, "its registration was never finished"))
    return actions


def _findings(seen: Observed) -> list[str]:
    findings = list(seen.refusals.values())
    for run in seen.runs.values():
        if run.state in RETAINED and seen.digests.get(run.run_id, files_digest({})) != run.files_digest:
            findings.append(
                f"{layout.run_folder(run.insight, run.run_id)}: files: another set than was registered is not allowed. "
                "Fix: remove what was added, restore what is missing, or withdraw the run."
            )
    for run_id in seen.run_partitions.keys() - {r.run_id for r in seen.runs.values() if r.state in RETAINED | GONE}:
        findings.append(
            f"{seen.run_table.name}: partition {run_id}: a run that the registry does not retain is not expected. "
            "Fix: find out who created the partition, then delete it."
        )
    return findings


def _difference(expected: str | None, partition: CatalogPartition | None, table: CatalogTable) -> str:
    if expected is None:
        return "is shown, but nothing is current" if partition else ""
    if partition is None:
        return "has no partition"
    if partition.location != expected:
        return "shows another run than the decided one"
    return "has other columns than its table" if partition.columns != table.columns else ""


def _apply(ports: Ports, insight: str, action: Action) -> None:
    steps: Mapping[Kind, Callable[[], None]] = {
        Kind.PROJECT_AS_OF: lambda: project_as_of(ports, insight, action.subject),
        Kind.PROJECT_LATEST: lambda: project_latest(ports, insight),
        Kind.PROJECT_RUN: lambda: project_run(ports, insight, action.subject),
        Kind.HIDE_RUN: lambda: hide_run(ports, insight, action.subject),
        Kind.REQUEUE: lambda: ports.events.requeue(layout.manifest_key(insight, action.subject)),
        Kind.WRITE_DECISION: lambda: _write_decision(ports, insight, int(action.subject)),
    }
    steps[action.kind]()


def _write_decision(ports: Ports, insight: str, sequence: int) -> None:
    decision = ports.registry.decision(insight, sequence)
    if decision is not None:
        write_decision(ports.storage, decision)


def _run_uri(ports: Ports, insight: str, run_id: str) -> str:
    return ports.storage.uri(layout.run_folder(insight, run_id))


def _sequences(insight: str, keys: list[str]) -> list[int]:
    names = [key.removeprefix(layout.decisions_folder(insight)) for key in keys]
    return [int(name[:12]) for name in names if len(name) == 17 and name[:12].isdigit() and name.endswith(".json")]


def _refusals(ports: Ports, insight: str, run_ids: list[str]) -> dict[str, str]:
    refusals = {}
    for run_id in run_ids:
        try:
            examine(ports, layout.manifest_key(insight, run_id))
        except ManifestRefused as error:
            refusals[run_id] = str(error)
    return refusals


def _digests(insight: str, listing: tuple[StoredObject, ...]) -> dict[str, str]:
    by_run: dict[str, list[StoredObject]] = {}
    for item in listing:
        run_id = item.key.removeprefix(layout.insight_folder(insight)).partition("/")[0]
        by_run.setdefault(run_id, []).append(item)
    return {
        run_id: files_digest(visible_sizes(layout.run_folder(insight, run_id), items))
        for run_id, items in by_run.items()
    }
