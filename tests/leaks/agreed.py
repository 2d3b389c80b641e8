"""Agreements as a project states them, drawn at random, and what each of them gives, worked out the long way.

The platform's own way from agreements to grants is `insightshare.share.grants`; here stands the one that it is held to.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from insightshare.contract.facts import Agreement, Field, Grant, Insight, Pipeline, Project, ReadsFrom, TableKind
from tests.leaks.shares import PROVIDER, Share, account_of
from tests.leaks.world import RECEIPTS, Column, Predicate, Table, predicate_of, receipts_of, rows_of, table_of, text

CLIENTS = {"globex": "role", "acme": "inside", "initech": "outside"}
INSIGHTS = ("one", "two")
ENDINGS: dict[TableKind, str] = {"history": "", "latest": "_latest"}
AS_OF = Column("as_of", "string", False)
FIRST_DAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Promise:
    """One insight in an agreement: columns (None: all), the rows' predicate, and which tables."""

    insight: str
    columns: tuple[str, ...] | None
    predicate: Predicate | None
    kinds: tuple[TableKind, ...]


@dataclass(frozen=True)
class Terms:
    """One client's agreement."""

    client: str
    start: date
    end: date
    promises: tuple[Promise, ...]


def published(dice: random.Random) -> tuple[Table, ...]:
    """Two insights' tables, with history and latest, and the receipts."""
    histories = [table_of(dice, name, "as_of") for name in INSIGHTS]
    latest = [
        Table(f"{table.name}_latest", (*table.columns, AS_OF), (), rows_of(dice, table.name, (*table.columns, AS_OF)))
        for table in histories
    ]
    return (*histories, *latest, receipts_of(dice, INSIGHTS))


def terms_of(dice: random.Random, tables: tuple[Table, ...], client: str, today: date) -> Terms:
    """An agreement that is mostly in force."""
    start = today + timedelta(days=dice.choice((-40, -1, 0, 0, 0, 3)))
    chosen = dice.sample(INSIGHTS, dice.choice((1, 1, 2)))
    promises = tuple(_promise(dice, next(table for table in tables if table.name == name)) for name in chosen)
    return Terms(client, start, start + timedelta(days=dice.choice((0, 20, 60, 400))), promises)


def project_of(tables: tuple[Table, ...], agreements: Iterable[Terms]) -> Project:
    """The same as the platform reads it from its folders."""
    insights = {table.name: _insight(table) for table in tables if table.name in INSIGHTS}
    return Project("leaks", {}, {}, insights, {terms.client: _agreement(terms) for terms in agreements})


def promised(agreements: Iterable[Terms], tables: Mapping[str, Table], today: date) -> Iterator[Share]:
    """Every grant that the agreements mean on this day, worked out by hand."""
    for terms in agreements:
        if not terms.start <= today < terms.end + timedelta(days=1):
            continue
        to = CLIENTS[terms.client]
        for promise in terms.promises:
            for kind in promise.kinds:
                name = promise.insight + ENDINGS[kind]
                own = tuple(column.name for column in tables[promise.insight].columns)
                columns = (*(promise.columns or own), *(("as_of",) if kind == "latest" else ()))
                yield Share(to, PROVIDER, name, "filter", columns, False, promise.predicate)
        read = tuple(promise.insight for promise in terms.promises)
        yield Share(to, PROVIDER, RECEIPTS, "filter", (), True, ("in", "insight", read))


def _promise(dice: random.Random, table: Table) -> Promise:
    names = [column.name for column in table.columns]
    columns = None if dice.random() < 0.2 else tuple(dice.sample(names, dice.randint(1, len(names) - 1)))
    predicate = predicate_of(dice, replace(table, keys=()), depth=1) if dice.random() < 0.6 else None
    kinds: tuple[tuple[TableKind, ...], ...] = (("history",), ("latest",), ("history", "latest"))
    return Promise(table.name, columns, predicate, dice.choice(kinds))


def _insight(table: Table) -> Insight:
    return Insight(
        name=table.name, title="", version="1.0.0", description="", purpose="", usage="", limitations="", owner="",
        columns=tuple(Field(column.name, column.type, "", "") for column in table.columns), key=("id",), checks=(),
        pipeline=Pipeline("sql", "duckdb", "", "", (), {}),
    )  # fmt: skip


def _agreement(terms: Terms) -> Agreement:
    grants = tuple(
        Grant(one.insight, one.columns, text(one.predicate) if one.predicate else None, one.kinds)
        for one in terms.promises
    )
    to = CLIENTS[terms.client]
    reads_from: ReadsFrom = "provider_account" if to == "role" else "own_account"
    return Agreement(terms.client, account_of(to), reads_from, "", "", terms.start, terms.end, grants)
