"""A task that Spark thought dead may still write: its file is caught before the manifest, and before registration."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from insightshare.engine.facts import NO_CONSTANTS, WrittenFile
from insightshare.engine.spark import Spark
from insightshare.errors import ManifestRefused, PlatformError
from insightshare.jobs.score import score_insight
from insightshare.jobs.workplace import Workplace
from insightshare.publish import State, register
from insightshare.publish.layout import empty_folder, insight_folder, run_folder
from insightshare.publish.manifest import Manifest
from tests.fakes import LAKE, FakeStorage, World, glue_table, ports_on
from tests.spark.stage import DAY, orders, small_place

pytestmark = [
    pytest.mark.spark,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:distutils Version classes:DeprecationWarning"),
]


class OnCluster(Spark):
    """Spark as on a cluster: it writes the run's folder itself."""

    def __init__(self) -> None:
        super().__init__("local[1]")
        self.distributed = True


@pytest.fixture
def world() -> World:
    """A deployed lake in which nothing was published."""
    world = World()
    for name, folder in (
        ("spend", insight_folder("spend")),
        ("spend_latest", empty_folder("spend")),
        ("spend_runs", insight_folder("spend")),
    ):
        world.tables[name] = glue_table(name, f"s3://{LAKE}/{folder}", (("customer_id", "string"),))
    return world


@pytest.fixture
def place(tmp_path: Path, world: World) -> Workplace:
    """A workplace whose Spark writes the lake itself."""
    return replace(small_place(tmp_path, orders(), world), open_engine=lambda name: OnCluster())


def stored(place: Workplace, manifest: Manifest, world: World) -> FakeStorage:
    """The lake of the run as the registrar finds it."""
    storage = FakeStorage(world)
    for item in place.lake.list(""):
        storage.create(item.key, place.lake.read(item.key, 2**30) or b"")
    return storage


def stray(folder: Path) -> Path:
    """Another attempt's copy of the first file, as a task leaves it that was given up too early."""
    first = min(folder.glob("part-*.parquet"))
    copy = folder / first.name.replace("part-00000", "part-00001")
    copy.write_bytes(first.read_bytes())
    return copy


def test_what_spark_itself_wrote_into_the_lake_is_registered(place: Workplace, world: World) -> None:
    manifest = score_insight(place, "spend", DAY, "spark")
    stored(place, manifest, world)

    registration = register(ports_on(world), manifest.key)

    assert registration.run.state is State.CURRENT
    assert [file.name for file in manifest.files] == [
        item.key.rpartition("/")[2]
        for item in place.lake.list(run_folder("spend", manifest.claim.run_id))
        if not item.key.endswith(".crc")
    ]


def test_a_stray_file_among_those_that_spark_committed_stops_the_job(place: Workplace) -> None:
    class Haunted(OnCluster):
        def listed(self, folder: str) -> tuple[WrittenFile, ...]:
            stray(Path(folder))
            return super().listed(folder)

    with pytest.raises(PlatformError, match="spark: files: 40 rows in the folder is not 20 as computed"):
        score_insight(replace(place, open_engine=lambda name: Haunted()), "spend", DAY, "spark")

    assert place.lake.list("runs/") == ()


def test_a_file_that_comes_after_the_commit_stops_the_job_before_the_manifest(place: Workplace) -> None:
    class Haunted(OnCluster):
        def write_sorted(
            self,
            sql: str,
            types: Mapping[str, str],
            order_by: Sequence[str],
            folder: str,
            constants: Mapping[str, str] = NO_CONSTANTS,
        ) -> tuple[WrittenFile, ...]:
            written = super().write_sorted(sql, types, order_by, folder, constants)
            stray(Path(folder))
            return written

    with pytest.raises(ManifestRefused, match="additional file 'part-00001-"):
        score_insight(replace(place, open_engine=lambda name: Haunted()), "spend", DAY, "spark")

    assert place.lake.list("runs/") == ()


def test_a_file_that_comes_after_the_manifest_stops_registration(place: Workplace, world: World) -> None:
    manifest = score_insight(place, "spend", DAY, "spark")
    stray(Path(place.lake.uri(run_folder("spend", manifest.claim.run_id))))
    stored(place, manifest, world)

    with pytest.raises(ManifestRefused, match="additional file 'part-00001-"):
        register(ports_on(world), manifest.key)

    assert [table for table, _ in world.partitions if table != "orders"] == []
