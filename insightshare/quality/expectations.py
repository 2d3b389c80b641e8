"""What Great Expectations calls each check, and with which arguments. Pure: runs nothing and imports none of it."""

from collections.abc import Mapping
from typing import Any

from insightshare.contract.facts import Check

Configuration = dict[str, Any]
"""`{"type": name, "kwargs": {…}}`, as Great Expectations reads it."""

OWN_RULE = "unexpected_rows_expectation"
"""What it calls a rule in SQL; stands here for every rule that it has no name for."""
_SIDES = ("column_A", "column_B")
_ITS_OWN = "expect_"  # how each of its names begins, and none of those that a contract states for our own engine


def configuration(check: Check) -> Configuration:
    """Return the expectation that a check is: the contract's own words, or the one of the same meaning."""
    if check.expectation.startswith(_ITS_OWN):
        return {"type": check.expectation, "kwargs": {**_domain(check), **check.kwargs}}
    name, arguments = _named(check) or (OWN_RULE, {"unexpected_rows_query": _as_query(check)})
    return {"type": name, "kwargs": arguments}


def columns_needed(wanted: Configuration) -> tuple[str, ...]:
    """Return the columns that an expectation reads, in the order of its arguments; none where it is about the table."""
    arguments = wanted["kwargs"]
    single = [arguments[name] for name in ("column", *_SIDES) if name in arguments]
    return tuple(dict.fromkeys([*single, *arguments.get("column_list", ())]))


def _domain(check: Check) -> dict[str, Any]:
    """The column that a contract need not repeat, because the rule stands below it."""
    placed = {"column", *_SIDES, "column_list", "column_set"} & check.kwargs.keys()
    return {} if placed or not check.columns else {"column": check.columns[0]}


def _named(check: Check) -> tuple[str, dict[str, Any]] | None:
    """The expectation that means the same as a rule of the standard's library, or None."""
    column = {"column": check.columns[0]} if len(check.columns) == 1 else {}
    if check.outside or check.broken is not None:  # how many rows may break a rule is no argument of any
        return None
    match check.kind:
        case "schema":
            return "expect_table_columns_to_match_ordered_list", {"column_list": list(check.columns)}
        case "row_count":
            return "expect_table_row_count_to_be_between", _bounds(check)
        case "not_null":
            return "expect_column_values_to_not_be_null", column
        case "unique" if column:
            return "expect_column_values_to_be_unique", column
        case "unique":
            return "expect_compound_columns_to_be_unique", {"column_list": list(check.columns)}
        case "set" if not check.patterns:
            return "expect_column_values_to_be_in_set", {**column, "value_set": list(check.values)}
        case "regex" if len(check.patterns) == 1 and not check.values:
            return "expect_column_values_to_match_regex", {**column, "regex": check.patterns[0]}
    return None


def _bounds(check: Check) -> dict[str, Any]:
    bounds: Mapping[str, Any] = {"min_value": check.minimum, "max_value": check.maximum}
    strict = {"strict_min": check.strict_minimum, "strict_max": check.strict_maximum}
    stated = {name: value for name, value in bounds.items() if value is not None}
    return stated | {name: True for name, value in strict.items() if value}


def _as_query(check: Check) -> str:
    """The rule's own query; braces are doubled because Great Expectations fills in `{batch}`."""
    query = check.sql or f"SELECT {', '.join(check.columns) or '*'} FROM data WHERE breaks('{check.id}')"
    return query.replace("{", "{{").replace("}", "}}") + " /* {batch} */"
