"""Which columns of a query hold what a column of its inputs holds, followed by name. Types and runs nothing.

It follows results, not computations: out of division, remainders, parts of text and any function that is not named
here comes something else, as a band that is worked out, and so it may come back from there unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from sqlglot import exp

from athenasql import TypedQuery

_ONE_OF = ("COALESCE", "CONCAT", "GREATEST", "LEAST", "NULLIF")
"""Functions that may yield any of their arguments."""
_SAME = (
    "ABS", "ANY_VALUE", "ARBITRARY", "CEIL", "CEILING", "ELEMENT_AT", "FIRST_VALUE", "FLOOR", "LAG", "LAST_VALUE",
    "LEAD", "MAX", "MAX_BY", "MIN", "MIN_BY", "NTH_VALUE", "ROUND", "TRIM", "TRUNCATE", "TRY",
)  # fmt: skip
"""Functions that may leave their first argument what it is: of one person's rows, the greatest age is the age."""
_WRAPPED = (
    exp.Alias, exp.Bracket, exp.Cast, exp.Filter, exp.IgnoreNulls, exp.Neg, exp.Paren, exp.RespectNulls, exp.Window,
)  # fmt: skip
_TURNED_BACK = (exp.Add, exp.DPipe, exp.Mul, exp.Sub)
"""What a constant does to a value, and another constant undoes."""


def carrying(queries: Sequence[TypedQuery], names: Iterable[str], renamed_only: bool) -> list[str]:
    """Return the last query's columns that hold what columns of these names hold; each reads the one before it.

    With `renamed_only` a column must be the thing itself, otherwise anything that is worked out from it.
    """
    found = list(names)
    for query in queries:
        found = _carried(query, set(found), renamed_only)
    return found


def _carried(query: TypedQuery, names: set[str], itself: bool) -> list[str]:
    named, grown = list(_named(query.expression)), True
    while grown:
        found = {name for name, value in named if name not in names and _holds(value, names, itself)}
        grown = bool(found)
        names |= found
    branches = [branch.selects for branch in _branches(query.expression)]
    outputs = enumerate(name for name, _ in query.columns)
    return [name for index, name in outputs if any(_holds(items[index], names, itself) for items in branches)]


def _named(query: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    """Each value that the query gives a name, beside the name; a set operation's are those of its first branch."""
    for alias in query.find_all(exp.Alias):
        yield alias.alias.lower(), alias.this
    for unnest in query.find_all(exp.Unnest):
        for name in unnest.alias_column_names:
            yield from ((name.lower(), value) for value in unnest.expressions)
    for union in query.find_all(exp.SetOperation):
        first, *others = _branches(union)
        for other in others:
            yield from zip((item.alias_or_name.lower() for item in first.selects), other.selects, strict=False)


def _holds(value: exp.Expr, names: set[str], itself: bool) -> bool:
    if not itself:
        return any(column.name.lower() in names for column in value.find_all(exp.Column))
    if isinstance(value, exp.Column):
        return value.name.lower() in names
    return any(_holds(result, names, itself) for result in _results(value))


def _results(value: exp.Expr) -> list[exp.Expr]:
    """The parts of a value of which it may be one as it stands."""
    if isinstance(value, exp.Anonymous):
        function = str(value.this).upper()
        return value.expressions if function in _ONE_OF else value.expressions[:1] if function in _SAME else []
    if isinstance(value, exp.Case):
        return [branch.args["true"] for branch in value.args["ifs"]] + _given(value, "default")
    if isinstance(value, exp.If):
        return _given(value, "true") + _given(value, "false")
    if isinstance(value, _TURNED_BACK):
        sides = [value.this, value.expression]
        varying = [side for side in sides if side.find(exp.Column)]
        return varying if len(varying) == 1 else []
    if isinstance(value, exp.Array):
        return value.expressions
    if isinstance(value, exp.Query):
        return [item for branch in _branches(value) for item in branch.selects[:1]]
    return [value.this] if isinstance(value, _WRAPPED) else []


def _given(value: exp.Expr, key: str) -> list[exp.Expr]:
    return [value.args[key]] if value.args.get(key) else []


def _branches(query: exp.Expr) -> list[exp.Select]:
    """The SELECTs whose rows a query yields."""
    if isinstance(query, exp.SetOperation):
        return _branches(query.this) + _branches(query.expression)
    if isinstance(query, exp.Subquery):
        return _branches(cast(exp.Expr, query.this))
    return [query] if isinstance(query, exp.Select) else []
