"""What one aggregate each can say of a column: counts, extremes, mean, deviation. Its distribution is in `profile`."""

from collections.abc import Iterator

from insightshare.contract.facts import Field
from insightshare.quality.conditions import Target
from insightshare.quality.dialect import FLOATS, INTEGERS, NUMBERS, TEXTS, TIMES, base_type
from insightshare.quality.measures import moment


def moments(target: Target, column: Field) -> dict[str, str]:
    """Return the aggregates of a column by their name in the audit's row."""
    return {moment_name(column.name, name): sql for name, sql in _moments(target, column)}


def moment_name(column: str, name: str) -> str:
    """Return what a moment is called in the audit's row."""
    return f"profile_{column}_{name}"


def _moments(target: Target, column: Field) -> Iterator[tuple[str, str]]:
    write, name, kind = target.dialect, target.dialect.quoted(column.name), base_type(column.type)
    yield "count", f"COUNT({name})"
    if kind in TEXTS or kind == "array":
        size = write.elements(name) if kind == "array" else write.length(name)
        yield "min_length", f"MIN({size})"
        yield "max_length", f"MAX({size})"
    elif kind in TIMES:
        yield "min", write.as_text(f"MIN({name})")
        yield "max", write.as_text(f"MAX({name})")
    elif kind in NUMBERS:
        yield from _of_numbers(target, name, kind)


def _of_numbers(target: Target, name: str, kind: str) -> Iterator[tuple[str, str]]:
    number = name if kind in INTEGERS else target.dialect.as_double(name)
    if kind in FLOATS:
        finite = target.dialect.finite(number)
        yield "not_finite", f"COUNT(*) FILTER (WHERE NOT {finite})"
        number = f"CASE WHEN {finite} THEN {number} END"
    yield "min", f"MIN({number})"
    yield "max", f"MAX({number})"
    for measure in ("mean", "stdev"):
        yield measure, moment(target.dialect, measure, f"({number})", kind)
