"""What a principal sees now, as its grants and filters say."""

from __future__ import annotations

import pytest

from insightshare.aws.lakeformation import granted_views
from insightshare.share.preview import View
from tests.behaviour.lake import COLUMNS, make_lake
from tests.conftest import PROVIDER, Cloud

TYPES = {"churn": {one["Name"]: one["Type"] for one in COLUMNS} | {"as_of": "string"}}


@pytest.mark.parametrize(
    ("filter_row", "rule"),
    [({"AllRowsWildcard": {}}, ""), ({"FilterExpression": "income > 3"}, "income > 3")],
    ids=["all rows", "some rows"],
)
def test_a_view_has_the_filters_columns_the_partition_key_and_its_rows(
    cloud: Cloud, filter_row: dict[str, object], rule: str
) -> None:
    lake = make_lake(cloud)
    lake.make_filter("acme", RowFilter=filter_row)
    lake.grant("222222222222", lake.filter("acme"), "SELECT", option=True)
    session = cloud.session(PROVIDER)

    views = granted_views(session, lake.database, "222222222222", TYPES, {"churn": "as_of"})

    assert views == {"churn": View(("customer", "as_of"), rule)}


def test_a_column_that_the_project_no_longer_has_is_seen_as_long_as_its_filter_shows_it(cloud: Cloud) -> None:
    lake = make_lake(cloud)
    lake.make_filter("acme", RowFilter={"AllRowsWildcard": {}})
    lake.grant("222222222222", lake.filter("acme"), "SELECT", option=True)
    renamed = {"churn": {"person": "string", "as_of": "string"}}

    views = granted_views(cloud.session(PROVIDER), lake.database, "222222222222", renamed, {"churn": "as_of"})

    assert views == {"churn": View(("as_of", "customer"), "")}
