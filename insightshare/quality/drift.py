"""How far a run is from the one before: exact measures in SQL over both runs' files, and the pipeline's limits on them.

- psi: the sum over bins of (a - b) * ln(a / b), for the shares b before and a after. The bins are the tenths of the run
  before and one for null and NaN; an empty bin counts as a share of 0.0001, as the logarithm needs. Usual bands: below
  0.1 stable, from 0.25 a major shift (N. Siddiqi, Credit Risk Scorecards, Wiley 2006).
- ks: the largest distance of the two empirical distribution functions. Nulls and NaN are left out; infinities are in.
- shift: half the sum of the absolute changes of shares; null is a value.
- came, went: by the whole key. moved: among the entities in both runs; values the contract does not list are one band.

Without rows on either side, or without numbers for ks, nothing is measured: the value is null, no limit is reached.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from athenasql import parse_type
from insightshare.contract.drift import DriftLevel, DriftMeasure, DriftRules, bands, measures_of
from insightshare.contract.facts import Contract
from insightshare.quality.drift_queries import (
    NO_BAND,
    OTHER_BAND,
    Pair,
    entities_query,
    rows_query,
    shift_query,
    tenths_query,
)
from insightshare.quality.verdict import CheckResult

EMPTY_BIN_SHARE = 0.0001
FEW_VALUES = 100_000
OTHER_LABEL, NO_LABEL = "other", "empty"
_FLOATS = ("real", "double")


class Rows(Protocol):
    """What measuring needs of an engine."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small result."""


@dataclass(frozen=True)
class Subject:
    """What is compared: the key (none: entities are not), columns of numbers, those of categories, those with bands."""

    key: tuple[str, ...]
    numbers: Mapping[str, bool] = field(hash=False)
    """Column → whether its type has NaN."""
    categories: tuple[str, ...] = ()
    bands: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    few_values: frozenset[str] = frozenset()
    """Columns known to hold few different values: a hint for speed, without effect on the result."""


@dataclass(frozen=True)
class Measure:
    """One thing measured; `level` is the highest one whose limit it reaches, if any."""

    measure: DriftMeasure
    column: str
    value: float | None
    level: DriftLevel | None = None


@dataclass(frozen=True)
class Move:
    """How many of the entities in both runs had one value of a column before and have another, or the same, after."""

    column: str
    before: str
    after: str
    entities: int


