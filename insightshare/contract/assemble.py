"""Facts from documents. Never complains: what is missing or of the wrong kind becomes empty, and `shape` has said so.

The rules can so look at every file, also at one that has a mistake elsewhere, and lint finds all problems at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from insightshare.contract.checks import implied_checks, stated_check, stated_rules
from insightshare.contract.drift import drift_rules
from insightshare.contract.facts import (
    TABLE_KINDS,
    Agreement,
    Contract,
    Environment,
    Field,
    Gate,
    Grant,
    Model,
    Pipeline,
    ServiceLevel,
    Value,
    Waiver,
)
from insightshare.contract.inference import Inference

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NO_DATE = date.min
"""Stands for a day that is missing, malformed or out of bounds, and is itself out of bounds."""
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
"""Bounds of every day that somebody agrees on: Terraform adds a day to the last, and no year has five digits."""
FIRST_COVERED_DAY = date(1000, 1, 1)
"""Data may be older than whoever agrees on them."""


def contract(document: object) -> Contract:
    """What sources and insights have in common."""
    root = _map(document)
    description = _map(root.get("description"))
    table = _map(_first(root.get("schema")))
    properties = [_map(item) for item in _list(table.get("properties"))]
    columns = tuple(_field(item) for item in properties)
    key = _key(properties)
    return Contract(
        name=_text(table.get("name")),
        title=_text(root.get("name")),
        version=_text(root.get("version")),
        description=_text(table.get("description")),
        purpose=_text(description.get("purpose")),
        usage=_text(description.get("usage")),
        limitations=_text(description.get("limitations")),
        owner=_text(_map(root.get("team")).get("name")),
        columns=columns,
        key=key,
        checks=(*implied_checks(columns, key), *map(stated_check, stated_rules(table))),
        service_levels=tuple(_service_level(_map(item)) for item in _list(root.get("slaProperties"))),
    )


def custom_properties(document: object) -> dict[str, str]:
    """The contract's custom properties, as licence and citation, by name."""
    items = [_map(item) for item in _list(_map(document).get("customProperties"))]
    return {_text(item.get("property")): _text(item.get("value")) for item in items}


def column_sets(document: object) -> dict[str, tuple[str, ...]]:
    """The contract's column sets, by name."""
    table = _map(_first(_map(document).get("schema")))
    custom = {_text(_map(entry).get("property")): _map(entry) for entry in _list(table.get("customProperties"))}
    sets = _map(custom.get("columnSets", {}).get("value"))
    return {name: _texts(columns) for name, columns in sets.items()}


def status(document: object) -> str:
    """Where the contract is in its life, as "active"."""
    return _text(_map(document).get("status"))


def pipeline(document: object, queries: Mapping[str, str]) -> Pipeline:
    root = _map(document)
    return Pipeline(
        kind=cast(Any, _text(root.get("kind"))),
        engine=cast(Any, _text(root.get("engine"))),
        objective=_text(root.get("objective")),
        method=_text(root.get("method")),
        inputs=_texts(root.get("inputs")),
        same_day_inputs=_texts(root.get("same_day_inputs")),
        queries=dict(queries),
        parameters=_constants(root.get("parameters")),
        weights={name: _number(value) or 0.0 for name, value in _map(root.get("weights")).items()},
        model=_model(_map(root["model"])) if "model" in root else None,
        schedules={job: _text(value) for job, value in _map(root.get("schedules")).items()},
        waivers=tuple(_waiver(_map(item)) for item in _list(root.get("waivers"))),
        drift=drift_rules(root.get("drift")),
    )


def agreement(document: object) -> Agreement:
    root = _map(document)
    limit = root.get("scan_limit_mib")
    return Agreement(
        client=_text(root.get("client")),
        account_id=_text(root.get("account_id")),
        reads_from=cast(Any, _text(root.get("reads_from"))),
        purpose=_text(root.get("purpose")),
        contact=_text(root.get("contact")),
        start=day(root.get("start")),
        end=day(root.get("end")),
        grants=tuple(_grant(name, _map(value)) for name, value in sorted(_map(root.get("insights")).items())),
        assumed_by=_texts(root.get("assumed_by")),
        scan_limit_mib=limit if isinstance(limit, int) else None,
        organisation=cast(Any, _text(root.get("organisation")) or None),
    )


