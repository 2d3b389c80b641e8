"""How long after its manifest a run can be queried, with few partitions and with ten thousand."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.cloud import running_cloud
from benchmarks.deployment import add_partitions, add_pointers, days, deploy
from benchmarks.facts import Benchmark, Case, Chart, Group, step
from benchmarks.measure import Measured
from benchmarks.stage import ROOT, as_written
from benchmarks.workshop import OUR_PYTHON, Workshop

PUBLICATIONS = 5
ROWS = 20_000
SAYS = (
    "On the local AWS, the deployed path: the manifest's event, a rule, the FIFO queue, the function that registers, "
    "then Athena, asked again and again until it answers with the new day. "
    "Every publication is of a new day; the figures are the median and the worst of five. "
    "The local DynamoDB and Glue look through all their items at each call, which those of AWS do not."
)


def seconds_to_latest(found: Measured) -> float:
    """Return the median seconds from the manifest to the first answer of `_latest`."""
    return float(found.middle.found["latest_seconds"])


def groups(quick: bool) -> tuple[Group, ...]:
    """Return one group per number of partitions that are there already."""
    found = ((10, 1),) if quick else ((10, PUBLICATIONS), (10_000, PUBLICATIONS))
    return tuple(
        Group(str(count), f"{count:,} partitions", 1, partial(_staged, partitions=count, publications=publications))
        for count, publications in found
    )


@contextmanager
def _staged(shop: Workshop, partitions: int, publications: int) -> Iterator[tuple[Case, ...]]:
    """A cloud of its own: ten thousand partitions would slow down whoever comes after."""
    with shop.scratch("queryable") as folder, running_cloud(folder / "cloud") as cloud:
        settings = deploy(cloud, "bench", folder / "packages")
        old, new = days(partitions), days(partitions + publications)[partitions:]
        add_partitions(cloud, settings.lake, old)
        add_pointers(cloud, settings.registry, old)
        rows = as_written(shop.rows(ROWS), folder, with_as_of=False)
        words = (settings.lake, settings.registry, str(rows), *new)
        argv = (str(OUR_PYTHON), "-m", "benchmarks.ours.queryable", *words)
        yield (Case("ours", "manifest to query", argv, {**cloud.environment, "PYTHONPATH": str(ROOT)}),)


QUERYABLE = Benchmark(
    name="queryable",
    title="Manifest to queryable",
    says=SAYS,
    groups=groups,
    columns=(
        step("latest", "to `_latest` s"),
        step("latest_worst", "at worst s"),
        step("history_query", "then query of the day's partition s"),
    ),
    shows_process=False,
    charts=(Chart("latest", "seconds from the manifest to `_latest`", "s", seconds_to_latest),),
)
