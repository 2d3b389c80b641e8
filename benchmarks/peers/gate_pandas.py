"""The checks alone, by Great Expectations on pandas. Run as `python -m benchmarks.peers.gate_pandas FILE`."""

import time

STARTED = time.perf_counter()

import sys  # noqa: E402 - imports are what is timed

import pandas as pd  # noqa: E402 - as above

from benchmarks.peers.validation import batch_of, end, suite, validate  # noqa: E402 - as above

if __name__ == "__main__":
    imported = time.perf_counter()
    frame = pd.read_parquet(sys.argv[1])
    read = time.perf_counter()
    batch, wanted = batch_of(frame), suite()
    set_up = time.perf_counter()
    checks = validate(batch, wanted)
    judged = time.perf_counter()
    end(
        {
            "checks": checks,
            "import_seconds": imported - STARTED,
            "read_seconds": read - imported,
            "set_up_seconds": set_up - read,
            "judge_seconds": judged - set_up,
        }
    )
