"""What a contract's stated rules must keep: their shape by type, their columns, values and patterns. Runs none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from athenasql import SqlError, parse_type
from insightshare.contract.checks import OPERATORS, StatedRule, limits, stated_check
from insightshare.contract.expectations import ENGINES, Wanted
from insightshare.contract.facts import Check, Contract, Field, Value
from insightshare.contract.problems import Problem, instead, listed, shown
from insightshare.contract.quality_sql import one_number_problem, typed_rule
from insightshare.contract.regex import regex_problem
from insightshare.contract.rules_expectations import expectation_problems

NUMBERS = ("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal")
TIMES = ("date", "timestamp")
WANTED: dict[Wanted, tuple[str, ...]] = {
    "text": ("varchar", "char"),
    "number": NUMBERS,
    "ordered": (*NUMBERS, *TIMES),
    "scalar": (*NUMBERS, *TIMES, "varchar", "char", "boolean"),
    "list": ("array",),
    "embedding": ("array",),
    "time": TIMES,
}
ARTICLES: dict[Wanted, str] = {
    "text": "text", "number": "a number", "ordered": "a number, date or timestamp", "list": "an array",
    "scalar": "a number, text, boolean, date or timestamp", "embedding": "an array of floats or doubles",
    "time": "a date or timestamp",
}  # fmt: skip
_METRIC_ARGUMENTS = {
    "nullValues": (), "missingValues": ("missingValues",), "invalidValues": ("validValues", "pattern"),
    "duplicateValues": ("properties",), "rowCount": (),
}  # fmt: skip
_ALWAYS = ("id", "description", "type", "dimension", "severity")
_KEYS = {
    "library": (*_ALWAYS, "metric", "arguments", "unit", *OPERATORS),
    "sql": (*_ALWAYS, "query", "unit", *OPERATORS),
    "custom": (*_ALWAYS, "engine", "implementation", "customProperties"),
}
ANY_TABLE = "object"


def quality_problems(file: str, contract: Contract, rules: Iterable[StatedRule]) -> Iterator[Problem]:
    """Every mistake in the rules that a contract states."""
    for stated in rules:
        check = stated_check(stated)
        kind = str(stated.rule.get("type", "library"))
        for key in stated.rule:
            if key not in _KEYS.get(kind, stated.rule):
                expected = f"a key of a rule of type {kind}"
                yield Problem(file, f"{stated.place}.{key}", f"the key {key}", expected, "remove it")
        if kind == "custom":
            yield from expectation_problems(file, contract, stated, check)
        else:
            yield from _comparison_problems(file, stated)
            if kind == "sql":
                yield from _sql_problems(file, contract, stated)
            else:
                yield from _library_problems(file, stated)
        yield from _check_problems(file, contract, stated, check)


def _comparison_problems(file: str, stated: StatedRule) -> Iterator[Problem]:
    named = [name for name in OPERATORS if name in stated.rule]
    if len(named) > 1:
        expected = "one comparison, as the standard demands"
        yield Problem(file, stated.place, " and ".join(named), expected, f"keep one, or use {named[0][:6]}Between")
    permitted, percent = limits(stated.rule), stated.rule.get("unit") == "percent"
    bounds = [value for value in (permitted.minimum, permitted.maximum) if isinstance(value, int | float)]
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        found = f"a range from {bounds[0]:g} to {bounds[1]:g}"
        yield Problem(file, stated.place, found, "a range that holds anything", "exchange the two")
    for bound in bounds if stated.rule.get("type") != "sql" else []:
        if bound < 0 or (percent and bound > 100):
            expected = "a share from 0 to 100 percent" if percent else "a number of rows"
            yield Problem(file, f"{stated.place}.{named[0] if named else ''}", f"{bound:g}", expected, "correct it")


def _sql_problems(file: str, contract: Contract, stated: StatedRule) -> Iterator[Problem]:
    query = stated.rule.get("query")
    if not isinstance(query, str) or not contract.types:
        return
    field = f"{stated.place}.query"
    try:
        typed = typed_rule(query, ANY_TABLE, contract.types, stated.column)
    except SqlError as error:
        detail = error.detail.removesuffix(" or requester is not authorized to access requested resources")
        yield Problem(file, field, f"SQL that Athena refuses ({detail})", "SQL that it runs", _sql_fix(error, contract))
        return
    except RecursionError:
        yield Problem(file, field, "SQL nested this deep", "SQL for people", "give its parts names with WITH")
        return
    problem = one_number_problem(typed)
    if problem:
        expected, fix = "a query of one number", "select one aggregate of all rows, without GROUP BY or LIMIT"
        yield Problem(file, field, problem, expected, fix)


def _sql_fix(error: SqlError, contract: Contract) -> str:
    name = error.detail.split("'")[1].split(".")[-1] if error.detail.count("'") > 1 else ""
    if error.code == "COLUMN_NOT_FOUND":
        return instead(name, contract.types, "choose a column of the table")
    if error.code == "TABLE_NOT_FOUND":
        return "read {object}, which is this table"
    if error.code == "PARAMETER_NOT_FOUND":
        return "write {object} for the table, and {property} for the column that the rule stands under"
    return "correct it"


def _library_problems(file: str, stated: StatedRule) -> Iterator[Problem]:
    rule, metric = stated.rule, str(stated.rule.get("metric"))
    arguments = rule.get("arguments") if isinstance(rule.get("arguments"), dict) else {}
    if metric not in _METRIC_ARGUMENTS:
        return
    field = f"{stated.place}.metric"
    if metric == "rowCount" and stated.column:
        yield Problem(file, field, "rowCount on a column", "a rule on the table", "state it under the table's quality")
    if metric in ("nullValues", "missingValues", "invalidValues") and not stated.column:
        yield Problem(file, field, f"{metric} on a table", "a rule on a column", "state it under the column's quality")
    if metric == "rowCount" and rule.get("unit") == "percent":
        yield Problem(file, f"{stated.place}.unit", "percent of the rows", "a number of rows", "write unit: rows")
    allowed = () if stated.column and metric == "duplicateValues" else _METRIC_ARGUMENTS[metric]
    for name in arguments or {}:
        if name not in allowed:
            expected = f"an argument of {metric}{' on a column' if stated.column else ''}"
            yield Problem(file, f"{stated.place}.arguments.{name}", f"the argument {name}", expected, "remove it")
    if allowed and not any(name in (arguments or {}) for name in allowed):
        field = f"{stated.place}.arguments"
        yield Problem(file, field, "nothing", f"what {metric} needs", f"add {listed(allowed)} to arguments")


def _check_problems(file: str, contract: Contract, stated: StatedRule, check: Check) -> Iterator[Problem]:
    """What a check's columns, values and patterns must be, however it is stated."""
    columns = {column.name: column for column in contract.columns}
    for name in check.columns:
        if name not in columns:
            yield Problem(file, stated.place, f"column {name}", listed(columns), instead(name, columns, "remove it"))
    known = [columns[name] for name in check.columns if name in columns]
    for column in known:
        yield from _type_problems(file, stated, check, column)
    if len(known) == 2 and check.kind.startswith("pair") and _family(known[0]) != _family(known[1]):
        found = f"{known[0].type} beside {known[1].type}"
        yield Problem(file, stated.place, found, "two columns that can be compared", "choose others")
    for pattern in check.patterns:
        problem = regex_problem(pattern)
        if problem:
            field = f"{stated.place}.{_where(check, 'pattern')}"
            expected = "a regular expression that RE2 knows and that means the same in Java"
            yield Problem(file, field, problem, expected, "write it without look-around and back-references")


