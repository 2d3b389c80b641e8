"""What a pipeline says of drift: which columns are compared with the run before, and from where on it matters.

Measures nothing. The measures, and what of:

| measure | of | is |
|---|---|---|
| `row_count` | the table | change in the number of rows, as a share of the rows before, in either direction |
| `came` | the table | share of the entities (keys) that were not in the run before |
| `went` | the table | share of the entities of the run before that are gone |
| `psi` | numbers | population stability index over the tenths of the run before |
| `ks` | numbers | two-sample Kolmogorov-Smirnov statistic: the largest distance of the distribution functions |
| `shift` | text, booleans | total variation distance: half the sum of the changes of each value's share |
| `moved` | columns whose values the contract lists, booleans | share of the entities in both runs whose value changed |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from insightshare.contract.facts import Contract, Field

DriftMeasure = Literal["row_count", "came", "went", "psi", "ks", "shift", "moved"]
DriftLevel = Literal["note", "warn", "block"]

LEVELS: tuple[DriftLevel, ...] = ("note", "warn", "block")
TABLE_MEASURES: tuple[DriftMeasure, ...] = ("row_count", "came", "went")
COLUMN_MEASURES: tuple[DriftMeasure, ...] = ("psi", "ks", "shift", "moved")
SHARES: tuple[DriftMeasure, ...] = ("came", "went", "ks", "shift", "moved")
"""The measures that are never above 1."""
NUMBERS = ("integer", "number")
CATEGORIES = ("string", "boolean")
_SENTENCES: Mapping[DriftMeasure, str] = {
    "row_count": "The number of rows changes by less than {limit:.0%} from the run before.",
    "came": "Less than {limit:.0%} of the entities are new since the run before.",
    "went": "Less than {limit:.0%} of the entities of the run before are gone.",
    "psi": "The population stability index of {column} against the run before is below {limit:g}.",
    "ks": "The Kolmogorov-Smirnov statistic of {column} against the run before is below {limit:g}.",
    "shift": "Less than {limit:.0%} of {column} shifts to other values from the run before.",
    "moved": "Less than {limit:.0%} of the entities in both runs have another {column} than in the run before.",
}


@dataclass(frozen=True)
class DriftLimit:
    """From `limit` on, a measure is noted, warned of, or blocks the run. `column` is empty for the table's measures."""

    measure: DriftMeasure
    column: str
    level: DriftLevel
    limit: float

    @property
    def sentence(self) -> str:
        """What a run keeps while it stays below the limit."""
        return _SENTENCES[self.measure].format(column=self.column, limit=self.limit)


@dataclass(frozen=True)
class DriftRules:
    """The limits, in the order of the file, and the columns that are compared, with limits or without."""

    limits: tuple[DriftLimit, ...] = ()
    columns: tuple[str, ...] = ()

    def of(self, measure: DriftMeasure, column: str) -> tuple[DriftLimit, ...]:
        """Return the limits of one measure, the mildest level first."""
        found = [limit for limit in self.limits if (limit.measure, limit.column) == (measure, column)]
        return tuple(sorted(found, key=lambda limit: LEVELS.index(limit.level)))


def drift_rules(value: object) -> DriftRules:
    """Return what the map `drift` of a pipeline says. Never complains: the schema and lint do."""
    document = _map(value)
    columns = _map(document.get("columns"))
    table = {name: levels for name, levels in document.items() if name != "columns"}
    subjects = {"": table, **columns}
    limits = tuple(limit for column, measures in subjects.items() for limit in _limits(column, _map(measures)))
    return DriftRules(limits, tuple(columns))


def measures_of(contract: Contract, column: Field) -> tuple[DriftMeasure, ...]:
    """Return what can be measured of a column's drift."""
    if column.logical_type in NUMBERS:
        return ("psi", "ks")
    if column.logical_type not in CATEGORIES:
        return ()
    return ("shift", "moved") if bands(contract, column) else ("shift",)


def bands(contract: Contract, column: Field) -> tuple[str, ...]:
    """Return a column's values as the contract lists them, as text; empty where it lists none.

    Tables of who moved from where to where have these as headings, so that they show no word that only the data hold.
    """
    if column.logical_type == "boolean":
        return ("false", "true")
    rules = [check for check in contract.checks if check.kind == "set" and check.columns == (column.name,)]
    return tuple(str(value) for value in rules[0].values) if rules else ()


def _limits(column: str, measures: Mapping[str, object]) -> Iterator[DriftLimit]:
    for measure, levels in measures.items():
        for level in LEVELS:
            limit = _map(levels).get(level)
            if isinstance(limit, int | float) and not isinstance(limit, bool):
                yield DriftLimit(cast(Any, measure), column, level, float(limit))


def _map(value: object) -> Mapping[str, object]:
    return cast(Mapping[str, object], value) if isinstance(value, dict) else {}
