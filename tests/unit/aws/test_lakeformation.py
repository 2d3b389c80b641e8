"""What a data cells filter says, in each of the ways in which AWS words it."""

from typing import Any

import pytest

from insightshare.aws.lakeformation import row_rule


@pytest.mark.parametrize(
    "rows",
    [
        {"AllRowsWildcard": {}},
        {"FilterExpression": "TRUE", "AllRowsWildcard": {}},
        {"FilterExpression": "true"},
        {"FilterExpression": ""},
        {},
    ],
)
def test_all_rows_are_no_rule_whichever_way_they_are_written(rows: dict[str, Any]) -> None:
    assert row_rule({"RowFilter": rows}) == ""


def test_a_predicate_is_the_rule_as_it_was_written() -> None:
    assert row_rule({"RowFilter": {"FilterExpression": "plan = 'TRUE'"}}) == "plan = 'TRUE'"
