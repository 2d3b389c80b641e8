"""Publishing N rows: ours, the usual way, and the floor under both; on local disk and on the local S3."""

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from benchmarks.cloud import Cloud
from benchmarks.disk import FolderFiles
from benchmarks.facts import MEMORY, SECONDS, Benchmark, Case, Group, step
from benchmarks.stage import AS_OF, FLOOR, INSIGHT, ROOT, SOURCE, copy_project, land, remove_published
from benchmarks.workshop import OUR_PYTHON, PEER_PYTHON, Workshop
from insightshare.aws.bucket_files import BucketFiles

MILLION = 1_000_000
RUNS = {("disk", 1): 3, ("disk", 5): 3, ("disk", 20): 1, ("s3", 1): 2, ("s3", 5): 2, ("s3", 20): 1}
QUICK_ROWS = 20_000
LAKE, LANDING, ARTEFACTS, REGISTRY = "bench-lake", "bench-landing", "bench-artefacts", "bench-registry"
SILENT = {"GX_ANALYTICS_ENABLED": "false"}  # without a network it would wait for one
SAYS = (
    "The same rows, scored already, in one Parquet file in no order. "
    "Ours is the score job's own flow: check the input's digest, claim, sort by the key, write, 15 checks and the full "
    "profile of the file that was written, digest, manifest. "
    "The usual way is pandas, Great Expectations with the same 15 checks, and awswrangler with "
    '`mode="overwrite_partitions"` (on disk: pandas with the same pyarrow): it does not sort, and makes no profile. '
    "The floor is DuckDB alone: the same rows, sort, codec and file system, no checks and no manifest; the unsorted "
    "floor leaves out the sort too."
)


def groups(quick: bool) -> tuple[Group, ...]:
    """Return one group per place and size."""
    if quick:
        return tuple(_group(where, QUICK_ROWS, 1) for where in ("disk", "s3"))
    return tuple(_group(where, millions * MILLION, runs) for (where, millions), runs in RUNS.items())


def _group(where: str, rows: int, runs: int) -> Group:
    staged: Callable[..., AbstractContextManager[tuple[Case, ...]]] = {"disk": _disk, "s3": _s3}[where]
    name = {"disk": "local disk", "s3": "local S3"}[where]
    return Group(f"{where}-{rows}", f"{rows:,} rows, {name}", runs, partial(staged, count=rows))


@contextmanager
def _disk(shop: Workshop, count: int) -> Iterator[tuple[Case, ...]]:
    rows = shop.rows(count)
    with shop.scratch("publish") as folder:
        copy_project(folder / "project")
        land(FolderFiles(folder / "landing"), rows)
        ours = (str(OUR_PYTHON), "-m", "benchmarks.ours.publish", str(folder))
        peer = (str(PEER_PYTHON), "-m", "benchmarks.peers.publish", str(rows), str(folder / "peer"))
        yield _cases(ours, peer, str(rows), str(folder / FLOOR), {}, partial(remove_published, folder))


@contextmanager
def _s3(shop: Workshop, count: int) -> Iterator[tuple[Case, ...]]:
    cloud, rows = shop.cloud(), shop.rows(count)
    _make_deployment(cloud)
    with shop.scratch("publish") as folder:
        copy_project(folder / "project")
        _upload_project(cloud, folder)
        land(BucketFiles(cloud.client("s3"), LANDING), rows)
        job = str(ROOT / "glue_jobs/score_insight.py")
        given = {"lake": f"s3://{LAKE}", "landing": f"s3://{LANDING}", "registry": REGISTRY, "insight": INSIGHT}
        given |= {"project": f"s3://{ARTEFACTS}/project.zip", "code_version": "benchmark", "JOB_RUN_ID": "benchmark"}
        words = [word for name, value in given.items() for word in (f"--{name}", value)]
        source = f"s3://{LANDING}/sources/{SOURCE}/{AS_OF}/benchmark/part-00000.parquet"
        ours = (str(OUR_PYTHON), job, *words, "--as_of", AS_OF)
        peer = (str(PEER_PYTHON), "-m", "benchmarks.peers.publish", source, f"s3://{LAKE}/peer/")
        yield _cases(
            ours, peer, source, f"s3://{LAKE}/floor.parquet", cloud.environment, partial(cloud.empty_bucket, LAKE)
        )
    cloud.empty_bucket(LANDING)


def _cases(
    ours: tuple[str, ...],
    peer: tuple[str, ...],
    source: str,
    target: str,
    environment: dict[str, str],
    before: Callable[[], object],
) -> tuple[Case, ...]:
    floor = (str(OUR_PYTHON), "-m", "benchmarks.ours.floor", source, target)
    path = {**environment, "PYTHONPATH": os.pathsep.join([str(ROOT)])}
    return (
        Case("ours", "ours", ours, path, before),
        Case("peer", "pandas, awswrangler, Great Expectations", peer, path | SILENT, before),
        Case("floor", "floor: DuckDB, sorted", floor, path, before),
        Case("unsorted", "floor: DuckDB, unsorted", (*floor, "--unsorted"), path, before),
    )


def _make_deployment(cloud: Cloud) -> None:
    """Buckets and registry, where they are not there yet."""
    existing = {bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]}
    for bucket in {LAKE, LANDING, ARTEFACTS} - existing:
        cloud.make_bucket(bucket)
    if REGISTRY not in cloud.client("dynamodb").list_tables()["TableNames"]:
        cloud.make_registry(REGISTRY)


def _upload_project(cloud: Cloud, folder: Path) -> None:
    with zipfile.ZipFile(folder / "project.zip", "w") as archive:
        for path in sorted((folder / "project").rglob("*")):
            archive.write(path, path.relative_to(folder / "project"))
    cloud.client("s3").upload_file(str(folder / "project.zip"), ARTEFACTS, "project.zip")


PUBLISH = Benchmark(
    name="publish",
    title="Publishing",
    says=SAYS,
    groups=groups,
    columns=(step("read", "read s"), step("set_up", "set up s"), step("judge", "judge s"), step("write", "write s")),
    charts=(SECONDS, MEMORY),
)
