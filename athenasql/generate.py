"""Writes a typed query for DuckDB and for Spark so that both give what Athena gives. Decides no types.

DuckDB is expected to run with `SET TimeZone='UTC'`, Spark with `SPARK_SETTINGS`.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.generators.spark import SparkGenerator

from athenasql import casts
from athenasql import types as t
from athenasql.calls import Call, bare
from athenasql.errors import SqlError
from athenasql.functions import Arguments, fill
from athenasql.query import TypedQuery
from athenasql.types import Type

# Overflow, division by zero and bad casts fail as they do in Athena; times are UTC.
SPARK_SETTINGS = {"spark.sql.ansi.enabled": "true", "spark.sql.session.timeZone": "UTC"}


def to_duckdb(query: TypedQuery) -> str:
    """The query in DuckDB's SQL; tables are named by their keys (`"db"."table"` or `"table"`)."""
    return _DuckdbWriter(dialect=DuckDB, identify=True).generate(query.expression)


def to_spark(query: TypedQuery) -> str:
    """The query in Spark's SQL; tables are named by their keys."""
    if any(len(node.expressions) > 1 for node in query.expression.find_all(exp.Unnest)):
        raise SqlError("NOT_SUPPORTED", "UNNEST of several arrays at once is not supported on Spark")
    return _SparkWriter(dialect=Spark, identify=True).generate(query.expression)


def duckdb_expression(node: exp.Expr) -> str:
    """One typed expression of a query in DuckDB's SQL."""
    return _DuckdbWriter(dialect=DuckDB, identify=True).generate(node)


def _kind(node: exp.Expr) -> Type:
    found: Type = node.meta.get("type", t.UNKNOWN)
    return found