def environments(document: object) -> dict[str, Environment]:
    items = {name: _map(value) for name, value in _map(_map(document).get("environments")).items()}
    return {
        name: Environment(name, _text(value.get("account_id")), _text(value.get("region")))
        for name, value in items.items()
    }


def day(value: object, first: date = FIRST_DAY) -> date:
    """The day in ISO text, or NO_DATE."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and ISO_DATE.fullmatch(value) else NO_DATE
    except ValueError:
        return NO_DATE
    return found if first <= found <= LAST_DAY else NO_DATE


def _field(item: Mapping[str, object]) -> Field:
    custom = {_text(_map(entry).get("property")): _map(entry) for entry in _list(item.get("customProperties"))}
    tags = _texts(item.get("tags"))
    return Field(
        name=_text(item.get("name")),
        type=_text(item.get("physicalType")),
        logical_type=_text(item.get("logicalType")),
        description=_text(item.get("description")),
        required=item.get("required") is True,
        unique=item.get("unique") is True,
        unit=_text(custom.get("unit", {}).get("value")) or None,
        classification=cast(Any, _text(item.get("classification")) or "internal"),
        personal="personal" in tags,
        protected="protected" in tags,
        since=day(custom["since"].get("value")) if "since" in custom else None,
        inferred=_inference(_map(custom["inferred"].get("value"))) if "inferred" in custom else None,
        band_of=_text(custom.get("bandOf", {}).get("value")),
    )


def _inference(item: Mapping[str, object]) -> Inference:
    return Inference(
        method=_text(item.get("method")),
        confidence=_text(item.get("confidence")),
        purposes=_texts(item.get("purposes")),
        minimum_cell=int(_number(item.get("minimumCell")) or 0),
    )


def _key(properties: list[Mapping[str, object]]) -> tuple[str, ...]:
    members = [item for item in properties if item.get("primaryKey") is True]
    members.sort(key=lambda item: _number(item.get("primaryKeyPosition")) or 0)
    return tuple(_text(item.get("name")) for item in members)


def _service_level(item: Mapping[str, object]) -> ServiceLevel:
    return ServiceLevel(
        property=_text(item.get("property")),
        value=_number(item.get("value")) or 0.0,
        unit=_text(item.get("unit")),
        sentence=_text(item.get("description")),
    )


def _model(item: Mapping[str, object]) -> Model:
    gates = [_map(gate) for gate in _list(item.get("gates"))]
    return Model(
        kind=cast(Any, _text(item.get("kind"))),
        label=_text(item.get("label")),
        features=_texts(item.get("features")),
        rounds=int(_number(item.get("rounds")) or 0),
        seed=int(_number(item.get("seed")) or 0),
        holdout_share=_number(item.get("holdout_share")) or 0.0,
        parameters=_constants(item.get("parameters")),
        gates=tuple(Gate(_text(gate.get("metric")), _number(gate.get("minimum")) or 0.0) for gate in gates),
    )


def _waiver(item: Mapping[str, object]) -> Waiver:
    return Waiver(
        rule=_text(item.get("rule")),
        reason=_text(item.get("reason")),
        approved_by=_text(item.get("approved_by")),
        until=day(item.get("until")),
    )


def _grant(insight: str, item: Mapping[str, object]) -> Grant:
    columns = item.get("columns")
    chosen = _texts(item.get("tables"))
    return Grant(
        insight=insight,
        columns=None if isinstance(columns, str) else _texts(columns),
        rows=_text(item.get("rows")).strip() or None,
        tables=tuple(kind for kind in TABLE_KINDS if kind in chosen or "tables" not in item),
        stated=columns if isinstance(columns, str) else "",
        purposes=_texts(item.get("purposes")),
    )


def _constants(value: object) -> dict[str, Value]:
    return {name: item for name, item in _map(value).items() if isinstance(item, str | int | float)}


def _map(value: object) -> Mapping[str, object]:
    return cast(Mapping[str, object], value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _first(value: object) -> object:
    return next(iter(_list(value)), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) and value is not True else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value) if _text(item))


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
