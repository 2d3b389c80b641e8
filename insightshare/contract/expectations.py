"""The expectations that a contract may state: their arguments, and which of our rules each one is. Runs nothing.

Great Expectations' own names and arguments; those of engine `insightshare` are ours, where it has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from insightshare.contract.facts import Check, CheckKind, Limits
from insightshare.contract.regex import like_regex

Sort = Literal[
    "column", "columns", "number", "count", "cell", "bound", "share", "value", "values", "text", "texts", "regex",
    "regexes", "like", "likes", "yes", "any_or_all", "pair_ignored", "columns_ignored", "quantiles", "type", "types",
    "anything",
]  # fmt: skip
"""What an argument holds; "bound" is a number, or a day or time as text."""
Wanted = Literal["anything", "text", "number", "ordered", "scalar", "list", "embedding", "time"]
"""What a rule's columns must be."""


@dataclass(frozen=True)
class Expectation:
    """One expectation: which rule it is ("expectation": none of ours), its arguments, and what columns it is for."""

    kind: CheckKind
    arguments: Mapping[str, Sort] = field(hash=False)
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    """Arguments of which one must be there, so that the rule can fail."""
    wanted: Wanted = "anything"


_COLUMN: dict[str, Sort] = {"column": "column"}
_ROWS: dict[str, Sort] = {"column": "column", "mostly": "share"}
_STRICT: dict[str, Sort] = {"strict_min": "yes", "strict_max": "yes"}
_BOUNDS: dict[str, Sort] = {"min_value": "bound", "max_value": "bound", **_STRICT}
_NUMBERS: dict[str, Sort] = {"min_value": "number", "max_value": "number", **_STRICT}
_COUNTS: dict[str, Sort] = {"min_value": "count", "max_value": "count", **_STRICT}
_EITHER = ("min_value", "max_value")
_PAIR: dict[str, Sort] = {
    "column_A": "column", "column_B": "column", "ignore_row_if": "pair_ignored", "mostly": "share",
}  # fmt: skip
_TOGETHER: dict[str, Sort] = {"column_list": "columns", "ignore_row_if": "columns_ignored"}


def _rows(kind: CheckKind, wanted: Wanted, **more: Sort) -> Expectation:
    return Expectation(kind, {**_ROWS, **more}, tuple(more), wanted=wanted)


def _between(kind: CheckKind, wanted: Wanted, bounds: dict[str, Sort]) -> Expectation:
    return Expectation(kind, {**_COLUMN, **bounds}, one_of=_EITHER, wanted=wanted)


def _listed(kind: CheckKind, **more: Sort) -> Expectation:
    return Expectation(kind, {**_COLUMN, "value_set": "values", **more}, ("value_set",), wanted="scalar")


def _uncompiled(*required: str, **arguments: Sort) -> Expectation:
    return Expectation("expectation", arguments, required)


