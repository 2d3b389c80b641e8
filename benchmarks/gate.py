"""The gate alone: 15 checks on one file, ours with and without the profile, Great Expectations on pandas and Spark."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.facts import MEMORY, Benchmark, Case, Chart, Group, step
from benchmarks.measure import Measured
from benchmarks.publish import QUICK_ROWS, SILENT
from benchmarks.stage import ROOT, as_written, copy_project
from benchmarks.workshop import OUR_PYTHON, PEER_PYTHON, Workshop

ROWS, RUNS = 5_000_000, 2
SAYS = (
    "One sorted Parquet file, judged by the same 15 checks. "
    "Ours runs them as it does in a job; Great Expectations runs them on a pandas frame read from the file, and on a "
    "Spark frame over it, with as many threads as there are cores. "
    "The goals compare work: all that lies between the imports and the verdict, so also set-up and, for pandas, "
    "reading the file (ours and Spark read it while they judge). Imports are told apart."
)


def work_seconds(found: Measured) -> float:
    """Return the seconds between the imports and the verdict, of the run with the median time."""
    steps = found.middle.found
    return sum(float(steps.get(f"{name}_seconds", 0)) for name in ("set_up", "read", "judge"))


def groups(quick: bool) -> tuple[Group, ...]:
    """Return the one group; a quick look leaves out Spark, whose Java takes longer to start than all the rest."""
    rows, runs = (QUICK_ROWS, 1) if quick else (ROWS, RUNS)
    return (Group(str(rows), f"{rows:,} rows", runs, partial(_staged, rows=rows, with_spark=not quick)),)


@contextmanager
def _staged(shop: Workshop, rows: int, with_spark: bool) -> Iterator[tuple[Case, ...]]:
    with shop.scratch("gate") as folder:
        copy_project(folder / "project")
        file = as_written(shop.rows(rows), folder, with_as_of=False)
        yield _cases(str(folder / "project"), str(file), with_spark)


def _cases(project: str, file: str, with_spark: bool) -> tuple[Case, ...]:
    path = {"PYTHONPATH": str(ROOT)}
    ours = (str(OUR_PYTHON), "-m", "benchmarks.ours.gate", project, file)
    pandas = (str(PEER_PYTHON), "-m", "benchmarks.peers.gate_pandas", file)
    spark = (str(PEER_PYTHON), "-m", "benchmarks.peers.gate_spark", file, str(len(os.sched_getaffinity(0))))
    found = (
        Case("checks", "ours: checks", (*ours, "--without-profile"), path),
        Case("profile", "ours: checks and full profile", ours, path),
        Case("pandas", "Great Expectations on pandas", pandas, path | SILENT),
    )
    return (*found, Case("spark", "Great Expectations on Spark", spark, path | SILENT)) if with_spark else found


GATE = Benchmark(
    name="gate",
    title="The gate alone",
    says=SAYS,
    groups=groups,
    columns=(step("import", "imports s"), step("set_up", "set up s"), step("read", "read s"), step("judge", "judge s")),
    charts=(Chart("work", "seconds of work, without imports", "s", work_seconds), MEMORY),
)
