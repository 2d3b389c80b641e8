"""Publishing with Spark on one core and on two: what the distributed engine gains by more of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.disk import FolderFiles
from benchmarks.facts import MEMORY, SECONDS, Benchmark, Case, Group
from benchmarks.stage import ROOT, copy_project, land, remove_published
from benchmarks.workshop import OUR_PYTHON, Workshop

ROWS = 5_000_000
SAYS = (
    "The same job with `engine: spark`, on a local master with one thread and with two, beside DuckDB on all cores. "
    "Spark is for rows that one machine does not hold; here it shows what it costs to start, and whether it scales."
)


def groups(quick: bool) -> tuple[Group, ...]:
    """Return the one group; a quick look leaves Spark out, which takes long to start."""
    return () if quick else (Group(str(ROWS), f"{ROWS:,} rows, local disk", 1, partial(_staged, rows=ROWS)),)


@contextmanager
def _staged(shop: Workshop, rows: int) -> Iterator[tuple[Case, ...]]:
    with shop.scratch("spark") as folder:
        copy_project(folder / "project")
        land(FolderFiles(folder / "landing"), shop.rows(rows))
        ours = (str(OUR_PYTHON), "-m", "benchmarks.ours.publish", str(folder))
        path, before = {"PYTHONPATH": str(ROOT)}, partial(remove_published, folder)
        yield (
            Case("one", "Spark, local[1]", (*ours, "local[1]"), path, before),
            Case("two", "Spark, local[2]", (*ours, "local[2]"), path, before),
            Case("duckdb", "DuckDB", ours, path, before),
        )


SPARK = Benchmark(name="spark", title="Spark", says=SAYS, groups=groups, charts=(SECONDS, MEMORY))
