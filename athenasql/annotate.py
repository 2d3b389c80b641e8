"""Types every query of a qualified tree by Trino's rules, from the innermost out, and tells the output of the whole.

Knows scopes, sources and clauses; `expressions.py` types what stands in them. Resolves no tables and writes no SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from athenasql import types as t
from athenasql.expressions import Columns, Expressions
from athenasql.types import Type


class Annotator:
    """Types one query; `tables` maps the flat table names of the qualified tree to their columns."""

    def __init__(self, sql: str, tables: Mapping[str, Mapping[str, Type]]) -> None:
        self.tables = tables
        self.outputs: dict[int, Columns] = {}
        self.scope: Scope | None = None
        self.expressions = Expressions(sql, self)
        self.aliases: Mapping[str, Type] = {}  # what ORDER BY may name without a table

    def annotate(self, query: exp.Query) -> Columns:
        """Output columns of the whole query, after typing all of it."""
        scopes = list(traverse_scope(query))
        for scope in scopes:
            self.scope = scope
            self.outputs[id(scope.expression)] = self._scope_columns(scope)
        return self.outputs[id(scopes[-1].expression)]

    def _scope_columns(self, scope: Scope) -> Columns:
        node = scope.expression
        if isinstance(node, exp.Select):
            return self._select_columns(node)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node)
        if isinstance(node, exp.Unnest):
            return self._unnest_columns(node)
        if isinstance(node, exp.Values):
            rows = [[self.expressions.type_of(item) for item in row.expressions] for row in node.expressions]
            return self._aliased(
                node, [self.expressions.common(node, list(column)) for column in zip(*rows, strict=True)]
            )
        if isinstance(node, exp.Subquery | exp.Table):
            return self.outputs.get(id(node.unnest()), [])
        raise self.expressions.error("NOT_SUPPORTED", f"{node.key.upper()} is not supported", node)

    def _select_columns(self, node: exp.Select) -> Columns:
        for join in node.args.get("joins") or []:
            if condition := join.args.get("on"):
                self.expressions.condition(condition, "JOIN ON clause")
        for window in node.args.get("windows") or []:
            self.expressions.window_parts(window)
        columns = [(item.alias_or_name, self.expressions.type_of(item)) for item in node.expressions]
        for clause in ("where", "having"):
            if found := node.args.get(clause):
                self.expressions.condition(found.this, f"{clause.upper()} clause")
        for part in ("group", "limit", "offset", "distinct"):
            if isinstance(found := node.args.get(part), exp.Expr):
                self._type_children(found)
        self._order(node, columns)
        return columns

    def _order(self, node: exp.Expr, columns: Columns) -> None:
        self.aliases = dict(columns)
        for item in node.args["order"].expressions if node.args.get("order") else []:
            self.expressions.type_of(item.this)
        self.aliases = {}

    def _type_children(self, node: exp.Expr) -> None:
        """Types the expressions of GROUP BY, LIMIT, OFFSET and DISTINCT."""
        for child in node.iter_expressions():
            if isinstance(child, exp.Tuple):
                self._type_children(child)
            else:
                self.expressions.type_of(child)

    def _set_operation(self, node: exp.SetOperation) -> Columns:
        left, right = (self.query_columns(side) for side in (node.left, node.right))
        if len(left) != len(right):
            detail = f"{node.key.upper()} query has different number of fields: {len(left)}, {len(right)}"
            raise self.expressions.error("TYPE_MISMATCH", detail, node)
        pairs = zip(left, right, strict=True)
        columns = [(name, self.expressions.common(node, [mine, theirs])) for (name, mine), (_, theirs) in pairs]
        self._order(node, columns)
        return columns

    def query_columns(self, node: exp.Expr) -> Columns:
        """The output of a sub-query that was typed before."""
        return self.outputs[id(node.unnest() if isinstance(node, exp.Subquery) else node)]

    def _unnest_columns(self, node: exp.Unnest) -> Columns:
        kinds: list[Type] = []
        for item in node.expressions:
            kind = self.expressions.type_of(item)
            if kind.name not in ("array", "map"):
                raise self.expressions.error("TYPE_MISMATCH", f"Cannot unnest type: {kind}", item)
            if kind.name == "map" or kind.element.name == "row":
                raise self.expressions.error("NOT_SUPPORTED", f"UNNEST of {kind} is not supported", item)
            kinds.append(kind.element)
        columns = self._aliased(node, kinds)
        offset = node.args.get("offset")
        return [*columns, (offset.name, t.BIGINT)] if isinstance(offset, exp.Expr) else columns

    def _aliased(self, node: exp.UDTF, kinds: Sequence[Type]) -> Columns:
        names = [column.name for column in (node.args["alias"].columns if node.args.get("alias") else [])]
        return list(zip([*names, *(f"_col{i}" for i in range(len(names), len(kinds)))], kinds, strict=False))

    def column_type(self, node: exp.Column) -> Type:
        """The type of a column of the scope at hand, of one around it, or of an output that ORDER BY names."""
        if not node.table and node.name not in self.aliases:
            self._qualify(node)
        columns = self._source_columns(node.table) if node.table else self.aliases
        if node.name not in columns:
            raise self.expressions.not_found(node)
        source = self.scope.sources.get(node.table) if self.scope else None
        unnest = source.expression if isinstance(source, Scope) else None
        if isinstance(unnest, exp.Unnest) and isinstance(unnest.args.get("offset"), exp.Expr):
            node.meta["ordinality"] = unnest.args["offset"].name == node.name
        return columns[node.name]

    def _qualify(self, node: exp.Column) -> None:
        """HAVING is left unqualified by sqlglot, for dialects in which it may name outputs."""
        sources = self.scope.selected_sources if self.scope else {}
        holders = [name for name in sources if node.name in self._source_columns(name)]
        if len(holders) > 1:
            raise self.expressions.error("AMBIGUOUS_NAME", f"Column '{node.name}' is ambiguous", node)
        if holders:
            node.set("table", exp.to_identifier(holders[0], quoted=True))

    def _source_columns(self, name: str) -> Mapping[str, Type]:
        """The columns of a table or sub-query of this scope, or of one around it."""
        scope = self.scope
        while scope:
            source = scope.sources.get(name)
            if isinstance(source, exp.Table):
                return self.tables.get(source.name, {})
            if source:
                return dict(self.query_columns(source.expression))
            scope = scope.parent
        return {}
