"""What changed between two states of a project, how much that hurts readers, and which of them. Reads no files.

A reader's query breaks where a table or a column goes, moves, changes type, or may suddenly be empty. A promise that is
weakened is a notice: queries go on, but somebody relied on it. What only adds or explains breaks nobody.
The version says the same in three numbers (https://semver.org): breaking, then additions and notices, then words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from typing import Literal

from insightshare.contract.facts import TABLE_KINDS, Agreement, Check, Field, Grant, Insight, Project
from insightshare.contract.problems import Problem, listed, shown

Effect = Literal["breaking", "notice", "compatible", "editorial"]
_WORDS = ("title", "description", "purpose", "usage", "limitations", "owner")
# What a column says of itself beside name and type; who is told when it changes.
_MEANINGS: Mapping[str, Effect] = {
    "unit": "breaking",
    "classification": "notice",
    "personal": "notice",
    "band_of": "notice",
    "logical_type": "notice",
    "description": "editorial",
}


@dataclass(frozen=True, order=True)
class Change:
    """One change of one insight, or of what one client may read of it; `readers` are the clients that notice."""

    insight: str
    field: str
    what: str
    effect: Effect
    readers: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = f" for {listed(self.readers).replace(' or ', ' and ')}" if self.readers else ""
        return f"{self.effect}: {self.insight}: {self.field}: {self.what}{told}"


def changes(before: Project, after: Project, today: date) -> tuple[Change, ...]:
    """Return every change from one state to another, sorted; readers are those whose agreement is in force."""
    readers = _readers(before, today)
    found = [change for name in before.insights for change in _insight_changes(before, after, name, readers)]
    added = sorted(after.insights.keys() - before.insights.keys())
    found += [Change(name, "table", "is new", "compatible") for name in added]
    found += [change for name in before.clients for change in _agreement_changes(before, after, name, today)]
    return tuple(sorted(found))


def column_changes(insight: str, before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """Return what happens to a table of columns (Athena type by name) when its columns become others."""
    found = [Change(insight, f"column {name}", "is gone", "breaking") for name in before if name not in after]
    for name in before.keys() & after.keys():
        if before[name] != after[name]:
            found.append(Change(insight, f"column {name}", f"{before[name]} becomes {after[name]}", "breaking"))
    kept = [name for name in before if name in after]
    stayed = [name for name in after if name in before]
    for name, _ in (pair for pair in zip(kept, stayed, strict=True) if pair[0] != pair[1]):
        found.append(Change(insight, f"column {name}", "stands elsewhere", "breaking"))
    last = max((place for place, name in enumerate(after) if name in before), default=-1)
    for place, name in enumerate(after):
        if name not in before:
            effect: Effect = "compatible" if place > last else "breaking"
            found.append(Change(insight, f"column {name}", "is new" + " but not the last" * (place < last), effect))
    return tuple(sorted(found))


def deployed_changes(deployed: Mapping[str, Mapping[str, str]], project: Project, today: date) -> tuple[Change, ...]:
    """Return what deploying the project does to the tables that are there: Athena type by column, by insight."""
    readers = _readers(project, today)
    found = []
    for name, columns in deployed.items():
        grants = readers.get(name, {})
        if name not in project.insights:
            found.append(Change(name, "table", "is gone", "breaking", tuple(sorted(grants))))
            continue
        found += _with_readers(column_changes(name, columns, project.insights[name].types), columns, grants)
    return tuple(sorted(found))


def version_problems(before: Project, after: Project, found: tuple[Change, ...]) -> list[Problem]:
    """Return a problem for each insight whose contract changed without the version that such a change needs."""
    problems = []
    for name in before.insights.keys() & after.insights.keys():
        effects = {change.effect for change in found if change.insight == name and not _is_agreement(change)}
        old, new = before.insights[name].version, after.insights[name].version
        needed = _needed(old, effects)
        if needed is not None and _numbers(new) < _numbers(needed):
            fix = f"write {needed}" if "breaking" not in effects else _new_table(name, old)
            problems.append(Problem(_file(name), "version", shown(new), f"{needed} or higher", fix))
    return sorted(problems)


def undated_columns(before: Project, after: Project) -> list[Problem]:
    """Return a problem for each new column that does not say since when it is there: `all` would come to mean it."""
    return sorted(
        Problem(
            _file(name),
            f"column {column.name}: customProperties[since]",
            "nothing",
            "the day on which the column came",
            'add customProperties since with the day, as "2026-12-01", so that agreements on all do not grow by it',
        )
        for name in before.insights.keys() & after.insights.keys()
        for column in after.insights[name].columns
        if column.since is None and column.name not in before.insights[name].types
    )


def refusals(found: tuple[Change, ...]) -> list[Problem]:
    """Return a problem for each change that breaks a table under clients that read it."""
    return [
        Problem(
            _file(change.insight),
            change.field,
            f"{change.what} while {listed(change.readers).replace(' or ', ' and ')} may read it",
            "a change that their queries survive",
            _new_table(change.insight, "") + "; or deploy with a reason, and tell them",
        )
        for change in found
        if change.effect == "breaking" and change.readers and not _is_agreement(change)
    ]


def _insight_changes(
    before: Project, after: Project, name: str, readers: Mapping[str, Mapping[str, Grant]]
) -> Iterator[Change]:
    grants = readers.get(name, {})
    everyone = tuple(sorted(grants))
    if name not in after.insights:
        yield Change(name, "table", "is gone", "breaking", everyone)
        return
    old, new = before.insights[name], after.insights[name]
    yield from _with_readers(column_changes(name, old.types, new.types), old.types, grants)
    columns = {column.name: column for column in new.columns}
    for column in old.columns:
        if column.name in columns:
            yield from _meaning_changes(name, column, columns[column.name], _who_read(grants, column.name))
    if old.key != new.key:
        what = f"{', '.join(old.key)} becomes {', '.join(new.key)}"
        yield Change(name, "key", what, "breaking", everyone)
    yield from _promise_changes(old, new, everyone)
    for field in _WORDS:
        if getattr(old, field) != getattr(new, field):
            yield Change(name, field, "is said otherwise", "editorial")


def _with_readers(
    found: tuple[Change, ...], columns: Mapping[str, str], grants: Mapping[str, Grant]
) -> Iterator[Change]:
    """The changes of columns, each with the clients that may read the column; a new one in between moves all others."""
    for change in found:
        column = change.field.removeprefix("column ")
        hit = _who_read(grants, column) if column in columns else tuple(sorted(grants))
        yield replace(change, readers=hit if change.effect == "breaking" else ())


def _meaning_changes(insight: str, old: Field, new: Field, readers: tuple[str, ...]) -> Iterator[Change]:
    field = f"column {old.name}"
    if old.required and not new.required:
        yield Change(insight, field, "may now be empty", "breaking", readers)
    if new.required and not old.required:
        yield Change(insight, field, "is never empty any more", "compatible")
    for name, effect in _MEANINGS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            told = () if effect == "editorial" else readers
            yield Change(insight, field, f"{name} {_said(before)} becomes {_said(after)}", effect, told)
    if old.inferred != new.inferred:
        what = "is inferred in another way or for other purposes" if old.inferred else "is said to be inferred"
        what = what if new.inferred else "is no longer said to be inferred"
        yield Change(insight, field, what, "notice", readers)


def _promise_changes(old: Insight, new: Insight, readers: tuple[str, ...]) -> Iterator[Change]:
    kept = {check.id: check for check in new.checks}
    known = {check.id for check in old.checks}
    for check in old.checks:
        if check.id not in kept:
            yield Change(old.name, f"check {check.id}", "is gone", "notice", readers)
        elif _rule(check) != _rule(kept[check.id]):
            yield Change(old.name, f"check {check.id}", "is another rule", "notice", readers)
    for check in new.checks:
        if check.id not in known:
            yield Change(old.name, f"check {check.id}", "is new", "compatible")
    for before, after in zip_longest(_levels(old), _levels(new)):
        if before != after:
            what = f"{before or 'nothing'} becomes {after or 'nothing'}"
            yield Change(old.name, "service level", what, "notice" if before else "compatible", readers * bool(before))


def _agreement_changes(before: Project, after: Project, client: str, today: date) -> Iterator[Change]:
    """What a client may read less of; more is compatible."""
    old, new = before.clients[client], after.clients.get(client)
    if not old.in_force(today):
        return
    if new is not None and new.end < old.end:
        yield Change("*", f"agreement {client}: end", f"{old.end} becomes {new.end}", "notice", (client,))
    grants = {grant.insight: grant for grant in new.grants} if new else {}
    for grant in (grant for grant in old.grants if grant.insight in after.insights):
        lost = _lost(grant, grants.get(grant.insight), before, after)
        if lost:
            yield Change(grant.insight, f"agreement {client}", lost, "breaking", (client,))


def _lost(old: Grant, new: Grant | None, before: Project, after: Project) -> str:
    """What the new grant shows no longer, in words; empty where it shows everything that the old one did."""
    if new is None:
        return "shows nothing of it any more"
    shown_before = old.columns or tuple(before.insights[old.insight].types)
    shown_after = new.columns or tuple(after.insights[old.insight].types)
    columns = [name for name in shown_before if name not in shown_after]
    tables = [kind for kind in old.tables if kind not in new.tables]
    parts = [f"column {name}" for name in columns] + [f"table {kind}" for kind in TABLE_KINDS if kind in tables]
    said = f"no longer shows {', '.join(parts)}" if parts else ""
    rows = "shows other rows" if (old.rows or "") != (new.rows or "") and new.rows else ""
    return " and ".join(part for part in (said, rows) if part)


def _readers(project: Project, today: date) -> dict[str, dict[str, Grant]]:
    """The grants in force, by insight and client."""
    readers: dict[str, dict[str, Grant]] = {}
    for client, agreement in project.clients.items():
        for grant in _grants_in_force(agreement, today):
            readers.setdefault(grant.insight, {})[client] = grant
    return readers


def _grants_in_force(agreement: Agreement, today: date) -> tuple[Grant, ...]:
    return agreement.grants if agreement.in_force(today) else ()


def _who_read(grants: Mapping[str, Grant], column: str) -> tuple[str, ...]:
    return tuple(sorted(name for name, grant in grants.items() if grant.columns is None or column in grant.columns))


def _rule(check: Check) -> dict[str, object]:
    """A check without its wording."""
    return {name: value for name, value in vars(check).items() if name != "sentence"}


def _levels(insight: Insight) -> list[str]:
    return sorted(f"{level.property} {level.value:g} {level.unit}" for level in insight.service_levels)


def _needed(version: str, effects: set[Effect]) -> str | None:
    major, minor, patch = _numbers(version)
    if "breaking" in effects:
        return f"{major + 1}.0.0"
    if effects & {"notice", "compatible"}:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}" if effects else None


def _numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch


def _new_table(name: str, version: str) -> str:
    major = f"{_numbers(version)[0] + 1}" if version else "<major>"
    return (
        f"leave {name} as it is, make the new one insights/{name}_v{major}/, "
        f"and write status: deprecated with replacedBy and readableUntil into the old contract"
    )


def _is_agreement(change: Change) -> bool:
    return change.field.startswith("agreement ")


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else shown(value)


def _file(insight: str) -> str:
    return f"insights/{insight}/contract.odcs.yaml"