class _Athena:
    """Athena's meaning of operators and calls, for both engines; the subclasses say only what differs."""

    engine = ""
    sql: Any
    expressions: Any
    dialect: Any

    def spelled(self, kind: Type) -> str:
        raise NotImplementedError

    def fail(self, message: str) -> str:
        raise NotImplementedError

    def typed(self, node: exp.Expr, target: Type) -> str:
        """The node's SQL, converted to `target` where its own type differs."""
        text: str = self.sql(node)
        source = _kind(node)
        if source == target or target == t.UNKNOWN or source.name == target.name == "varchar":
            return text
        return f"CAST({text} AS {self.spelled(target)})"

    def call(self, node: exp.Expr, window: str = "", nulls: str = "") -> str:
        call: Call = node.meta["call"]
        arguments = self._arguments_of(node, len(call.parameters))
        rendered = [self._argument(item, kind) for item, kind in zip(arguments, call.parameters, strict=True)]
        if nulls and rendered and self.engine == "DuckDB":
            rendered[-1] += f" {nulls}"
        if arguments and isinstance(arguments[0], exp.Order | exp.Distinct):
            rendered = self._with_modifiers(arguments[0], rendered, call)
        window = f" {nulls}{window}" if nulls and self.engine == "Spark" else window
        literals = tuple(item.this if isinstance(item, exp.Literal) else None for item in map(bare, arguments))
        types = tuple(_kind(bare(item)) for item in arguments)
        context = Arguments(tuple(rendered), literals, types, self.spelled(call.result), window, self.engine)
        template = call.function.duckdb if self.engine == "DuckDB" else call.function.spark
        return fill(template, call.function.name, context, self.engine)

    def _arguments_of(self, node: exp.Expr, count: int) -> list[exp.Expr]:
        if isinstance(node, exp.Anonymous):
            return [item for item in node.expressions if not isinstance(item, exp.Star)]
        if isinstance(node, exp.Extract):
            return [node.expression]
        second = node.args.get("separator") or node.args.get("substr") or node.args.get("expression")
        return [node.this, second or exp.Literal.string("")][:count]

    def _argument(self, item: exp.Expr, kind: Type) -> str:
        return str(self.sql(item)) if isinstance(item, exp.Lambda) else self.typed(bare(item), kind)

    def _with_modifiers(self, argument: exp.Expr, rendered: list[str], call: Call) -> list[str]:
        order = argument if isinstance(argument, exp.Order) else None
        if isinstance(order.this if order else argument, exp.Distinct):
            rendered[0] = f"DISTINCT {rendered[0]}"
        if order:
            if self.engine == "Spark":
                raise SqlError("NOT_SUPPORTED", f"{call.function.name} with ORDER BY is not supported on Spark")
            rendered[-1] += " ORDER BY " + ", ".join(self.sql(item) for item in order.expressions)
        return rendered

    def window(self, node: exp.Window) -> str:
        if isinstance(node.this, exp.Identifier):  # a definition in the WINDOW clause
            return f"{self.sql(node.this)} AS {self._over(node)}"
        alias = node.args.get("alias")
        over = self.sql(alias) if alias else self._over(node)
        return self.aggregate(node.this, f" OVER {over}")

    def _over(self, node: exp.Window) -> str:
        parts = [self.sql(node.args["alias"])] if node.args.get("alias") else []
        if partition := node.args.get("partition_by"):
            parts.append("PARTITION BY " + ", ".join(self.sql(item) for item in partition))
        if order := node.args.get("order"):
            parts.append("ORDER BY " + ", ".join(self.sql(item) for item in order.expressions))
        if spec := node.args.get("spec"):
            parts.append(self.sql(spec))
        return "(" + " ".join(parts) + ")"

    def aggregate(self, node: exp.Expr, window: str = "") -> str:
        """A call below FILTER and IGNORE NULLS, in any order."""
        condition, nulls = "", ""
        while not node.meta.get("call"):
            if isinstance(node, exp.Filter):
                condition = f" FILTER (WHERE {self.sql(node.expression.this)})"
            elif isinstance(node, exp.IgnoreNulls):
                nulls = "IGNORE NULLS"
            node = node.this
        return self.call(node, condition + window, nulls)

    def comparison(self, node: exp.Expr, symbol: str) -> str:
        common = node.meta.get("operands", t.UNKNOWN)
        return f"{self.typed(node.this, common)} {symbol} {self.typed(node.expression, common)}"

    def between(self, node: exp.Between) -> str:
        common = node.meta["operands"]
        low, high = (self.typed(node.args[name], common) for name in ("low", "high"))
        return f"{self.typed(node.this, common)} BETWEEN {low} AND {high}"

    def membership(self, node: exp.In) -> str:
        if query := node.args.get("query"):
            return f"{self.sql(node.this)} IN {self.sql(query)}"
        common = node.meta["operands"]
        return (
            f"{self.typed(node.this, common)} IN ({', '.join(self.typed(item, common) for item in node.expressions)})"
        )

    def branch(self, node: exp.Case) -> str:
        kind, parts = _kind(node), ["CASE"]
        for item in node.args["ifs"]:
            test = self.sql(item.this)
            if node.this:
                common = item.meta["operands"]
                test = f"{self.typed(node.this, common)} = {self.typed(item.this, common)}"
            parts.append(f"WHEN {test} THEN {self.typed(item.args['true'], kind)}")
        if default := node.args.get("default"):
            parts.append(f"ELSE {self.typed(default, kind)}")
        return " ".join([*parts, "END"])

    def condition(self, node: exp.If) -> str:
        kind = _kind(node)
        otherwise = self.typed(node.args["false"], kind) if node.args.get("false") else "NULL"
        return f"CASE WHEN {self.sql(node.this)} THEN {self.typed(node.args['true'], kind)} ELSE {otherwise} END"

    def arithmetic(self, node: exp.Expr, symbol: str) -> str:
        kind, (left, right) = _kind(node), node.meta["operands"]
        if kind.name in ("date", "timestamp", "timestamp with time zone"):
            moved = f"{self.sql(node.this)} {symbol} {self.sql(node.expression)}"
            return f"CAST({moved} AS {self.spelled(kind)})"
        text = f"{self.typed(node.this, left)} {symbol} {self.typed(node.expression, right)}"
        if kind.name == "decimal" or kind.name in ("tinyint", "smallint"):
            return f"CAST({text} AS {self.spelled(kind)})"
        return text

    def division(self, node: exp.Expr, symbol: str) -> str:
        """Integers and decimals divide exactly and fail on zero; doubles follow IEEE."""
        kind, (left, right) = _kind(node), node.meta["operands"]
        above, below = self.typed(node.this, left), self.typed(node.expression, right)
        if kind.name in ("real", "double"):
            return self.float_division(above, below, symbol, kind)
        if kind.name == "decimal":
            value = self.decimal_division(above, below, symbol, kind, (left, right))
        else:
            value = f"CAST({above} {self.integer_symbol(symbol)} {below} AS {self.spelled(kind)})"
        divisor = node.expression.unnest()
        if isinstance(divisor, exp.Literal) and float(divisor.this) != 0:
            return value
        return f"CASE WHEN {below} = 0 THEN {self.fail('DIVISION_BY_ZERO: Division by zero')} ELSE {value} END"

    def integer_symbol(self, symbol: str) -> str:
        raise NotImplementedError

    def float_division(self, above: str, below: str, symbol: str, kind: Type) -> str:
        return f"{above} {symbol} {below}"

    def decimal_division(self, above: str, below: str, symbol: str, kind: Type, sides: tuple[Type, Type]) -> str:
        return f"CAST({above} {symbol} {below} AS {self.spelled(kind)})"

    def cast(self, node: exp.Cast, safe: bool) -> str:
        target = _kind(node)
        source = _kind(node.this)
        return casts.CASTS[self.engine](self.sql(node.this), source, target, self.spelled(target), safe)

    def ordered(self, node: exp.Ordered) -> str:
        nulls = "FIRST" if node.args.get("nulls_first") else "LAST"
        return f"{self.sql(node.this)}{' DESC' if node.args.get('desc') else ''} NULLS {nulls}"

    def table(self, node: exp.Table) -> str:
        name = ".".join(self.sql(exp.to_identifier(part, quoted=True)) for part in node.name.split("."))
        alias = node.args.get("alias")
        return f"{name} AS {self.sql(alias)}" if alias else name

    def interval(self, node: exp.Interval) -> str:
        return f"INTERVAL '{int(node.this.this)}' {node.text('unit').upper()}"

    def concatenation(self, node: exp.DPipe) -> str:
        kind = _kind(node)
        return f"{self.typed(node.this, kind)} || {self.typed(node.expression, kind)}"


