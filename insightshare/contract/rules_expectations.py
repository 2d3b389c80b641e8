"""What a stated expectation must keep: a known name, the arguments that it takes, each of the right sort."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from athenasql import SqlError, parse_type
from insightshare.contract.checks import StatedRule
from insightshare.contract.expectations import ENGINES, IGNORED, Expectation, Sort, columns_stated
from insightshare.contract.facts import Check, Contract
from insightshare.contract.problems import Problem, instead, listed, shown

ROW_CONDITION = ("row_condition", "condition_parser")
_PAIR_IGNORED = ("both_values_are_missing", "either_value_is_missing", "neither")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list_of(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(map(test, value))


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _value(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _quantiles(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"quantiles", "value_ranges"}:
        return False
    shares, ranges = value["quantiles"], value["value_ranges"]
    if not _list_of(lambda share: _number(share) and 0 <= share <= 1)(shares) or not isinstance(ranges, list):
        return False
    return len(shares) == len(ranges) and all(map(_range, ranges))


def _range(pair: Any) -> bool:
    if not isinstance(pair, list) or len(pair) != 2 or not all(end is None or _number(end) for end in pair):
        return False
    return None in pair or pair[0] <= pair[1]


SORTS: dict[Sort, tuple[str, Callable[[Any], bool]]] = {
    "column": ("the name of a column", _text),
    "columns": ("a list of columns", _list_of(_text)),
    "number": ("a number", _number),
    "count": ("a whole number from 0", lambda value: _number(value) and value >= 0 and float(value).is_integer()),
    "cell": ("a whole number from 2", lambda value: _number(value) and value >= 2 and float(value).is_integer()),
    "bound": ("a number, or a day or time in quotes", lambda value: _number(value) or _text(value)),
    "share": ("a share above 0, at most 1", lambda value: _number(value) and 0 < value <= 1),
    "value": ("text, a number, true or false", _value),
    "values": ("a list of one value or more", _list_of(_value)),
    "text": ("text", _text),
    "texts": ("a list of texts", _list_of(_text)),
    "regex": ("a regular expression", _text),
    "regexes": ("a list of regular expressions", _list_of(_text)),
    "like": ("a LIKE pattern", _text),
    "likes": ("a list of LIKE patterns", _list_of(_text)),
    "yes": ("true or false", lambda value: isinstance(value, bool)),
    "any_or_all": ("any or all", lambda value: value in ("any", "all")),
    "pair_ignored": (listed(_PAIR_IGNORED), lambda value: value in _PAIR_IGNORED),
    "columns_ignored": (
        listed(name for name in IGNORED if name not in _PAIR_IGNORED),
        lambda value: value in IGNORED and value not in _PAIR_IGNORED,
    ),
    "quantiles": (
        "a map with quantiles (shares from 0 to 1) and as many value_ranges (pairs, the smaller first)",
        _quantiles,
    ),
    "type": ("an Athena type such as string or bigint", lambda value: _text(value) and _is_type(value)),
    "types": ("a list of Athena types", _list_of(lambda value: _text(value) and _is_type(value))),
    "anything": ("anything", lambda value: True),
}


def expectation_problems(file: str, contract: Contract, stated: StatedRule, check: Check) -> Iterator[Problem]:
    """Every mistake in how an expectation is stated; what its columns must be is looked at for all rules alike."""
    engine = str(stated.rule.get("engine"))
    known = ENGINES.get(engine, {})
    field = f"{stated.place}.implementation"
    if check.expectation not in known:
        if engine in ENGINES:
            fix = instead(check.expectation, known, "choose one from its documentation")
            yield Problem(file, f"{field}.type", shown(check.expectation), f"an expectation of {engine}", fix)
        return
    meant = known[check.expectation]
    yield from _argument_problems(file, f"{field}.kwargs", meant, check)
    yield from _column_problems(file, f"{field}.kwargs", meant, stated, check)
    yield from _limit_problems(file, stated.place, check)
    yield from _never_problems(file, f"{field}.kwargs", contract, check)


def _argument_problems(file: str, field: str, meant: Expectation, check: Check) -> Iterator[Problem]:
    given: Mapping[str, Any] = check.kwargs
    for name, value in given.items():
        if name in ROW_CONDITION:
            continue
        if name not in meant.arguments:
            fix = instead(name, meant.arguments, "remove it")
            expected = f"an argument of {check.expectation} ({listed(meant.arguments)})"
            yield Problem(file, f"{field}.{name}", f"the argument {name}", expected, fix)
            continue
        expected, is_one = SORTS[meant.arguments[name]]
        if value is not None and not is_one(value):
            yield Problem(file, f"{field}.{name}", shown(value), expected, "correct it")
    for name in meant.required:
        if given.get(name) is None and name != "column":
            yield Problem(file, f"{field}.{name}", "nothing", SORTS[meant.arguments[name]][0], f"add {name}")
    if meant.one_of and all(given.get(name) is None for name in meant.one_of):
        yield Problem(file, field, "a rule without a bound", "a rule that can fail", f"add {listed(meant.one_of)}")
    low, high = given.get("min_value"), given.get("max_value")
    if low is not None and high is not None and type(low) in (int, float, str) and _greater(low, high):
        found = f"a range from {_bare(low)} to {_bare(high)}"
        yield Problem(file, field, found, "a range that holds anything", "exchange the two")


def _greater(low: Any, high: Any) -> bool:
    if _number(low) and _number(high):
        return bool(low > high)
    return isinstance(low, str) and isinstance(high, str) and low > high


def _bare(value: Any) -> str:
    return f"{value:g}" if _number(value) else str(value)


def _column_problems(file: str, field: str, meant: Expectation, stated: StatedRule, check: Check) -> Iterator[Problem]:
    """An expectation of one column stands under it, or names it; one of the table stands under the table."""
    takes = "column" in meant.arguments
    if takes and not check.columns:
        yield Problem(file, f"{field}.column", "nothing", "the name of a column", "add column, or state the rule there")
    named = check.kwargs.get("column")
    if takes and stated.column and isinstance(named, str) and named != stated.column:
        expected = f"{stated.column}, the column that the rule stands under"
        yield Problem(file, f"{field}.column", named, expected, "remove it")
    if not takes and stated.column:
        found = f"{check.expectation} under a column"
        yield Problem(file, field, found, "a rule on the table", "state it under the table's quality")


def _limit_problems(file: str, place: str, check: Check) -> Iterator[Problem]:
    field = f"{place}.customProperties"
    if check.kind == "expectation":
        if check.row_limit is None:
            fix = "add customProperties with property rowLimit and value 100000"
            yield Problem(file, field, "nothing", "the most rows on which Great Expectations itself may run it", fix)
        else:
            found = f"{check.expectation}, which Great Expectations itself runs on at most {check.row_limit:,} rows,"
            fix = "use an expectation that is compiled, if the table grows"
            yield Problem(file, place, found, "part of the one query", fix, "warning")
    elif check.row_limit is not None:
        yield Problem(file, field, "a rowLimit", "needed: the rule is part of the one query", "remove it")


def _never_problems(file: str, field: str, contract: Contract, check: Check) -> Iterator[Problem]:
    """Rules on types and columns, whose answer the contract itself is; and columns that are not there."""
    names, types = [column.name for column in contract.columns], contract.types
    if check.kind == "type" and check.columns and check.columns[0] in types and _is_type(types[check.columns[0]]):
        found = parse_type(types[check.columns[0]])
        stated = [str(value) for value in check.values]
        if all(map(_is_type, stated)) and found not in map(parse_type, stated):
            expected = f"{types[check.columns[0]]}, the column's type"
            yield Problem(file, field, listed(stated), expected, "make the two agree")
    if check.kind == "minimum_cell" and isinstance(check.argument, str) and names and check.argument not in names:
        fix = instead(check.argument, names, "remove it")
        yield Problem(file, f"{field}.of", f"column {check.argument}", listed(names), fix)
    if check.kind == "columns":
        stated, wanted = columns_stated(check, names)
        if stated != wanted:
            expected = f"{', '.join(wanted) or 'a column'}, as the contract says"
            yield Problem(file, field, ", ".join(stated), expected, "make the two agree")


def _is_type(text: str) -> bool:
    try:
        return bool(parse_type(text))
    except SqlError:
        return False
