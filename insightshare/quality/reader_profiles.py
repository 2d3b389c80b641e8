"""Profiles over the rows that single readers may see, made when a run is: later, only its maker still sees all rows.

A profile over every row would tell a reader of some rows about the others. So each row filter of an agreement gets a
profile of its own: the columns that readers with this filter may see, over the rows that it keeps. It is shown to
readers whose agreement has exactly this filter (`insightshare.share.visibility`); a filter that is agreed on later has
none before the next run. Shows nothing to anybody.
"""

from collections.abc import Iterable
from typing import Any

import sqlglot

from athenasql import parse_row_filter
from insightshare.contract.facts import Agreement, Contract
from insightshare.quality.profile import Rows, profile


def reader_profiles(engine: Rows, table: str, contract: Contract, clients: Iterable[Agreement]) -> list[dict[str, Any]]:
    """Return one entry per row filter of these agreements, sorted: `rows` (the filter), `row_count`, `profile`."""
    columns: dict[str, set[str]] = {}
    for grant in [grant for client in clients for grant in client.grants]:
        if grant.insight == contract.name and grant.rows:
            columns.setdefault(grant.rows, set()).update(grant.columns_of(contract))
    return [_entry(engine, table, contract, rows, columns[rows]) for rows in sorted(columns)]


def _entry(engine: Rows, table: str, contract: Contract, rows: str, columns: set[str]) -> dict[str, Any]:
    where = parse_row_filter(rows, contract.types).sql
    if engine.dialect == "spark":
        [where] = sqlglot.transpile(where, read="trino", write="spark")
    found = profile(engine, table, contract, sorted(columns), where)
    count = max((column["count"] + column["nulls"] for column in found.values()), default=0)
    return {"rows": rows, "row_count": count, "profile": found}