@dataclass(frozen=True)
class Drift:
    """Two runs compared. The counts of entities are None where the key is not known."""

    rows_before: int
    rows: int
    came: int | None
    went: int | None
    stayed: int | None
    measures: tuple[Measure, ...]
    moves: tuple[Move, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the drift as JSON types."""
        parts = {"measures": [asdict(item) for item in self.measures], "moves": [asdict(item) for item in self.moves]}
        return {**vars(self), **parts}


def subject(contract: Contract, rules: DriftRules, profile: Mapping[str, Any]) -> Subject:
    """Return what the pipeline wants compared; `profile`, which may be empty, tells which columns hold few values."""
    chosen = [column for column in contract.columns if column.name in rules.columns]
    numbers = {c.name: parse_type(c.type).name in _FLOATS for c in chosen if "psi" in measures_of(contract, c)}
    categories = tuple(c.name for c in chosen if "shift" in measures_of(contract, c))
    banded = {c.name: bands(contract, c) for c in chosen if "moved" in measures_of(contract, c)}
    few = [name for name in numbers if profile.get(name, {}).get("distinct", math.inf) <= FEW_VALUES]
    return Subject(contract.key, numbers, categories, banded, frozenset(few))


def measured(engine: Rows, pair: Pair, what: Subject, rules: DriftRules) -> Drift:
    """Return how far `pair.after` is from `pair.before`."""
    [(rows_before, rows)] = [tuple(map(int, row)) for row in engine.rows(rows_query(pair))]
    found: list[tuple[DriftMeasure, str, float | None]] = [
        ("row_count", "", _share(abs(rows - rows_before), rows_before))
    ]
    came = went = stayed = None
    moves: tuple[Move, ...] = ()
    if what.key:
        entities = [tuple(map(int, row)) for row in engine.rows(entities_query(pair, what.key, what.bands))]
        came, went, stayed = (_entities(entities, was, now) for was, now in ((0, 1), (1, 0), (1, 1)))
        found += [("came", "", _share(came, came + stayed)), ("went", "", _share(went, went + stayed))]
        moves = tuple(_moves(entities, what.bands))
        found += [("moved", name, _moved(moves, name)) for name in what.bands]
    if rows and rows_before:
        found += _distributions(engine, pair, what, (rows_before, rows))
    measures = tuple(Measure(kind, name, value, _level(rules, kind, name, value)) for kind, name, value in found)
    return Drift(rows_before, rows, came, went, stayed, measures, moves)


def drift_checks(drift: Drift, rules: DriftRules) -> tuple[CheckResult, ...]:
    """Return one result per limit of level warn or block; what could not be measured has none."""
    values = {(found.measure, found.column): found.value for found in drift.measures}
    results = []
    for limit in rules.limits:
        value = values.get((limit.measure, limit.column))
        if limit.level == "note" or value is None:
            continue
        results.append(
            CheckResult(
                id="_".join(part for part in ("drift", limit.column, limit.measure, limit.level) if part),
                kind="drift",
                columns=(limit.column,) if limit.column else (),
                severity="error" if limit.level == "block" else "warning",
                passed=value < limit.limit,
                sentence=limit.sentence,
                observed={"measured": value},
            )
        )
    return tuple(results)


def _distributions(
    engine: Rows, pair: Pair, what: Subject, rows: tuple[int, int]
) -> Iterator[tuple[DriftMeasure, str, float | None]]:
    for name, is_float in what.numbers.items():
        tenths = engine.rows(tenths_query(pair, name, is_float, name in what.few_values))
        yield "psi", name, _psi(tenths, rows)
        yield "ks", name, _ks(tenths)
    for name in what.categories:
        [(shift,)] = engine.rows(shift_query(pair, name, rows))
        yield "shift", name, float(shift)


def _level(rules: DriftRules, measure: DriftMeasure, column: str, value: float | None) -> DriftLevel | None:
    reached = [limit.level for limit in rules.of(measure, column) if value is not None and value >= limit.limit]
    return reached[-1] if reached else None


def _entities(found: Sequence[tuple[int, ...]], was: int, now: int) -> int:
    return sum(row[-1] for row in found if row[:2] == (was, now))


def _moves(found: Sequence[tuple[int, ...]], banded: Mapping[str, Sequence[str]]) -> Iterator[Move]:
    for place, (name, values) in enumerate(banded.items()):
        labels = {**dict(enumerate(values)), OTHER_BAND: OTHER_LABEL, NO_BAND: NO_LABEL}
        counts: dict[tuple[int, int], int] = {}
        for row in found:
            if row[:2] == (1, 1):
                step = (row[2 + 2 * place], row[3 + 2 * place])
                counts[step] = counts.get(step, 0) + row[-1]
        for before, after in sorted(counts, key=lambda step: [part if part >= 0 else math.inf for part in step]):
            yield Move(name, labels[before], labels[after], counts[before, after])


def _moved(moves: Sequence[Move], column: str) -> float | None:
    own = [move for move in moves if move.column == column]
    return _share(sum(m.entities for m in own if m.before != m.after), sum(m.entities for m in own))


def _psi(tenths: Sequence[tuple[Any, ...]], rows: tuple[int, int]) -> float:
    bins = [(int(before), int(after)) for _, before, after, _ in tenths]
    bins.append((rows[0] - sum(before for before, _ in bins), rows[1] - sum(after for _, after in bins)))
    shares = [
        (before / rows[0] or EMPTY_BIN_SHARE, after / rows[1] or EMPTY_BIN_SHARE)
        for before, after in bins
        if before or after
    ]
    return math.fsum((after - before) * math.log(after / before) for before, after in shares)


def _ks(tenths: Sequence[tuple[Any, ...]]) -> float | None:
    gaps = [float(row[3]) for row in tenths if row[3] is not None]
    return max(gaps) if gaps else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
