"""Training and scoring over folders: what is trained on, what becomes a run, and what stops each."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from insightshare.contract.read import load_project
from insightshare.engine.duckdb import DuckDb
from insightshare.engine.facts import EngineName
from insightshare.errors import DataInvalid, ManifestRefused, NotFound, PlatformError, UsageError
from insightshare.jobs.score import score_insight
from insightshare.jobs.snapshots import newest_snapshot, take_snapshot
from insightshare.jobs.train import train_model
from insightshare.jobs.workplace import Workplace
from insightshare.publish.layout import manifest_key, run_folder
from insightshare.publish.manifest import parse_manifest
from tests.unit.jobs.folders import FolderFiles
from tests.unit.jobs.orders import DAY, NEXT_DAY, ROOT, customers, landed, orders, place, run_rows

__all__ = ["place"]  # the fixture


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
