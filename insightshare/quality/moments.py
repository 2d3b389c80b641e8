"""What the audit's query says of each column by the way: how many values, and extremes. The rest is in `profile`."""

from collections.abc import Iterator

from insightshare.contract.facts import Field
from insightshare.quality.conditions import Target
from insightshare.quality.dialect import INTEGERS, NUMBERS, TIMES, base_type


def moments(target: Target, column: Field) -> dict[str, str]:
    """Return the aggregates of a column by their name in the audit's row."""
    return {moment_name(column.name, name): sql for name, sql in _moments(target, column)}


def moment_name(column: str, name: str) -> str:
    """Return what a moment is called in the audit's row."""
    return f"profile_{column}_{name}"


def _moments(target: Target, column: Field) -> Iterator[tuple[str, str]]:
    write, name, kind = target.dialect, target.dialect.quoted(column.name), base_type(column.type)
    yield "count", f"COUNT({name})"
    if kind == "array":
        yield "min_length", f"MIN({write.elements(name)})"
        yield "max_length", f"MAX({write.elements(name)})"
    elif kind in NUMBERS:
        number = name if kind in INTEGERS else f"CAST({name} AS DOUBLE)"
        yield "min", f"MIN({number})"
        yield "max", f"MAX({number})"
    elif kind in TIMES:
        yield "min", write.as_text(f"MIN({name})")
        yield "max", write.as_text(f"MAX({name})")
