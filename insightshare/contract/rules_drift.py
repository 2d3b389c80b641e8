"""What a pipeline's drift limits must keep: columns that exist, measures that suit them, limits that rise."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from insightshare.contract.drift import COLUMN_MEASURES, SHARES, DriftLimit, measures_of
from insightshare.contract.facts import Field, Insight
from insightshare.contract.problems import Problem, instead, listed


def drift_problems(file: str, insight: Insight) -> Iterator[Problem]:
    """Problems of the map `drift`; none where there is no such map."""
    rules = insight.pipeline.drift
    columns = {column.name: column for column in insight.columns}
    for name in rules.columns:
        yield from _column_problems(file, insight, name, columns)
    for first in rules.limits:
        beside = rules.of(first.measure, first.column)
        if first != beside[0]:
            continue
        field = _field(first)
        suits = measures_of(insight, columns[first.column]) if first.column in columns else COLUMN_MEASURES
        if first.column and first.measure in COLUMN_MEASURES and first.measure not in suits:
            expected = f"a measure for column {first.column} ({', '.join(suits) or 'none'})"
            yield Problem(file, field, first.measure, expected, "remove it")
        yield from _limit_problems(file, field, beside)


def _column_problems(file: str, insight: Insight, name: str, columns: dict[str, Field]) -> Iterator[Problem]:
    field = f"drift.columns.{name}"
    if name not in columns:
        yield Problem(file, field, f"column {name}", listed(columns), instead(name, columns, "remove it"))
    elif name in insight.key:
        yield Problem(file, field, f"key column {name}", "a column that can drift", "use came and went for the key")
    elif not measures_of(insight, columns[name]):
        found = f"column {name} of logicalType {columns[name].logical_type}"
        yield Problem(file, field, found, "a column of numbers, text or booleans", "remove it")


def _limit_problems(file: str, field: str, beside: tuple[DriftLimit, ...]) -> Iterator[Problem]:
    for milder, harder in pairwise(beside):
        if harder.limit <= milder.limit:
            expected = f"above {milder.limit:g}, the limit of {milder.level}"
            yield Problem(file, f"{field}.{harder.level}", f"{harder.limit:g}", expected, "let the limits rise")
    for limit in beside:
        if limit.measure in SHARES and limit.limit > 1:
            yield Problem(file, f"{field}.{limit.level}", f"{limit.limit:g}", "a share, at most 1", "write 0.1 for 10%")


def _field(limit: DriftLimit) -> str:
    return f"drift.columns.{limit.column}.{limit.measure}" if limit.column else f"drift.{limit.measure}"
