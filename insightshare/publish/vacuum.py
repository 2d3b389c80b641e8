"""Lets runs go that nobody needs: out of every table first, files only when no query can be reading them any more.

A run leaves in two passes. The first moves it to `deleting`, in a transaction that finds no pointer on it and no pin,
and takes it out of `_runs`. The second, when the longest query is over, deletes its manifest, then its files.
Deleted objects stay as versions for as long as the bucket keeps those; only what an erasure condemned goes for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from insightshare.errors import UsageError
from insightshare.publish import decisions, layout
from insightshare.publish.facts import GONE, LEFT, RUN_ID, UNREGISTERED, Pointer, Run, State, iso
from insightshare.publish.pins import is_pinned
from insightshare.publish.ports import Change, Ports, StoredVersion
from insightshare.publish.projection import hide_run, project_run

# Athena stops a query after half an hour, or after at most four hours where its quota was raised.
LONGEST_QUERY = timedelta(hours=6)
# A job may write for an hour, Spark on many rows for longer; its manifest waits in the queue for four days at most.
LONGEST_JOB = timedelta(days=1)
QUEUE = timedelta(days=4)
DEAD_LETTERS = timedelta(days=14)


@dataclass(frozen=True)
class Retention:
    """How long what is not shown any more is kept, and how long a query may read on."""

    keep: timedelta = timedelta(days=30)
    query: timedelta = LONGEST_QUERY

    def __post_init__(self) -> None:
        if self.keep < self.query:
            fix = "keep runs for at least as long as a query may read them"
            raise UsageError.at("vacuum", "keep", str(self.keep), f"{self.query} or longer", fix)


class Kind(StrEnum):
    """What vacuum does; each is refused, or leaves the run alone, if the run is needed again meanwhile."""

    BEGIN = "begin to delete"
    HIDE = "take out of _runs"
    DELETE = "delete the files of"


@dataclass(frozen=True, order=True)
class Action:
    """One step for one run: what is done, why, and how many bytes its folder holds; the transaction that begins it."""

    kind: Kind
    run_id: str
    reason: str
    size_bytes: int = 0
    change: Change | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.run_id}: {self.reason} ({self.size_bytes:,} bytes)"


@dataclass(frozen=True)
class VacuumPlan:
    """What vacuum would do for one insight, in order; and what it found that a person must look at."""

    insight: str
    actions: tuple[Action, ...]
    findings: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"  {action}" for action in self.actions] + [f"  look at: {finding}" for finding in self.findings]
        return "\n".join([f"{self.insight}: {len(self.actions)} to vacuum, {len(self.findings)} to look at", *lines])

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON types."""
        actions = [
            {"kind": str(a.kind), "run_id": a.run_id, "reason": a.reason, "size_bytes": a.size_bytes}
            for a in self.actions
        ]
        return {"insight": self.insight, "actions": actions, "findings": list(self.findings)}


@dataclass(frozen=True)
class Seen:
    """Everything that vacuum weighs, as read from registry, lake and catalog."""

    insight: str
    runs: Mapping[str, Run]
    pointers: Mapping[str, Pointer]
    shown: frozenset[str]
    run_partitions: frozenset[str]
    sizes: Mapping[str, int]
    manifests: frozenset[str]
    remains: frozenset[str]


DEFAULT = Retention()


def vacuum(ports: Ports, insight: str, retention: Retention = DEFAULT) -> VacuumPlan:
    """Vacuum one insight and return what was done; a second call at once finds nothing to do."""
    return carry_out(ports, plan(gather(ports, insight), retention, ports.clock()))


def gather(ports: Ports, insight: str) -> Seen:
    """Read all that vacuum weighs. `shown` holds the runs that history or `_latest` lead readers to now."""
    runs = {run.run_id: run for run in ports.registry.runs(insight)}
    places = [partition.location for partition in ports.catalog.partitions(layout.history_table(insight))]
    places.append(ports.catalog.table(layout.latest_table(insight)).location)
    condemned = [run.run_id for run in runs.values() if run.state is State.DELETED and run.condemned_by]
    keys = [item.key for item in ports.storage.list(layout.manifests_folder(insight))]
    return Seen(
        insight=insight,
        runs=runs,
        pointers={pointer.as_of: pointer for pointer in ports.registry.pointers(insight)},
        shown=frozenset(place.rstrip("/").rpartition("/")[2] for place in places),
        run_partitions=frozenset(p.value for p in ports.catalog.partitions(layout.runs_table(insight))),
        sizes=_sizes(ports, insight),
        manifests=frozenset(found[1] for found in map(layout.parse_manifest_key, keys) if found),
        remains=frozenset(run_id for run_id in condemned if _versions(ports, insight, run_id)),
    )


def plan(seen: Seen, retention: Retention, now: datetime) -> VacuumPlan:
    """Return what may go now, and what nobody can explain; empty when nothing may."""
    actions = [action for run in seen.runs.values() for action in _run_actions(seen, run, retention, now)]
    folders = [name for name in seen.sizes.keys() - seen.runs.keys() if name != layout.EMPTY]
    for name in folders:
        needed = name in seen.manifests | seen.shown | seen.run_partitions
        if not needed and older(_started_utc(name), LONGEST_JOB + QUEUE, now):
            actions.append(Action(Kind.DELETE, name, "nobody claimed it, and it has no manifest", seen.sizes[name]))
    findings = [
        f"{layout.insight_folder(seen.insight)}{name}/: folder: it is not the folder of a run. "
        "Fix: find out who wrote it, then delete it."
        for name in folders
        if not _started_utc(name)
    ]
    return VacuumPlan(seen.insight, tuple(sorted(actions)), tuple(sorted(findings)))


