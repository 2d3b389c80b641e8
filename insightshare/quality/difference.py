"""Two runs side by side, as any engine finds them: the drift, and on request the rows that came, went or changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from insightshare.contract.drift import DriftRules
from insightshare.quality.drift import Drift, Rows, Subject, measured
from insightshare.quality.drift_queries import Pair, changed_rows_query


@dataclass(frozen=True)
class Question:
    """What is asked of two runs: the drift of `what`, and so many rows with the changes of `columns`."""

    what: Subject
    columns: tuple[str, ...]
    rows: int = 0
    rules: DriftRules = field(default_factory=DriftRules)


@dataclass(frozen=True)
class ChangedRow:
    """One entity: `what` became of it (came, went, changed), and (before, after) of each column that differs."""

    what: str
    key: Mapping[str, Any] = field(hash=False)
    changes: Mapping[str, tuple[Any, Any]] = field(hash=False)


@dataclass(frozen=True)
class Difference:
    """How far two runs are apart, and some of the rows in which they differ, in key order."""

    drift: Drift
    rows: tuple[ChangedRow, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the difference as JSON types, but for values of the data, which are as the engine gave them."""
        return {**self.drift.to_json(), "changed_rows": [dict(vars(row)) for row in self.rows]}


def difference(engine: Rows, pair: Pair, question: Question) -> Difference:
    """Return how `pair.after` differs from `pair.before`."""
    drift = measured(engine, pair, question.what, question.rules)
    key = question.what.key
    if not (question.rows and key):
        return Difference(drift)
    found = engine.rows(changed_rows_query(pair, key, question.columns, question.rows))
    return Difference(drift, tuple(_row(key, question.columns, row) for row in found))


def _row(key: Sequence[str], columns: Sequence[str], found: Sequence[Any]) -> ChangedRow:
    what, values = found[0], found[1 + len(key) :]
    pairs = {name: (values[2 * place], values[2 * place + 1]) for place, name in enumerate(columns)}
    # NaN, alone in differing from itself, has not changed where it is NaN on both sides.
    changes = {name: (b, a) for name, (b, a) in pairs.items() if b != a and not (b != b and a != a)}
    return ChangedRow(what, dict(zip(key, found[1 : 1 + len(key)], strict=True)), changes)