GREAT_EXPECTATIONS: Mapping[str, Expectation] = {
    "expect_column_values_to_not_be_null": _rows("not_null", "anything"),
    "expect_column_values_to_be_null": _rows("null", "anything"),
    "expect_column_values_to_be_unique": _rows("unique_values", "scalar"),
    "expect_column_values_to_be_between": Expectation("range", {**_ROWS, **_BOUNDS}, one_of=_EITHER, wanted="ordered"),
    "expect_column_values_to_be_in_set": _rows("set", "scalar", value_set="values"),
    "expect_column_values_to_not_be_in_set": _rows("not_set", "scalar", value_set="values"),
    "expect_column_values_to_match_regex": _rows("regex", "text", regex="regex"),
    "expect_column_values_to_not_match_regex": _rows("not_regex", "text", regex="regex"),
    "expect_column_values_to_match_regex_list": Expectation(
        "regex", {**_ROWS, "regex_list": "regexes", "match_on": "any_or_all"}, ("regex_list",), wanted="text"
    ),
    "expect_column_values_to_not_match_regex_list": _rows("not_regex", "text", regex_list="regexes"),
    "expect_column_values_to_match_like_pattern": _rows("regex", "text", like_pattern="like"),
    "expect_column_values_to_not_match_like_pattern": _rows("not_regex", "text", like_pattern="like"),
    "expect_column_values_to_match_like_pattern_list": Expectation(
        "regex", {**_ROWS, "like_pattern_list": "likes", "match_on": "any_or_all"}, ("like_pattern_list",),
        wanted="text",
    ),
    "expect_column_values_to_not_match_like_pattern_list": _rows("not_regex", "text", like_pattern_list="likes"),
    "expect_column_value_lengths_to_be_between": Expectation(
        "length", {**_ROWS, **_COUNTS}, one_of=_EITHER, wanted="text"
    ),
    "expect_column_value_lengths_to_equal": _rows("length", "text", value="count"),
    "expect_column_values_to_be_of_type": _rows("type", "anything", type_="type"),
    "expect_column_values_to_be_in_type_list": _rows("type", "anything", type_list="types"),
    "expect_column_to_exist": Expectation("columns", {**_COLUMN, "column_index": "count"}, ("column",)),
    "expect_table_columns_to_match_set": Expectation(
        "columns", {"column_set": "columns", "exact_match": "yes"}, ("column_set",)
    ),
    "expect_table_columns_to_match_ordered_list": Expectation("columns", {"column_list": "columns"}, ("column_list",)),
    "expect_table_row_count_to_be_between": Expectation("row_count", _COUNTS, one_of=_EITHER),
    "expect_table_row_count_to_equal": Expectation("row_count", {"value": "count"}, ("value",)),
    "expect_table_column_count_to_be_between": Expectation(
        "column_count", {"min_value": "count", "max_value": "count"}, one_of=_EITHER
    ),
    "expect_table_column_count_to_equal": Expectation("column_count", {"value": "count"}, ("value",)),
    "expect_column_mean_to_be_between": _between("mean", "number", _NUMBERS),
    "expect_column_median_to_be_between": _between("median", "number", _NUMBERS),
    "expect_column_stdev_to_be_between": _between("stdev", "number", _NUMBERS),
    "expect_column_sum_to_be_between": _between("sum", "number", _NUMBERS),
    "expect_column_min_to_be_between": _between("min", "ordered", _BOUNDS),
    "expect_column_max_to_be_between": _between("max", "ordered", _BOUNDS),
    "expect_column_unique_value_count_to_be_between": _between("distinct_count", "scalar", _COUNTS),
    "expect_column_proportion_of_unique_values_to_be_between": _between("distinct_share", "scalar", _NUMBERS),
    "expect_column_proportion_of_non_null_values_to_be_between": _between("filled_share", "anything", _NUMBERS),
    "expect_column_quantile_values_to_be_between": Expectation(
        "quantile", {**_COLUMN, "quantile_ranges": "quantiles", "allow_relative_error": "anything"},
        ("quantile_ranges",), wanted="number",
    ),
    "expect_column_most_common_value_to_be_in_set": _listed("most_common", ties_okay="yes"),
    "expect_column_distinct_values_to_be_in_set": _listed("distinct_in_set"),
    "expect_column_distinct_values_to_contain_set": _listed("distinct_contain"),
    "expect_column_distinct_values_to_equal_set": _listed("distinct_equal"),
    "expect_column_pair_values_to_be_equal": Expectation("pair_equal", _PAIR, ("column_A", "column_B")),
    "expect_column_pair_values_a_to_be_greater_than_b": Expectation(
        "pair_greater", {**_PAIR, "or_equal": "yes"}, ("column_A", "column_B"), wanted="ordered"
    ),
    "expect_multicolumn_sum_to_equal": Expectation(
        "sum_equal", {**_TOGETHER, "sum_total": "number"}, ("column_list", "sum_total"), wanted="number"
    ),
    "expect_compound_columns_to_be_unique": Expectation(
        "unique_values", {**_TOGETHER, "mostly": "share"}, ("column_list",), wanted="scalar"
    ),
    # What follows no query of ours holds: Great Expectations itself runs it.
    "expect_column_pair_values_to_be_in_set": _uncompiled(
        "column_A", "column_B", "value_pairs_set", **_PAIR, value_pairs_set="anything"
    ),
    "expect_select_column_values_to_be_unique_within_record": _uncompiled("column_list", **_TOGETHER, mostly="share"),
    "expect_multicolumn_values_to_be_equal": _uncompiled("column_list", **_TOGETHER, mostly="share"),
    "expect_column_values_to_not_be_outliers": _uncompiled("method", **_ROWS, method="text", multiplier="number"),
    "expect_column_kl_divergence_to_be_less_than": _uncompiled(
        "partition_object", **_COLUMN, partition_object="anything", threshold="number", bucketize_data="yes",
        tail_weight_holdout="number", internal_weight_holdout="number", min_value="number", max_value="number",
    ),
    "expect_column_value_z_scores_to_be_less_than": _uncompiled(
        "threshold", **_ROWS, threshold="number", double_sided="yes"
    ),
    "expect_column_values_to_be_increasing": _uncompiled(**_ROWS, strictly="yes"),
    "expect_column_values_to_be_decreasing": _uncompiled(**_ROWS, strictly="yes"),
    "expect_column_values_to_be_dateutil_parseable": _uncompiled(**_ROWS),
    "expect_column_values_to_be_json_parseable": _uncompiled(**_ROWS),
    "expect_column_values_to_match_json_schema": _uncompiled("json_schema", **_ROWS, json_schema="anything"),
    "expect_column_values_to_match_strftime_format": _uncompiled("strftime_format", **_ROWS, strftime_format="text"),
}  # fmt: skip
OURS: Mapping[str, Expectation] = {
    "freshness": Expectation(
        "freshness", {**_COLUMN, "max_age_hours": "number"}, ("max_age_hours",), wanted="time"
    ),
    "list_length": Expectation("list_length", {**_ROWS, **_COUNTS}, one_of=_EITHER, wanted="list"),
    "embedding_dimension": _rows("list_length", "embedding", dimension="count"),
    "embedding_finite": _rows("finite", "embedding"),
    "minimum_cell": Expectation(
        "minimum_cell", {"column_list": "columns", "minimum": "cell", "of": "column"}, ("column_list", "minimum"),
        wanted="scalar",
    ),
    "embedding_norm": Expectation("norm", {**_ROWS, **_NUMBERS}, one_of=_EITHER, wanted="embedding"),
}  # fmt: skip
ENGINES: Mapping[str, Mapping[str, Expectation]] = {"greatExpectations": GREAT_EXPECTATIONS, "insightshare": OURS}
IGNORED = {
    "both_values_are_missing": "all_null", "either_value_is_missing": "any_null", "neither": "never",
    "all_values_are_missing": "all_null", "any_value_is_missing": "any_null", "never": "never",
}  # fmt: skip


