"""Reads Athena's SELECT into a tree in which every function keeps its own name, and refuses what is not allowed.

Does not know tables or types. sqlglot's own function table is switched off: a call means what the allow-list says.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.trino import TrinoParser

from athenasql.errors import SqlError

_SPECIAL_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "LISTAGG", "POSITION")


def _decimal_of(literal: exp.Expression, kind: exp.DataType) -> exp.DataType:
    """The type of DECIMAL '1.20', which is what its digits need: decimal(3,2)."""
    found = re.fullmatch(r"[+-]?0*(\d*)(?:\.(\d*))?", literal.name)
    if kind.expressions or found is None:
        return kind
    whole, scale = len(found[1]), len(found[2] or "")
    sizes = [exp.DataTypeParam(this=exp.Literal.number(size)) for size in (max(1, whole + scale), scale)]
    return exp.DataType(this=exp.DType.DECIMAL, expressions=sizes, nested=False)


class AthenaSelect(Trino):
    """Trino's grammar with functions left as they are written."""

    INDEX_OFFSET = 0

    class Parser(TrinoParser):
        FUNCTIONS: ClassVar[Any] = {}
        TYPE_LITERAL_PARSERS: ClassVar[Any] = {
            **TrinoParser.TYPE_LITERAL_PARSERS,
            exp.DType.DECIMAL: lambda self, this, kind: exp.Cast(this=this, to=_decimal_of(this, kind)),
        }
        FUNCTION_PARSERS: ClassVar[Any] = {
            name: parser for name, parser in TrinoParser.FUNCTION_PARSERS.items() if name in _SPECIAL_SYNTAX
        }


# Everything that may stand in a query's tree. What is not here never reaches an engine.
ALLOWED = (
    exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.With, exp.CTE, exp.From, exp.Join, exp.Where,
    exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Fetch, exp.Distinct, exp.Table,
    exp.TableAlias, exp.Column, exp.Identifier, exp.Alias, exp.Star, exp.Unnest, exp.Values, exp.Tuple, exp.Window,
    exp.WindowSpec, exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.Literal, exp.Boolean, exp.Null, exp.Paren,
    exp.Neg, exp.Not, exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ,
    exp.NullSafeNEQ, exp.Is, exp.Between, exp.In, exp.Like, exp.Escape, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod,
    exp.DPipe, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam, exp.ColumnDef, exp.Extract,
    exp.Var, exp.Interval, exp.Exists, exp.Array, exp.Bracket, exp.Dot, exp.Anonymous, exp.Lambda, exp.Trim,
    exp.StrPosition, exp.GroupConcat, exp.AtTimeZone, exp.CurrentDate, exp.CurrentTimestamp,
)  # fmt: skip
_WORDS = {"Cube": "CUBE", "Rollup": "ROLLUP", "GroupingSets": "GROUPING SETS"}


def read_query(sql: str) -> exp.Query:
    """The tree of one SELECT statement; SqlError when it is something else or holds something we do not support."""
    try:
        statements = [found for found in sqlglot.parse(sql, read=AthenaSelect) if found is not None]
    except (ParseError, TokenError) as error:
        raise _syntax_error(error) from error
    except RecursionError as error:
        raise SqlError("SYNTAX_ERROR", "The query is nested too deeply") from error
    if len(statements) != 1:
        raise SqlError("SYNTAX_ERROR", "Only one sql statement is allowed", 1, 1)
    query = statements[0]
    for node in query.walk():
        if not isinstance(node, ALLOWED) or (isinstance(node, exp.Func) and type(node) not in ALLOWED):
            raise SqlError("NOT_SUPPORTED", f"{_WORDS.get(type(node).__name__, node.key.upper())} is not supported")
        if not _is_athenas(node):
            raise SqlError("SYNTAX_ERROR", f"This form of {node.key.upper()} is not Athena's", *place(node, sql))
    if not isinstance(query, exp.Query) or isinstance(query, exp.Table):
        raise SqlError("NOT_SUPPORTED", f"{query.key.upper()} is not a query. Fix: write one SELECT", 1, 1)
    return query


def _is_athenas(node: exp.Expr) -> bool:
    """Whether a node has only the parts that Athena knows; sqlglot reads more than one dialect has."""
    if isinstance(node, exp.Select):
        return bool(node.expressions)
    if isinstance(node, exp.Star):
        return not any(node.args.values())
    if isinstance(node, exp.Group):
        return not node.args.get("all") and bool(node.expressions)
    if isinstance(node, exp.Join):
        return not node.method and node.kind in ("", "CROSS", "INNER", "OUTER")
    if isinstance(node, exp.Distinct):
        return not node.args.get("on")
    return True


def _syntax_error(error: Exception) -> SqlError:
    for detail in getattr(error, "errors", []):
        column = max(1, (detail.get("col") or 1) - len(detail.get("highlight") or "") + 1)
        return SqlError(
            "SYNTAX_ERROR", f"mismatched input: {detail.get('description')}", detail.get("line") or 1, column
        )
    return SqlError("SYNTAX_ERROR", "The query cannot be read", 1, 1)


def place(node: exp.Expression | exp.Expr, sql: str) -> tuple[int, int]:
    """Line and column (both from 1) where a node starts, or (0, 0) when it is not from the text."""
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    if not starts:
        return 0, 0
    before = sql[: min(starts)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
