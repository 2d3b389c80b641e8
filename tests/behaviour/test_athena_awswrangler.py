"""Programs written for AWS read from the local Athena as they are."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from tests.behaviour.athena_lake import Lake
from tests.conftest import PROVIDER, REGION, Cloud


@pytest.fixture(scope="module")
def lake(cloud: Cloud) -> Lake:
    made = Lake(cloud)
    made.put("t/x/1.parquet", {"id": [1, 2], "score": [0.5, None], "tags": [["a", "b"], []]})
    columns = {"id": "bigint", "score": "double", "tags": "array<string>"}
    made.table("t", columns, "t/", ["as_of"])
    made.partition("t", columns, "t/x/", "2024-01-01")
    return made


@pytest.fixture(scope="module")
def session(cloud: Cloud) -> Iterator[boto3.Session]:
    import awswrangler as wr

    for service in ("s3", "athena", "glue", "sts"):
        setattr(wr.config, f"{service}_endpoint_url", cloud.endpoint)
    yield boto3.Session(aws_access_key_id=PROVIDER, aws_secret_access_key="any", region_name=REGION)
    wr.config.reset()


def test_awswrangler_reads_the_result_file(lake: Lake, session: boto3.Session) -> None:
    import awswrangler as wr

    frame = wr.athena.read_sql_query(
        "SELECT id, score, as_of FROM t ORDER BY id", database=lake.database, ctas_approach=False,
        s3_output=f"s3://{lake.results}/csv/", boto3_session=session,
    )  # fmt: skip

    assert frame["id"].tolist() == [1, 2]
    assert frame["score"].fillna(-1).tolist() == [0.5, -1]
    assert frame.query_metadata["Statistics"]["DataScannedInBytes"] > 0


def test_awswrangler_reads_lists_through_unload(lake: Lake, session: boto3.Session) -> None:
    import awswrangler as wr

    frame = wr.athena.read_sql_query(
        "SELECT * FROM t ORDER BY id", database=lake.database, ctas_approach=False, unload_approach=True,
        s3_output=f"s3://{lake.results}/unload/", boto3_session=session,
    )  # fmt: skip

    assert [list(tags) for tags in frame["tags"]] == [["a", "b"], []]


def test_awswrangler_reads_through_a_temporary_table(lake: Lake, session: boto3.Session) -> None:
    import awswrangler as wr

    frame = wr.athena.read_sql_query(
        "SELECT * FROM t", database=lake.database, s3_output=f"s3://{lake.results}/ctas/", boto3_session=session
    )

    assert sorted(frame["id"].tolist()) == [1, 2]
    assert [table["Name"] for table in lake.glue.get_tables(DatabaseName=lake.database)["TableList"]] == ["t"]
