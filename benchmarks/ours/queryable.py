"""From the manifest to the first query that sees its rows, on the local AWS, some times over.

Run as `python -m benchmarks.ours.queryable LAKE REGISTRY ROWS DAY ...`: one publication per day, of the rows in file
ROWS. The clock starts when the manifest is written and ends when Athena answers with that day.
"""

import hashlib
import json
import sys
import time
from pathlib import Path
from statistics import median

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.deployment import BUS, DATABASE, QUEUE, WORKGROUP
from benchmarks.stage import INSIGHT
from insightshare.aws.athena import Place, run_query
from insightshare.aws.bucket_files import BucketFiles
from insightshare.aws.publishing import Settings, publishing_ports
from insightshare.publish.claims import claim, write_manifest
from insightshare.publish.layout import run_folder
from insightshare.publish.manifest import File, Lineage, Manifest
from insightshare.publish.ports import Ports

LONGEST_SECONDS = 60
FILE_NAME = "part-00000.parquet"


def main(lake: str, registry: str, rows: Path, as_ofs: list[str]) -> dict[str, float]:
    """Publish each day; return the seconds to `_latest` and to the day's partition, medians and the worst."""
    session = boto3.Session()
    ports = publishing_ports(session, Settings(lake, registry, DATABASE, BUS, QUEUE))
    files = BucketFiles(session.client("s3"), lake)
    latest, history = [], []
    for as_of in as_ofs:
        write_manifest(ports.storage, ports.registry, _written(ports, files, rows, as_of))
        written = time.perf_counter()
        _wait(session, f"SELECT COUNT(*) FROM {INSIGHT}_latest WHERE as_of = '{as_of}'")
        latest.append(time.perf_counter() - written)
        asked = time.perf_counter()
        _wait(session, f"SELECT COUNT(*) FROM {INSIGHT} WHERE as_of = '{as_of}'")
        history.append(time.perf_counter() - asked)
    return {
        "latest_seconds": median(latest),
        "latest_worst_seconds": max(latest),
        "history_query_seconds": median(history),
    }


def _written(ports: Ports, files: BucketFiles, rows: Path, as_of: str) -> Manifest:
    """A run whose file lies in its folder; judged before, as far as this goes."""
    own = claim(ports.registry, INSIGHT, as_of, "benchmark")
    table = pq.read_table(rows)
    path = rows.with_name(FILE_NAME)
    pq.write_table(table.append_column("as_of", pa.array([as_of] * table.num_rows)), path)
    files.upload(path, run_folder(INSIGHT, own.run_id) + FILE_NAME)
    file = File(FILE_NAME, path.stat().st_size, table.num_rows, hashlib.sha256(path.read_bytes()).hexdigest())
    return Manifest(own, (file,), True, (), Lineage("benchmark", "duckdb"))


def _wait(session: boto3.Session, sql: str) -> None:
    """Ask until the answer is not nought."""
    place, athena = Place(WORKGROUP, DATABASE), session.client("athena")
    deadline = time.perf_counter() + LONGEST_SECONDS
    while time.perf_counter() < deadline:
        if run_query(athena, place, sql).rows[0][0] != "0":
            return
    raise SystemExit(f"{LONGEST_SECONDS} seconds were not enough")


if __name__ == "__main__":
    found = main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
    print(json.dumps({name: round(seconds, 3) for name, seconds in found.items()}))
