"""The three Glue jobs as they are deployed: what each leaves in the buckets, and the one line with which each fails."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from insightshare.publish import State, register
from tests.behaviour.job_stage import Jobs, make_jobs, orders
from tests.behaviour.parts import logged
from tests.conftest import Cloud

DAY, NEXT_DAY, LAST_DAY = "2026-01-01", "2026-01-02", "2026-01-03"

pytestmark = pytest.mark.xdist_group("jobs")


@pytest.fixture(scope="module")
def jobs(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Jobs:
    """Jobs that have landed one day's orders."""
    jobs = make_jobs(cloud, tmp_path_factory.mktemp("packages"))
    jobs.deliver(orders().slice(0, 300), DAY, "part-00000.parquet")
    jobs.deliver(orders().slice(300), DAY, "part-00001.parquet")
    landed = jobs.run("land", source="orders", as_of=DAY)
    assert landed["JobRunState"] == "SUCCEEDED", landed.get("ErrorMessage")
    return jobs


def read_parquet(jobs: Jobs, bucket: str, key: str, folder: Path) -> list[dict[str, object]]:
    path = folder / "part.parquet"
    path.write_bytes(jobs.body(bucket, key))
    rows: list[dict[str, object]] = pq.read_table(path).to_pylist()
    return rows


def test_a_landed_snapshot_is_one_sorted_file_its_pointer_and_its_partition(jobs: Jobs, tmp_path: Path) -> None:
    pointer = json.loads(jobs.body(jobs.landing, f"snapshots/orders/{DAY}.json"))

    (file,) = pointer["files"]
    partition = jobs.cloud.client("glue").get_partition(
        DatabaseName="sources", TableName="orders", PartitionValues=[DAY]
    )["Partition"]
    rows = read_parquet(jobs, jobs.landing, file["key"], tmp_path)
    assert [row["order_id"] for row in rows] == list(range(600))
    assert partition["StorageDescriptor"]["Location"] == f"s3://{jobs.landing}/{file['key'].rpartition('/')[0]}/"


def test_a_broken_delivery_fails_the_job_with_one_line_and_changes_nothing(jobs: Jobs) -> None:
    before = jobs.keys(jobs.landing, "snapshots/") + jobs.keys(jobs.landing, "sources/")
    jobs.deliver(orders(change=lambda row: {**row, "order_id": 1}), LAST_DAY)

    run = jobs.run("land", source="orders", as_of=LAST_DAY)

    assert (run["JobRunState"], run["ErrorMessage"]) == (
        "FAILED",
        "source orders: delivery: [1 of 7 checks failed: key_unique (broken_rows 599)] is not what "
        "sources/orders/contract.odcs.yaml promises. Fix: ask the data owner for a delivery that keeps the contract.",
    )
    assert jobs.keys(jobs.landing, "snapshots/") + jobs.keys(jobs.landing, "sources/") == before


def test_a_run_scored_twice_for_a_day_replaces_the_first_and_duplicates_nothing(jobs: Jobs, tmp_path: Path) -> None:
    ports = jobs.ports()

    for _ in range(2):
        assert jobs.run("score", insight="urgency", as_of=DAY)["JobRunState"] == "SUCCEEDED"
    first, second = jobs.manifests("urgency")
    register(ports, second)
    register(ports, first)

    run_id = second.split("/")[2]
    folder = f"insights/urgency/{run_id}/"
    assert jobs.location("urgency", DAY) == f"s3://{jobs.lake}/{folder}"
    assert jobs.keys(jobs.lake, folder) == [f"{folder}part-00000.parquet"]
    rows = read_parquet(jobs, jobs.lake, f"{folder}part-00000.parquet", tmp_path)
    assert [(row["channel"], row["as_of"]) for row in rows] == [("shop", DAY), ("web", DAY)]


def test_a_rejected_run_fails_the_job_but_is_on_record_and_readers_see_no_change(jobs: Jobs) -> None:
    ports, seen = jobs.ports(), set(jobs.manifests("urgency"))
    jobs.deliver(orders(change=lambda row: {**row, "channel": None}), NEXT_DAY)
    jobs.run("land", source="orders", as_of=NEXT_DAY)

    run = jobs.run("score", insight="urgency", as_of=NEXT_DAY)
    (key,) = set(jobs.manifests("urgency")) - seen
    registration = register(ports, key)

    run_id = registration.run.run_id
    assert run["ErrorMessage"].startswith(f"run {run_id}: urgency: [")
    assert run["ErrorMessage"].endswith("score again; readers still see the run before.")
    assert registration.run.state is State.REJECTED
    assert ports.catalog.partition("urgency", NEXT_DAY) is None