def _type_problems(file: str, stated: StatedRule, check: Check, column: Field) -> Iterator[Problem]:
    wanted, kind = _wanted(stated, check), _kind(column)
    if kind and (_misfit(wanted, kind) or (wanted == "embedding" and _element(column) not in ("real", "double"))):
        found, expected = f"the column {column.name} of type {column.type}", f"{ARTICLES[wanted]}, as the rule needs"
        yield Problem(file, stated.place, found, expected, "choose another rule or another column")
        return
    for value in check.values if check.kind != "type" else ():
        if not _fits(value, column):
            field = f"{stated.place}.{_where(check, 'values')}"
            yield Problem(file, field, shown(value), f"a value of logicalType {column.logical_type}", "correct it")
    if wanted == "ordered":
        for bound in (check.minimum, check.maximum):
            if bound is not None and not _fits(bound, column):
                expected = "a day or time such as 2026-01-31, in quotes" if kind in TIMES else "a number"
                yield Problem(file, stated.place, f"the bound {shown(bound)}", expected, "correct it")


def _wanted(stated: StatedRule, check: Check) -> Wanted:
    if check.expectation:
        known = ENGINES.get(str(stated.rule.get("engine")), {}).get(check.expectation)
        return known.wanted if known else "anything"
    if check.patterns and check.kind in ("set", "regex"):
        return "text"
    return "scalar" if check.kind in ("set", "missing", "unique") else "anything"


def _misfit(wanted: Wanted, kind: str) -> bool:
    return wanted != "anything" and kind not in WANTED[wanted]


def _where(check: Check, what: str) -> str:
    if not check.expectation:
        name = "missingValues" if check.kind == "missing" else "validValues"
        return f"arguments.{'pattern' if what == 'pattern' else name}"
    names = ("regex", "regex_list", "like_pattern", "like_pattern_list") if what == "pattern" else ("value_set",)
    return f"implementation.kwargs.{next((name for name in names if name in check.kwargs), names[0])}"


def _fits(value: Value, column: Field) -> bool:
    """Whether a value can be compared with a column's values."""
    kind = _kind(column)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind in TIMES:
        return isinstance(value, str) and _is_time(value, kind)
    return isinstance(value, str) or not kind


def _is_time(text: str, kind: str) -> bool:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return False
    return kind != "date" or (found.time() == datetime.min.time() and len(text) == len("2026-01-31"))


def _family(column: Field) -> str:
    kind = _kind(column)
    return "number" if kind in NUMBERS else "text" if kind in WANTED["text"] else kind


def _kind(column: Field) -> str:
    """The name of a column's type; nothing where it has none, which is reported elsewhere."""
    try:
        return parse_type(column.type).name
    except SqlError:
        return ""


def _element(column: Field) -> str:
    kind = parse_type(column.type)
    return kind.element.name if kind.name == "array" else ""
