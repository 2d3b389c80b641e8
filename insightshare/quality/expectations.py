"""What Great Expectations calls each check, and with which arguments. Pure: runs nothing and imports none of it."""

from collections.abc import Mapping
from typing import Any

from insightshare.contract.facts import Check, CheckKind

Configuration = dict[str, Any]
"""`{"type": name, "kwargs": {…}}`, as Great Expectations reads it."""

OWN_RULE = "unexpected_rows_expectation"
"""What it calls a rule in SQL; stands here for every rule that it has no name for."""
_BETWEEN: Mapping[CheckKind, str] = {
    "row_count": "expect_table_row_count_to_be_between",
    "column_count": "expect_table_column_count_to_be_between",
    "range": "expect_column_values_to_be_between",
    "length": "expect_column_value_lengths_to_be_between",
    "mean": "expect_column_mean_to_be_between",
    "median": "expect_column_median_to_be_between",
    "stdev": "expect_column_stdev_to_be_between",
    "sum": "expect_column_sum_to_be_between",
    "min": "expect_column_min_to_be_between",
    "max": "expect_column_max_to_be_between",
    "distinct_count": "expect_column_unique_value_count_to_be_between",
    "distinct_share": "expect_column_proportion_of_unique_values_to_be_between",
}
_OF_VALUES: Mapping[CheckKind, str] = {
    "set": "expect_column_values_to_be_in_set",
    "not_set": "expect_column_values_to_not_be_in_set",
    "most_common": "expect_column_most_common_value_to_be_in_set",
    "distinct_in_set": "expect_column_distinct_values_to_be_in_set",
    "distinct_contain": "expect_column_distinct_values_to_contain_set",
    "distinct_equal": "expect_column_distinct_values_to_equal_set",
}
_PLAIN: Mapping[CheckKind, str] = {
    "not_null": "expect_column_values_to_not_be_null",
    "null": "expect_column_values_to_be_null",
    "type": "expect_column_values_to_be_of_type",
}
_SIDES = ("column_A", "column_B")


def configuration(check: Check) -> Configuration:
    """Return the expectation that a check is: the contract's own words, or its nearest of the same meaning."""
    if check.expectation:
        return _configured(check.expectation, {**_domain(check, check.expectation), **check.kwargs})
    named = None if check.outside or check.percent else _named(check)
    name, arguments = named or (OWN_RULE, {"unexpected_rows_query": _as_query(check)})
    mostly = {"mostly": check.mostly} if check.mostly < 1 and name != OWN_RULE else {}
    return _configured(name, {**arguments, **mostly})


def columns_needed(wanted: Configuration) -> tuple[str, ...]:
    """Return the columns that an expectation reads, in the order of its arguments."""
    arguments = wanted["kwargs"]
    single = [arguments[name] for name in ("column", *_SIDES) if name in arguments]
    return tuple(dict.fromkeys([*single, *arguments.get("column_list", ())]))


def _configured(name: str, arguments: Mapping[str, Any]) -> Configuration:
    return {"type": name, "kwargs": dict(arguments)}


def _named(check: Check) -> tuple[str, dict[str, Any]] | None:
    """The expectation that means the same, or None."""
    if check.kind in _BETWEEN:
        name = _BETWEEN[check.kind]
        return name, {**_domain(check, name), **_bounds(check)}
    if check.kind in _OF_VALUES and not check.patterns:
        return _OF_VALUES[check.kind], {**_domain(check), "value_set": list(check.values), **_ties(check)}
    if check.kind in _PLAIN:
        return _PLAIN[check.kind], {**_domain(check), **_type(check)}
    if check.kind in ("regex", "not_regex") and not check.values:
        return _pattern(check)
    if check.kind == "schema":
        return "expect_table_columns_to_match_ordered_list", {"column_list": list(check.columns)}
    if check.kind == "quantile":
        return "expect_column_quantile_values_to_be_between", {**_domain(check), "quantile_ranges": _quantiles(check)}
    return _of_several_columns(check)


def _domain(check: Check, name: str = "expect_column_") -> dict[str, Any]:
    """The columns as the expectation of that name takes them."""
    if name.startswith("expect_column_pair_"):
        return dict(zip(_SIDES, check.columns, strict=True))
    if name.startswith(("expect_multicolumn_", "expect_compound_columns_", "expect_select_column_")):
        return {"column_list": list(check.columns)}
    return {"column": check.columns[0]} if name.startswith("expect_column_") else {}


def _bounds(check: Check) -> dict[str, Any]:
    found = {
        "min_value": check.minimum,
        "max_value": check.maximum,
        "strict_min": check.strict_minimum or None,
        "strict_max": check.strict_maximum or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _ties(check: Check) -> dict[str, Any]:
    return {"ties_okay": True} if check.kind == "most_common" and check.or_equal else {}


def _type(check: Check) -> dict[str, Any]:
    return {"type_": str(check.values[0])} if check.kind == "type" else {}


def _pattern(check: Check) -> tuple[str, dict[str, Any]]:
    verb = "match" if check.kind == "regex" else "not_match"
    if len(check.patterns) == 1:
        return f"expect_column_values_to_{verb}_regex", {**_domain(check), "regex": check.patterns[0]}
    every = {"match_on": "all" if check.match_all else "any"} if check.kind == "regex" else {}
    listed = {**_domain(check), "regex_list": list(check.patterns), **every}
    return f"expect_column_values_to_{verb}_regex_list", listed


def _quantiles(check: Check) -> dict[str, Any]:
    return {
        "quantiles": [share for share, _ in check.quantiles],
        "value_ranges": [[limits.minimum, limits.maximum] for _, limits in check.quantiles],
    }


def _of_several_columns(check: Check) -> tuple[str, dict[str, Any]] | None:
    more: dict[str, Any] = {}
    match check.kind:
        case "unique" if len(check.columns) == 1:
            name = "expect_column_values_to_be_unique"
        case "unique":
            name = "expect_compound_columns_to_be_unique"
        case "unique_values":
            name = "expect_select_column_values_to_be_unique_within_record"
        case "sum_equal":
            name, more = "expect_multicolumn_sum_to_equal", {"sum_total": check.argument}
        case "pair_equal":
            name = "expect_column_pair_values_to_be_equal"
        case "pair_greater":
            name = "expect_column_pair_values_a_to_be_greater_than_b"
            more = {"or_equal": True} if check.or_equal else {}
        case _:
            return None
    return name, {**_domain(check, name), **more}


def _as_query(check: Check) -> str:
    """The rule's own query; braces are doubled because Great Expectations fills in `{batch}`."""
    query = check.sql or f"SELECT {', '.join(check.columns) or '*'} FROM data WHERE breaks('{check.id}')"
    return query.replace("{", "{{").replace("}", "}}") + " /* {batch} */"
