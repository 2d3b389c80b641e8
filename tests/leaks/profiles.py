"""Random runs with their profiles and readers: what a reader sees must not depend on what it may not see.

A pair is a run of some columns (some classified), and the same run again with everything drawn anew that its readers
may not see: hidden columns for readers of all rows, hidden columns and all other rows for readers of some. The real
gate profiles both; `visible` must answer the same for every agreement that reads no hidden column. Besides, no value of
a classified column and no small group may show. A case is one agreement.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from insightshare.contract.drift import DriftRules
from insightshare.contract.facts import Agreement, Check, Classification, Field, Grant, Insight, Pipeline, TableKind
from insightshare.engine.duckdb import DuckDb
from insightshare.quality.drift import measured, subject
from insightshare.quality.drift_queries import Pair as Tables
from insightshare.quality.profile import profile
from insightshare.quality.reader_profiles import reader_profiles
from insightshare.share.visibility import MINIMUM_CELL, RunData, visible

FIRST_DAY, TODAY = date(2026, 1, 1), date(2026, 11, 21)
ROWS = "region = 'north'"
CASES_PER_PAIR = 25
GROUPS = ("north", "south", "east", "west")
CLASSES: tuple[Classification, ...] = ("public", "internal", "internal", "confidential", "restricted")
TYPES = {
    "id": "string", "region": "string", "flag": "boolean", "word": "string", "score": "double", "level": "int",
}  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """What the platform keeps of a run and of its likeness; `hidden` columns, and with `rows` all others, differ."""

    insight: Insight
    hidden: frozenset[str]
    rows: str | None
    run: tuple[Row, ...]
    first: RunData
    second: RunData


def new_pair(dice: random.Random) -> Pair:
    """A run, and the same as far as its readers may see."""
    insight, rows = _insight(dice), dice.choice((None, ROWS))
    hidden = frozenset(dice.sample(list(TYPES), dice.randint(0, len(TYPES) - 1)))
    redrawn = hidden - {"id", *(("region",) if rows else ())}  # with another region, other rows show
    size = dice.choice((0, 1, 5, 12, 40, 90))
    run, before = (tuple(_row(dice, number) for number in range(size)) for _ in range(2))
    own = tuple(_hidden_anew(redrawn, row, dice) for row in run if not rows or _is_kept(row))
    others = tuple(row for row in (_row(dice, 1000 + n) for n in range(dice.randint(0, 60))) if not _is_kept(row))
    earlier = tuple(_hidden_anew(redrawn, row, dice) for row in before)
    with DuckDb() as engine:
        first = _run_data(engine, insight, rows, run, before)
        second = _run_data(engine, insight, rows, own + others if rows else own, _anew(dice) if rows else earlier)
    return Pair(insight, hidden, rows, run, first, second)


def findings(seeds: range, tally: Counter[str]) -> Iterator[str]:
    """Everything that is wrong in the cases of these seeds."""
    for number in range(seeds.start // CASES_PER_PAIR, -(-seeds.stop // CASES_PER_PAIR)):
        pair = new_pair(random.Random(number))  # noqa: S311 - cases, not secrets
        for seed in range(number * CASES_PER_PAIR, (number + 1) * CASES_PER_PAIR):
            if seed in seeds:
                yield from (f"seed {seed}: {wrong}" for wrong in _wrong(pair, random.Random(seed), tally))  # noqa: S311


def _wrong(pair: Pair, dice: random.Random, tally: Counter[str]) -> Iterator[str]:
    agreement = _agreement(pair, dice)
    found, other = (
        visible({}, data, pair.insight, agreement, TODAY) or {"nothing": True} for data in (pair.first, pair.second)
    )
    readable = set(agreement.grants[0].columns or TYPES)
    if not agreement.in_force(TODAY):
        if found != {"nothing": True}:
            yield "an agreement that is not in force shows something"
        return
    tally["columns shown"] += len(found["profile"] or {})
    tally["moves shown"] += len(found["moves"] or ())
    if _text(found) != _text(other):
        yield "what is hidden changes what is shown"
    if set(found["profile"] or {}) - readable or {move["column"] for move in found["moves"] or ()} - readable:
        yield "a column outside the agreement is shown"
    if found["moves"] and agreement.grants[0].rows:
        yield "who moved where is shown to a reader of some rows"
    if agreement.grants[0].tables[0] == "history" and found["profile"] is not None:
        yield "a run that the reader cannot query is shown"
    classified = [column.name for column in pair.insight.columns if _is_classified(column)]
    values = set(_numbers_and_texts([(found["profile"] or {}).get(name, {}) for name in classified]))
    if values & {row[name] for row in pair.run for name in classified if name in ("id", "word", "score")} - {None}:
        yield "a value of a classified column is shown"
    if any(0 < count < MINIMUM_CELL for count in _groups(found)):
        yield "a small group is shown"


def _agreement(pair: Pair, dice: random.Random) -> Agreement:
    """One that reads none of the hidden columns, mostly in force, mostly on the table that shows the run."""
    open_to_it = [name for name in TYPES if name not in pair.hidden]
    some = tuple(dice.sample(open_to_it, dice.randint(1, len(open_to_it))))
    columns = None if not pair.hidden and dice.random() < 0.3 else some
    kind: TableKind = "history" if dice.random() < 0.1 else "latest"
    end = TODAY + timedelta(days=dice.choice((-1, 0, 0, 1, 1, 90, 90, 90)))
    grant = Grant("things", columns, pair.rows, (kind,))
    return Agreement("acme", "2" * 12, "own_account", "", "", FIRST_DAY, end, (grant,))


def _run_data(
    engine: DuckDb, insight: Insight, rows: str | None, run: tuple[Row, ...], before: tuple[Row, ...]
) -> RunData:
    """What the gate keeps of a run, as the platform makes it."""
    engine.add_arrow("run", _table(insight, run))
    engine.add_arrow("run_before", _table(insight, before))
    rules = insight.pipeline.drift
    drift = measured(engine, Tables("run_before", "run", "duckdb"), subject(insight, rules, {}), rules)
    readers = [Agreement("acme", "2" * 12, "own_account", "", "", FIRST_DAY, TODAY, (Grant("things", None, rows),))]
    own = reader_profiles(engine, "run", insight, readers)
    return RunData(profile(engine, "run", insight), own, drift.to_json()["moves"], frozenset({"latest"}))


def _insight(dice: random.Random) -> Insight:
    fields = tuple(_field(dice, name, kind) for name, kind in TYPES.items())
    checks = (Check("region_known", "set", ("region",), "error", "Known.", values=GROUPS),)
    return Insight(
        name="things", title="", version="1.0.0", description="", purpose="", usage="", limitations="", owner="",
        columns=fields, key=("id",), checks=checks,
        pipeline=Pipeline("sql", "duckdb", "", "", (), {}, drift=DriftRules(columns=("region", "flag"))),
    )  # fmt: skip


def _is_kept(row: Row) -> bool:
    """What ROWS says."""
    return bool(row["region"] == "north")


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


def _hidden_anew(hidden: frozenset[str], row: Row, dice: random.Random) -> Row:
    return {name: value if name in hidden else row[name] for name, value in _row(dice, 0).items()}


def _anew(dice: random.Random) -> tuple[Row, ...]:
    return tuple(_row(dice, number) for number in range(dice.randint(0, 60)))


def _table(insight: Insight, rows: tuple[Row, ...]) -> pa.Table:
    kinds = {"string": pa.string(), "boolean": pa.bool_(), "double": pa.float64(), "int": pa.int32()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in insight.types.items()])
    return pa.Table.from_pylist(list(rows), schema=schema)


def _is_classified(column: Field) -> bool:
    return column.personal or column.classification in ("confidential", "restricted")


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