def _transforms(base: dict[Any, Any]) -> dict[Any, Any]:
    """The base dialect's writing, except where Athena's meaning is at stake."""
    ours: dict[Any, Any] = {
        exp.Window: lambda w, e: w.window(e),
        exp.Filter: lambda w, e: w.aggregate(e),
        exp.IgnoreNulls: lambda w, e: w.aggregate(e),
        exp.RespectNulls: lambda w, e: w.aggregate(e),
        exp.Between: lambda w, e: w.between(e),
        exp.In: lambda w, e: w.membership(e),
        exp.Case: lambda w, e: w.branch(e),
        exp.If: lambda w, e: w.condition(e),
        exp.Div: lambda w, e: w.division(e, "/"),
        exp.Mod: lambda w, e: w.division(e, "%"),
        exp.Cast: lambda w, e: w.cast(e, False),
        exp.TryCast: lambda w, e: w.cast(e, True),
        exp.Ordered: lambda w, e: w.ordered(e),
        exp.Interval: lambda w, e: w.interval(e),
        exp.DPipe: lambda w, e: w.concatenation(e),
        exp.CurrentTimestamp: lambda w, e: "now()",
        exp.AtTimeZone: lambda w, e: w.sql(e.this),
        exp.Lambda: lambda w, e: w.function_value(e),
        exp.Bracket: lambda w, e: w.subscript(e),
        exp.Array: lambda w, e: w.array_of(e),
        exp.Dot: lambda w, e: f"({w.sql(e.this)}).{w.sql(e.expression)}",
        **{
            kind: lambda w, e: w.call(e)
            for kind in (exp.Anonymous, exp.Extract, exp.Trim, exp.StrPosition, exp.GroupConcat)
        },
    }
    for kind, symbol in {exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}.items():
        ours[kind] = lambda w, e, symbol=symbol: w.comparison(e, symbol)
    for kind, symbol in {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}.items():
        ours[kind] = lambda w, e, symbol=symbol: w.arithmetic(e, symbol)
    return {**base, **ours}


