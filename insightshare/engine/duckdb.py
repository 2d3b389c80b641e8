"""DuckDB: SQL over Parquet files on one machine, streaming and spilling. Nothing else here imports it."""

import hashlib
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

import duckdb
import pyarrow as pa

from athenasql import TypedQuery, athena_to_arrow, athena_to_duckdb, to_duckdb
from insightshare.engine.facts import LARGEST_FILE_BYTES, NO_CONSTANTS, Batches, S3Access, WrittenFile
from insightshare.errors import DataInvalid, InsightshareError, PlatformError

BATCH_ROWS = 65_536
ROW_GROUP_ROWS = 122_880  # DuckDB's own vector multiple; small enough to prune, large enough to compress
MEMORY_LIMIT = "600MB"  # with the libraries about 850 MB for the whole process; sorts and groupings spill beyond it
_PARQUET = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP_ROWS}, RETURN_STATS"


@contextmanager
def _own_errors() -> Iterator[None]:
    """One of our errors for each of DuckDB's; never its text, which can quote the data."""
    try:
        yield
    except (duckdb.IOException, duckdb.HTTPException) as error:
        fix = "check that the files exist and that the job's role may read them"
        raise PlatformError.at("duckdb", "files", type(error).__name__, "files that can be read", fix) from None
    except duckdb.Error as error:
        raise _not_usable(type(error).__name__) from None


def _not_usable(kind: str) -> InsightshareError:
    fix = "compare the files' columns and values with the contract and the SQL"
    return DataInvalid.at("duckdb", "query", kind, "a query that runs on these data", fix)


