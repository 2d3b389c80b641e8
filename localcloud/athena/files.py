"""Turns the objects of a table into Parquet files that hold its columns, and says how many bytes a read of them costs.

Parquet is read as it is; JSON lines (openx, hcatalog) and CSV (OpenCSV, LazySimple) are converted once per object.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from athenasql import Type
from localcloud.athena import objects
from localcloud.athena.objects import S3Object
from localcloud.gateway import AwsError
from localcloud.lakeformation.access import ResolvedTable

JSON_SERDES = ("org.openx.data.jsonserde.JsonSerDe", "org.apache.hive.hcatalog.data.JsonSerDe")
OPEN_CSV, LAZY = "org.apache.hadoop.hive.serde2.OpenCSVSerde", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


@dataclass(frozen=True)
class File:
    """One object of a table as a local Parquet file."""

    source: S3Object
    path: Path
    parquet: bool  # the object itself is Parquet, so that columns can be read alone


@dataclass(frozen=True)
class Facts:
    """What the footer of a Parquet file says; column names in lower case."""

    columns: Mapping[str, tuple[str, pa.DataType]]
    bytes_of: Mapping[str, int]


def open_file(table: ResolvedTable, types: Mapping[str, Type], item: S3Object) -> File:
    """The object as Parquet, whatever the table's SerDe."""
    if "parquet" in table.serde.lower():
        return File(item, objects.fetch(item), True)
    columns = [(name.lower(), types[name.lower()]) for name, _ in table.columns]
    settings = sorted({**table.parameters, **table.serde_parameters}.items())
    path = objects.cached_path(item, repr((table.serde, columns, settings)))
    if not path.exists():
        buffer = io.BytesIO()
        pq.write_table(_converted(table, columns, item), buffer)
        objects.store(path, buffer.getvalue())
    return File(item, path, False)


def scanned_bytes(file: File, columns: Iterable[str]) -> int:
    """The bytes that Athena charges for reading these columns: their chunks in Parquet, else the whole object."""
    if not file.parquet:
        return file.source.size_bytes
    found = facts(file)
    return sum(found.bytes_of.get(name, 0) for name in columns)


def facts(file: File) -> Facts:
    try:
        return _facts(file.path)
    except pa.ArrowInvalid as error:
        raise AwsError("HIVE_BAD_DATA", f"Not valid Parquet file: {file.source.uri}") from error


@lru_cache(maxsize=4096)
def _facts(path: Path) -> Facts:
    with pq.ParquetFile(path) as opened:
        schema, metadata = opened.schema_arrow, opened.metadata
        sizes: dict[str, int] = {}
        for group in range(metadata.num_row_groups):
            for index in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(index)
                name = chunk.path_in_schema.split(".")[0].lower()
                sizes[name] = sizes.get(name, 0) + chunk.total_compressed_size
    return Facts({item.name.lower(): (item.name, item.type) for item in schema}, sizes)


def column_sql(file: File, name: str, kind: Type) -> str:
    """DuckDB's expression for one declared column of a file: NULL where it has none, an error for another type."""
    found = facts(file).columns.get(name)
    if found is None:
        return f'CAST(NULL AS {kind.duckdb()}) AS "{name}"'
    written, arrow = found
    if not _readable(arrow, kind):
        shown = _PHYSICAL.get(str(arrow), str(arrow).upper())
        raise AwsError(
            "HIVE_BAD_DATA",
            f"Field {name}'s type {shown} in parquet file {file.source.uri} is incompatible with type {kind} "
            "defined in table schema",
        )
    column = '"' + written.replace('"', '""') + '"'
    text = f"decode({column})" if pa.types.is_binary(arrow) and kind.name == "varchar" else column
    return f'CAST({text} AS {kind.duckdb()}) AS "{name}"'


_PHYSICAL = {"string": "BINARY", "large_string": "BINARY", "binary": "BINARY", "int64": "INT64", "int32": "INT32",
             "int16": "INT32", "int8": "INT32", "double": "DOUBLE", "float": "FLOAT", "bool": "BOOLEAN",
             "date32[day]": "INT32"}  # fmt: skip