class _DuckdbWriter(_Athena, DuckDBGenerator):
    engine = "DuckDB"
    TRANSFORMS = _transforms(DuckDBGenerator.TRANSFORMS)

    def spelled(self, kind: Type) -> str:
        return kind.duckdb()

    def fail(self, message: str) -> str:
        return f"error('{message}')"

    def table_sql(self, expression: exp.Table, sep: str = " AS ") -> str:
        return self.table(expression)

    def anonymous_sql(self, node: exp.Anonymous) -> str:
        return self.call(node)

    def unnest_sql(self, node: exp.Unnest) -> str:
        """DuckDB's own takes one array; side by side in a SELECT they are zipped as Athena zips them."""
        if len(node.expressions) == 1:
            return str(super().unnest_sql(node))
        alias, arrays = node.args["alias"], [self.sql(item) for item in node.expressions]
        names = [self.sql(column) for column in alias.columns]
        items = [f"unnest({array}) AS {name}" for array, name in zip(arrays, names, strict=True)]
        if node.args.get("offset"):
            longest = f"greatest({', '.join(f'len({array})' for array in arrays)})"
            items.append(f"unnest(generate_series(1, {longest})) AS {self.sql(node.args['offset'])}")
        return f"(SELECT {', '.join(items)}) AS {self.sql(alias.this)}"

    def integer_symbol(self, symbol: str) -> str:
        return "//" if symbol == "/" else symbol

    def decimal_division(self, above: str, below: str, symbol: str, kind: Type, sides: tuple[Type, Type]) -> str:
        if symbol == "%":
            return f"CAST({above} % {below} AS {self.spelled(kind)})"
        (_, s1), (_, s2) = sides[0].arguments, sides[1].arguments
        up = kind.arguments[1] + s2 - s1  # decimal places that the dividend needs for an exact quotient
        unscaled = [
            f"CAST(CAST({text} AS DECIMAL(38, {s})) * 1{'0' * s} AS HUGEINT)" for text, s in ((above, s1), (below, s2))
        ]
        top, bottom = f"{unscaled[0]} * CAST('1{'0' * up}' AS HUGEINT)", unscaled[1]
        half = f"(abs({bottom}) // 2) * sign({top})"
        number = f"CAST((({top}) + CAST({half} AS HUGEINT)) // ({bottom}) AS HUGEINT)"
        return f"CAST(CAST({number} AS DECIMAL(38, 0)) / 1e{kind.arguments[1]} AS {self.spelled(kind)})"

    def function_value(self, node: exp.Lambda) -> str:
        return f"lambda {', '.join(self.sql(item) for item in node.expressions)}: {self.sql(node.this)}"

    def subscript(self, node: exp.Bracket) -> str:
        holder, index = self.sql(node.this), self.sql(node.expressions[0])
        if _kind(node.this).name == "map":
            missing = self.fail("INVALID_FUNCTION_ARGUMENT: Key not present in map")
            value = f"map_extract_value({holder}, {index})"
            return f"CASE WHEN map_contains({holder}, {index}) THEN {value} ELSE {missing} END"
        outside = self.fail("INVALID_FUNCTION_ARGUMENT: Array subscript is out of bounds")
        value = f"list_extract({holder}, {index})"
        return f"CASE WHEN {index} < 1 OR {index} > len({holder}) THEN {outside} ELSE {value} END"

    def array_of(self, node: exp.Array) -> str:
        element = _kind(node).element
        return "[" + ", ".join(self.typed(item, element) for item in node.expressions) + "]"


class _SparkWriter(_Athena, SparkGenerator):
    engine = "Spark"
    TRANSFORMS = _transforms(SparkGenerator.TRANSFORMS)

    def spelled(self, kind: Type) -> str:
        return kind.spark()

    def fail(self, message: str) -> str:
        return f"raise_error('{message}')"

    def table_sql(self, expression: exp.Table, sep: str = " AS ") -> str:
        return self.table(expression)

    def anonymous_sql(self, node: exp.Anonymous) -> str:
        return self.call(node)

    def integer_symbol(self, symbol: str) -> str:
        return "div" if symbol == "/" else symbol

    def float_division(self, above: str, below: str, symbol: str, kind: Type) -> str:
        """Spark's ANSI mode fails where IEEE has infinities and NaN."""
        infinity, name = f"CAST('Infinity' AS {self.spelled(kind)})", self.spelled(kind)
        if symbol == "%":
            return f"CASE WHEN {below} = 0 THEN CAST('NaN' AS {name}) ELSE {above} % {below} END"
        at_zero = (
            f"CASE WHEN {above} > 0 THEN {infinity} WHEN {above} < 0 THEN -{infinity} ELSE CAST('NaN' AS {name}) END"
        )
        return f"CASE WHEN {below} = 0 AND {above} IS NOT NULL THEN {at_zero} ELSE {above} / {below} END"

    def like_sql(self, node: exp.Like) -> str:
        """Spark's backslash escapes unless another character is named; Athena has no such character."""
        text = f"{self.sql(node.this)} LIKE {self.sql(node.expression)}"
        return text if isinstance(node.parent, exp.Escape) else text + r" ESCAPE '\u0001'"

    def function_value(self, node: exp.Lambda) -> str:
        names = ", ".join(self.sql(item) for item in node.expressions)
        return f"{names if len(node.expressions) == 1 else f'({names})'} -> {self.sql(node.this)}"

    def column_sql(self, node: exp.Column) -> str:
        text = str(super().column_sql(node))
        return f"(CAST({text} AS BIGINT) + 1)" if node.meta.get("ordinality") else text  # POSEXPLODE counts from 0

    def subscript(self, node: exp.Bracket) -> str:
        return f"element_at({self.sql(node.this)}, {self.sql(node.expressions[0])})"

    def array_of(self, node: exp.Array) -> str:
        element = _kind(node).element
        return "array(" + ", ".join(self.typed(item, element) for item in node.expressions) + ")"
