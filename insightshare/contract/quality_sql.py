"""A rule of type sql: one number of one table, in Athena's SQL with {object} and {property} as places to fill in.

Says what is wrong with such a query and types it; generates it for no engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from athenasql import SqlError, TypedQuery, parse_type, typed_query

_PLACES = re.compile(r"\$?\{(\w+)\}")


def typed_rule(query: str, table: str, types: Mapping[str, str], column: str = "") -> TypedQuery:
    """The rule's query on a table of that name with these columns (Athena types); SqlError for what Athena refuses."""
    names = {"object": table, **({"property": column} if column else {})}

    def filled(place: re.Match[str]) -> str:
        if place[1] not in names:
            line = query.count("\n", 0, place.start()) + 1
            raise SqlError("PARAMETER_NOT_FOUND", f"Place '{place[0]}' is not {' or '.join(names)}", line)
        return '"' + names[place[1]].replace('"', '""') + '"'

    return typed_query(_PLACES.sub(filled, query), {table: dict(types)})


def one_number_problem(typed: TypedQuery) -> str | None:
    """Why the query does not yield exactly one number, whatever the rows; None where it does."""
    if len(typed.output) != 1:
        return f"a query of {len(typed.output)} columns"
    kind = typed.output[0][1]
    if not parse_type(kind).is_number:
        return f"a query of type {kind}"
    select = typed.expression
    if not isinstance(select, exp.Select) or select.args.get("group") or not _aggregates(select):
        return "a query that may yield no row, or many"
    if select.args.get("having") or select.args.get("offset") or select.args.get("limit"):
        return "a query that may leave its only row out"
    return None


def _aggregates(select: exp.Select) -> bool:
    """Whether the select itself, not one within it, aggregates all of its rows to one."""
    for item in select.expressions:
        for node in item.walk(prune=lambda found: isinstance(found, exp.Query | exp.Window)):
            call = node.meta.get("call")
            if call and call.function.kind == "aggregate":
                return True
    return False