def _readable(arrow: pa.DataType, kind: Type) -> bool:
    if pa.types.is_dictionary(arrow):
        arrow = arrow.value_type
    if pa.types.is_null(arrow):
        return True
    checks = {
        "boolean": pa.types.is_boolean, "date": pa.types.is_date, "timestamp": pa.types.is_timestamp,
        "timestamp with time zone": pa.types.is_timestamp, "varbinary": _is_bytes, "varchar": _is_bytes,
        "char": _is_bytes, "real": pa.types.is_float32, "double": pa.types.is_floating, "row": pa.types.is_struct,
        "array": lambda t: pa.types.is_list(t) or pa.types.is_large_list(t), "map": pa.types.is_map,
        "decimal": lambda t: pa.types.is_decimal(t) or pa.types.is_integer(t),
    }  # fmt: skip
    if kind.is_integer:
        widths = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}
        return bool(pa.types.is_integer(arrow) and arrow.bit_width <= widths[kind.name])
    return bool(checks[kind.name](arrow)) if kind.name in checks else False


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def _converted(table: ResolvedTable, columns: list[tuple[str, Type]], item: S3Object) -> pa.Table:
    body = objects.content(item)
    text = (gzip.decompress(body) if item.key.endswith(".gz") else body).decode("utf-8")
    if table.serde in JSON_SERDES:
        return _json_table(text, columns, item)
    if table.serde == OPEN_CSV:
        return _csv_table(text, columns, table, item)
    if table.serde == LAZY:
        return _lazy_table(text, columns, table)
    raise AwsError("HIVE_UNSUPPORTED_FORMAT", f"SerDe {table.serde} is not supported. Fix: use Parquet, JSON or CSV")


def _json_table(text: str, columns: list[tuple[str, Type]], item: S3Object) -> pa.Table:
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            rows.append({name.lower(): value for name, value in json.loads(line).items()})
        except (ValueError, AttributeError) as error:
            raise AwsError("HIVE_CURSOR_ERROR", f"Row is not a valid JSON Object: {item.uri}, line {number}") from error
    arrays = []
    for name, kind in columns:
        try:
            arrays.append(pa.array([_json_value(row.get(name), kind) for row in rows], kind.arrow()))
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError) as error:
            raise AwsError("HIVE_BAD_DATA", f"Error parsing field value for field {name}: {item.uri}") from error
    return pa.table(arrays, names=[name for name, _ in columns])


def _json_value(value: Any, kind: Type) -> Any:
    """JSON's value as the declared type takes it; text columns hold nested values as JSON."""
    if value is None:
        return None
    if kind.name in ("varchar", "char") and not isinstance(value, str):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if kind.name == "array":
        return [_json_value(item, kind.element) for item in value]
    if kind.name == "map":
        return [(key, _json_value(item, kind.element)) for key, item in value.items()]
    if kind.name == "row":
        lower = {str(key).lower(): item for key, item in value.items()}
        return {name: _json_value(lower.get(name), inner) for name, inner in kind.fields}
    if kind.name in ("date", "timestamp", "decimal") or (isinstance(value, str) and kind.is_number):
        return pc.cast(pa.scalar(str(value)), kind.arrow()).as_py()
    return float(value) if kind.name in ("real", "double") else value


def _csv_table(text: str, columns: list[tuple[str, Type]], table: ResolvedTable, item: S3Object) -> pa.Table:
    settings = table.serde_parameters
    reader = csv.reader(
        io.StringIO(text), delimiter=settings.get("separatorChar", ","), quotechar=settings.get("quoteChar", '"'),
        escapechar=settings.get("escapeChar", "\\"),
    )  # fmt: skip
    rows = list(reader)[_header_lines(table) :]
    arrays = []
    for index, (name, kind) in enumerate(columns):
        texts = pa.array([row[index] if index < len(row) else None for row in rows], pa.string())
        try:
            arrays.append(pc.cast(texts, kind.arrow()))
        except pa.ArrowInvalid as error:
            raise AwsError("HIVE_BAD_DATA", f"Error parsing field value for field {name}: {item.uri}") from error
    return pa.table(arrays, names=[name for name, _ in columns])


def _lazy_table(text: str, columns: list[tuple[str, Type]], table: ResolvedTable) -> pa.Table:
    """Hive's plain text: no quotes, `\\N` for NULL, and NULL for what cannot be read as the type."""
    delimiter = table.serde_parameters.get("field.delim", "\x01")
    rows = [line.split(delimiter) for line in text.splitlines()[_header_lines(table) :]]
    arrays = []
    for index, (_, kind) in enumerate(columns):
        cells = [row[index] if index < len(row) and row[index] != "\\N" else None for row in rows]
        arrays.append(pa.array([_lenient(cell, kind) for cell in cells], kind.arrow()))
    return pa.table(arrays, names=[name for name, _ in columns])


def _lenient(cell: str | None, kind: Type) -> Any:
    if cell is None or kind.name in ("varchar", "char"):
        return cell
    try:
        return pc.cast(pa.scalar(cell), kind.arrow()).as_py()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _header_lines(table: ResolvedTable) -> int:
    return int({**table.serde_parameters, **table.parameters}.get("skip.header.line.count", "0"))
