"""PyAthena reads a share as it is, told nothing but credentials and the endpoint that the environment names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyathena
import pytest
from pyathena.async_cursor import AsyncCursor
from pyathena.cursor import DictCursor
from pyathena.pandas.cursor import PandasCursor

from tests.behaviour.shared_lake import SharedLake, shared_lake
from tests.conftest import REGION, Cloud

TYPES = {
    "id": "bigint", "contract": "string", "score": "double", "day": "date", "at": "timestamp", "ok": "boolean",
    "price": "decimal(10,2)", "tags": "array<string>",
}  # fmt: skip
ROWS = {
    "id": [1, 2, 3, 4],
    "contract": ["monthly", "yearly", "monthly", "monthly"],
    "score": [0.5, 0.1, None, float("inf")],
    "day": pa.array([date(2026, 1, 1), None, None, date(2026, 1, 4)]),
    "at": pa.array([datetime(2026, 1, 1, 12, 30, 0, 123000), None, None, None], pa.timestamp("ms")),
    "ok": [True, None, False, None],
    "price": pa.array([Decimal("1.10"), None, None, Decimal("2.20")], pa.decimal128(10, 2)),
    "tags": [["a", "b,c"], None, [], None],
}
Connection = pyathena.connection.Connection[Any]


@pytest.fixture(scope="module")
def share(cloud: Cloud) -> SharedLake:
    return shared_lake(cloud, ROWS, TYPES, "contract = 'monthly'")


@pytest.fixture(scope="module")
def connection(share: SharedLake) -> Iterator[Connection]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in share.environment().items():
            patch.setenv(name, value)
        yield pyathena.connect(
            work_group=share.workgroup,
            schema_name=share.link,
            s3_staging_dir=f"s3://{share.bucket}/results/",
            region_name=REGION,
            poll_interval=0.02,
        )


def asked(connection: Connection, sql: str, parameters: dict[str, Any] | None = None) -> list[Any]:
    return list(connection.cursor().execute(sql, parameters).fetchall())


def test_rows_come_back_as_pythons_own_values(connection: Connection) -> None:
    first, second, third = asked(connection, "SELECT * FROM churn ORDER BY id")

    moment = datetime(2026, 1, 1, 12, 30, 0, 123000)
    price = Decimal("1.10")
    assert first == (1, "monthly", 0.5, date(2026, 1, 1), moment, True, price, ["a", "b,c"], "2026-11-20")
    assert second == (3, "monthly", None, None, None, False, None, [], "2026-11-20")
    assert third[2:4] == (float("inf"), date(2026, 1, 4))


def test_parameters_of_every_sort_are_taken(connection: Connection) -> None:
    sql = "SELECT id FROM churn WHERE contract <> %(name)s AND (day = %(day)s OR id IN %(ids)s OR price = %(price)s)"

    said = {"name": "it's", "day": date(2026, 1, 1), "ids": [3], "price": Decimal("2.20")}

    assert sorted(asked(connection, sql, said)) == [(1,), (3,), (4,)]


def test_many_rows_come_page_by_page_or_by_name(connection: Connection) -> None:
    many = asked(connection, "SELECT n FROM churn CROSS JOIN UNNEST(sequence(1, 1000)) AS s (n)")
    named = connection.cursor(DictCursor).execute("SELECT id, score FROM churn WHERE id = 1").fetchall()

    assert len(many) == 3000
    assert named == [{"id": 1, "score": 0.5}]


def test_frames_are_read_from_the_result_files(connection: Connection) -> None:
    sql = "SELECT id, score, day FROM churn ORDER BY id"

    csv: Any = connection.cursor(PandasCursor).execute(sql).as_pandas()
    parquet: Any = connection.cursor(PandasCursor, unload=True).execute(sql, engine="pyarrow").as_pandas()

    assert csv["id"].tolist() == parquet["id"].tolist() == [1, 3, 4]
    assert csv["score"].fillna(-1).tolist() == parquet["score"].fillna(-1).tolist() == [0.5, -1, float("inf")]
    assert csv["day"].notna().tolist() == parquet["day"].notna().tolist() == [True, False, True]


def test_a_query_goes_on_in_the_background_and_says_what_it_scanned(connection: Connection) -> None:
    _, future = connection.cursor(AsyncCursor).execute("SELECT id FROM churn ORDER BY id")

    result = future.result()

    assert (result.state, result.fetchall()) == ("SUCCEEDED", [(1,), (3,), (4,)])
    assert result.data_scanned_in_bytes


def test_the_catalog_shows_the_share(connection: Connection, share: SharedLake) -> None:
    cursor = connection.cursor()

    assert share.link in [database.name for database in cursor.list_databases("AwsDataCatalog")]
    assert [table.name for table in cursor.list_table_metadata()] == ["churn"]
    described = cursor.get_table_metadata("churn")
    assert [column.name for column in described.columns] == list(TYPES)
    assert asked(connection, "SHOW TABLES") == [("churn",)]


def test_what_athena_refuses_is_an_error_with_its_words(connection: Connection) -> None:
    with pytest.raises(pyathena.error.OperationalError, match="COLUMN_NOT_FOUND: line 1:8: Column 'nobody' cannot be"):
        asked(connection, "SELECT nobody FROM churn")


def test_a_table_made_from_the_share_is_read_again(connection: Connection, share: SharedLake) -> None:
    made = f"{share.database}.kept"

    asked(connection, f"CREATE TABLE {made} WITH (format = 'PARQUET') AS SELECT id, score FROM churn WHERE id < 4")

    assert sorted(asked(connection, f"SELECT id FROM {made}")) == [(1,), (3,)]
