"""The figures kept in `benchmarks.json`: read, added to and written group by group. Judges and shows nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.measure import Measured


@dataclass(frozen=True)
class GroupResult:
    """What was measured side by side, when, at which commit, on how busy a machine; (title, figures) by case."""

    title: str
    at_utc: str
    commit: str
    load: float
    cases: Mapping[str, tuple[str, Measured]]


@dataclass(frozen=True)
class Results:
    """Everything measured on one machine, by `benchmark:group`."""

    machine: Mapping[str, Any]
    versions: Mapping[str, Any]
    groups: Mapping[str, GroupResult]

    def added(self, key: str, group: GroupResult) -> "Results":
        """Return the results with this group's in place of older ones."""
        return replace(self, groups={**self.groups, key: group})

    def case(self, key: str) -> Measured | None:
        """Return the figures of `benchmark:group:case`, or None where they were not taken."""
        group, _, case = key.rpartition(":")
        return self.groups[group].cases[case][1] if group in self.groups and case in self.groups[group].cases else None

    def write(self, path: Path) -> None:
        """Write everything as JSON, in order of name, so that a change shows as one."""
        groups = {}
        for key, group in sorted(self.groups.items()):
            cases = {name: {"title": title, **found.to_json()} for name, (title, found) in group.cases.items()}
            groups[key] = {**vars(group), "cases": cases}
        body = {"machine": self.machine, "versions": self.versions, "groups": groups}
        path.write_text(json.dumps(body, indent=1) + "\n")


def read_results(path: Path, machine: Mapping[str, Any], versions: Mapping[str, Any]) -> Results:
    """Return what is kept; SystemExit where it comes from another machine: figures of two are not to be compared."""
    if not path.exists():
        return Results(machine, versions, {})
    kept = json.loads(path.read_text())
    if (kept["machine"], kept["versions"]) != (machine, versions):
        raise SystemExit(f"{path}: machine or versions: others are not these. Fix: pass --fresh to measure all again.")
    groups = {
        key: GroupResult(
            group["title"],
            group["at_utc"],
            group["commit"],
            group["load"],
            {name: (case["title"], Measured.from_json(case)) for name, case in group["cases"].items()},
        )
        for key, group in kept["groups"].items()
    }
    return Results(machine, versions, groups)
