"""A receipt has exactly the columns of the table `insight_receipts`, and nothing that the data said."""

import json

import pytest

from insightshare.errors import NotFound
from insightshare.publish import read_receipt, receipt_columns
from insightshare.publish.receipts import receipt, write_receipt
from tests.unit.publish.scenes import INSIGHT, fresh, manifest_of, started


def test_a_receipt_has_the_columns_of_the_table_in_their_order() -> None:
    _, ports = fresh()

    found = receipt(manifest_of(started(ports)), "2026-01-31T12:00:00.000Z")

    assert list(found) == [name for name, _ in receipt_columns()]


def test_a_check_in_a_receipt_has_the_fields_of_its_column() -> None:
    _, ports = fresh()
    found = receipt(manifest_of(started(ports)), "2026-01-31T12:00:00.000Z")
    types = dict(receipt_columns())

    for column in ("checks", "inputs"):
        [entry] = found[column]
        fields = types[column].removeprefix("array<struct<").replace("array<string>", "list").removesuffix(">>")

        assert list(entry) == [field.split(":")[0] for field in fields.split(",")]


def test_a_receipt_is_one_line_so_that_a_table_of_json_lines_can_read_it() -> None:
    world, ports = fresh()
    own = started(ports)

    write_receipt(ports.storage, manifest_of(own), "now")

    lines = world.objects[f"receipts/churn/{own.run_id}.json"].decode().splitlines()
    assert [json.loads(line)["run_id"] for line in lines] == [own.run_id]


def test_a_receipt_that_does_not_exist_is_named() -> None:
    _, ports = fresh()

    with pytest.raises(NotFound, match=r"churn: run: 'x' is not a registered run\. Fix: take a run of"):
        read_receipt(ports.storage, INSIGHT, "x")
