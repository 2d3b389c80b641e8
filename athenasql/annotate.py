"""Types every expression of a qualified query by Trino's rules and refuses what Trino would refuse.

Leaves on each node `meta["type"]`, and on calls and operators what `generate.py` needs: the chosen function, the types
that the operands are converted to. Resolves no tables and writes no SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from athenasql import types as t
from athenasql.calls import choose
from athenasql.dialect import place
from athenasql.errors import SqlError
from athenasql.types import Type, common_type

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_SYMBOLS = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.EQ: "=", exp.NEQ: "<>",
            exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}  # fmt: skip
_UNITS = {"second": t.DAY_INTERVAL, "minute": t.DAY_INTERVAL, "hour": t.DAY_INTERVAL, "day": t.DAY_INTERVAL,
          "month": t.MONTH_INTERVAL, "year": t.MONTH_INTERVAL}  # fmt: skip
_PARTS = ("year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy",
          "year_of_week", "yow", "hour", "minute", "second")  # fmt: skip
Columns = list[tuple[str, Type]]


class Annotator:
    """Types one query; `tables` maps the flat table names of the qualified tree to their columns."""

    def __init__(self, sql: str, tables: Mapping[str, Mapping[str, Type]]) -> None:
        self.sql = sql
        self.tables = tables
        self.outputs: dict[int, Columns] = {}
        self.scope: Scope | None = None
        self.lambdas: list[dict[str, Type]] = []
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
            rows = [[self.type_of(item) for item in row.expressions] for row in node.expressions]
            return self._aliased(node, [self._common(node, list(column)) for column in zip(*rows, strict=True)])
        if isinstance(node, exp.Subquery) or isinstance(node, exp.Table):
            return self.outputs.get(id(node.unnest()), [])
        raise self._error("NOT_SUPPORTED", f"{node.key.upper()} is not supported", node)

    def _select_columns(self, node: exp.Select) -> Columns:
        for part in ("joins", "laterals", "windows"):
            for item in node.args.get(part) or []:
                self._type_children(item)
        columns = [(item.alias_or_name, self.type_of(item)) for item in node.expressions]
        for part in ("where", "group", "having", "limit", "offset", "distinct", "order"):
            self.aliases = dict(columns) if part == "order" else {}
            if isinstance(found := node.args.get(part), exp.Expr):
                self._type_children(found)
        self.aliases = {}
        for clause in ("where", "having"):
            if found := node.args.get(clause):
                self._expect(found.this, t.BOOLEAN, f"{clause.upper()} clause")
        return columns

    def _type_children(self, node: exp.Expr) -> None:
        """Types the expressions below a clause; joined tables and sub-queries have scopes of their own."""
        for child in node.iter_expressions():
            if isinstance(child, exp.Table | exp.Subquery | exp.Unnest | exp.Values | exp.TableAlias | exp.Identifier):
                continue
            if isinstance(child, exp.Ordered | exp.Tuple | exp.WindowSpec | exp.Order | exp.Fetch):
                self._type_children(child)
            else:
                self.type_of(child)
        if isinstance(node, exp.Join) and node.args.get("on"):
            self._expect(node.args["on"], t.BOOLEAN, "JOIN ON clause")

    def _set_operation(self, node: exp.SetOperation) -> Columns:
        left, right = (self._query_columns(side) for side in (node.left, node.right))
        if len(left) != len(right):
            raise self._error("TYPE_MISMATCH", f"{node.key.upper()} query has different number of fields", node)
        for part in ("order", "limit", "offset"):
            if isinstance(found := node.args.get(part), exp.Order):
                self._order_by_output(found, left)
        pairs = zip(left, right, strict=True)
        return [(name, self._common(node, [mine, theirs])) for (name, mine), (_, theirs) in pairs]

    def _order_by_output(self, order: exp.Order, columns: Columns) -> None:
        names = dict(columns)
        for item in order.find_all(exp.Column):
            if item.name not in names:
                raise self._not_found(item)
            item.meta["type"] = names[item.name]

    def _query_columns(self, node: exp.Expr) -> Columns:
        found = node.unnest() if isinstance(node, exp.Subquery) else node
        return self.outputs[id(found)]

    def _unnest_columns(self, node: exp.Unnest) -> Columns:
        kinds: list[Type] = []
        for item in node.expressions:
            kind = self.type_of(item)
            if kind.name not in ("array", "map"):
                raise self._error("TYPE_MISMATCH", f"Cannot unnest type: {kind}", item)
            if kind.name == "map" or kind.element.name == "row":
                raise self._error("NOT_SUPPORTED", f"UNNEST of {kind} is not supported", item)
            kinds.append(kind.element)
        columns = self._aliased(node, kinds)
        offset = node.args.get("offset")
        return [*columns, (offset.name, t.BIGINT)] if isinstance(offset, exp.Expr) else columns

    def _aliased(self, node: exp.UDTF, kinds: Sequence[Type]) -> Columns:
        names = [column.name for column in (node.args["alias"].columns if node.args.get("alias") else [])]
        return list(zip([*names, *(f"_col{i}" for i in range(len(names), len(kinds)))], kinds, strict=False))

    # Expressions

    def type_of(self, node: exp.Expr) -> Type:
        """The node's type, after typing everything below it."""
        kind = self._infer(node)
        node.meta["type"] = kind
        return kind

    def _infer(self, node: exp.Expr) -> Type:
        if isinstance(node, _COMPARISONS):
            return self._comparison(node, [node.left, node.right])
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Mod):
            return self._arithmetic(node)
        handler: Any = getattr(self, f"_{node.key}", None)
        if handler is None:
            raise self._error("NOT_SUPPORTED", f"{node.key.upper()} is not supported here", node)
        result: Type = handler(node)
        return result

    def _column(self, node: exp.Column) -> Type:
        if not node.table and node.name not in self.aliases:
            self._qualify(node)
        columns = self._source_columns(node.table) if node.table else self.aliases
        if node.name not in columns:
            raise self._not_found(node)
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
            raise self._error("AMBIGUOUS_NAME", f"Column '{node.name}' is ambiguous", node)
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
                return dict(self._query_columns(source.expression))
            scope = scope.parent
        return {}

    def _identifier(self, node: exp.Identifier) -> Type:
        for bound in reversed(self.lambdas):
            if node.name in bound:
                return bound[node.name]
        raise self._not_found(node)

    def _not_found(self, node: exp.Expr) -> SqlError:
        why = "cannot be resolved or requester is not authorized to access requested resources"
        return self._error("COLUMN_NOT_FOUND", f"Column '{node.name}' {why}", node)

    def _literal(self, node: exp.Literal) -> Type:
        if node.is_string:
            return t.VARCHAR
        text = node.this.lower()
        if "e" in text:
            return t.DOUBLE
        if "." in text:
            whole, _, fraction = text.partition(".")
            return t.decimal(len(whole.lstrip("0")) + len(fraction), len(fraction))
        if int(text) >= 2**63:
            raise self._error("SYNTAX_ERROR", "Invalid numeric literal", node)
        return t.INTEGER if int(text) < 2**31 else t.BIGINT

    def _boolean(self, node: exp.Boolean) -> Type:
        return t.BOOLEAN

    def _null(self, node: exp.Null) -> Type:
        return t.UNKNOWN

    def _star(self, node: exp.Star) -> Type:
        return t.UNKNOWN

    def _paren(self, node: exp.Paren) -> Type:
        return self.type_of(node.this)

    _alias = _ordered = _paren

    def _neg(self, node: exp.Neg) -> Type:
        kind = self.type_of(node.this)
        if not kind.is_number and kind not in (t.UNKNOWN, t.DAY_INTERVAL, t.MONTH_INTERVAL):
            raise self._error("TYPE_MISMATCH", f"Cannot negate {kind}", node)
        return kind

    def _not(self, node: exp.Not) -> Type:
        self.type_of(node.this)
        self._expect(node.this, t.BOOLEAN, "Value of logical NOT expression")
        return t.BOOLEAN

    def _and(self, node: exp.Connector) -> Type:
        for side in (node.left, node.right):
            self.type_of(side)
            self._expect(side, t.BOOLEAN, "Logical expression term")
        return t.BOOLEAN

    _or = _and

    def _comparison(self, node: exp.Expr, operands: list[exp.Expr]) -> Type:
        kinds = [self.type_of(operand) for operand in operands]
        common: Type | None = kinds[0]
        for kind in kinds[1:]:
            common = common_type(common, kind) if common else None
        if common is None:
            detail = f"Cannot apply operator: {kinds[0]} {_SYMBOLS.get(type(node), node.key.upper())} {kinds[-1]}"
            raise self._error("TYPE_MISMATCH", detail, node)
        node.meta["operands"] = common
        return t.BOOLEAN

    def _is(self, node: exp.Is) -> Type:
        self.type_of(node.this)
        if not isinstance(node.expression, exp.Null):
            raise self._error("SYNTAX_ERROR", "IS takes NULL or DISTINCT FROM", node)
        return t.BOOLEAN

    def _between(self, node: exp.Between) -> Type:
        return self._comparison(node, [node.this, node.args["low"], node.args["high"]])

    def _in(self, node: exp.In) -> Type:
        query = node.args.get("query")
        if query is None:
            return self._comparison(node, [node.this, *node.expressions])
        kinds = [self.type_of(node.this), self.type_of(query)]
        if common_type(*kinds) is None:
            raise self._error(
                "TYPE_MISMATCH",
                f"value and result of subquery must be of the same type: {kinds[0]} vs {kinds[1]}",
                node,
            )
        return t.BOOLEAN

    def _like(self, node: exp.Like) -> Type:
        for side in (node.this, node.expression):
            self.type_of(side)
            self._expect(side, t.VARCHAR, "LIKE expression")
        return t.BOOLEAN

    def _escape(self, node: exp.Escape) -> Type:
        if not isinstance(node.expression, exp.Literal) or len(node.expression.this) != 1:
            raise self._error("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character", node)
        self.type_of(node.expression)
        return self.type_of(node.this)

    def _arithmetic(self, node: exp.Expr) -> Type:
        left, right = self.type_of(node.left), self.type_of(node.right)  # type: ignore[attr-defined]  # all binary
        if found := _moment_arithmetic(type(node), left, right):
            node.meta["operands"] = (left, right)
            return found
        common = common_type(left, right)
        if common is None or not (common.is_number or common == t.UNKNOWN):
            detail = f"Cannot apply operator: {left} {_SYMBOLS[type(node)]} {right}"
            raise self._error("TYPE_MISMATCH", detail, node)
        node.meta["operands"] = (common, common)
        if common.name != "decimal":
            return common
        sides = (
            t.as_decimal(common if left == t.UNKNOWN else left),
            t.as_decimal(common if right == t.UNKNOWN else right),
        )
        node.meta["operands"] = sides
        return _decimal_result(type(node), *sides)

    def _dpipe(self, node: exp.DPipe) -> Type:
        common = common_type(self.type_of(node.left), self.type_of(node.right))
        if common is None or common.name not in ("varchar", "array", "varbinary", "unknown"):
            kinds = ", ".join(str(side.meta["type"]) for side in (node.left, node.right))
            raise self._error("FUNCTION_NOT_FOUND", f"Unexpected parameters ({kinds}) for function concat", node)
        return common

    def _case(self, node: exp.Case) -> Type:
        results = [branch.args["true"] for branch in node.args["ifs"]]
        for branch in node.args["ifs"]:
            if node.this:
                self._comparison(branch, [node.this, branch.this])
            else:
                self.type_of(branch.this)
                self._expect(branch.this, t.BOOLEAN, "CASE WHEN clause")
        return self._branches(node, [*results, node.args.get("default")])

    def _if(self, node: exp.If) -> Type:
        self.type_of(node.this)
        self._expect(node.this, t.BOOLEAN, "IF condition")
        return self._branches(node, [node.args["true"], node.args.get("false")])

    def _branches(self, node: exp.Expr, results: list[exp.Expr | None]) -> Type:
        return self._common(node, [self.type_of(found) for found in results if found is not None])

    def _cast(self, node: exp.Cast) -> Type:
        source = self.type_of(node.this)
        target = t.parse_type(node.args["to"].sql(dialect="trino"))
        if not _castable(source, target):
            raise self._error("TYPE_MISMATCH", f"Cannot cast {source} to {target}", node)
        return target

    _trycast = _cast

    def _interval(self, node: exp.Interval) -> Type:
        unit = (node.text("unit") or "").lower()
        if unit not in _UNITS or not isinstance(node.this, exp.Literal) or not node.this.this.lstrip("+-").isdigit():
            raise self._error("NOT_SUPPORTED", "Intervals are written as INTERVAL '1' DAY, with one unit", node)
        return _UNITS[unit]

    def _extract(self, node: exp.Extract) -> Type:
        part = node.name.lower()
        if part not in _PARTS:
            raise self._error("SYNTAX_ERROR", f"Invalid EXTRACT field: {part}", node)
        return self._call(node, part, [node.expression])

    def _trim(self, node: exp.Trim) -> Type:
        name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get((node.args.get("position") or "").upper(), "trim")
        return self._call(node, name, [item for item in (node.this, node.expression) if item])

    def _strposition(self, node: exp.StrPosition) -> Type:
        return self._call(node, "strpos", [node.this, node.args["substr"]])

    def _groupconcat(self, node: exp.GroupConcat) -> Type:
        return self._call(node, "listagg", [node.this, node.args.get("separator") or exp.Literal.string("")])

    def _anonymous(self, node: exp.Anonymous) -> Type:
        if node.name.lower() == "row":
            return t.row([("", self.type_of(item)) for item in node.expressions])
        return self._call(node, node.name.lower(), node.expressions)

    def _call(self, node: exp.Expr, name: str, arguments: list[exp.Expr]) -> Type:
        call = choose(self, node, name, arguments)
        node.meta["call"] = call
        return call.result

    def bind_lambda(self, node: exp.Lambda, kinds: Sequence[Type]) -> Type:
        """The type of a lambda's body when its parameters have these types."""
        self.lambdas.append({name.name: kind for name, kind in zip(node.expressions, kinds, strict=True)})
        try:
            return self.type_of(node.this)
        finally:
            self.lambdas.pop()

    def _window(self, node: exp.Window) -> Type:
        for item in node.args.get("partition_by") or []:
            self.type_of(item)
        if order := node.args.get("order"):
            self._type_children(order)
        return self.type_of(node.this)

    def _filter(self, node: exp.Filter) -> Type:
        self.type_of(node.expression.this)
        self._expect(node.expression.this, t.BOOLEAN, "FILTER clause")
        return self.type_of(node.this)

    _ignorenulls = _respectnulls = _paren

    def _exists(self, node: exp.Exists) -> Type:
        return t.BOOLEAN

    def _subquery(self, node: exp.Subquery) -> Type:
        columns = self._query_columns(node)
        if len(columns) != 1:
            raise self._error(
                "SYNTAX_ERROR",
                f"Multiple columns returned by subquery are not yet supported. Found {len(columns)}",
                node,
            )
        return columns[0][1]

    def _array(self, node: exp.Array) -> Type:
        return t.array(self._common(node, [self.type_of(item) for item in node.expressions]))

    def _bracket(self, node: exp.Bracket) -> Type:
        kind, index = self.type_of(node.this), self.type_of(node.expressions[0])
        if kind.name == "array" and index.is_integer:
            return kind.element
        if kind.name == "map" and t.coerces(index, kind.key):
            return kind.element
        raise self._error("TYPE_MISMATCH", f"Cannot use {index} for subscript of {kind}", node)

    def _dot(self, node: exp.Dot) -> Type:
        kind = self.type_of(node.this)
        for name, field in kind.fields:
            if kind.name == "row" and name == node.expression.name.lower():
                return field
        raise self._error("TYPE_MISMATCH", f"Expression is not of type ROW with field '{node.expression.name}'", node)

    def _attimezone(self, node: exp.AtTimeZone) -> Type:
        self.type_of(node.this)
        self._expect(node.this, t.TIMESTAMP_TZ, "Value of AT TIME ZONE")
        if not isinstance(node.args["zone"], exp.Literal) or node.args["zone"].this != "UTC":
            raise self._error("NOT_SUPPORTED", "AT TIME ZONE is supported for 'UTC' only", node)
        self.type_of(node.args["zone"])
        return t.TIMESTAMP_TZ

    def _currentdate(self, node: exp.CurrentDate) -> Type:
        return t.DATE

    def _currenttimestamp(self, node: exp.CurrentTimestamp) -> Type:
        return t.TIMESTAMP_TZ

    def _common(self, node: exp.Expr, kinds: list[Type]) -> Type:
        common: Type | None = kinds[0] if kinds else t.UNKNOWN
        for kind in kinds[1:]:
            common = common_type(common, kind) if common else None
        if common is None:
            detail = "All results must be coercible to a common type. Found: " + ", ".join(
                dict.fromkeys(map(str, kinds))
            )
            raise self._error("TYPE_MISMATCH", detail, node)
        return common

    def _expect(self, node: exp.Expr, kind: Type, what: str) -> None:
        found: Type = node.meta["type"]
        if not t.coerces(found, kind):
            raise self._error("TYPE_MISMATCH", f"{what} must evaluate to a {kind}: actual type {found}", node)

    def _error(self, code: str, detail: str, node: exp.Expr) -> SqlError:
        return SqlError(code, detail, *place(node, self.sql))


