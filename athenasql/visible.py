"""What data cells filters leave of a table, as SQL: the one reading of grants that every evaluator here shares.

A row shows if any filter has it; a value shows where a filter that has the row lists its column, else it reads as NULL.
https://docs.aws.amazon.com/lake-formation/latest/dg/data-filtering.html. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlglot import exp, parse_one

from athenasql.dialect import AthenaSelect, read_query
from athenasql.errors import SqlError
from athenasql.query import CATALOG, drop_database_from_columns, table_nodes
from athenasql.row_filter import parse_row_filter

Cells = tuple[Collection[str], str | None]
"""The columns that a filter lists, and its row filter (None: every row)."""


def visible_cells(
    filters: Sequence[Cells], shown: Sequence[str], types: Mapping[str, str], always: Collection[str] = ()
) -> tuple[list[str], str]:
    """Return an expression per column of `shown`, and the predicate of the rows, in SQL that Athena and DuckDB share.

    `types` are the table's (Athena type by column); columns of `always` (partition keys) show in every visible row.
    """
    tests = [
        ({column.lower() for column in columns}, parse_row_filter(rows, types).sql if rows else "TRUE")
        for columns, rows in filters
    ]
    expressions = []
    for column in shown:
        where = [test for columns, test in tests if column in columns]
        name = _quoted(column)
        whole = len(where) == len(tests) or column in always
        expressions.append(name if whole else f"CASE WHEN {' OR '.join(where) or 'FALSE'} THEN {name} END AS {name}")
    return expressions, "(" + " OR ".join(test for _, test in tests) + ")"


def over_relations(sql: str, database: str, relations: Mapping[str, str]) -> str:
    """Return the query with each table replaced by the SELECT that stands for it, in Athena's SQL.

    `relations` holds a SELECT by table of `database`. SqlError for a query that does not parse, or another table.
    """
    query = read_query(sql)
    drop_database_from_columns(query)
    for node in table_nodes(query):
        name = node.name.lower()
        ours = node.catalog.lower() in ("", CATALOG) and node.db.lower() in ("", database)
        if not ours or name not in relations:
            full = ".".join(part for part in (node.catalog, node.db or database, node.name) if part)
            raise SqlError("TABLE_NOT_FOUND", f"Table '{full}' is not one that the agreement grants")
        alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(name, quoted=True))
        inner = parse_one(relations[name], read=AthenaSelect)
        node.replace(exp.Subquery(this=inner, alias=alias, joins=node.args.get("joins")))
    return query.sql(dialect=AthenaSelect)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
