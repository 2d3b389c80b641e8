"""A contract's rules as checks: those that columns imply, and those that are stated. Never complains."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from insightshare.contract.expectations import rule_of
from insightshare.contract.facts import Check, Field, Limits, Severity, Value

OPERATORS: dict[str, Callable[[Any], Limits]] = {
    "mustBe": lambda n: Limits(n, n),
    "mustNotBe": lambda n: Limits(n, n, outside=True),
    "mustBeGreaterThan": lambda n: Limits(minimum=n, strict_minimum=True),
    "mustBeGreaterOrEqualTo": lambda n: Limits(minimum=n),
    "mustBeLessThan": lambda n: Limits(maximum=n, strict_maximum=True),
    "mustBeLessOrEqualTo": lambda n: Limits(maximum=n),
    "mustBeBetween": lambda pair: Limits(pair[0], pair[1]),
    "mustNotBeBetween": lambda pair: Limits(pair[0], pair[1], outside=True),
}
"""The standard's comparisons; between is inclusive."""
METRICS = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")


@dataclass(frozen=True)
class StatedRule:
    """One rule as the file states it; `column` is "" for a rule of the table, `place` says where it stands."""

    rule: Mapping[str, Any] = field(hash=False)
    column: str
    place: str


def implied_checks(columns: tuple[Field, ...], key: tuple[str, ...]) -> tuple[Check, ...]:
    """The rules that a column's own description implies; they always gate."""
    names = tuple(column.name for column in columns)
    checks = [Check("schema", "schema", names, "error", "The table has exactly the contract's columns and types.")]
    checks += [
        Check(f"{column.name}_not_null", "not_null", (column.name,), "error", f"{column.name} is never empty.")
        for column in columns
        if column.required
    ]
    checks += [
        Check(f"{column.name}_unique", "unique", (column.name,), "error", f"No two rows have the same {column.name}.")
        for column in columns
        if column.unique and (column.name,) != key
    ]
    if key:
        sentence = f"No two rows have the same {' and '.join(key)}."
        checks.append(Check("key_unique", "unique", key, "error", sentence))
    return tuple(checks)


def rules_of(document: object) -> list[StatedRule]:
    """The rules that a contract's document states."""
    tables = _list(_map(document).get("schema"))
    return list(stated_rules(tables[0])) if tables else []


def stated_rules(table: object) -> Iterator[StatedRule]:
    """The rules that a table's description states, those of its columns first; what is no rule is left out."""
    described = _map(table)
    where = f"schema[{described.get('name')}]"
    for item in map(_map, _list(described.get("properties"))):
        name = str(item.get("name", ""))
        for rule in map(_map, _list(item.get("quality"))):
            yield StatedRule(rule, name, f"{where}.properties[{name}].quality[{rule.get('id')}]")
    for rule in map(_map, _list(described.get("quality"))):
        yield StatedRule(rule, "", f"{where}.quality[{rule.get('id')}]")


def stated_check(stated: StatedRule) -> Check:
    """The check that a stated rule means."""
    rule = stated.rule
    if rule.get("type") == "custom":
        implementation = _map(rule.get("implementation"))
        engine, name = str(rule.get("engine", "")), str(implementation.get("type", ""))
        meant = rule_of(engine, name, _map(implementation.get("kwargs")), stated.column)
        meant["row_limit"] = _row_limit(rule)
    elif rule.get("type") == "sql":
        columns = (stated.column,) if stated.column else ()
        meant = {"kind": "sql", "columns": columns, "sql": str(rule.get("query", "")), **_fields(limits(rule))}
    else:
        meant = _of_the_library(rule, stated.column)
    severity: Severity = "warning" if rule.get("severity") == "warning" else "error"
    return Check(id=str(rule.get("id", "")), severity=severity, sentence=str(rule.get("description", "")), **meant)


def limits(rule: Mapping[str, Any]) -> Limits:
    """What the rule's comparison permits; everything where it has none, or none that can be understood."""
    for name, limited in OPERATORS.items():
        value = rule.get(name)
        if name.endswith("Between"):
            if isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)):
                return limited(value)
        elif _is_number(value):
            return limited(value)
    return Limits()


def _of_the_library(rule: Mapping[str, Any], column: str) -> dict[str, Any]:
    arguments, metric = _map(rule.get("arguments")), rule.get("metric")
    stated = limits(rule)
    if metric == "rowCount":
        return {"kind": "row_count", "columns": (), **_fields(stated)}
    meant: dict[str, Any] = {"columns": (column,) if column else ()}
    if metric == "duplicateValues":
        listed = tuple(str(name) for name in _list(arguments.get("properties")))
        meant |= {"kind": "unique", "columns": listed or meant["columns"]}
    elif metric == "nullValues":
        meant["kind"] = "not_null"
    elif metric == "missingValues":
        meant |= {"kind": "missing", "values": _values(arguments.get("missingValues"))}
    else:
        pattern = arguments.get("pattern")
        meant |= {"kind": "set" if "validValues" in arguments else "regex"}
        meant |= {"values": _values(arguments.get("validValues"))}
        meant |= {"patterns": (pattern,) if isinstance(pattern, str) else ()}
    if stated != Limits(0, 0):
        meant |= {"broken": stated, "percent": rule.get("unit") == "percent"}
    return meant


def _fields(stated: Limits) -> dict[str, Any]:
    return dict(vars(stated))


def _row_limit(rule: Mapping[str, Any]) -> int | None:
    items = [_map(item) for item in _list(rule.get("customProperties"))]
    found = [item.get("value") for item in items if item.get("property") == "rowLimit"]
    return found[0] if found and isinstance(found[0], int) and not isinstance(found[0], bool) else None


def _values(value: object) -> tuple[Value, ...]:
    return tuple(item for item in _list(value) if isinstance(item, str | int | float | bool))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
