"""Which columns of a query hold what a column of its inputs holds, followed by name. Types and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from athenasql import TypedQuery

_SAME = ("ABS", "ANY_VALUE", "ARBITRARY", "CEIL", "COALESCE", "FLOOR", "MAX", "MIN", "ROUND", "TRUNCATE")
"""Functions that may leave a value what it is: of one person's rows, the greatest age is the age."""


def carrying(query: TypedQuery, names: Iterable[str], renamed_only: bool) -> list[str]:
    """Return the output columns that hold what columns of these names hold, through WITH and sub-queries.

    With `renamed_only` a column must be the thing itself, otherwise anything that is worked out from it.
    """
    carrying, grown = set(names), True
    aliases = [(alias.alias.lower(), alias.this) for alias in query.expression.find_all(exp.Alias)]
    while grown:
        found = {name for name, value in aliases if _holds(value, carrying, renamed_only)}
        grown = not found <= carrying
        carrying |= found
    return [name for name, _ in query.columns if name in carrying]


def _holds(value: exp.Expression, names: set[str], itself: bool) -> bool:
    if not itself:
        return any(column.name.lower() in names for column in value.find_all(exp.Column))
    while True:
        if isinstance(value, exp.Anonymous) and str(value.this).upper() in _SAME and value.expressions:
            value = value.expressions[0]
        elif isinstance(value, exp.Cast | exp.Paren):
            value = value.this
        else:
            break
    return isinstance(value, exp.Column) and value.name.lower() in names
