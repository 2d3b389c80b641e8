"""Landing over folders: what becomes a snapshot, and what leaves everything as it was."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insightshare.engine.duckdb import DuckDb
from insightshare.engine.facts import WrittenFile
from insightshare.errors import DataInvalid, NotFound
from insightshare.jobs.land import land_source
from insightshare.jobs.snapshots import newest_snapshot
from insightshare.jobs.workplace import Workplace
from tests.unit.jobs.orders import DAY, deliver, landed, orders, place

__all__ = ["place"]  # the fixture


def test_a_delivery_that_keeps_its_contract_becomes_a_snapshot(place: Workplace) -> None:
    deliver(place, orders())

    snapshot = land_source(place, "orders", DAY)

    assert snapshot.rows == 600
    assert newest_snapshot(place.landing, "orders", DAY) == snapshot
    assert place.sources_catalog.partitions("orders")[0].value == DAY


def test_landing_the_same_delivery_again_is_one_snapshot(place: Workplace) -> None:
    landed(place)

    snapshot = land_source(place, "orders", DAY)

    assert newest_snapshot(place.landing, "orders", DAY) == snapshot
    assert len(place.sources_catalog.partitions("orders")) == 1


def test_a_delivery_that_breaks_its_contract_changes_nothing(place: Workplace) -> None:
    before = land_source(landed(place), "orders", DAY)
    deliver(place, orders(change=lambda row: {**row, "order_id": 1}))

    with pytest.raises(DataInvalid) as refused:
        land_source(place, "orders", DAY)

    assert str(refused.value) == (
        "source orders: delivery: [1 of 7 checks failed: key_unique (broken_rows 599)] is not what "
        "sources/orders/contract.odcs.yaml promises. Fix: ask the data owner for a delivery that keeps the contract."
    )
    assert newest_snapshot(place.landing, "orders", DAY) == before


@pytest.mark.parametrize(
    "broken",
    [
        orders().drop_columns(["age"]),
        orders().set_column(2, "amount", pa.array(["12"] * 600)),
        orders().append_column("more", pa.array([1] * 600)),
    ],
)
def test_a_column_missing_of_another_type_or_too_many_is_refused(place: Workplace, broken: pa.Table) -> None:
    deliver(place, broken)

    with pytest.raises(DataInvalid, match="1 of 1 checks failed: schema"):
        land_source(place, "orders", DAY)


def test_a_delivery_of_many_files_lands_as_one_sorted_file(place: Workplace) -> None:
    deliver(place, orders().slice(300), part=0)
    deliver(place, orders().slice(0, 300), part=1)

    (file,) = land_source(place, "orders", DAY).files

    assert pq.read_table(place.landing.uri(file.key))["order_id"].to_pylist() == list(range(600))


@pytest.mark.parametrize(
    "odd",
    [
        orders().slice(300).append_column("more", pa.array([1] * 300)),
        orders().slice(300).set_column(2, "amount", pa.array(["12"] * 300)),
    ],
)
def test_one_odd_file_spoils_a_delivery(place: Workplace, odd: pa.Table) -> None:
    deliver(place, orders().slice(0, 300), part=0)
    deliver(place, odd, part=1)

    with pytest.raises(DataInvalid, match="1 of 1 checks failed: schema"):
        land_source(place, "orders", DAY)


def test_a_delivery_that_changes_after_it_was_copied_changes_nothing(place: Workplace) -> None:
    deliver(place, orders())

    class Overtaken(DuckDb):
        def write_sorted(self, *arguments: Any) -> tuple[WrittenFile, ...]:
            written = super().write_sorted(*arguments)
            deliver(place, orders(change=lambda row: {**row, "order_id": 1}))
            return written

    (file,) = land_source(replace(place, open_engine=lambda name: Overtaken()), "orders", DAY).files

    assert pq.read_table(place.landing.uri(file.key))["order_id"].to_pylist() == list(range(600))


def test_a_warning_lands_all_the_same(place: Workplace) -> None:
    deliver(place, orders(change=lambda row: {**row, "channel": "telephone"}))

    assert land_source(place, "orders", DAY).rows == 600


def test_where_nothing_was_delivered_landing_says_so(place: Workplace) -> None:
    with pytest.raises(NotFound) as missing:
        land_source(place, "orders", DAY)

    assert str(missing.value) == (
        "source orders: 2026-01-01: nothing is not a delivery of Parquet files. "
        "Fix: ask the data owner to deliver it, or land another date."
    )


def test_an_unknown_source_is_named_with_the_choices(place: Workplace) -> None:
    with pytest.raises(NotFound, match="job land: source: 'sales' is not one of orders"):
        land_source(place, "sales", DAY)