def test_a_model_is_trained_kept_as_text_and_scores(jobs: Jobs) -> None:
    trained = jobs.run("train", insight="risk", as_of=DAY)
    scored = jobs.run("score", insight="risk", as_of=DAY)

    version = json.loads(jobs.body(jobs.lake, "models/risk/champion.json"))["version"]
    text = jobs.body(jobs.lake, f"models/risk/{version}/model.txt").decode()
    manifest = jobs.manifest(jobs.manifests("risk")[-1])
    assert [trained["JobRunState"], scored["JobRunState"]] == ["SUCCEEDED", "SUCCEEDED"]
    assert text.startswith("tree\nversion=")
    assert manifest["lineage"]["model"]["version"] == version


def test_a_model_file_that_was_changed_is_never_loaded(jobs: Jobs) -> None:
    assert jobs.run("train", insight="risk", as_of=DAY)["JobRunState"] == "SUCCEEDED"
    version = json.loads(jobs.body(jobs.lake, "models/risk/champion.json"))["version"]
    text = jobs.body(jobs.lake, f"models/risk/{version}/model.txt").decode()

    jobs.put(jobs.lake, f"models/risk/{version}/model.txt", text.replace("shrinkage=1", "shrinkage=2").encode())

    refused = jobs.run("score", insight="risk", as_of=DAY)
    assert refused["ErrorMessage"] == (
        f"models/risk/{version}/model.txt: sha256: another digest is not the one in model.json. "
        "Fix: find out who changed it, then train the model again."
    )


@pytest.mark.parametrize(
    ("verb", "arguments", "line"),
    [
        (
            "land",
            {"source": "orders", "as_of": "2026-1-1"},
            "job: --as_of: '2026-1-1' is not a date YYYY-MM-DD. Fix: write it like 2026-01-31.",
        ),
        (
            "train",
            {"insight": "urgency", "as_of": DAY},
            "insight urgency: kind: rule is not model. Fix: score it; there is nothing to train.",
        ),
    ],
)
def test_a_wrong_argument_fails_the_job_with_one_line(
    jobs: Jobs, verb: str, arguments: dict[str, str], line: str
) -> None:
    run = jobs.run(verb, **arguments)

    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", line)


def test_a_job_logs_the_sizes_of_its_data(jobs: Jobs) -> None:
    jobs.run("score", insight="spend", as_of=DAY)

    lines = logged(jobs.cloud, "/aws-glue/jobs/output")
    assert f"read orders of {DAY}: 600 rows" in lines
    assert any(f"of spend {DAY}: 200 rows; " in line and line.endswith("none failed") for line in lines)


@pytest.mark.spark
@pytest.mark.timeout(900)
def test_an_operator_may_score_with_spark_and_readers_get_the_same_rows(jobs: Jobs, tmp_path: Path) -> None:
    rows = []
    for engine in ("duckdb", "spark"):
        run = jobs.run("score", insight="spend", as_of=DAY, engine=engine)
        assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")
        key = jobs.manifests("spend")[-1]
        manifest = jobs.manifest(key)
        (file,) = manifest["files"]
        rows.append(read_parquet(jobs, jobs.lake, f"insights/spend/{key.split('/')[2]}/{file['name']}", tmp_path))
        assert manifest["lineage"]["engine"] == engine

    assert rows[0] == rows[1] and len(rows[0]) == 200


@pytest.mark.spark
@pytest.mark.timeout(900)
def test_a_job_on_spark_fails_with_one_line_too(jobs: Jobs) -> None:
    jobs.deliver(orders(change=lambda row: {**row, "channel": None}), LAST_DAY)
    jobs.run("land", source="orders", as_of=LAST_DAY)

    run = jobs.run("score", insight="urgency", as_of=LAST_DAY, engine="spark")

    assert run["ErrorMessage"].endswith("score again; readers still see the run before.")
