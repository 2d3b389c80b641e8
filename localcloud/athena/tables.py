"""The tables of one query as its caller may see them: found in the catalog, narrowed to their rights, read from S3.

Hidden columns and rows are taken away here, before the query is even bound. Partitions and their values come from the
catalog alone; nothing is learnt from folder names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from athenasql import (
    SqlError,
    TableName,
    Type,
    TypedQuery,
    columns_used,
    parse_row_filter,
    parse_type,
    partition_conditions,
    visible_cells,
)  # fmt: skip
from localcloud.athena import files, objects
from localcloud.athena.files import File
from localcloud.athena.sealing import sealed
from localcloud.gateway import AwsError, Caller
from localcloud.lakeformation.access import ResolvedTable, TableAccess, resolve_table, table_access

PARTITIONS = "$partitions"
NOTHING = '1 AS "#"'  # the select list of a query that needs rows but no columns, like count(*)
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Source:
    """One table that a query names: the real table, the caller's right on it, and every column's type."""

    key: str
    table: ResolvedTable
    access: TableAccess
    types: Mapping[str, Type]
    only_partitions: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(name.lower() for name, _ in self.table.partition_keys)

    @property
    def visible(self) -> dict[str, str]:
        """What the query may name: column → Athena type, in table order."""
        shown = [name.lower() for name in self.access.columns]
        if self.only_partitions:
            shown = [name for name in self.keys if name in shown]
        return {name: self.types[name].ddl() for name in shown}


@dataclass(frozen=True)
class Reading:
    """The files of one table that a query needs, with their partition's values, and what reading them costs."""

    source: Source
    columns: tuple[str, ...]
    files: tuple[tuple[File, tuple[str, ...]], ...]
    partitions: tuple[tuple[str, ...], ...]
    scanned_bytes: int


def find_source(caller: Caller, region: str, catalog_id: str | None, name: TableName, database: str) -> Source:
    """The table behind a name; SqlError with Athena's message when it is not there, or not for this caller."""
    only_partitions = name.table.endswith(PARTITIONS)
    real = name.table.removesuffix(PARTITIONS)
    if not database:
        detail = "Schema must be specified when session schema is not set"
        raise SqlError("MISSING_SCHEMA_NAME", detail, name.line, name.column)
    try:
        table = resolve_table(caller, region, catalog_id, database, real)
    except AwsError as error:
        raise _refused(error, name, database) from error
    if only_partitions and not table.partition_keys:
        raise _missing(name, database)
    try:
        access = table_access(caller, region, table)
    except AwsError as error:
        raise SqlError("COLUMN_NOT_FOUND", "Relation contains no accessible columns", name.line, name.column) from error
    declared = (*table.columns, *table.partition_keys)
    types = {column.lower(): parse_type(kind) for column, kind in declared}
    if table.view:
        raise SqlError(
            "NOT_SUPPORTED", f"'{database}.{real}' is a view; views are not supported", name.line, name.column
        )
    return Source(f"{database}.{name.table}", table, access, types, only_partitions)


def _refused(error: AwsError, name: TableName, database: str) -> SqlError:
    if error.code != "EntityNotFoundException":
        detail = f"Insufficient permissions to execute the query. {error.message}"
        return SqlError("ACCESS_DENIED", detail)
    if error.message.startswith("Database"):
        return SqlError("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist", name.line, name.column)
    return _missing(name, database)


def _missing(name: TableName, database: str) -> SqlError:
    detail = f"Table 'awsdatacatalog.{database}.{name.table}' does not exist"
    return SqlError("TABLE_NOT_FOUND", detail, name.line, name.column)


def plan_reading(caller: Caller, query: TypedQuery, source: Source) -> Reading:
    """Partitions pruned by the catalog's values, then their files, then the bytes of the columns that are needed."""
    wanted = columns_used(query)[source.key] | _filter_columns(source)
    partitions = _pruned(query, source)
    values = tuple(value for value, _ in partitions)
    if source.only_partitions:
        return Reading(source, (), (), values, 0)
    columns = tuple(name for name in source.types if name in wanted and name not in source.keys)
    found = []
    for value, location in partitions:
        for item in objects.visible_objects(location) if location else []:
            if not source.table.registered and not objects.may_read(caller, item):
                raise AwsError("PERMISSION_DENIED", f"Access Denied when reading {item.bucket} (s3:GetObject)")
            found.append((files.open_file(source.table, source.types, item), value))
    scanned = sum(files.scanned_bytes(file, columns) for file, _ in found)
    return Reading(source, columns, tuple(found), values, scanned)


def _filter_columns(source: Source) -> set[str]:
    declared = {name: kind.ddl() for name, kind in source.types.items()}
    predicates = [predicate for _, predicate in source.access.row_filters if predicate]
    if source.only_partitions:
        return set()
    return {column for text in predicates for column in parse_row_filter(text, declared).columns}