def carry_out(ports: Ports, found: VacuumPlan) -> VacuumPlan:
    """Do what is planned, and return what was done of it: who was overtaken meanwhile is left for the next time."""
    done = []
    for action in found.actions:
        if action.change is not None and not ports.registry.commit(action.change):
            continue
        if action.kind is Kind.BEGIN:
            project_run(ports, found.insight, action.run_id)
        elif action.kind is Kind.HIDE:
            hide_run(ports, found.insight, action.run_id)
        elif not _delete(ports, found.insight, action.run_id):
            continue
        done.append(action)
    return VacuumPlan(found.insight, tuple(done), found.findings)


def _run_actions(seen: Seen, run: Run, retention: Retention, now: datetime) -> list[Action]:
    size = seen.sizes.get(run.run_id, 0)
    if run.state not in GONE:
        reason = _why_begin(seen, run, retention, now)
        change = decisions.departure(run, seen.pointers.get(run.as_of), iso(now))
        return [Action(Kind.BEGIN, run.run_id, reason, size, change)] if reason else []
    if run.run_id in seen.run_partitions:
        return [Action(Kind.HIDE, run.run_id, "its deletion has begun", size)]
    if run.run_id in seen.shown:
        return []  # a write that came late: repair mends it first
    if run.state is State.DELETING and older(run.state_since_utc, retention.query, now):
        return [Action(Kind.DELETE, run.run_id, "no query can be reading it", size)]
    if run.state is State.DELETED and (size or run.run_id in seen.manifests):
        return [Action(Kind.DELETE, run.run_id, "something was written after its deletion", size)]
    if run.state is State.DELETED and run.run_id in seen.remains:
        return [Action(Kind.DELETE, run.run_id, f"condemned by {run.condemned_by}", size)]
    return []


def _why_begin(seen: Seen, run: Run, retention: Retention, now: datetime) -> str:
    """Return why a run's deletion may begin now; empty when it may not."""
    if run.state in UNREGISTERED:
        return _why_given_up(seen, run, now)
    pointer = seen.pointers.get(run.as_of)
    if run.state not in LEFT or (pointer and pointer.run_id == run.run_id) or run.run_id in seen.shown:
        return ""
    if run.condemned_by:
        due = older(run.state_since_utc, retention.query, now)
        return f"condemned by {run.condemned_by}" if due else ""
    if is_pinned(run, iso(now)[: len("2026-01-31")]) or not older(run.state_since_utc, retention.keep, now):
        return ""
    return f"{run.state} since {run.state_since_utc}"


def _why_given_up(seen: Seen, run: Run, now: datetime) -> str:
    """A claim without a manifest died; a manifest that was not registered in all this time is refused for good."""
    if run.condemned_by and older(run.claimed_at_utc, LONGEST_JOB, now):
        return f"condemned by {run.condemned_by}"
    if run.run_id not in seen.manifests:
        return "claimed, and never finished" if older(run.claimed_at_utc, LONGEST_JOB + QUEUE, now) else ""
    due = older(run.claimed_at_utc, LONGEST_JOB + QUEUE + DEAD_LETTERS, now)
    return "its manifest was never registered" if due else ""


def older(moment_utc: str, age: timedelta, now: datetime) -> bool:
    """Whether a moment lies further back than that; never where the moment is not known."""
    return bool(moment_utc) and now - datetime.fromisoformat(moment_utc) > age


def _started_utc(folder: str) -> str:
    """Return when the run began whose folder has this name; empty if it is no run's name."""
    if not RUN_ID.fullmatch(folder):
        return ""
    try:
        return datetime.strptime(f"{folder[:18]}+0000", "%Y%m%dT%H%M%S%f%z").isoformat()
    except ValueError:
        return ""


def _delete(ports: Ports, insight: str, run_id: str) -> bool:
    """Delete manifest and files unless a table leads there after all; the state tells the end, so it comes last."""
    run = ports.registry.run(insight, run_id)
    if (run is not None and run.state not in GONE) or _is_shown(ports, insight, run_id, run):
        return False
    if run is not None and run.condemned_by:
        ports.storage.delete_versions(_versions(ports, insight, run_id))
    else:
        ports.storage.delete([item.key for item in ports.storage.list(f"{layout.manifests_folder(insight)}{run_id}/")])
        ports.storage.delete([item.key for item in ports.storage.list(layout.run_folder(insight, run_id))])
    if run is not None and run.state is State.DELETING:
        ports.registry.commit(decisions.disappearance(run, iso(ports.clock())))
    return True


def _is_shown(ports: Ports, insight: str, run_id: str, run: Run | None) -> bool:
    place = ports.storage.uri(layout.run_folder(insight, run_id))
    history = ports.catalog.partition(layout.history_table(insight), run.as_of) if run else None
    if (history and history.location == place) or ports.catalog.partition(layout.runs_table(insight), run_id):
        return True
    return ports.catalog.table(layout.latest_table(insight)).location == place


def _versions(ports: Ports, insight: str, run_id: str) -> tuple[StoredVersion, ...]:
    """Every version of what a run wrote: its manifest first, as `_delete` does."""
    manifest = ports.storage.versions(f"{layout.manifests_folder(insight)}{run_id}/")
    return (*manifest, *ports.storage.versions(layout.run_folder(insight, run_id)))


def _sizes(ports: Ports, insight: str) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for item in ports.storage.list(layout.insight_folder(insight)):
        name = item.key.removeprefix(layout.insight_folder(insight)).partition("/")[0]
        sizes[name] = sizes.get(name, 0) + item.size_bytes
    return sizes
