"""What a typed query reads of each table: the columns it uses, and the conditions that partitions alone decide."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from athenasql.generate import duckdb_expression
from athenasql.query import TypedQuery


def columns_used(query: TypedQuery) -> dict[str, set[str]]:
    """The columns of each table (by key) that the query reads anywhere."""
    found: dict[str, set[str]] = {key: set() for key in query.tables}
    for scope in traverse_scope(query.expression):
        for column in scope.columns:
            source = _source(scope, column.table)
            if isinstance(source, exp.Table):
                found[source.name].add(column.name)
    return found


def partition_conditions(query: TypedQuery, key: str, partition_keys: Collection[str]) -> tuple[str, list[str]]:
    """(alias, conditions in DuckDB's SQL) that every row of the table must meet and that name only partition keys.

    Nothing when the table is read in several places: then each place may need other partitions.
    """
    places = list(_places(query, key))
    if len(places) != 1:
        return "", []
    alias, scope = places[0]
    where = scope.expression.args.get("where")
    if where is None or _nullable(scope.expression, alias):
        return alias, []
    conditions = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    return alias, [duckdb_expression(item) for item in conditions if _decided(item, alias, partition_keys)]


def _places(query: TypedQuery, key: str) -> Iterator[tuple[str, Scope]]:
    for scope in traverse_scope(query.expression):
        for alias, (_, source) in scope.selected_sources.items():
            if isinstance(source, exp.Table) and source.name == key:
                yield alias, scope


def _nullable(select: exp.Expr, alias: str) -> bool:
    """Whether an outer join may add rows of NULLs for this table, which pruning would then change."""
    joins = select.args.get("joins") or []
    return any(join.side in ("LEFT", "RIGHT", "FULL") for join in joins)


def _decided(condition: exp.Expr, alias: str, partition_keys: Collection[str]) -> bool:
    if condition.find(exp.Query, exp.Anonymous, exp.Exists):
        return False
    columns = list(condition.find_all(exp.Column))
    return bool(columns) and all(item.table == alias and item.name in partition_keys for item in columns)


def _source(scope: Scope, name: str) -> object:
    found: Scope | None = scope
    while found:
        if name in found.sources:
            return found.sources[name]
        found = found.parent
    return None
