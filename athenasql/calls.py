"""Finds the overload that a function call means, typing its lambdas on the way. Knows no engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlglot import exp

from athenasql.dialect import place
from athenasql.errors import SqlError
from athenasql.functions import Bindings, Function, bind, result_type, substitute
from athenasql.functions_group import GROUPS
from athenasql.functions_scalar import SCALARS
from athenasql.functions_time import TIMES
from athenasql.types import Type

ALLOW_LIST: dict[str, list[Function]] = defaultdict(list)
for _item in (*SCALARS, *TIMES, *GROUPS):
    ALLOW_LIST[_item.name].append(_item)


class Typer(Protocol):
    """What choosing an overload needs of the annotator."""

    sql: str

    def type_of(self, node: exp.Expr) -> Type: ...
    def bind_lambda(self, node: exp.Lambda, kinds: Sequence[Type]) -> Type: ...


@dataclass(frozen=True)
class Call:
    """A function call that was understood: which overload, what each argument is converted to, what comes back."""

    function: Function
    parameters: tuple[Type, ...]
    result: Type


def bare(argument: exp.Expr) -> exp.Expr:
    """The argument without an aggregate's DISTINCT and ORDER BY."""
    if isinstance(argument, exp.Order):
        argument = argument.this
    if isinstance(argument, exp.Distinct):
        argument = argument.expressions[0]
    return argument


def choose(typer: Typer, node: exp.Expr, name: str, arguments: Sequence[exp.Expr]) -> Call:
    """The overload of `name` that fits with the fewest conversions; SqlError with Trino's words otherwise."""
    if name not in ALLOW_LIST:
        detail = f"Function '{name}' not registered (or not supported here)"
        raise SqlError("FUNCTION_NOT_FOUND", detail, *place(node, typer.sql))
    given = [item for item in arguments if not isinstance(item, exp.Star)]
    kinds = [_argument_type(typer, item) for item in given]
    found: list[tuple[int, Call]] = []
    for candidate in ALLOW_LIST[name]:
        if candidate.arity_fits(len(given)) and (call := _fit(typer, candidate, given, kinds)):
            conversions = sum(a != b for a, b in zip(kinds, call.parameters, strict=True))
            found.append((conversions, call))
    if not found:
        shown = ", ".join(str(kind) if kind else "function" for kind in kinds)
        expected = ", ".join(f"{name}({', '.join(map(str, item.parameters))})" for item in ALLOW_LIST[name])
        detail = f"Unexpected parameters ({shown}) for function {name}. Expected: {expected}"
        raise SqlError("FUNCTION_NOT_FOUND", detail, *place(node, typer.sql))
    best = min(found, key=lambda pair: pair[0])[1]
    _check_place(best.function, node, arguments, typer.sql)
    return best


def _argument_type(typer: Typer, argument: exp.Expr) -> Type | None:
    if isinstance(argument, exp.Lambda):
        return None
    if isinstance(argument, exp.Order):
        for item in argument.expressions:
            typer.type_of(item)
    return typer.type_of(bare(argument))


def _fit(typer: Typer, candidate: Function, given: Sequence[exp.Expr], kinds: Sequence[Type | None]) -> Call | None:
    bindings: Bindings = {}
    for index, kind in enumerate(kinds):
        if (kind is None) != (candidate.parameter(index).name == "function"):
            return None
        if kind is not None and not bind(candidate.parameter(index), kind, bindings):
            return None
    for index, (argument, kind) in enumerate(zip(given, kinds, strict=True)):
        if kind is None and isinstance(argument, exp.Lambda):
            *inputs, output = (inner for _, inner in candidate.parameter(index).fields)
            if len(inputs) != len(argument.expressions):
                return None
            if not bind(output, typer.bind_lambda(argument, [substitute(p, bindings) for p in inputs]), bindings):
                return None
    parameters = tuple(substitute(candidate.parameter(index), bindings) for index in range(len(given)))
    types = [parameter if kind is None else kind for parameter, kind in zip(parameters, kinds, strict=True)]
    return Call(candidate, parameters, result_type(candidate, types, bindings))


# Where a failure inside gives NULL outside, whatever stands around it: then TRY may be said without errors.
_STRICT = (
    exp.Anonymous, exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod,
    exp.Neg, exp.Paren, exp.Literal, exp.Null, exp.Boolean, exp.Column, exp.Identifier,
)  # fmt: skip


def _check_try(node: exp.Expr, sql: str) -> None:
    for inner in node.walk():
        if not isinstance(inner, _STRICT) or (isinstance(inner, exp.Anonymous) and inner is not node):
            raise SqlError("NOT_SUPPORTED", "TRY is supported around arithmetic and casts only", *place(node, sql))


def _check_place(chosen: Function, node: exp.Expr, arguments: Sequence[exp.Expr], sql: str) -> None:
    """DISTINCT and ORDER BY belong to aggregates, OVER to aggregates and window functions."""
    if chosen.name == "try":
        _check_try(node, sql)
    parent = node.parent
    while isinstance(parent, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        parent = parent.parent
    windowed = isinstance(parent, exp.Window)
    if chosen.kind == "window" and not windowed:
        raise SqlError("MISSING_OVER", f"Window function {chosen.name} requires an OVER clause", *place(node, sql))
    if chosen.kind == "scalar" and (windowed or isinstance(node.parent, exp.Filter)):
        raise SqlError("FUNCTION_NOT_AGGREGATE", f"{chosen.name} is not an aggregate function", *place(node, sql))
    if chosen.kind == "scalar" and any(isinstance(item, exp.Order | exp.Distinct | exp.Star) for item in arguments):
        raise SqlError("FUNCTION_NOT_AGGREGATE", f"{chosen.name} is not an aggregate function", *place(node, sql))
    if any(isinstance(item, exp.Star) for item in arguments) and chosen.name != "count":
        raise SqlError("SYNTAX_ERROR", f"{chosen.name}(*) is not a function", *place(node, sql))