def _moment_arithmetic(kind: type[exp.Expr], left: Type, right: Type) -> Type | None:
    """Dates and timestamps with intervals; None when it is not that."""
    if kind is exp.Add and left.name.startswith("interval"):
        left, right = right, left
    if kind not in (exp.Add, exp.Sub):
        return None
    if left.name.startswith("interval") and right == left:
        return left
    moments = ("date", "timestamp", "timestamp with time zone")
    if left.name in moments and right.name.startswith("interval"):
        return left
    return None


def _decimal_result(kind: type[exp.Expr], left: Type, right: Type) -> Type:
    """https://trino.io/docs/current/functions/decimal.html: precision and scale of the result."""
    (p1, s1), (p2, s2) = left.arguments, right.arguments
    if kind is exp.Mul:
        return t.decimal(p1 + p2, s1 + s2)
    if kind is exp.Div:
        return t.decimal(p1 + s2 + max(0, s2 - s1), max(s1, s2))
    if kind is exp.Mod:
        return t.decimal(min(p2 - s2, p1 - s1) + max(s1, s2), max(s1, s2))
    return t.decimal(max(s1, s2) + max(p1 - s1, p2 - s2) + 1, max(s1, s2))


_TEXT_FROM = ("varchar", "char", "boolean", *t.INTEGERS, "decimal", "date", "timestamp", "json")
_CASTS: dict[str, tuple[str, ...]] = {
    "varchar": _TEXT_FROM,
    "boolean": ("boolean", "varchar", *t.NUMBERS),
    **dict.fromkeys(t.NUMBERS, (*t.NUMBERS, "varchar", "boolean")),
    "date": ("date", "varchar", "timestamp", "timestamp with time zone"),
    "timestamp": ("date", "timestamp", "timestamp with time zone", "varchar"),
    "timestamp with time zone": ("date", "timestamp", "timestamp with time zone", "varchar"),
    "json": ("json", "varchar", "boolean", *t.INTEGERS),
}


def _castable(source: Type, target: Type) -> bool:
    if source == t.UNKNOWN or source == target:
        return True
    if target.fields:
        same = source.name == target.name and len(source.fields) == len(target.fields)
        return same and all(_castable(a, b) for (_, a), (_, b) in zip(source.fields, target.fields, strict=True))
    return source.name in _CASTS.get(target.name, ())
