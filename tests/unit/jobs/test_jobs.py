"""The three jobs over folders: what is landed, what is trained on, what becomes a run, and what stops each."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from insightshare.contract.read import load_project
from insightshare.engine.duckdb import DuckDb
from insightshare.engine.facts import EngineName, WrittenFile
from insightshare.errors import DataInvalid, ManifestRefused, NotFound, PlatformError, UsageError
from insightshare.jobs.land import land_source
from insightshare.jobs.score import score_insight
from insightshare.jobs.snapshots import Snapshot, SnapshotFile, newest_snapshot, take_snapshot
from insightshare.jobs.train import train_model
from insightshare.jobs.workplace import Workplace
from insightshare.publish.layout import manifest_key, run_folder
from insightshare.publish.manifest import parse_manifest
from tests.fakes import FakeCatalog, FakeRegistry, World, glue_table
from tests.unit.jobs.folders import FolderFiles

ROOT = Path(__file__).resolve().parents[3]
DAY, NEXT_DAY = "2026-01-01", "2026-01-02"
SCHEMA = pa.schema(
    [
        ("order_id", pa.int64()),
        ("customer_id", pa.string()),
        ("amount", pa.float64()),
        ("channel", pa.string()),
        ("returned", pa.bool_()),
        ("age", pa.int32()),
    ]
)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A workplace whose buckets are folders, on a small project."""
    shutil.copytree(ROOT / "tests/data/lint_base", tmp_path / "project")
    shutil.copytree(ROOT / "schemas", tmp_path / "project/schemas")
    project = load_project(tmp_path / "project")
    world = World()
    world.tables["orders"] = glue_table(
        "orders", "s3://landing/sources/orders/", tuple(project.sources["orders"].types.items())
    )
    (tmp_path / "scratch").mkdir()
    return Workplace(
        project=project,
        lake=FolderFiles(tmp_path / "lake"),
        landing=FolderFiles(tmp_path / "landing"),
        registry=FakeRegistry(world),
        sources_catalog=FakeCatalog(world),
        open_engine=lambda name: DuckDb(),
        scratch=tmp_path / "scratch",
        code_version="abc123",
        job_run_id="jr_1",
        say=lambda line: None,
    )


