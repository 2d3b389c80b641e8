"""What changed between two states of one client's agreement: what it shows less of, and what more. Grants nothing.

What a contract takes away is the contract's change and not said again here; what `all` takes in is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from insightshare.contract.changes import Change, Effect, said
from insightshare.contract.facts import TABLE_KINDS, Agreement, Grant, Project

# What a client notices of its agreement when another value stands there, unless that gives it more.
_TERMS: Mapping[str, Effect] = {
    "account_id": "breaking",
    "reads_from": "breaking",
    "organisation": "notice",
    "start": "notice",
    "end": "notice",
    "scan_limit_mib": "notice",
}


def grants_in_force(project: Project, today: date) -> Iterator[tuple[str, Grant, frozenset[str]]]:
    """Yield the client, the grant and the columns that it shows, of every grant of the agreements in force."""
    for client, agreement in project.clients.items():
        for grant in agreement.grants if agreement.in_force(today) else ():
            yield client, grant, frozenset(_columns(grant, project))


def agreement_changes(before: Project, after: Project, client: str, today: date) -> Iterator[Change]:
    """Yield what the client may read less of, which breaks it where it reads today, and what more."""
    old, new = before.clients.get(client), after.clients.get(client)
    reads = old is not None and old.in_force(today)
    if old and new and today <= old.end:
        for change in _term_changes(old, new):
            yield change if reads or change.effect != "breaking" else _softened(change)
    earlier = _grants(old, today)
    later = {} if reads and new and not new.in_force(today) else _grants(new, today)
    for insight in sorted((earlier.keys() | later.keys()) & after.insights.keys()):
        grant = earlier.get(insight)
        field = f"agreement {client}"
        lost = _lost(grant, later.get(insight), before, after) if grant else ""
        if lost:
            yield Change(insight, field, lost, "breaking" if reads else "notice", (client,))
        gained = _gained(grant, later.get(insight), before, after)
        if gained:
            yield Change(insight, field, gained, "compatible")


def _term_changes(old: Agreement, new: Agreement) -> Iterator[Change]:
    field = f"agreement {old.client}"
    for name, effect in _TERMS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            more = _is_more(name, before, after)
            told = () if more else (old.client,)
            what = f"{said(before)} becomes {said(after)}"
            yield Change("*", f"{field}: {name}", what, "compatible" if more else effect, told)
    barred = [arn for arn in old.assumed_by if arn not in new.assumed_by]
    added = [arn for arn in new.assumed_by if arn not in old.assumed_by]
    if barred:
        yield Change("*", f"{field}: assumed_by", f"no longer {', '.join(barred)}", "breaking", (old.client,))
    if added:
        yield Change("*", f"{field}: assumed_by", f"also {', '.join(added)}", "compatible")


def _is_more(term: str, before: object, after: object) -> bool:
    if isinstance(before, date) and isinstance(after, date):
        return after > before if term == "end" else after < before
    return isinstance(before, int) and isinstance(after, int) and after > before


def _softened(change: Change) -> Change:
    """What would break a client that does not read yet."""
    return Change(change.insight, change.field, change.what, "notice", change.readers)


def _grants(agreement: Agreement | None, today: date) -> dict[str, Grant]:
    """What the agreement shows or will show, by insight; nothing once it is over."""
    return {grant.insight: grant for grant in agreement.grants} if agreement and today <= agreement.end else {}


def _lost(old: Grant, new: Grant | None, before: Project, after: Project) -> str:
    """What the new grant shows no longer, in words; empty where it shows everything that the old one did."""
    if new is None:
        return "shows nothing of it any more"
    there = set(after.insights[old.insight].types) - set(_columns(new, after))
    parts = _parts([name for name in _columns(old, before) if name in there], old, new)
    lost = f"no longer shows {', '.join(parts)}" if parts else ""
    rows = "shows other rows" if new.rows and new.rows != old.rows else ""
    return " and ".join(part for part in (lost, rows) if part)


def _gained(old: Grant | None, new: Grant | None, before: Project, after: Project) -> str:
    """What the new grant shows and the old one did not, in words; empty where that is nothing."""
    if old is None or new is None:
        return "is new" if new else ""
    seen = _columns(old, before)
    parts = _parts([name for name in _columns(new, after) if name not in seen], new, old)
    parts += ["all rows"] if old.rows and not new.rows else []
    return f"also shows {', '.join(parts)}" if parts else ""


def _parts(columns: list[str], one: Grant, other: Grant) -> list[str]:
    """The columns, and the tables that one grant names and the other does not."""
    tables = [kind for kind in TABLE_KINDS if kind in one.tables and kind not in other.tables]
    return [*(f"column {name}" for name in columns), *(f"table {kind}" for kind in tables)]


def _columns(grant: Grant, project: Project) -> tuple[str, ...]:
    """What the grant shows; of an insight that is not there, nothing."""
    if grant.columns is not None:
        return grant.columns
    return tuple(project.insights[grant.insight].types) if grant.insight in project.insights else ()
