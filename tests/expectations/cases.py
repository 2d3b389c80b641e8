"""Every expectation that is compiled, with arguments that some rows keep and some break. Compares nothing."""

from collections.abc import Iterator
from typing import Any

Case = tuple[str, dict[str, Any]]
"""An expectation's name and arguments."""

_BOUNDS = (
    {"min_value": 1, "max_value": 2},
    {"min_value": 1},
    {"max_value": 2},
    {"min_value": 1, "max_value": 2, "strict_min": True, "strict_max": True},
)


def cases() -> Iterator[Case]:
    """Return all of them."""
    yield from _on_values()
    yield from _on_sets_and_patterns()
    yield from _on_columns_together()
    yield from _on_a_column()
    yield from _on_the_table()


def _on_values() -> Iterator[Case]:
    for column in ("number", "whole", "amount", "id", "text", "flag", "day"):
        yield "expect_column_values_to_not_be_null", {"column": column}
        yield "expect_column_values_to_be_null", {"column": column}
        yield "expect_column_values_to_be_unique", {"column": column}
    for mostly in (0.5, 0.8, 0.9, 1.0):
        yield "expect_column_values_to_not_be_null", {"column": "number", "mostly": mostly}
        yield "expect_column_values_to_be_between", {"column": "number", "max_value": 2.25, "mostly": mostly}
        yield "expect_column_values_to_be_unique", {"column": "whole", "mostly": mostly}
    for bounds in (*_BOUNDS, {"min_value": 0.5, "max_value": 1.5}, {"min_value": -1e300, "max_value": 1e300}):
        for column in ("number", "whole"):
            yield "expect_column_values_to_be_between", {"column": column, **bounds}
    yield "expect_column_values_to_be_between", {"column": "amount", "min_value": 1, "max_value": 2}
    yield "expect_column_values_to_be_between", {"column": "day", "min_value": "2026-01-03"}
    yield "expect_column_values_to_be_between", {"column": "moment", "max_value": "2026-01-01T05:00:00"}
    for bounds in (*_BOUNDS, {"max_value": 1}):
        yield "expect_column_value_lengths_to_be_between", {"column": "text", **bounds}
    yield "expect_column_value_lengths_to_equal", {"column": "word", "value": 3}


def _on_sets_and_patterns() -> Iterator[Case]:
    sets: dict[str, list[Any]] = {"number": [0.0, 0.5, 1.25], "whole": [1, 2, 3], "word": ["red", "green"]}
    sets |= {"flag": [True], "amount": [0.5, 1.25], "day": ["2026-01-03"]}
    for column, values in sets.items():
        for verb in ("be_in_set", "not_be_in_set"):
            yield f"expect_column_values_to_{verb}", {"column": column, "value_set": values}
    yield "expect_column_values_to_be_in_set", {"column": "word", "value_set": ["red"], "mostly": 0.2}
    for pattern in ("^[a-z]+$", "a", r"\d", "^$", "(?i)^A", r"\w", r"^.{2}$", "$"):
        yield "expect_column_values_to_match_regex", {"column": "text", "regex": pattern}
        yield "expect_column_values_to_not_match_regex", {"column": "text", "regex": pattern}
    listed = {"column": "text", "regex_list": ["a", r"\d"]}
    yield "expect_column_values_to_match_regex_list", listed
    yield "expect_column_values_to_match_regex_list", {**listed, "match_on": "all"}
    yield "expect_column_values_to_not_match_regex_list", listed
    for verb in ("match", "not_match"):
        yield f"expect_column_values_to_{verb}_like_pattern", {"column": "text", "like_pattern": "a_%"}
        yield f"expect_column_values_to_{verb}_like_pattern_list", {"column": "text", "like_pattern_list": ["a%", "%1"]}
    yield "expect_column_values_to_be_of_type", {"column": "whole", "type_": "bigint"}
    yield "expect_column_values_to_be_in_type_list", {"column": "whole", "type_list": ["bigint", "int"]}


