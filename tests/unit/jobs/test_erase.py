"""A run written again without one person's rows: real files, the real audit, in folders."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insightshare.errors import UsageError
from insightshare.jobs.erase import RunEditor, weakened
from insightshare.jobs.score import score_insight
from insightshare.jobs.workplace import Workplace
from insightshare.publish.claims import claim
from insightshare.publish.layout import run_folder
from insightshare.publish.manifest import Manifest, check_listing, parse_manifest
from insightshare.publish.scrubbing import Subject
from tests.unit.jobs.orders import DAY, landed, place

__all__ = ["place"]  # the fixture
PERSON = "C0007"


def editor(place: Workplace, column: str = "customer_id", value: str = PERSON) -> RunEditor:
    return RunEditor(place, place.project.insights["spend"], Subject(column, value))


def scored(place: Workplace) -> Manifest:
    return score_insight(landed(place), "spend", DAY)


def rows(place: Workplace, manifest: Manifest) -> list[dict[str, Any]]:
    folder = run_folder("spend", manifest.claim.run_id)
    return [row for f in manifest.files for row in pq.read_table(place.lake.uri(folder + f.name)).to_pylist()]


def keys(manifest: Manifest) -> list[str]:
    return [run_folder("spend", manifest.claim.run_id) + file.name for file in manifest.files]


def rewritten(place: Workplace, before: Manifest, **subject: str) -> Manifest:
    return editor(place, **subject).rewrite(claim(place.registry, "spend", DAY, "erasure 1"), before)


def test_a_copy_holds_every_row_but_the_persons_sorted_as_before(place: Workplace) -> None:
    before = scored(place)

    after = rewritten(place, before)

    assert rows(place, after) == [row for row in rows(place, before) if row["customer_id"] != PERSON]
    assert (after.rows, editor(place).holds(keys(before)), editor(place).holds(keys(after))) == (199, True, False)


def test_a_copy_is_a_run_that_registration_takes(place: Workplace) -> None:
    before = scored(place)

    after = replace(rewritten(place, before), replaces=before.claim.run_id)

    assert parse_manifest(after.key, after.to_bytes()).replaces == before.claim.run_id
    check_listing(after, place.lake.list(run_folder("spend", after.claim.run_id)))
    assert (after.lineage, after.profile["orders"]["count"]) == (before.lineage, 199)


def test_a_value_with_quotes_is_a_value(place: Workplace) -> None:
    before = scored(place)
    tricky = "x' OR '1'='1"

    assert editor(place, value=tricky).holds(keys(before)) is False
    assert rewritten(place, before, value=tricky).rows == before.rows


def test_rows_without_a_value_stay_and_what_the_gate_says_of_them_is_a_warning(place: Workplace) -> None:
    before = scored(place)
    [key] = keys(before)
    table = pq.read_table(place.lake.uri(key))
    index = table.column_names.index("customer_id")
    emptied = pa.array([None, *table.column("customer_id").to_pylist()[1:]], pa.string())
    pq.write_table(table.set_column(index, "customer_id", emptied), place.lake.uri(key))

    after = rewritten(place, before)

    failed = {check["severity"] for check in after.checks if not check["passed"]}
    assert (len(rows(place, after)), failed) == (199, {"warning"})
    assert parse_manifest(after.key, after.to_bytes()).passed


def test_a_run_of_before_a_column_was_added_gets_it_without_values(place: Workplace) -> None:
    before = scored(place)
    [key] = keys(before)
    pq.write_table(pq.read_table(place.lake.uri(key)).drop_columns(["since"]), place.lake.uri(key))

    after = rewritten(place, before)

    assert {row["since"] for row in rows(place, after)} == {None}


@pytest.mark.parametrize("body", [b"no Parquet", b""])
def test_files_that_cannot_be_read_are_taken_to_hold_the_person(place: Workplace, body: bytes) -> None:
    place.lake.create("insights/spend/x/part-00000.parquet", body)

    assert editor(place).holds(["insights/spend/x/part-00000.parquet"]) is True


def test_files_without_the_column_are_taken_to_hold_the_person(place: Workplace) -> None:
    path = Path(place.lake.uri("part.parquet"))
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"orders": [1]}), path)

    assert editor(place).holds(["part.parquet"]) is True


def test_a_column_of_whole_numbers_is_searched_by_number(place: Workplace) -> None:
    before = scored(place)

    assert editor(place, "orders", "3").holds(keys(before)) is True
    assert editor(place, "orders", "4").holds(keys(before)) is False


@pytest.mark.parametrize(
    ("column", "value", "line"),
    [
        ("orders", "three", "erase: value: a text is not a whole number, as orders is"),
        ("orders", "007", "erase: value: a text is not a whole number, as orders is"),
        ("orders", "9" * 19, "erase: value: a text is not a whole number, as orders is"),
        ("total", "3.0", "erase spend: column: total, double, is not a column of text or whole numbers"),
        ("nowhere", "x", "erase spend: column: nowhere, unknown, is not a column of text or whole numbers"),
    ],
)
def test_who_cannot_be_asked_for_is_refused_before_anything_is_read(
    place: Workplace, column: str, value: str, line: str
) -> None:
    with pytest.raises(UsageError, match=line) as refused:
        editor(place, column, value)

    assert value not in str(refused.value) or value == "x"


def test_what_a_copy_fails_is_a_warning_that_says_why() -> None:
    check = {"passed": False, "severity": "error", "sentence": "There are 7,000 rows.", "id": "rows"}

    told = weakened(check)

    assert (told["severity"], told["passed"], told["id"]) == ("warning", False, "rows")
    assert told["sentence"].startswith("There are 7,000 rows. Failed after rows were erased")
    assert [weakened({**check, **other}) for other in ({"passed": True}, {"severity": "warning"})] == [
        {**check, "passed": True},
        {**check, "severity": "warning"},
    ]
