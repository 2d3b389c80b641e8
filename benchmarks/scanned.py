"""Bytes that typical queries scan: our layout, and awswrangler's default one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.cloud import Cloud, running_cloud
from benchmarks.deployment import DATABASE, add_partitions, days, deploy, run_id_of
from benchmarks.facts import Benchmark, Case, Chart, Column, Group
from benchmarks.measure import Measured
from benchmarks.publish import QUICK_ROWS
from benchmarks.stage import INSIGHT, ROOT, as_written
from benchmarks.workshop import OUR_PYTHON, PEER_PYTHON, Workshop
from insightshare.publish.layout import run_folder

ROWS, DAYS = 1_000_000, 3
QUERIES = {
    "one_customer": "one customer today",
    "its_history": "one customer's three days",
    "a_page": "a thousand customers in a row, all columns",
    "most_at_risk": "the hundred most at risk today",
    "means_by_contract": "means by contract over three days",
}
PEER_TABLE = "customers_by_awswrangler"
SAYS = (
    "Three days of the same rows in two tables of the local AWS, and what five queries read of them, in MiB. "
    "Ours is sorted by the key, zstd, in row groups of 122,880 rows; awswrangler's default is snappy, in the order "
    "that the rows come, in row groups of about a million. "
    "Counted are the columns that a query names, in the partitions and row groups that it cannot leave out by the "
    "catalog and the files' statistics, as Athena charges for them; in brackets, without leaving out row groups."
)


def groups(quick: bool) -> tuple[Group, ...]:
    """Return the one group."""
    rows = QUICK_ROWS if quick else ROWS
    return (Group(str(rows), f"{DAYS} days of {rows:,} rows", 1, partial(_staged, rows=rows)),)


@contextmanager
def _staged(shop: Workshop, rows: int) -> Iterator[tuple[Case, ...]]:
    with shop.scratch("scanned") as folder, running_cloud(folder / "cloud") as cloud:
        lake = deploy(cloud, "bench", folder / "packages").lake
        as_ofs = days(DAYS)
        file = as_written(shop.rows(rows), folder, with_as_of=False)
        for as_of in as_ofs:
            key = run_folder(INSIGHT, run_id_of(as_of)) + "part-00000.parquet"
            cloud.client("s3").upload_file(str(file), lake, key)
        add_partitions(cloud, lake, as_ofs)
        ours = {as_of: run_folder(INSIGHT, run_id_of(as_of)) for as_of in as_ofs}
        cases = [_case(cloud, "ours", "ours", (INSIGHT, lake), ours)]
        if shop.with_peers:
            _store_as_awswrangler(cloud, shop, rows, lake, as_ofs)
            peer = {as_of: f"peer/as_of={as_of}/" for as_of in as_ofs}
            cases.append(_case(cloud, "peer", "awswrangler's default", (PEER_TABLE, lake), peer))
        yield tuple(cases)


def _store_as_awswrangler(cloud: Cloud, shop: Workshop, rows: int, lake: str, as_ofs: list[str]) -> None:
    words = (str(shop.rows(rows)), f"s3://{lake}/peer/", DATABASE, PEER_TABLE, *as_ofs)
    store = (str(PEER_PYTHON), "-m", "benchmarks.peers.store", *words)
    subprocess.run(store, check=True, cwd=ROOT, env={**os.environ, **cloud.environment})


def _case(cloud: Cloud, name: str, title: str, place: tuple[str, str], folders: dict[str, str]) -> Case:
    listed = [f"{day}={folder}" for day, folder in folders.items()]
    argv = (str(OUR_PYTHON), "-m", "benchmarks.ours.scanned", *place, *listed)
    return Case(name, title, argv, {**cloud.environment, "PYTHONPATH": str(ROOT)})


def _mib(query: str, found: Measured) -> float:
    return float(found.middle.found[f"{query}_mib"])


def _text(query: str, found: Measured) -> str:
    return f"{_mib(query, found):.2f} ({found.middle.found[f'{query}_columns_mib']:.2f})"


SCANNED = Benchmark(
    name="scanned",
    title="Bytes scanned",
    says=SAYS,
    groups=groups,
    columns=tuple(Column(title, partial(_text, query)) for query, title in QUERIES.items()),
    charts=tuple(Chart(query, f"{title}, MiB", "MiB", partial(_mib, query)) for query, title in QUERIES.items()),
    shows_process=False,
)