def orders(count: int = 600, change: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: row) -> pa.Table:
    """Orders of a third as many customers; those who spend much send things back."""
    rows = []
    for number in range(count):
        customer = number % (count // 3)
        rows.append(
            change(
                {
                    "order_id": number,
                    "customer_id": f"C{customer:04d}",
                    "amount": 10.0 + customer % 100,
                    "channel": "web" if number % 2 else "shop",
                    "returned": customer % 100 > 70,
                    "age": 30,
                }
            )
        )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def deliver(place: Workplace, table: pa.Table, as_of: str = DAY, part: int = 0, source: str = "orders") -> None:
    path = Path(place.landing.uri(f"raw/{source}/{as_of}/part-{part:05d}.parquet"))
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def landed(place: Workplace, table: pa.Table | None = None, as_of: str = DAY) -> Workplace:
    deliver(place, orders() if table is None else table, as_of)
    land_source(place, "orders", as_of)
    return place


def customers(place: Workplace) -> Snapshot:
    """Customers of whom those with short tenure leave, most of them women; age has nothing to do with it."""
    plain: dict[str, Any] = {"string": "some", "int": 1, "double": 1.0, "boolean": False}
    types = place.project.sources["telco_customers"].types
    rows = []
    for number in range(1200):
        short = number % 4 == 0
        row = {name: plain[kind] for name, kind in types.items()}
        row |= {"customer_id": f"C{number:06d}", "tenure_months": number % 7 if short else 40 + number % 9}
        row |= {"churned": short, "female": short or number % 5 == 0, "senior_citizen": number % 3 == 0}
        rows.append(row)
    deliver(place, pa.Table.from_pylist(rows), source="telco_customers")
    key = f"raw/telco_customers/{DAY}/part-00000.parquet"
    body = Path(place.landing.uri(key)).read_bytes()
    file = SnapshotFile(key, len(body), len(rows), hashlib.sha256(body).hexdigest())
    return Snapshot("telco_customers", DAY, "made-up", (file,))


def run_rows(place: Workplace, insight: str, run_id: str) -> list[dict[str, Any]]:
    folder = Path(place.lake.uri(run_folder(insight, run_id)))
    rows: list[dict[str, Any]] = pq.read_table(folder / "part-00000.parquet").to_pylist()
    return rows


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


def test_a_result_never_sees_data_that_were_landed_for_a_later_date(place: Workplace) -> None:
    landed(landed(place), orders(300), NEXT_DAY)

    assert newest_snapshot(place.landing, "orders", DAY).rows == 600
    assert newest_snapshot(place.landing, "orders", NEXT_DAY).rows == 300
    assert newest_snapshot(place.landing, "orders", "2026-02-01").rows == 300


def test_before_anything_was_landed_there_is_no_input(place: Workplace) -> None:
    landed(place, as_of=NEXT_DAY)

    with pytest.raises(NotFound, match="source orders: snapshot: nothing is not one landed for 2026-01-01 or before"):
        score_insight(place, "spend", DAY)


def test_a_run_has_the_contracts_columns_and_the_date(place: Workplace) -> None:
    manifest = score_insight(landed(place), "spend", DAY)

    rows = run_rows(place, "spend", manifest.claim.run_id)

    assert rows[0] == {"customer_id": "C0000", "orders": 3, "total": 30.0, "since": date(2026, 1, 1), "as_of": DAY}
    assert [row["customer_id"] for row in rows] == sorted(row["customer_id"] for row in rows)


def test_a_runs_manifest_says_what_was_written_checked_and_read(place: Workplace) -> None:
    manifest = score_insight(landed(place), "spend", DAY)

    body = place.lake.read(manifest.key, 10**6) or b""

    assert parse_manifest(manifest.key, body).claim == manifest.claim
    assert manifest.passed and all(check["passed"] for check in manifest.checks)
    assert manifest.lineage.code_version == "abc123"
    assert [(i.source, i.as_of, i.rows) for i in manifest.lineage.inputs] == [("orders", DAY, 600)]


def test_a_rule_uses_its_weights(place: Workplace) -> None:
    manifest = score_insight(landed(place), "urgency", DAY)

    rows = {row["channel"]: row["score"] for row in run_rows(place, "urgency", manifest.claim.run_id)}
    mean = sum(row["amount"] for row in orders().to_pylist() if row["channel"] == "web") / 300

    assert rows["web"] == pytest.approx(0.25 * 300 + 0.75 * mean)


def test_a_model_is_trained_promoted_and_scores_every_key(place: Workplace) -> None:
    champion = train_model(landed(place), "risk", DAY)

    manifest = score_insight(place, "risk", DAY)

    assert champion.quality["auc"] > 0.7
    assert len(run_rows(place, "risk", manifest.claim.run_id)) == 200
    assert manifest.lineage.model and manifest.lineage.model.version == champion.version


def test_a_model_of_people_is_kept_with_figures_of_its_fairness(place: Workplace) -> None:
    place = replace(place, project=load_project(ROOT))
    take_snapshot(place.landing, customers(place))

    quality = train_model(place, "churn", DAY).quality

    named = {name for name in quality if name.startswith("demographic_parity_ratio_")}
    assert named == {"demographic_parity_ratio_female", "demographic_parity_ratio_senior_citizen"}
    assert quality["demographic_parity_ratio_female"] < 0.5 < quality["demographic_parity_ratio_senior_citizen"]


def test_a_model_that_misses_its_gate_leaves_the_champion(place: Workplace) -> None:
    champion = train_model(landed(place), "risk", DAY)
    noise = orders(change=lambda row: {**row, "amount": 10.0, "returned": int(row["customer_id"][1:]) % 2 == 0})
    landed(place, noise, NEXT_DAY)

    with pytest.raises(DataInvalid, match=r"model risk: gates: \[auc: 0\.\d+ is not at least 0\.7\] is not a model"):
        train_model(place, "risk", NEXT_DAY)

    assert score_insight(place, "risk", NEXT_DAY).lineage.model == score_insight(place, "risk", DAY).lineage.model
    assert json.loads(place.lake.read("models/risk/champion.json", 10**6) or b"")["version"] == champion.version


def test_an_insight_without_a_model_has_nothing_to_train(place: Workplace) -> None:
    with pytest.raises(UsageError, match=r"insight spend: kind: sql is not model\. Fix: score it"):
        train_model(place, "spend", DAY)


def test_a_run_that_breaks_the_contract_is_written_down_as_rejected(place: Workplace) -> None:
    landed(place, orders(change=lambda row: {**row, "channel": None}))

    with pytest.raises(DataInvalid) as rejected:
        score_insight(place, "urgency", DAY)

    run = place.registry.runs("urgency")[0]
    key = manifest_key("urgency", run.run_id)
    manifest = parse_manifest(key, place.lake.read(key, 10**6) or b"")
    assert str(rejected.value).startswith(f"run {run.run_id}: urgency: [")
    assert not manifest.passed
    assert any(check["failing_keys"] for check in manifest.checks)


def test_an_unknown_insight_is_named_with_the_choices(place: Workplace) -> None:
    with pytest.raises(NotFound, match="job: insight: 'sales' is not one of risk, spend, urgency"):
        score_insight(place, "sales", DAY)


def test_an_input_that_was_changed_since_it_was_landed_is_not_read(place: Workplace) -> None:
    (file,) = newest_snapshot(landed(place).landing, "orders", DAY).files
    path = Path(place.landing.uri(file.key))
    path.write_bytes(path.read_bytes()[:-1] + b"X")

    with pytest.raises(PlatformError) as refused:
        score_insight(place, "spend", DAY)

    assert str(refused.value) == (
        f"{path}: sha256: another digest is not the one on record. "
        "Fix: find out who changed it, then land or score it again."
    )


def test_a_stray_file_in_the_runs_folder_stops_the_job_before_the_manifest(place: Workplace) -> None:
    class Haunted(FolderFiles):
        def upload(self, path: Path, key: str) -> None:
            super().upload(path, key)
            super().upload(path, key.replace("part-00000", "part-00000-of-a-task-thought-dead"))

    landed(place)
    with pytest.raises(ManifestRefused, match=r"additional file 'part-00000-of-a-task-thought-dead\.parquet'"):
        score_insight(replace(place, lake=Haunted(Path(place.lake.uri("")))), "spend", DAY)

    assert place.lake.list("runs/") == ()


def test_a_run_at_scale_has_several_files_that_the_manifest_names(place: Workplace) -> None:
    many = replace(place, open_engine=lambda name: DuckDb(largest_file_bytes=1))

    manifest = score_insight(landed(many, orders(750_000)), "spend", DAY)

    folder = run_folder("spend", manifest.claim.run_id)
    assert len(manifest.files) > 1 and manifest.rows == 250_000
    assert [item.key for item in place.lake.list(folder)] == [folder + file.name for file in manifest.files]


@pytest.mark.parametrize(
    ("pipelines", "named", "opened"),
    [("duckdb", None, "duckdb"), ("spark", None, "spark"), ("spark", "duckdb", "duckdb"), ("duckdb", "spark", "spark")],
)
def test_the_pipeline_chooses_the_engine_unless_the_operator_does(
    place: Workplace, pipelines: EngineName, named: EngineName | None, opened: EngineName
) -> None:
    landed(place)
    spend = place.project.insights["spend"]
    insights = {"spend": replace(spend, pipeline=replace(spend.pipeline, engine=pipelines))}
    asked: list[EngineName] = []

    def opener(name: EngineName) -> DuckDb:
        asked.append(name)
        return DuckDb()

    chosen = replace(place, project=replace(place.project, insights=insights), open_engine=opener)
    score_insight(chosen, "spend", DAY, named)

    assert asked == [opened]
