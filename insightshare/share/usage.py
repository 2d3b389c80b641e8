"""Who uses what, by agreement: queries, bytes, columns as far as the evidence goes, last use, cost. Fetches nothing.

Evidence, and what it cannot say:

- Tables, queries, bytes and times come from the trail of our own account, for every reader alike.
- Columns come from the text of queries, which lies with the account that asked: ours to read for clients that read from
  our account, never for clients with an account of their own. Of those only the columns that they may read are known.
- Cost is Athena's list price for the bytes read. Whoever asks pays it: a client with an account of its own pays AWS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import ceil

from athenasql import SqlError, columns_used, typed_query
from insightshare.contract.facts import Agreement, Project
from insightshare.share.preview import Types, agreed_views
from insightshare.share.reads import Read

ATHENA_DOLLARS_PER_TIB = 5.00
"""Per TiB scanned, in eu-west-1 and most regions: https://aws.amazon.com/athena/pricing/ (read in November 2026)."""
LEAST_BYTES = 10 * 1024**2
"""Athena charges each query for at least 10 MB, and for whole megabytes (the same page)."""
OURSELVES = "(ourselves)"
_MIB, _TIB = 1024**2, 1024**4


@dataclass(frozen=True)
class Usage:
    """One reader's use of one table.

    `columns` are those that its queries named, None where no text is ours to see or can be read (`evidence` then
    says "trail"); `may_read` is how many columns of the table its agreement grants, None where there is no agreement.
    """

    client: str
    table: str
    queries: int
    scanned_bytes: int
    columns: tuple[str, ...] | None
    may_read: int | None
    last_use_utc: datetime
    dollars: float
    paid_by: str
    evidence: str


@dataclass(frozen=True)
class Setting:
    """What reads are understood by: the project, its deployment's names, texts of queries by id, and today."""

    project: Project
    account_id: str
    client_role: str
    """How the ARN of a client's role in our account begins; the client's name follows, also of one that left."""
    types: Types
    database: str
    today: date
    queries: Mapping[str, str] = field(default_factory=dict)


def since(today: date, days: int) -> datetime:
    """Return when a period of so many days, of which today is the last, begins in UTC."""
    return datetime.combine(today - timedelta(days=days - 1), datetime.min.time(), UTC)


def usage_of(reads: Iterable[Read], here: Setting) -> list[Usage]:
    """Return one line per reader and table, most bytes first per reader."""
    found = list(reads)
    charges = _charges(found)
    groups: dict[tuple[str, str], list[Read]] = {}
    for read in found:
        groups.setdefault((_reader(read, here), read.table), []).append(read)
    lines = [_line(key, group, charges, here) for key, group in groups.items()]
    return sorted(lines, key=lambda line: (line.client, -line.scanned_bytes, line.table))


def charged_bytes(scanned: int) -> int:
    """Return the bytes for which Athena charges one query."""
    return max(LEAST_BYTES, ceil(scanned / _MIB) * _MIB)


def _charges(reads: list[Read]) -> dict[Read, float]:
    """What each read costs: its part of its query's charge, by bytes, or evenly where the query read none."""
    by_query: dict[tuple[str, str], list[Read]] = {}
    for read in reads:
        by_query.setdefault((read.account_id, read.query), []).append(read)
    charges: dict[Read, float] = {}
    for group in by_query.values():
        total = sum(read.scanned_bytes for read in group)
        dollars = charged_bytes(total) / _TIB * ATHENA_DOLLARS_PER_TIB
        for read in group:
            charges[read] = dollars * (read.scanned_bytes / total if total else 1 / len(group))
    return charges


def _reader(read: Read, here: Setting) -> str:
    """The client that read, (ourselves), or the account of somebody without an agreement."""
    if read.account_id == here.account_id:
        is_client = read.principal.startswith(here.client_role)
        return read.principal.removeprefix(here.client_role) if is_client else OURSELVES
    agreements = here.project.clients.values()
    owners = [agreement.client for agreement in agreements if agreement.account_id == read.account_id]
    return owners[0] if owners else f"account {read.account_id}"


def _line(key: tuple[str, str], reads: list[Read], charges: Mapping[Read, float], here: Setting) -> Usage:
    client, table = key
    agreement = here.project.clients.get(client)
    texts = [here.queries[read.query] for read in reads if read.query in here.queries]
    visible = _visible(agreement, here)
    columns = _columns(table, texts, here.database, visible)
    return Usage(
        client=client,
        table=table,
        queries=len({read.query for read in reads}),
        scanned_bytes=sum(read.scanned_bytes for read in reads),
        columns=columns,
        may_read=len(visible[table]) if agreement and table in visible else None,
        last_use_utc=max(read.at_utc for read in reads),
        dollars=sum(charges[read] for read in reads),
        paid_by="us" if reads[0].account_id == here.account_id else "client",
        evidence="trail" if columns is None else "trail, queries",
    )


def _columns(table: str, texts: Iterable[str], database: str, visible: Types) -> tuple[str, ...] | None:
    """The table's columns that these queries name, in its order; None where none of the texts can be read."""
    known = {f"{database}.{name}": types for name, types in visible.items()}
    named: list[set[str]] = []
    for text in texts:
        try:
            query = typed_query(_select(text), known, default_database=database)
        except SqlError:
            continue
        named.append(columns_used(query).get(f"{database}.{table}", set()))
    return tuple(name for name in visible.get(table, {}) if name in set().union(*named)) if named else None


def _select(text: str) -> str:
    """The SELECT inside an UNLOAD; any other text as it is."""
    stripped = text.strip()
    if not stripped.lower().startswith("unload"):
        return stripped
    return stripped[stripped.find("(") + 1 : stripped.lower().rfind(")", 0, stripped.lower().rfind(" to "))]


def _visible(agreement: Agreement | None, here: Setting) -> Types:
    """The columns of each table that its reader sees: those of its agreement while it was in force, else all."""
    if agreement is None:
        return here.types
    day = max(agreement.start, min(here.today, agreement.end))
    views = agreed_views(here.project, agreement.client, day, here.types)
    return {table: {name: here.types[table][name] for name in view.columns} for table, view in views.items()}
