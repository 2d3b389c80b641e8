"""CloudTrail's log files in their bucket, and Athena's own history: the evidence of who read what. Judges none."""

import gzip
import io
import json
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from insightshare.aws.failures import named
from insightshare.errors import PlatformError

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef
    from mypy_boto3_s3.client import S3Client

MAX_FILE_BYTES = 256 * 1024**2  # unpacked; CloudTrail closes a file at about 50 MB
_AT_ONCE = 8
_BATCH = 50  # BatchGetQueryExecution takes no more


def trail_records(
    s3: "S3Client", bucket: str, place: tuple[str, str], days: tuple[date, date], wanted: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Yield the records of these event names from the log files of the days and of the day after, in no order.

    `place` is (account, region). Files are named by when they were delivered, minutes after what they tell: what
    happened on the days is all there, and some of what happened before and after.
    """
    first, last = days
    keys = [key for day in _days(first, last + timedelta(days=1)) for key in _keys(s3, bucket, place, day)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for records in pool.map(lambda key: _records(s3, bucket, key), keys):
            yield from (record for record in records if record.get("eventName") in wanted)


def query_texts(athena: "AthenaClient", workgroup: str, since_utc: datetime) -> dict[str, str]:
    """Return the text of each query that the workgroup was asked since then, by its id; Athena keeps 45 days.

    A workgroup that is not there was asked nothing: an agreement may wait for its deployment.
    """
    texts: dict[str, str] = {}
    with named(f"workgroup {workgroup}"):
        for batch in _executions(athena, workgroup):
            new = [execution for execution in batch if execution["Status"]["SubmissionDateTime"] >= since_utc]
            texts |= {execution["QueryExecutionId"]: execution["Query"] for execution in new}
            if len(new) < len(batch):
                break  # the newest batches come first; within one there is no order
    return texts


def _executions(athena: "AthenaClient", workgroup: str) -> "Iterator[Sequence[QueryExecutionTypeDef]]":
    """Batches of a workgroup's executions, the newest first; none where there is no such workgroup."""
    try:
        for page in athena.get_paginator("list_query_executions").paginate(WorkGroup=workgroup):
            ids = page.get("QueryExecutionIds", [])
            for start in range(0, len(ids), _BATCH):
                found = athena.batch_get_query_execution(QueryExecutionIds=ids[start : start + _BATCH])
                yield found.get("QueryExecutions", [])
    except ClientError as error:
        if "is not found" not in str(error):  # Athena calls it an invalid request
            raise


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _keys(s3: "S3Client", bucket: str, place: tuple[str, str], day: date) -> Iterator[str]:
    account_id, region = place
    prefix = f"AWSLogs/{account_id}/CloudTrail/{region}/{day:%Y/%m/%d}/"
    with named(f"s3://{bucket}/{prefix}"):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from (item["Key"] for item in page.get("Contents", ()) if item["Key"].endswith(".json.gz"))


def _records(s3: "S3Client", bucket: str, key: str) -> list[dict[str, Any]]:
    address = f"s3://{bucket}/{key}"
    with named(address):
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    with gzip.open(io.BytesIO(body)) as unpacked:
        text = unpacked.read(MAX_FILE_BYTES + 1)
    if len(text) > MAX_FILE_BYTES:
        found, expected = "larger", f"a log file of at most {MAX_FILE_BYTES} bytes"
        raise PlatformError.at(address, "size", found, expected, "find out who wrote it")
    records: list[dict[str, Any]] = json.loads(text)["Records"]
    return records
