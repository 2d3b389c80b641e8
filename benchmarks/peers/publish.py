"""Publishing as it is usually done: pandas reads, Great Expectations validates, awswrangler overwrites the partition.

Run as `python -m benchmarks.peers.publish SOURCE TARGET`; addresses begin with `s3://`, everything else is a folder.
awswrangler writes to S3 only: into a folder, pandas writes, with the same pyarrow and the same layout.
"""

import sys
import time

import pandas as pd

from benchmarks.peers.validation import batch_of, end, suite, validate

AS_OF = "2026-01-31"


def main(source: str, target: str) -> dict[str, float]:
    """Publish once; return the seconds of each step."""
    imported = time.perf_counter()
    frame = _read(source)
    read = time.perf_counter()
    batch, wanted = batch_of(frame), suite()
    set_up = time.perf_counter()
    checks = validate(batch, wanted)
    validated = time.perf_counter()
    _write(frame.assign(as_of=AS_OF), target)
    written = time.perf_counter()
    return {
        "checks": checks,
        "read_seconds": read - imported,
        "set_up_seconds": set_up - read,
        "judge_seconds": validated - set_up,
        "write_seconds": written - validated,
    }


def _read(source: str) -> pd.DataFrame:
    if source.startswith("s3://"):
        import awswrangler as wr

        return wr.s3.read_parquet(source)
    return pd.read_parquet(source)


def _write(frame: pd.DataFrame, target: str) -> None:
    if target.startswith("s3://"):
        import awswrangler as wr

        wr.s3.to_parquet(frame, target, dataset=True, partition_cols=["as_of"], mode="overwrite_partitions")
    else:
        frame.to_parquet(target, partition_cols=["as_of"], index=False, existing_data_behavior="delete_matching")


if __name__ == "__main__":
    end(main(*sys.argv[1:]))