class DuckDb:
    """One private database: tables are views over files, and nothing outlives it."""

    name: Literal["duckdb"] = "duckdb"
    dialect: Literal["duckdb"] = "duckdb"
    distributed = False

    def __init__(self, s3: S3Access | None = None, largest_file_bytes: int = LARGEST_FILE_BYTES) -> None:
        self._largest_file_bytes = largest_file_bytes
        self._spill = tempfile.TemporaryDirectory(prefix="insightshare-duckdb-")
        self._connection = duckdb.connect()
        for setting, value in {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": self._spill.name,
            "TimeZone": "UTC",
            "preserve_insertion_order": "false",
        }.items():
            self._connection.execute(f"SET {setting} = '{value}'")
        if s3:
            self._allow_s3(s3)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self._connection.close()
        self._spill.cleanup()

    def sql(self, query: TypedQuery) -> str:
        """Return Athena's SQL as DuckDB's."""
        return to_duckdb(query)

    @_own_errors()
    def add_files(self, name: str, paths: Sequence[str], types: Mapping[str, str]) -> None:
        """Make a table of exactly these Parquet files, with exactly these columns (Athena types)."""
        columns = ", ".join(_cast(column, kind) for column, kind in types.items())
        listed = ", ".join(_text(path) for path in paths)
        self._connection.execute(
            f"CREATE OR REPLACE VIEW {_name(name)} AS SELECT {columns} "
            f"FROM read_parquet([{listed}], hive_partitioning = false, union_by_name = false)"
        )

    @_own_errors()
    def found_types(self, paths: Sequence[str], expected: Mapping[str, str]) -> dict[str, str]:
        """Return the Athena type of each column of the files, in file order; of the first odd file where one is odd.

        A type is spelt as in `expected` where it is the same one, and as DuckDB names it where it is another.
        Each file is asked by itself: of many at once, DuckDB would describe the first and cast the others to it.
        """
        wanted = ", ".join(f"CAST(NULL AS {athena_to_duckdb(kind)}) AS {_name(c)}" for c, kind in expected.items())
        canonical = self._described(f"SELECT {wanted}")
        found: dict[str, str] = {}
        for path in paths:
            kinds = self._described(f"SELECT * FROM read_parquet([{_text(path)}], hive_partitioning = false)")
            found = {name: expected[name] if canonical.get(name) == kind else kind for name, kind in kinds.items()}
            if list(found.items()) != list(expected.items()):
                break
        return found

    def add_arrow(self, name: str, table: pa.Table | pa.RecordBatchReader) -> None:
        """Make a table of Arrow data."""
        self._connection.register(name, table)

    @_own_errors()
    def save_query(self, name: str, sql: str) -> None:
        """Make a table of a query's result, kept so that it is computed once."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {_name(name)} AS {sql}")

    @_own_errors()
    def row(self, sql: str) -> dict[str, Any]:
        """Return the one row of a query, by column name."""
        cursor = self._connection.execute(sql)
        names = [column[0] for column in cursor.description or []]
        values = cursor.fetchone()
        return dict(zip(names, values or (), strict=True))

    @_own_errors()
    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return every row of a small result."""
        return self._connection.execute(sql).fetchall()

    @_own_errors()
    def arrow(self, sql: str) -> pa.Table:
        """Return a whole result as Arrow."""
        return self._connection.execute(sql).to_arrow_table()

    def map_batches(
        self, name: str, table: str, function: Callable[[Batches], Batches], types: Mapping[str, str]
    ) -> None:
        """Make a table (Athena types) of what `function` makes of the batches of another, never held as a whole."""
        schema = pa.schema([(column, athena_to_arrow(kind)) for column, kind in types.items()])
        failed: list[Exception] = []

        def mapped() -> Batches:
            try:
                with self._connection.cursor() as reading, _own_errors():
                    reader = reading.execute(f"SELECT * FROM {_name(table)}").to_arrow_reader(BATCH_ROWS)
                    for batch in function(iter(reader)):
                        yield batch.cast(schema)
            except Exception as error:
                failed.append(error)  # DuckDB would make text of it
                raise

        self._connection.register(f"{name} batches", pa.RecordBatchReader.from_batches(schema, mapped()))
        try:
            self.save_query(name, f"SELECT * FROM {_name(name + ' batches')}")
        except InsightshareError:
            if failed:
                raise failed[0] from None
            raise
        finally:
            self._connection.unregister(f"{name} batches")

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

        DuckDB's own rotation of files leaves open which rows meet in one; so one file is written, and one that is too
        large is cut: that costs a second pass without a sort, from some forty million rows on.
        """
        Path(folder).mkdir(parents=True)
        columns = ", ".join(_cast(column, kind) for column, kind in types.items())
        order = ", ".join(f"{_name(column)} NULLS LAST" for column in order_by)
        sorted_rows = f"SELECT {columns} FROM ({sql}) AS result ORDER BY {order}"
        # Constants join after the sort: sorting would carry them along with every row.
        added = "".join(f", {_text(value)} AS {_name(column)}" for column, value in constants.items())
        whole = self._copy(f"SELECT *{added} FROM ({sorted_rows}) AS sorted_rows", _part(folder, 0))
        if whole.size_bytes <= self._largest_file_bytes:
            return (whole,)
        return self._cut(whole, folder)

    def sha256(self, path: str) -> str:
        """Return the digest of a file's bytes."""
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _copy(self, sql: str, path: Path) -> WrittenFile:
        (stats,) = self._connection.execute(f"COPY ({sql}) TO {_text(str(path))} ({_PARQUET})").fetchall()
        return WrittenFile(str(path), stats[1], path.stat().st_size)

    def _cut(self, whole: WrittenFile, folder: str) -> tuple[WrittenFile, ...]:
        """Cut a sorted file into equal ranges of its rows, at row groups; the file itself goes."""
        parts = math.ceil(2 * whole.size_bytes / self._largest_file_bytes)
        rows = math.ceil(whole.rows / parts / ROW_GROUP_ROWS) * ROW_GROUP_ROWS
        uncut = Path(whole.path).rename(Path(folder) / "uncut")
        numbered = f"read_parquet({_text(str(uncut))}, file_row_number = true)"
        cut = tuple(
            self._copy(
                f"SELECT * EXCLUDE (file_row_number) FROM {numbered} WHERE file_row_number >= {start} "
                f"AND file_row_number < {start + rows} ORDER BY file_row_number",
                _part(folder, number),
            )
            for number, start in enumerate(range(0, whole.rows, rows))
        )
        uncut.unlink()
        return cut

    def _described(self, sql: str) -> dict[str, str]:
        return {row[0]: row[1] for row in self.rows(f"DESCRIBE {sql}")}

    @_own_errors()
    def _allow_s3(self, s3: S3Access) -> None:
        version = f"v{duckdb.__version__}"
        extension = files("duckdb_extension_httpfs") / "extensions" / version / "httpfs.duckdb_extension"
        self._connection.execute(f"LOAD {_text(str(extension))}")
        options = {"KEY_ID": s3.access_key, "SECRET": s3.secret_key, "REGION": s3.region}
        if s3.session_token:
            options["SESSION_TOKEN"] = s3.session_token
        if s3.endpoint:
            options |= {"ENDPOINT": s3.endpoint, "URL_STYLE": "path"}
        listed = ", ".join(f"{option} {_text(value)}" for option, value in options.items())
        self._connection.execute(f"CREATE SECRET lake (TYPE s3, {listed}, USE_SSL {str(s3.use_ssl).lower()})")


def _cast(column: str, kind: str) -> str:
    return f"CAST({_name(column)} AS {athena_to_duckdb(kind)}) AS {_name(column)}"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _part(folder: str, number: int) -> Path:
    return Path(folder) / f"part-{number:05d}.parquet"
