"""The checks alone, by Great Expectations on pandas. Run as `python -m benchmarks.peers.gate_pandas FILE`."""

import time

STARTED = time.perf_counter()

import json  # noqa: E402 - imports are what is timed
import sys  # noqa: E402

import pandas as pd  # noqa: E402

from benchmarks.peers.validation import batch_of, suite, validate  # noqa: E402

if __name__ == "__main__":
    imported = time.perf_counter()
    frame = pd.read_parquet(sys.argv[1])
    read = time.perf_counter()
    batch, wanted = batch_of(frame), suite()
    set_up = time.perf_counter()
    checks = validate(batch, wanted)
    print(
        json.dumps(
            {
                "checks": checks,
                "import_seconds": round(imported - STARTED, 3),
                "set_up_seconds": round(set_up - read, 3),
                "read_seconds": round(read - imported, 3),
                "judge_seconds": round(time.perf_counter() - set_up, 3),
            }
        )
    )
