"""What a client would see under its agreement as it stands, before anything is granted: SELECTs that stand for tables.

The same reading of filters decides here and in the local AWS. Runs nothing: whoever may read the tables runs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from athenasql import SqlError, over_relations, visible_cells
from insightshare.contract.facts import AS_OF, RUN_ID, TABLE_KINDS, Agreement, Project, TableKind
from insightshare.errors import AccessRefused, QueryFailed
from insightshare.share.grants import RECEIPTS_TABLE, receipts_filter, table_name, visible_columns

Types = Mapping[str, Mapping[str, str]]
"""Athena type by column, partition key last, by table."""
_EXTRAS: Mapping[TableKind, tuple[str, ...]] = {"history": (AS_OF,), "latest": (AS_OF,), "runs": (AS_OF, RUN_ID)}


@dataclass(frozen=True)
class View:
    """What somebody sees of a table: `columns` in the table's order, and the rows of a row filter (empty: all)."""

    columns: tuple[str, ...]
    rows: str = ""


@dataclass(frozen=True)
class Difference:
    """What a client sees of a table now, and what it would see then; None where it sees nothing of it."""

    table: str
    now: View | None
    then: View | None

    @property
    def gained(self) -> tuple[str, ...]:
        """The columns that it would see and does not see now."""
        return _without(self.then, self.now)

    @property
    def lost(self) -> tuple[str, ...]:
        """The columns that it sees now and would not see."""
        return _without(self.now, self.then)


def table_types(project: Project, receipts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the columns of every table that a client may be granted; `receipts` are those of the receipts' table."""
    types = {
        table_name(insight.name, kind): {**insight.types, **dict.fromkeys(_EXTRAS[kind], "string")}
        for insight in project.insights.values()
        for kind in TABLE_KINDS
    }
    return {**types, RECEIPTS_TABLE: dict(receipts)}


def day_to_preview(agreement: Agreement, today: date) -> date:
    """Return today, or the agreement's first day while that is still to come."""
    return max(today, agreement.start)


def agreed_views(project: Project, client: str, today: date, types: Types) -> dict[str, View]:
    """Return what the client's agreement shows of each table; nothing of any outside the agreement's dates."""
    agreement = project.clients[client]
    if not agreement.in_force(today):
        return {}
    views = {
        table_name(grant.insight, kind): View(
            visible_columns(grant, project.insights[grant.insight], kind), grant.rows or ""
        )
        for grant in agreement.grants
        for kind in grant.tables
    }
    return {**views, RECEIPTS_TABLE: View(tuple(types[RECEIPTS_TABLE]), receipts_filter(agreement))}


def preview_query(sql: str, client: str, database: str, views: Mapping[str, View], types: Types) -> str:
    """Return the query as the client would have it answered: each table is what the client would see of it.

    AccessRefused for a table that the agreement does not show, QueryFailed for a query that does not parse.
    """
    relations = {table: _select(view, database, table, types[table]) for table, view in views.items()}
    try:
        return over_relations(sql, database, relations)
    except SqlError as error:
        kind = AccessRefused if error.code == "TABLE_NOT_FOUND" else QueryFailed
        shown = ", ".join(sorted(views)) or "nothing, as no agreement is in force"
        fix = f"write Athena's SQL over what the agreement shows: {shown}"
        raise kind.at(f"preview of {client}", "query", f"[{error}]", "a query that it could run", fix) from error


def differences(now: Mapping[str, View], then: Mapping[str, View]) -> tuple[Difference, ...]:
    """Return one difference per table that is seen now or then, by name; also where nothing differs."""
    return tuple(Difference(table, now.get(table), then.get(table)) for table in sorted(now.keys() | then.keys()))


def rows_query(difference: Difference, database: str, types: Mapping[str, str]) -> str:
    """Return the query whose one row counts the rows seen now, those seen then, and those seen now and then."""
    now, then = (_predicate(view, types) for view in (difference.now, difference.then))
    counts = ", ".join(
        f"COALESCE(SUM(CASE WHEN {test} THEN 1 ELSE 0 END), 0) AS {name}"
        for name, test in (("seen_now", now), ("seen_then", then), ("seen_both", f"{now} AND {then}"))
    )
    return f'SELECT {counts} FROM "{database}"."{difference.table}"'


def _select(view: View, database: str, table: str, types: Mapping[str, str]) -> str:
    columns, rows = visible_cells([(view.columns, view.rows or None)], view.columns, types)
    return f'SELECT {", ".join(columns)} FROM "{database}"."{table}" WHERE {rows}'


def _predicate(view: View | None, types: Mapping[str, str]) -> str:
    return visible_cells([(view.columns, view.rows or None)], (), types)[1] if view else "FALSE"


def _without(one: View | None, other: View | None) -> tuple[str, ...]:
    hidden = other.columns if other else ()
    return tuple(name for name in (one.columns if one else ()) if name not in hidden)
