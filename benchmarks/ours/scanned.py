"""What five typical queries read of a table, on the local AWS.

Run as `python -m benchmarks.ours.scanned TABLE BUCKET DAY=FOLDER ...`. Bytes are those that Athena charges for: of the
columns that a query names, in the partitions that it cannot leave out. Athena also leaves out row groups whose
statistics say that no row can match, which the local Athena does not count: they are looked up in the files' footers.
"""

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pyarrow.parquet as pq

from benchmarks.deployment import COLUMNS, DATABASE, WORKGROUP
from insightshare.aws.athena import Place, run_query

MIB = 1024 * 1024


@dataclass(frozen=True)
class Query:
    """One question. `bounds` is what its condition leaves of columns, for statistics; `days` are the newest."""

    id: str
    select: str
    where: str
    columns: tuple[str, ...]
    bounds: tuple[tuple[str, str, str], ...] = ()
    days: int = 1


QUERIES = (
    Query(
        "one_customer",
        "churn_probability, risk_category",
        "customer_id = 'C000010000'",
        ("customer_id", "churn_probability", "risk_category"),
        (("customer_id", "C000010000", "C000010000"),),
    ),
    Query(
        "its_history",
        "as_of, churn_probability",
        "customer_id = 'C000010000'",
        ("customer_id", "churn_probability"),
        (("customer_id", "C000010000", "C000010000"),),
        days=3,
    ),
    Query(
        "a_page",
        "*",
        "customer_id BETWEEN 'C000010000' AND 'C000010999'",
        tuple(COLUMNS),
        (("customer_id", "C000010000", "C000010999"),),
    ),
    Query(
        "most_at_risk",
        "customer_id, churn_probability",
        "risk_category = 'high' ORDER BY churn_probability DESC LIMIT 100",
        ("customer_id", "churn_probability", "risk_category"),
        (("risk_category", "high", "high"),),
    ),
    Query(
        "means_by_contract",
        "as_of, contract, AVG(monthly_charges)",
        "TRUE GROUP BY as_of, contract",
        ("contract", "monthly_charges"),
        days=3,
    ),
)


def main(table: str, bucket: str, folders: dict[str, str]) -> dict[str, float]:
    """Return MiB by query: as the local Athena counts them, and less the row groups that need not be read."""
    session = boto3.Session()
    files = {day: list(_footers(session, bucket, folder)) for day, folder in folders.items()}
    found: dict[str, float] = {}
    for query in QUERIES:
        asked = list(folders)[-query.days :]
        listed = ", ".join(f"'{day}'" for day in asked)
        sql = f"SELECT {query.select} FROM {table} WHERE as_of IN ({listed}) AND {query.where}"
        result = run_query(session.client("athena"), Place(WORKGROUP, DATABASE), sql)
        footers = [footer for day in asked for footer in files[day]]
        found[f"{query.id}_columns_mib"] = result.scanned_bytes / MIB
        found[f"{query.id}_mib"] = sum(_needed_bytes(footer, query) for footer in footers) / MIB
    return found


def _footers(session: boto3.Session, bucket: str, folder: str) -> Iterator[pq.FileMetaData]:
    s3 = session.client("s3")
    for item in s3.list_objects_v2(Bucket=bucket, Prefix=folder)["Contents"]:
        yield pq.read_metadata(io.BytesIO(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()))


def _needed_bytes(footer: pq.FileMetaData, query: Query) -> int:
    """The bytes of the query's columns in the row groups that may hold a row of the answer."""
    total = 0
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        chunks = {group.column(place).path_in_schema: group.column(place) for place in range(group.num_columns)}
        if all(_may_hold(chunks[name], least, most) for name, least, most in query.bounds):
            total += sum(chunks[name].total_compressed_size for name in query.columns)
    return total


def _may_hold(chunk: pq.ColumnChunkMetaData, least: str, most: str) -> bool:
    statistics = chunk.statistics
    if statistics is None or not statistics.has_min_max:
        return True
    return bool(statistics.min <= most and statistics.max >= least)


if __name__ == "__main__":
    measured = main(sys.argv[1], sys.argv[2], dict(word.split("=", 1) for word in sys.argv[3:]))
    print(json.dumps({name: round(mib, 4) for name, mib in measured.items()}))