def _on_columns_together() -> Iterator[Case]:
    for pair in (("number", "other"), ("bigger", "whole"), ("text", "word")):
        sides = dict(zip(("column_A", "column_B"), pair, strict=True))
        for ignored in ("both_values_are_missing", "either_value_is_missing", "neither"):
            yield "expect_column_pair_values_to_be_equal", {**sides, "ignore_row_if": ignored}
            if "text" not in pair:
                yield "expect_column_pair_values_a_to_be_greater_than_b", {**sides, "ignore_row_if": ignored}
        yield "expect_column_pair_values_to_be_equal", {**sides, "mostly": 0.2}
    sides = {"column_A": "bigger", "column_B": "whole"}
    yield "expect_column_pair_values_a_to_be_greater_than_b", {**sides, "or_equal": True}
    yield "expect_column_pair_values_a_to_be_greater_than_b", {**sides, "or_equal": True, "mostly": 0.5}
    for ignored in ("all_values_are_missing", "any_value_is_missing", "never"):
        for columns in (["whole", "word"], ["number", "flag"], ["whole", "text", "word"]):
            yield "expect_compound_columns_to_be_unique", {"column_list": columns, "ignore_row_if": ignored}
        summed = {"column_list": ["whole", "bigger"], "sum_total": 5, "ignore_row_if": ignored}
        yield "expect_multicolumn_sum_to_equal", summed
        yield "expect_multicolumn_sum_to_equal", {**summed, "column_list": ["number", "other"], "sum_total": 2}


def _on_a_column() -> Iterator[Case]:
    for measure in ("mean", "median", "stdev", "sum", "min", "max"):
        for column in ("number", "whole", "amount"):
            yield f"expect_column_{measure}_to_be_between", {"column": column, "min_value": 1, "max_value": 3}
        yield f"expect_column_{measure}_to_be_between", {"column": "number", "min_value": 0, "strict_min": True}
    for measure in ("min", "max"):
        yield f"expect_column_{measure}_to_be_between", {"column": "day", "min_value": "2026-01-01"}
        yield f"expect_column_{measure}_to_be_between", {"column": "moment", "max_value": "2026-01-01T05:00:00"}
    for column in ("number", "whole", "text", "flag", "day"):
        yield "expect_column_unique_value_count_to_be_between", {"column": column, "min_value": 2, "max_value": 12}
        share = {"column": column, "min_value": 0.1, "max_value": 0.5}
        yield "expect_column_proportion_of_unique_values_to_be_between", share
        yield "expect_column_proportion_of_non_null_values_to_be_between", {**share, "max_value": 0.9}
    for column in ("number", "whole"):
        bounds: list[list[Any]] = [[0, 1], [0, 2], [1, 2], [None, 3], [1, None]]
        ranges = {"quantiles": [0.0, 0.25, 0.5, 0.9, 1.0], "value_ranges": bounds}
        yield "expect_column_quantile_values_to_be_between", {"column": column, "quantile_ranges": ranges}
    for column, values in {"whole": [1, 2, 3], "word": ["red", "green"], "number": [0.0, 0.25]}.items():
        wanted = {"column": column, "value_set": values}
        yield "expect_column_most_common_value_to_be_in_set", wanted
        yield "expect_column_most_common_value_to_be_in_set", {**wanted, "ties_okay": True}
        yield "expect_column_distinct_values_to_be_in_set", wanted
        yield "expect_column_distinct_values_to_contain_set", wanted
        yield "expect_column_distinct_values_to_equal_set", wanted
    yield "expect_column_distinct_values_to_be_in_set", {"column": "whole", "value_set": list(range(12))}
    yield "expect_column_distinct_values_to_equal_set", {"column": "word", "value_set": ["red", "green", "blue", "Red"]}


def _on_the_table() -> Iterator[Case]:
    for bounds in ({"min_value": 1}, {"max_value": 59}, {"min_value": 60, "max_value": 60}, {"min_value": 0}):
        yield "expect_table_row_count_to_be_between", bounds
    yield "expect_table_row_count_to_be_between", {"min_value": 1, "strict_min": True}
    yield "expect_table_row_count_to_equal", {"value": 60}
    yield "expect_table_column_count_to_equal", {"value": 11}
    yield "expect_table_column_count_to_be_between", {"min_value": 12}
    names = ["id", "number", "other", "whole", "bigger", "text", "word", "day", "moment", "flag", "amount"]
    yield "expect_table_columns_to_match_ordered_list", {"column_list": names}
    yield "expect_table_columns_to_match_set", {"column_set": names[::-1]}
    yield "expect_table_columns_to_match_set", {"column_set": names[:4], "exact_match": False}
    yield "expect_column_to_exist", {"column": "word"}
    yield "expect_column_to_exist", {"column": "word", "column_index": 6}
