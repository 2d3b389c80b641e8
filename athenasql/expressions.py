"""Types every kind of expression by Trino's rules and refuses what Trino would refuse.

Leaves on each node `meta["type"]`, and on calls and operators what `generate.py` needs: the chosen function, the types
that the operands are converted to. Where columns and sub-queries come from, `Names` knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlglot import exp

from athenasql import types as t
from athenasql.calls import choose
from athenasql.coercion import as_decimal, castable, coerces, common_type, decimal_result, moment_arithmetic
from athenasql.dialect import place
from athenasql.errors import SqlError
from athenasql.types import Type

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_SYMBOLS: dict[type[exp.Expr], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip
_UNITS = {"second": t.DAY_INTERVAL, "minute": t.DAY_INTERVAL, "hour": t.DAY_INTERVAL, "day": t.DAY_INTERVAL,
          "month": t.MONTH_INTERVAL, "year": t.MONTH_INTERVAL}  # fmt: skip
_PARTS = ("year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy",
          "year_of_week", "yow", "hour", "minute", "second")  # fmt: skip
Columns = list[tuple[str, Type]]


class Names(Protocol):
    """What the queries around an expression know."""

    def column_type(self, node: exp.Column) -> Type: ...
    def query_columns(self, node: exp.Expr) -> Columns: ...


class Expressions:
    """Types the expressions of one query."""

    def __init__(self, sql: str, names: Names) -> None:
        self.sql = sql
        self.names = names
        self.lambdas: list[dict[str, Type]] = []

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
            raise self.error("NOT_SUPPORTED", f"{node.key.upper()} is not supported here", node)
        result: Type = handler(node)
        return result

    def _column(self, node: exp.Column) -> Type:
        return self.names.column_type(node)

    def _identifier(self, node: exp.Identifier) -> Type:
        for bound in reversed(self.lambdas):
            if node.name in bound:
                return bound[node.name]
        raise self.not_found(node)

    def not_found(self, node: exp.Expr) -> SqlError:
        why = "cannot be resolved or requester is not authorized to access requested resources"
        return self.error("COLUMN_NOT_FOUND", f"Column '{node.name}' {why}", node)

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
            raise self.error("SYNTAX_ERROR", "Invalid numeric literal", node)
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
            raise self.error("TYPE_MISMATCH", f"Cannot negate {kind}", node)
        return kind

    def _not(self, node: exp.Not) -> Type:
        self.condition(node.this, "Value of logical NOT expression")
        return t.BOOLEAN

    def _and(self, node: exp.Connector) -> Type:
        for side in (node.left, node.right):
            self.condition(side, "Logical expression term")
        return t.BOOLEAN

    _or = _and

    def _comparison(self, node: exp.Expr, operands: list[exp.Expr]) -> Type:
        kinds = [self.type_of(operand) for operand in operands]
        common: Type | None = kinds[0]
        for kind in kinds[1:]:
            common = common_type(common, kind) if common else None
        if common is None:
            detail = f"Cannot apply operator: {kinds[0]} {_SYMBOLS.get(type(node), node.key.upper())} {kinds[-1]}"
            raise self.error("TYPE_MISMATCH", detail, node)
        node.meta["operands"] = common
        return t.BOOLEAN

    def _is(self, node: exp.Is) -> Type:
        self.type_of(node.this)
        if not isinstance(node.expression, exp.Null):
            raise self.error("SYNTAX_ERROR", "IS takes NULL or DISTINCT FROM", node)
        return t.BOOLEAN

    def _between(self, node: exp.Between) -> Type:
        return self._comparison(node, [node.this, node.args["low"], node.args["high"]])

    def _in(self, node: exp.In) -> Type:
        query = node.args.get("query")
        if query is None:
            return self._comparison(node, [node.this, *node.expressions])
        kinds = [self.type_of(node.this), self.type_of(query)]
        if common_type(*kinds) is None:
            raise self.error(
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
            raise self.error("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character", node)
        self.type_of(node.expression)
        return self.type_of(node.this)

    def _arithmetic(self, node: exp.Expr) -> Type:
        left, right = self.type_of(node.left), self.type_of(node.right)  # type: ignore[attr-defined]  # all binary
        if found := moment_arithmetic(type(node), left, right):
            node.meta["operands"] = (left, right)
            return found
        common = common_type(left, right)
        if common is None or not (common.is_number or common == t.UNKNOWN):
            detail = f"Cannot apply operator: {left} {_SYMBOLS[type(node)]} {right}"
            raise self.error("TYPE_MISMATCH", detail, node)
        node.meta["operands"] = (common, common)
        if common.name != "decimal":
            return common
        sides = (
            as_decimal(common if left == t.UNKNOWN else left),
            as_decimal(common if right == t.UNKNOWN else right),
        )
        node.meta["operands"] = sides
        return decimal_result(type(node), *sides)

    def _dpipe(self, node: exp.DPipe) -> Type:
        common = common_type(self.type_of(node.left), self.type_of(node.right))
        if common is None or common.name not in ("varchar", "array", "varbinary", "unknown"):
            kinds = ", ".join(str(side.meta["type"]) for side in (node.left, node.right))
            raise self.error("FUNCTION_NOT_FOUND", f"Unexpected parameters ({kinds}) for function concat", node)
        return common

    def _case(self, node: exp.Case) -> Type:
        results = [branch.args["true"] for branch in node.args["ifs"]]
        for branch in node.args["ifs"]:
            if node.this:
                self._comparison(branch, [node.this, branch.this])
            else:
                self.condition(branch.this, "CASE WHEN clause")
        return self._branches(node, [*results, node.args.get("default")])

    def _if(self, node: exp.If) -> Type:
        self.condition(node.this, "IF condition")
        return self._branches(node, [node.args["true"], node.args.get("false")])

    def _branches(self, node: exp.Expr, results: list[exp.Expr | None]) -> Type:
        return self.common(node, [self.type_of(found) for found in results if found is not None])

    def _cast(self, node: exp.Cast) -> Type:
        source = self.type_of(node.this)
        target = t.parse_type(node.args["to"].sql(dialect="trino"))
        if source.name in ("real", "double") and target.name == "varchar":
            raise self.error("NOT_SUPPORTED", f"CAST from {source} to {target} is not supported here", node)
        if not castable(source, target):
            raise self.error("TYPE_MISMATCH", f"Cannot cast {source} to {target}", node)
        return target

    _trycast = _cast

    def _interval(self, node: exp.Interval) -> Type:
        unit = (node.text("unit") or "").lower()
        if unit not in _UNITS or not isinstance(node.this, exp.Literal) or not node.this.this.lstrip("+-").isdigit():
            raise self.error("NOT_SUPPORTED", "Intervals are written as INTERVAL '1' DAY, with one unit", node)
        return _UNITS[unit]

    def _extract(self, node: exp.Extract) -> Type:
        part = node.name.lower()
        if part not in _PARTS:
            raise self.error("SYNTAX_ERROR", f"Invalid EXTRACT field: {part}", node)
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
        self.window_parts(node)
        return self.type_of(node.this)

    def window_parts(self, node: exp.Window) -> None:
        """Types PARTITION BY and ORDER BY of a window, also of one that the WINDOW clause names."""
        for item in node.args.get("partition_by") or []:
            self.type_of(item)
        for item in node.args["order"].expressions if node.args.get("order") else []:
            self.type_of(item.this)

    def _filter(self, node: exp.Filter) -> Type:
        self.condition(node.expression.this, "FILTER clause")
        return self.type_of(node.this)

    _ignorenulls = _respectnulls = _paren

    def _exists(self, node: exp.Exists) -> Type:
        return t.BOOLEAN

    def _subquery(self, node: exp.Subquery) -> Type:
        columns = self.names.query_columns(node)
        if len(columns) != 1:
            raise self.error(
                "SYNTAX_ERROR",
                f"Multiple columns returned by subquery are not yet supported. Found {len(columns)}",
                node,
            )
        return columns[0][1]

    def _coalesce(self, node: exp.Coalesce) -> Type:
        """Not the user's, whose functions keep their names: what sqlglot makes of a column that USING joins."""
        return self._branches(node, [node.this, *node.expressions])

    def _array(self, node: exp.Array) -> Type:
        return t.array(self.common(node, [self.type_of(item) for item in node.expressions]))

    def _bracket(self, node: exp.Bracket) -> Type:
        kind, index = self.type_of(node.this), self.type_of(node.expressions[0])
        if kind.name == "array" and index.is_integer:
            return kind.element
        if kind.name == "map" and coerces(index, kind.key):
            return kind.element
        raise self.error("TYPE_MISMATCH", f"Cannot use {index} for subscript of {kind}", node)

    def _dot(self, node: exp.Dot) -> Type:
        kind = self.type_of(node.this)
        for name, field in kind.fields:
            if kind.name == "row" and name == node.expression.name.lower():
                return field
        raise self.error("TYPE_MISMATCH", f"Expression is not of type ROW with field '{node.expression.name}'", node)

    def _attimezone(self, node: exp.AtTimeZone) -> Type:
        self.type_of(node.this)
        self._expect(node.this, t.TIMESTAMP_TZ, "Value of AT TIME ZONE")
        if not isinstance(node.args["zone"], exp.Literal) or node.args["zone"].this != "UTC":
            raise self.error("NOT_SUPPORTED", "AT TIME ZONE is supported for 'UTC' only", node)
        self.type_of(node.args["zone"])
        return t.TIMESTAMP_TZ

    def _currentdate(self, node: exp.CurrentDate) -> Type:
        return t.DATE

    def _currenttimestamp(self, node: exp.CurrentTimestamp) -> Type:
        return t.TIMESTAMP_TZ

    def common(self, node: exp.Expr, kinds: list[Type]) -> Type:
        common: Type | None = kinds[0] if kinds else t.UNKNOWN
        for kind in kinds[1:]:
            common = common_type(common, kind) if common else None
        if common is None:
            detail = "All results must be coercible to a common type. Found: " + ", ".join(
                dict.fromkeys(map(str, kinds))
            )
            raise self.error("TYPE_MISMATCH", detail, node)
        return common

    def condition(self, node: exp.Expr, what: str) -> None:
        """Types what must be a boolean."""
        self.type_of(node)
        self._expect(node, t.BOOLEAN, what)

    def _expect(self, node: exp.Expr, kind: Type, what: str) -> None:
        found: Type = node.meta["type"]
        if not coerces(found, kind):
            raise self.error("TYPE_MISMATCH", f"{what} must evaluate to a {kind}: actual type {found}", node)

    def error(self, code: str, detail: str, node: exp.Expr) -> SqlError:
        return SqlError(code, detail, *place(node, self.sql))
