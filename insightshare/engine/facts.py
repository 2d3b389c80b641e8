"""What an engine is: one protocol that DuckDB and Spark keep with the same results. Imports no engine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Literal, Protocol, Self

import pyarrow as pa

from athenasql import TypedQuery

EngineName = Literal["duckdb", "spark"]
Batches = Iterator[pa.RecordBatch]
NO_CONSTANTS: Mapping[str, str] = MappingProxyType({})
# A table is read faster in few large files; a reader splits, retries and prunes better with some. One file when small.
LARGEST_FILE_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class S3Access:
    """How to read from S3: the caller's own short-lived credentials. Never printed."""

    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str | None = field(repr=False, default=None)
    endpoint: str | None = None
    """Host and port, where it is not AWS's own."""
    use_ssl: bool = True


@dataclass(frozen=True)
class WrittenFile:
    """One Parquet file as the engine wrote it, with the row count from its footer. `path` is where the engine wrote."""

    path: str
    rows: int
    size_bytes: int

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name


class Engine(Protocol):
    """SQL over tables of files. SQL that both engines shall run names columns without quotes, or comes from `sql`."""

    @property
    def name(self) -> EngineName:
        """Which engine it is; also its dialect of SQL."""

    @property
    def dialect(self) -> EngineName:
        """The dialect in which the gate writes its query."""

    @property
    def distributed(self) -> bool:
        """Whether other machines read and write the files: then paths are addresses in S3, never on this disk."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *problem: object) -> None: ...

    def sql(self, query: TypedQuery) -> str:
        """Return Athena's SQL as this engine's, with the same meaning."""

    def add_files(self, name: str, paths: Sequence[str], types: Mapping[str, str]) -> None:
        """Make a table of exactly these Parquet files, with exactly these columns (Athena types)."""

    def found_types(self, paths: Sequence[str], expected: Mapping[str, str]) -> dict[str, str]:
        """Return the type of each column of the files, in file order; of the first odd file where one is odd.

        A type is spelt as in `expected` where it is the same one, and as the engine names it where it is another.
        """

    def save_query(self, name: str, sql: str) -> None:
        """Make a table of a query's result, kept so that it is computed once."""

    def map_batches(
        self, name: str, table: str, function: Callable[[Batches], Batches], types: Mapping[str, str]
    ) -> None:
        """Make a table (Athena types) of what `function` makes of the batches of another, never held as a whole."""

    def row(self, sql: str) -> dict[str, Any]:
        """Return the one row of a query, by column name."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return every row of a small result."""

    def arrow(self, sql: str) -> pa.Table:
        """Return a whole result as Arrow."""

    def write_sorted(
        self,
        sql: str,
        types: Mapping[str, str],
        order_by: Sequence[str],
        folder: str,
        constants: Mapping[str, str] = NO_CONSTANTS,
    ) -> tuple[WrittenFile, ...]:
        """Write a query's result into a new folder: exactly these columns and types, sorted, zstd; last, the constants.

        One file when small, several of 128 to 512 MB at scale, each with a range of the order of its own.
        """

    def sha256(self, path: str) -> str:
        """Return the digest of a file's bytes."""