def rule_of(engine: str, name: str, kwargs: Mapping[str, Any], column: str) -> dict[str, Any]:
    """What a `Check` is to hold for an expectation on a column ("" for a table); of a mistake, what can be understood.

    Expectations that are stated on some rows only (`row_condition`) are left to Great Expectations.
    """
    known = ENGINES.get(engine, {}).get(name)
    given = {key: value for key, value in kwargs.items() if value is not None}
    rule: dict[str, Any] = {"kind": known.kind if known else "expectation", "expectation": name, "kwargs": dict(kwargs)}
    if "row_condition" in given:
        rule["kind"] = "expectation"
    rule["columns"] = (column,) if column else ()
    if name == "expect_column_values_to_be_unique":
        rule["ignore_rows"] = "any_null"
    for key, value in given.items():
        rule |= _filled(key, value, rule)
    return rule


def columns_stated(check: Check, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """What a rule on a table's columns states, and what it would have to state to be true of columns so named."""
    stated, index = list(check.columns), check.kwargs.get("column_index")
    if "column_set" in check.kwargs:
        exact = check.kwargs.get("exact_match") is not False
        return sorted(stated), sorted(names if exact else [name for name in stated if name in names])
    if "column_list" in check.kwargs:
        return stated, list(names)
    if isinstance(index, int):
        return stated, list(names[index : index + 1])
    return stated, [name for name in stated if name in names]


def _filled(key: str, value: Any, rule: Mapping[str, Any]) -> dict[str, Any]:
    if key in _RENAMED:
        return {_RENAMED[key]: value}
    if key in ("value", "dimension"):
        return {"minimum": value, "maximum": value}
    if key in ("column", "column_A"):
        return {"columns": (str(value), *rule["columns"][1:])}
    if key == "column_B":
        return {"columns": (*(rule["columns"] or ("",))[:1], str(value))}
    if key in ("column_list", "column_set"):
        return {"columns": _texts(value)}
    if key in ("value_set", "type_list"):
        return {"values": tuple(item for item in _items(value) if isinstance(item, str | int | float | bool))}
    if key == "type_":
        return {"values": _texts([value])}
    return _patterns(key, value)


def _patterns(key: str, value: Any) -> dict[str, Any]:
    if key in ("regex", "regex_list"):
        return {"patterns": _texts([value] if key == "regex" else value)}
    if key in ("like_pattern", "like_pattern_list"):
        return {"patterns": tuple(map(like_regex, _texts([value] if key == "like_pattern" else value)))}
    if key == "match_on":
        return {"match_all": value == "all"}
    if key == "ignore_row_if":
        return {"ignore_rows": IGNORED.get(str(value), "all_null")}
    if key == "quantile_ranges":
        return {"quantiles": _quantiles(value)}
    return {}


def _quantiles(value: Any) -> tuple[tuple[float, Limits], ...]:
    stated = value if isinstance(value, dict) else {}
    pairs = zip(_items(stated.get("quantiles")), _items(stated.get("value_ranges")), strict=False)
    return tuple(
        (share, Limits(*bounds))
        for share, bounds in pairs
        if isinstance(share, int | float) and isinstance(bounds, list) and len(bounds) == 2
    )


_RENAMED = {
    "min_value": "minimum", "max_value": "maximum", "strict_min": "strict_minimum", "strict_max": "strict_maximum",
    "mostly": "mostly", "or_equal": "or_equal", "ties_okay": "or_equal", "sum_total": "argument",
    "max_age_hours": "argument", "minimum": "minimum", "of": "argument",
}  # fmt: skip


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in _items(value) if isinstance(item, str))
