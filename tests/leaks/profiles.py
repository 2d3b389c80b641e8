"""Random runs with their profiles and readers: what a reader sees must not depend on what it may not see.

A case is a table of some columns (some classified), an agreement, and the same table again with every hidden cell drawn
anew: hidden columns for a reader of all rows, hidden columns and all other rows for a reader of some. The real gate
profiles both; `visible` must answer the same. Besides, no value of a classified column and no small group may show.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from insightshare.contract.drift import DriftRules
from insightshare.contract.facts import Agreement, Check, Classification, Field, Grant, Insight, Pipeline
from insightshare.engine.duckdb import DuckDb
from insightshare.quality.drift import measured, subject
from insightshare.quality.drift_queries import Pair
from insightshare.quality.profile import profile
from insightshare.quality.reader_profiles import reader_profiles
from insightshare.share.visibility import MINIMUM_CELL, RunData, visible

TODAY = date(2026, 11, 21)
GROUPS = ("north", "south", "east", "west")
CLASSES: tuple[Classification, ...] = ("public", "internal", "internal", "confidential", "restricted")
TYPES = {
    "id": "string", "region": "string", "flag": "boolean", "word": "string", "score": "double", "level": "int",
}  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One insight, one agreement, and the rows of a run and of the one before it."""

    insight: Insight
    agreement: Agreement
    rows: tuple[Row, ...]
    before: tuple[Row, ...]

    @property
    def grant(self) -> Grant:
        return self.agreement.grants[0]

    @property
    def readable(self) -> set[str]:
        """The columns of the agreement, and those that its row filter names: with another value, other rows show."""
        return set(self.grant.columns or self.insight.types)

    def keeps(self, row: Row) -> bool:
        return self.grant.rows is None or row["region"] == "north"


def make(dice: random.Random) -> Case:
    fields = [_field(dice, name, kind) for name, kind in TYPES.items()]
    checks = (Check("region_known", "set", ("region",), "error", "Known.", values=GROUPS),)
    pipeline = Pipeline("sql", "duckdb", "", "", (), {}, drift=DriftRules(columns=("region", "flag")))
    insight = Insight(
        name="things", title="", version="1.0.0", description="", purpose="", usage="", limitations="", owner="",
        columns=tuple(fields), key=("id",), checks=checks, pipeline=pipeline,
    )  # fmt: skip
    names = [field.name for field in fields]
    columns = None if dice.random() < 0.2 else tuple(dice.sample(names, dice.randint(1, len(names) - 1)))
    grant = Grant("things", columns, dice.choice((None, "region = 'north'")))
    agreement = Agreement("acme", "2" * 12, "own_account", "", "", date(2026, 1, 1), date(2027, 1, 1), (grant,))
    size = dice.choice((0, 1, 5, 12, 40, 90))
    rows = tuple(_row(dice, number) for number in range(size))
    return Case(insight, agreement, rows, tuple(_row(dice, number) for number in range(size)))


def redrawn(case: Case, dice: random.Random) -> Case:
    """The same case in another world: everything that its reader may not see is something else."""
    own = [_hidden_anew(case, row, dice) for row in case.rows if case.keeps(row)]
    if case.grant.rows is None:
        return replace(case, rows=tuple(own), before=tuple(_hidden_anew(case, row, dice) for row in case.before))
    others = [_row(dice, 1000 + number) for number in range(dice.randint(0, 60))]
    before = tuple(_row(dice, number) for number in range(dice.randint(0, 60)))
    return replace(case, rows=(*own, *(row for row in others if not case.keeps(row))), before=before)


def shown(case: Case) -> dict[str, Any]:
    """What the reader sees of the run, as the platform makes and shows it."""
    insight, rules = case.insight, case.insight.pipeline.drift
    with DuckDb() as engine:
        engine.add_arrow("run", _table(insight, case.rows))
        engine.add_arrow("run_before", _table(insight, case.before))
        drift = measured(engine, Pair("run_before", "run", "duckdb"), subject(insight, rules, {}), rules)
        whole = profile(engine, "run", insight)
        own = reader_profiles(engine, "run", insight, [case.agreement])
    data = RunData(whole, own, drift.to_json()["moves"], frozenset({"latest"}))
    found = visible({}, data, insight, case.agreement, TODAY)
    assert found is not None
    return found


def findings(seed: int, tally: Counter[str]) -> Iterator[str]:
    """Everything that is wrong in the case of this seed."""
    dice = random.Random(seed)  # noqa: S311 - cases, not secrets
    case = make(dice)
    found = shown(case)
    tally["columns shown"] += len(found["profile"] or {})
    tally["moves shown"] += len(found["moves"] or ())
    other = shown(redrawn(case, dice))
    if _text(found) != _text(other):
        yield f"seed {seed}: what is hidden changes what is shown"
    if set(found["profile"] or {}) - case.readable:
        yield f"seed {seed}: a column outside the agreement has a profile"
    values = set(_numbers_and_texts([_measures(found, name) for name in _classified(case)]))
    secret = {row[name] for row in case.rows for name in _classified(case) if name in ("id", "word", "score")}
    if values & (secret - {None}):
        yield f"seed {seed}: a value of a classified column is shown"
    if any(0 < count < MINIMUM_CELL for count in _groups(found)):
        yield f"seed {seed}: a small group is shown"


def _field(dice: random.Random, name: str, kind: str) -> Field:
    logical = {"string": "string", "boolean": "boolean", "double": "number", "int": "integer"}[kind]
    return Field(name, kind, logical, "", classification=dice.choice(CLASSES), personal=dice.random() < 0.2)


def _row(dice: random.Random, number: int) -> Row:
    return {
        "id": f"mark{number:05d}",
        "region": dice.choice(GROUPS[: dice.choice((1, 2, 4))]),
        "flag": dice.random() < 0.5,
        "word": dice.choice((None, f"mark{dice.randrange(10**6)}", "often", "often", "often")),
        "score": dice.choice((None, dice.random() * 1000, dice.random())),
        "level": dice.randint(0, 3),
    }


def _hidden_anew(case: Case, row: Row, dice: random.Random) -> Row:
    keep = case.readable | ({"region"} if case.grant.rows else set()) | {"id"}
    return {name: row[name] if name in keep else value for name, value in _row(dice, 0).items()}


def _table(insight: Insight, rows: tuple[Row, ...]) -> pa.Table:
    kinds = {"string": pa.string(), "boolean": pa.bool_(), "double": pa.float64(), "int": pa.int32()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in insight.types.items()])
    return pa.Table.from_pylist(list(rows), schema=schema)


def _classified(case: Case) -> list[str]:
    return [c.name for c in case.insight.columns if c.personal or c.classification in ("confidential", "restricted")]


def _measures(found: dict[str, Any], column: str) -> dict[str, Any]:
    return dict((found["profile"] or {}).get(column, {}))


def _groups(found: dict[str, Any]) -> Iterator[int]:
    for measures in (found["profile"] or {}).values():
        yield from (count for count in (measures.get("histogram") or {}).get("counts", ()) if count is not None)
        yield from (item["count"] for item in measures.get("top", ()))
    yield from (move["entities"] for move in found["moves"] or () if move["entities"] is not None)


def _text(value: Any) -> str:
    """The value as text; of floats twelve digits, as sums depend on the order in which threads add up."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_text(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    return f"{value:.12g}" if isinstance(value, float) else repr(value)


def _numbers_and_texts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _numbers_and_texts(item)
    elif isinstance(value, str | float):
        yield value
