"""What a data scientist imports: list insights, read what one is, fetch it as a data frame. Publishes nothing."""

import os
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from insightshare.aws.athena import Place
from insightshare.aws.comparison import difference_for_reader, question_of
from insightshare.aws.reader import Reader
from insightshare.aws.session import own_session, own_workgroup
from insightshare.catalog.description import RUNS_SUFFIX, InsightDescription, column_types, descriptions
from insightshare.catalog.selection import Selection, select_statement, table_name
from insightshare.errors import NotFound, UsageError

if TYPE_CHECKING:
    import boto3
    import pandas as pd
    from pyspark.sql import DataFrame, SparkSession

DATABASE = "insights"
RECEIPTS_TABLE = "insight_receipts"
AS_OF, RUN_ID = "as_of", "run_id"  # columns of the platform


def connect(
    *,
    region: str | None = None,
    database: str = DATABASE,
    workgroup: str | None = None,
    session: "boto3.Session | None" = None,
) -> "Store":
    """Return the insights that the caller may read, with the caller's own AWS identity.

    Args:
        region: where the tables are; default: the session's.
        database: the name of the database, or of the resource link to it.
        workgroup: where queries run; default: `INSIGHTSHARE_WORKGROUP`, then the one named like the caller's role,
            then the only one whose name starts with `insightshare-`.
        session: a boto3 session; default: the caller's own, found in AWS's order.
    """
    session = session or own_session(region)
    chosen = workgroup or os.environ.get("INSIGHTSHARE_WORKGROUP") or own_workgroup(session)
    return Store(Reader(session, Place(chosen, database)))


class Store:
    """The insights that one caller may read."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def insights(self) -> list[InsightDescription]:
        """Return one description per insight that the caller may see, ordered by name."""
        return list(descriptions(self._reader.visible_tables()).values())

    def __getitem__(self, name: str) -> "Insight":
        tables = self._reader.visible_tables()
        found = descriptions(tables)
        if name not in found:
            choices = ", ".join(found) or "none"
            raise NotFound.at("store", "insight", repr(name), f"one that you may read ({choices})", "ask the provider")
        types = {table: column_types(tables, table) for table in (*found[name].tables, RECEIPTS_TABLE)}
        return Insight(found[name], types, self._reader)


class Insight:
    """One insight of the store, ready to be fetched."""

    def __init__(self, description: InsightDescription, types: dict[str, dict[str, str]], reader: Reader) -> None:
        self._description = description
        self._types = types
        self._reader = reader

    def describe(self) -> InsightDescription:
        """Return what the insight is: meaning, version, and the columns that the caller's agreement shows."""
        return self._description

    def receipts(self) -> pa.Table:
        """Return one row per published or rejected run of this insight, newest first."""
        name = self._description.name
        select = f"""SELECT * FROM "{RECEIPTS_TABLE}" WHERE insight = '{name}' ORDER BY run_id DESC"""
        return self._reader.arrow(select, self._types[RECEIPTS_TABLE])

    def diff(
        self, run_a: str, run_b: str, *, key: Sequence[str] = (), columns: Sequence[str] = (), rows: int = 0
    ) -> dict[str, Any]:
        """Return how run B differs from run A, in the rows and columns that the caller may see of both.

        `measures` has the change in rows, the drift of each column (psi and ks of numbers, shift of categories) and,
        with a key, the shares of entities that came and went; `changed_rows` has the rows themselves, as text.

        Args:
            run_a: the earlier run, from `receipts()`.
            run_b: the later run.
            key: the columns that identify an entity; without them none came or went.
            columns: which columns; default: all that the caller may see, without the key.
            rows: return so many rows that came, went or changed; needs the key.
        """
        name = self._description.name
        types = self._types.get(name + RUNS_SUFFIX)
        if types is None:
            fix = "ask the provider for the table of runs"
            raise NotFound.at(name, "table", "nothing", f"a table {name}{RUNS_SUFFIX} that you may read", fix)
        unknown = [column for column in (*key, *columns) if column not in types]
        if unknown:
            raise NotFound.at(name, "column", repr(unknown[0]), f"one of {', '.join(types)}", "name one of them")
        asked = columns or [column for column in types if column not in (*key, AS_OF, RUN_ID)]
        question = question_of(types, key, asked, rows)
        return difference_for_reader(self._reader, name, (run_a, run_b), question).to_json()

    def to_arrow(
        self,
        columns: Sequence[str] = (),
        *,
        as_of: date | str | None = None,
        run_id: str | None = None,
        limit: int | None = None,
    ) -> pa.Table:
        """Return the rows that the caller may see as an Arrow table.

        Args:
            columns: which columns; default: all that the caller may see.
            as_of: the date that the result is about (`date` or `YYYY-MM-DD`); default: the newest one.
            run_id: one pinned run instead of a date.
            limit: at most so many rows.

        Raises UsageError for an `as_of` that is no date.
        """
        selection = Selection(self._description.name, tuple(columns), _day(as_of), run_id, limit)
        select = select_statement(self._reader.place.database, selection)
        return self._reader.arrow(select, self._types[table_name(selection)])

    def to_pandas(self, columns: Sequence[str] = (), **which: Any) -> "pd.DataFrame":
        """Return the same rows as `to_arrow`, as a pandas data frame with Arrow-backed types."""
        import pandas as pd  # heavy, and not needed by readers of Arrow

        frame: pd.DataFrame = self.to_arrow(columns, **which).to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    def to_spark(
        self, columns: Sequence[str] = (), *, spark: "SparkSession | None" = None, **which: Any
    ) -> "DataFrame":
        """Return the same rows as `to_arrow`, as a Spark data frame of `spark` or of the active session."""
        from pyspark.sql import SparkSession  # an optional extra: pip install 'insightshare[spark]'
        from pyspark.sql.pandas.types import from_arrow_schema

        spark = spark or SparkSession.builder.getOrCreate()
        table = self.to_arrow(columns, **which)
        schema = from_arrow_schema(table.schema)
        frame: DataFrame = spark.createDataFrame(table.to_pylist(), schema=schema, verifySchema=False)
        return frame


def _day(as_of: date | str | None) -> date | None:
    if not isinstance(as_of, str):
        return as_of
    try:
        return date.fromisoformat(as_of)
    except ValueError as error:
        fix = "write it as 2026-11-21, or leave it out for the newest"
        raise UsageError.at("insight", "as_of", repr(as_of), "a date", fix) from error
