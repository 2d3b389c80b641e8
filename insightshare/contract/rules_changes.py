"""What a change must keep: the version says it, `all` does not grow by it, and no reader's table breaks. Finds none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from insightshare.contract.changes import Change, Effect, together, version_numbers
from insightshare.contract.changes_client import grants_in_force
from insightshare.contract.changes_deployed import DeployedTable, deployed_changes
from insightshare.contract.changes_project import changes
from insightshare.contract.column_sets import ALL
from insightshare.contract.facts import Agreement, Field, Project
from insightshare.contract.problems import Problem, shown

Seen = Mapping[tuple[str, str], Iterable[str]]
"""The columns that there were, by client and insight."""


def change_problems(before: Project, after: Project, today: date) -> list[Problem]:
    """Return what is wrong with going from one state of the project to the other, sorted."""
    found = changes(before, after, today)
    undated = list(_undated_columns(before, after))
    said = {(problem.file, problem.field) for problem in undated}
    seen = {
        (client, grant.insight): columns
        for client, grant, columns in grants_in_force(before, today)
        if grant.stated == ALL
        and client in after.clients
        and after.clients[client].start == before.clients[client].start
    }
    grown = [problem for problem in _grown_grants(after, seen, today) if (problem.file, problem.field) not in said]
    return sorted([*_version_problems(before, after, found), *undated, *grown, *_refusals(found)])


def deployment_problems(deployed: Mapping[str, DeployedTable], project: Project, today: date) -> list[Problem]:
    """Return what is wrong with deploying the project over what is deployed, sorted."""
    seen = {(client, name): table.types for name, table in deployed.items() for client in table.readers}
    return sorted([*_refusals(deployed_changes(deployed, project)), *_grown_grants(project, seen, today)])


def _version_problems(before: Project, after: Project, found: tuple[Change, ...]) -> Iterator[Problem]:
    """Each insight whose contract changed without the version that such a change needs."""
    for name in before.insights.keys() & after.insights.keys():
        effects = {change.effect for change in found if change.insight == name and not change.of_agreement}
        old, new = before.insights[name].version, after.insights[name].version
        needed = _needed(old, effects)
        if needed is not None and version_numbers(new) < version_numbers(needed):
            fix = f"write {needed}" if "breaking" not in effects else _new_table(name, old)
            yield Problem(_file(name), "version", shown(new), f"{needed} or higher", fix)


def _undated_columns(before: Project, after: Project) -> Iterator[Problem]:
    """Each new column that does not say since when it is there: `all` would come to mean it."""
    for name in before.insights.keys() & after.insights.keys():
        for column in after.insights[name].columns:
            if column.since is None and column.name not in before.insights[name].types:
                expected = "the day on which the column came"
                fix = 'add customProperties since with the day, as "2026-12-01", so that agreements on all do not grow'
                yield Problem(_file(name), _since(column), "nothing", expected, f"{fix} by it")


def _grown_grants(project: Project, seen: Seen, today: date) -> Iterator[Problem]:
    """Each column that comes to a client which agreed on all that there was; of several clients, the last to begin."""
    grown: dict[tuple[str, str], Agreement] = {}
    for client, grant, columns in grants_in_force(project, today):
        if grant.stated == ALL and (client, grant.insight) in seen:
            agreement = project.clients[client]
            for column in columns - frozenset(seen[client, grant.insight]):
                earlier = grown.setdefault((grant.insight, column), agreement)
                grown[grant.insight, column] = max(earlier, agreement, key=lambda one: (one.start, one.client))
    for (name, told), agreement in grown.items():
        field = next(field for field in project.insights[name].columns if field.name == told)
        found = f'"{field.since}"' if field.since else "nothing"
        expected = f"a day after {agreement.start}, when the agreement of {agreement.client} on all began"
        fix = "write the day on which the column comes, or name the column in the agreement"
        yield Problem(_file(name), _since(field), found, expected, fix)


def _refusals(found: Iterable[Change]) -> Iterator[Problem]:
    """Each change that breaks a table under clients that read it."""
    for change in found:
        if change.effect == "breaking" and change.readers and not change.of_agreement:
            what = f"{change.what} while {together(change.readers)} may read it"
            fix = _new_table(change.insight, "") + "; or make deploy BECAUSE='a reason', and tell them"
            yield Problem(_file(change.insight), change.field, what, "a change that their queries survive", fix)


def _needed(version: str, effects: set[Effect]) -> str | None:
    major, minor, patch = version_numbers(version)
    if "breaking" in effects:
        return f"{major + 1}.0.0"
    if effects & {"notice", "compatible"}:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}" if effects else None


def _new_table(name: str, version: str) -> str:
    major = f"{version_numbers(version)[0] + 1}" if version else "<major>"
    return (
        f"leave {name} as it is, make the new one insights/{name}_v{major}/, "
        f"and write status: deprecated with replacedBy and readableUntil into the old contract"
    )


def _since(column: Field) -> str:
    return f"column {column.name}: customProperties[since]"


def _file(insight: str) -> str:
    return f"insights/{insight}/contract.odcs.yaml"
