"""Refuses a deployment whose plan deletes or replaces a table, or the database, under a client's grant.

A table that is made again has the old one's name and none of its grants: readers would be refused, and the shares that
carried the table to other accounts would point at nothing. What loses its grant by the same plan may go.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from insightshare.errors import ProjectInvalid
from scripts.roots import Plan

FILTER, TABLE, DATABASE = "aws_lakeformation_data_cells_filter", "aws_glue_catalog_table", "aws_glue_catalog_database"


def refuse_lost_tables(plan: Plan) -> None:
    """Raise ProjectInvalid with a line for each table or database that would go although a client reads it."""
    if problems := lost_tables(plan):
        raise ProjectInvalid(problems)


def lost_tables(plan: Plan) -> list[str]:
    """Return a line for each, sorted; none where nothing under a grant goes."""
    changes: Sequence[Mapping[str, Any]] = plan.get("resource_changes", ())
    readers = list(_readers(changes))
    return sorted(
        line
        for one in changes
        if one["type"] in (TABLE, DATABASE) and "delete" in one["change"]["actions"]
        for line in _lines(one, readers)
    )


def _readers(changes: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Database, table and client of every filter that is there now and still is there after the plan."""
    for one in changes:
        if one["type"] == FILTER and one["change"]["before"] and tuple(one["change"]["actions"]) != ("delete",):
            for cells in one["change"]["before"]["table_data"]:
                yield cells["database_name"], cells["table_name"], cells["name"]


def _lines(one: Mapping[str, Any], readers: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    before, actions = one["change"]["before"], one["change"]["actions"]
    if one["type"] == TABLE:
        what = f"table {before['database_name']}.{before['name']}"
        gone = (before["database_name"], before["name"])
        clients = {client for database, table, client in readers if (database, table) == gone}
    else:
        what = f"database {before['name']}"
        clients = {client for database, _, client in readers if database == before["name"]}
    if clients:
        verb = "made again" if "create" in actions else "deleted"
        names = ", ".join(sorted(clients))
        yield (
            f"{what}: plan: {verb} under the grant of {names} is not one that leaves readers their table. "
            f"Fix: undo what changes {one['address']}, or end the agreement on it first."
        )