def _pruned(query: TypedQuery, source: Source) -> list[tuple[tuple[str, ...], str]]:
    if not source.keys:
        return [((), source.table.location)]
    partitions = list(source.table.partitions)
    alias, conditions = partition_conditions(query, source.key, source.keys)
    if not conditions or not partitions:
        return partitions
    with sealed() as connection:
        rows = {name: [value[i] for value, _ in partitions] for i, name in enumerate(source.keys)}
        numbered = pa.table({"#": list(range(len(partitions))), **rows})
        connection.register("raw", numbered)
        typed = ", ".join(_partition_value(f'"{name}"', source.types[name]) + f' AS "{name}"' for name in source.keys)
        where = " AND ".join(f"({item})" for item in conditions)
        sql = f'SELECT "#" FROM (SELECT "#", {typed} FROM raw) AS "{alias}" WHERE {where}'
        try:
            return [partitions[number] for (number,) in connection.execute(sql).fetchall()]
        except duckdb.Error:
            return partitions  # the query itself will fail on it, or not need it


def _partition_value(column: str, kind: Type) -> str:
    return f"CAST(nullif({column}, '{_NO_VALUE}') AS {kind.duckdb()})"


def create_relation(connection: duckdb.DuckDBPyConnection, reading: Reading) -> None:
    """Make the table in DuckDB under its key: a view where every row is visible, else a table of the visible rows.

    With row filters the visible rows are copied first: no expression of the user ever meets a hidden one.
    """
    source = reading.source
    schema, _, name = source.key.partition(".")
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_quote(schema)}")
    target = f"{_quote(schema)}.{_quote(name)}"
    body = _all_rows(connection, reading)
    visible = [column for column in source.visible if column in reading.columns or column in source.keys]
    if not source.access.row_filters or source.only_partitions:  # Glue tells partitions to whoever sees the table
        connection.execute(f"CREATE VIEW {target} AS SELECT {_listed(visible)} FROM ({body})")
        return
    types = {name: kind.ddl() for name, kind in source.types.items()}
    columns, condition = visible_cells(source.access.row_filters, visible, types, source.keys)
    connection.execute(
        f"CREATE TABLE {target} AS SELECT {', '.join(columns) or NOTHING} FROM ({body}) WHERE {condition}"
    )


def _listed(columns: list[str]) -> str:
    return ", ".join(map(_quote, columns)) or NOTHING


def _all_rows(connection: duckdb.DuckDBPyConnection, reading: Reading) -> str:
    """A SELECT of the needed columns and partition keys of all files, rights not yet applied."""
    source = reading.source
    if source.only_partitions:
        return _partition_rows(connection, reading)
    groups: dict[tuple[str, ...], list[tuple[File, tuple[str, ...]]]] = {}
    for file, values in reading.files:
        shape = tuple(files.column_sql(file, name, source.types[name]) for name in reading.columns)
        groups.setdefault(shape, []).append((file, values))
    selects = [_group(connection, source, shape, found) for shape, found in groups.items()]
    return " UNION ALL ".join(selects) or _empty(reading)


def _group(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    shape: tuple[str, ...],
    found: list[tuple[File, tuple[str, ...]]],
) -> str:
    """Files of one physical schema in one scan; the catalog's partition values join by file."""
    paths = ", ".join(f"'{file.path}'" for file, _ in found)
    scan = f"read_parquet([{paths}], hive_partitioning = false, filename = {'true' if source.keys else 'false'})"
    if not source.keys:
        return f"SELECT {', '.join(shape) or NOTHING} FROM {scan}"
    rows = {name: [values[i] for _, values in found] for i, name in enumerate(source.keys)}
    number = len(connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = '#'").fetchall())
    mapping = f'"#"."values_{number}"'
    connection.execute('CREATE SCHEMA IF NOT EXISTS "#"')
    connection.register("incoming", pa.table({"#file": [str(file.path) for file, _ in found], **rows}))
    keys = ", ".join(_partition_value(_quote(name), source.types[name]) + f" AS {_quote(name)}" for name in source.keys)
    connection.execute(f'CREATE TABLE {mapping} AS SELECT "#file", {keys} FROM incoming')
    connection.unregister("incoming")
    listed = ", ".join((*shape, 'filename AS "#name"'))
    inner = f"SELECT {listed} FROM {scan}"
    return f'SELECT * EXCLUDE ("#name", "#file") FROM ({inner}) JOIN {mapping} ON "#name" = "#file"'


def _partition_rows(connection: duckdb.DuckDBPyConnection, reading: Reading) -> str:
    """The rows of `"table$partitions"`."""
    if not reading.partitions:
        return _empty(reading)
    source = reading.source
    rows = []
    for values in reading.partitions:
        cells = zip(values, source.keys, strict=True)
        rows.append(", ".join(_partition_value(_text(value), source.types[name]) for value, name in cells))
    names = ", ".join(map(_quote, source.keys))
    return f"SELECT * FROM (VALUES {', '.join(f'({row})' for row in rows)}) AS v({names})"


def _empty(reading: Reading) -> str:
    names = [*reading.columns, *reading.source.keys]
    items = [f"CAST(NULL AS {reading.source.types[name].duckdb()}) AS {_quote(name)}" for name in names]
    return f"SELECT {', '.join(items) or NOTHING} WHERE FALSE"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
