"""The same rows under several days, as awswrangler lays them out by default: snappy, in the order they come.

Run as `python -m benchmarks.peers.store SOURCE TARGET DATABASE TABLE DAY ...`; writes to S3 and to the catalog.
"""

import sys

import awswrangler as wr
import pandas as pd

if __name__ == "__main__":
    source, target, database, table, *days = sys.argv[1:]
    frame = pd.read_parquet(source)
    for day in days:
        wr.s3.to_parquet(
            frame.assign(as_of=day),
            target,
            dataset=True,
            partition_cols=["as_of"],
            mode="overwrite_partitions",
            database=database,
            table=table,
        )
