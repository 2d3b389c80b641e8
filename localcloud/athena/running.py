"""What a worker does for each kind of statement: run it, write its results to S3, hand back columns and rows."""

from __future__ import annotations

import io
import json
import time
import uuid
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from athenasql import SqlError, Type, parse_type
from localcloud.athena import commands, engine, objects, values
from localcloud.athena.catalogs import catalog_id_of, glue
from localcloud.athena.executions import Cancelled, Execution, Outcome
from localcloud.athena.files import scanned_bytes
from localcloud.athena.objects import split_uri
from localcloud.athena.rights_used import note_reads
from localcloud.athena.tables import PARTITIONS, Reading
from localcloud.trail import record_reads
from localcloud.trail_events import FileRead, TableRead

_MAXIMUM_PARTITIONS = 100
_COMPRESSIONS = {"snappy": "snappy", "gzip": "gzip", "zstd": "zstd", "none": "none", "uncompressed": "none"}
_VARCHAR = parse_type("varchar")


def perform(execution: Execution) -> Outcome:
    """Run the statement of an execution to its end."""
    kind = execution.statement.kind
    if kind == "select":
        return _select(execution)
    if kind == "unload":
        return _unload(execution)
    if kind == "ctas":
        return _create_table_as(execution)
    if kind == "explain":
        return _explain(execution)
    outcome = commands.perform(execution, session(execution))
    execution.planned_at = time.time()
    text = "".join("\t".join(cell or "" for cell in row) + "\n" for row in outcome.rows)
    _write(execution, execution.output, text.encode())
    _write_metadata(execution, outcome.columns, ".metadata")
    return outcome


def session(execution: Execution) -> engine.Session:
    context = execution.context
    catalog_id = catalog_id_of(execution.caller, execution.region, context.get("Catalog"))
    return engine.Session(execution.caller, execution.region, catalog_id, context.get("Database", "").lower())


def _rows(execution: Execution) -> tuple[engine.Plan, pa.Table]:
    """Plan, hold the plan against the workgroup's limit, then read."""
    plan = engine.plan(session(execution), execution.statement.select)
    execution.planned_at = time.time()
    execution.scanned_bytes = plan.scanned_bytes
    if execution.cutoff_bytes and plan.scanned_bytes > execution.cutoff_bytes:
        raise Cancelled("Bytes scanned limit was exceeded")
    execution.check_stopped()
    reads = [_table_read(execution, found) for found in plan.readings]
    note_reads(execution.caller, execution.region, reads)
    record_reads(execution.caller, execution.region, execution.id, reads)
    return plan, engine.run(plan, execution.running_on)


def _table_read(execution: Execution, reading: Reading) -> TableRead:
    """What CloudTrail learns of one table: the real one, its files, and the link by which the query named it."""
    table, caller = reading.source.table, execution.caller
    files = tuple(
        FileRead(file.source.bucket, file.source.key, scanned_bytes(file, reading.columns)) for file, _ in reading.files
    )
    through_link = (session(execution).catalog_id or caller.account_id) == caller.account_id != table.catalog_id
    name = reading.source.key.removesuffix(PARTITIONS).replace(".", "/", 1)
    link = f"arn:aws:glue:{execution.region}:{caller.account_id}:table/{name}" if through_link else ""
    return TableRead(table, files, link)


def _select(execution: Execution) -> Outcome:
    plan, table = _rows(execution)
    columns = plan.query.columns
    printed = [_printed(table.column(index), kind) for index, (_, kind) in enumerate(columns)]
    rows = [list(row) for row in zip(*printed, strict=True)]
    names: list[str | None] = [name for name, _ in columns]
    _write(execution, execution.output, values.csv_text([names, *rows]))
    _write_metadata(execution, columns, ".csv.metadata")
    return Outcome(columns, rows, header=True)


def _printed(column: pa.ChunkedArray, kind: Type) -> list[str | None]:
    return [values.text_of(value, kind) for value in column.to_pylist()]


def _explain(execution: Execution) -> Outcome:
    """A plan in few words: the output and, per table, what would be read."""
    plan = engine.plan(session(execution), execution.statement.select)
    lines = ["Output: " + ", ".join(f"{name}:{kind}" for name, kind in plan.query.columns)]
    for reading in plan.readings:
        what = f"{len(reading.files)} files, {len(reading.partitions)} partitions, {reading.scanned_bytes} bytes"
        lines.append(f"TableScan[{reading.source.key}]: {what}, columns {list(reading.columns)}")
    rows: list[list[str | None]] = [[line] for line in lines]
    _write(execution, execution.output, "".join(f"{line}\n" for line in lines).encode())
    return Outcome((("Query Plan", _VARCHAR),), rows)


def _unload(execution: Execution) -> Outcome:
    statement = execution.statement
    location = statement.target if statement.target.endswith("/") else statement.target + "/"
    _need_empty(location)
    _plan, table = _rows(execution)
    written = _write_table(execution, table, location, statement.properties)
    manifest = _write_manifest(execution, written)
    outcome = Outcome((("rows", parse_type("bigint")),), [], update_count=table.num_rows, manifest=manifest)
    _write_metadata(execution, outcome.columns, ".metadata")
    return outcome


def _create_table_as(execution: Execution) -> Outcome:
    statement, properties = execution.statement, dict(execution.statement.properties)
    database, name = commands.table_of(statement.table, session(execution))
    if commands.table_exists(execution, database, name):
        if "guard" in statement.words:
            return Outcome()
        raise SqlError("TABLE_ALREADY_EXISTS", f"line 1:1: Table 'awsdatacatalog.{database}.{name}' already exists")
    location = _table_location(execution, properties)
    _need_empty(location)
    plan, table = _rows(execution)
    if "empty" in statement.words:
        table = table.slice(0, 0)
    columns = [(column.lower(), kind) for column, kind in plan.query.columns]
    repeated = {column for column, _ in columns if [name for name, _ in columns].count(column) > 1}
    if repeated:
        raise SqlError("DUPLICATE_COLUMN_NAME", f"Column name '{min(repeated)}' specified more than once")
    table = table.rename_columns([column for column, _ in columns])
    written = _write_table(execution, table, location, properties)
    keys = _partition_columns(properties)
    storage = _storage([(n, k) for n, k in columns if n not in keys], location)
    description = {
        "Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage,
        "PartitionKeys": [{"Name": n, "Type": k.ddl()} for n, k in columns if n in keys],
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false", "classification": "parquet"},
    }  # fmt: skip
    glue(execution.caller, execution.region, "CreateTable", {"DatabaseName": database, "TableInput": description})
    _register_partitions(execution, database, name, storage, location, written, len(keys))
    manifest = _write_manifest(execution, written)
    _write_metadata(execution, (), ".metadata")
    return Outcome(update_count=table.num_rows, manifest=manifest)


def _table_location(execution: Execution, properties: dict[str, Any]) -> str:
    given = str(properties.get("external_location") or "")
    if given and execution.enforced:
        raise SqlError(
            "INVALID_TABLE_PROPERTY",
            "The Create Table As Select query failed because it was submitted with an 'external_location' property to "
            "an Athena Workgroup that enforces a centralized output location for all queries. "
            "Please remove the 'external_location' property and resubmit the query.",
        )
    base = given or execution.output.rpartition("/")[0] + f"/tables/{execution.id}/"
    return base if base.endswith("/") else base + "/"


def _need_empty(location: str) -> None:
    if objects.visible_objects(location):
        raise SqlError("HIVE_PATH_ALREADY_EXISTS", f"Target directory for table already exists: {location}")


def _partition_columns(properties: dict[str, Any]) -> list[str]:
    found = properties.get("partitioned_by") or []
    return [name.lower() for name in (found if isinstance(found, list) else [found])]


def _write_table(
    execution: Execution, table: pa.Table, location: str, properties: dict[str, Any]
) -> dict[tuple[str | None, ...], str]:
    """One Parquet object per partition (Hive's folders), or one in all: partition values → address."""
    form = str(properties.get("format", "parquet" if "external_location" in properties else "orc")).lower()
    if form != "parquet":
        raise SqlError("NOT_SUPPORTED", f"format '{form}' is not supported. Fix: write format = 'PARQUET'")
    wanted = str(properties.get("compression") or properties.get("write_compression") or "gzip").lower()
    if wanted not in _COMPRESSIONS:
        raise SqlError("INVALID_TABLE_PROPERTY", f"Unsupported compression: {wanted}")
    keys = _partition_columns(properties)
    names = table.column_names
    if keys and [name.lower() for name in names[-len(keys) :]] != keys:
        raise SqlError("INVALID_TABLE_PROPERTY", f"Partition keys must be the last columns in the table: {keys}")
    written: dict[tuple[str | None, ...], str] = {}
    for cells, part in _parts(table, keys):
        folders = "".join(
            f"{key}={'__HIVE_DEFAULT_PARTITION__' if c is None else c}/" for key, c in zip(keys, cells, strict=True)
        )
        stamp = time.strftime("%Y%m%d_%H%M%S", time.gmtime())
        uri = f"{location}{folders}{stamp}_00001_{execution.id[:5]}_{uuid.uuid4()}"
        buffer = io.BytesIO()
        pq.write_table(part, buffer, compression=_COMPRESSIONS[wanted])
        objects.put(execution.caller, *split_uri(uri), buffer.getvalue())
        written[cells] = uri
    return written


def _parts(table: pa.Table, keys: list[str]) -> list[tuple[tuple[str | None, ...], pa.Table]]:
    if not keys:
        return [((), table)] if table.num_rows else []
    names = table.column_names[-len(keys) :]
    data = table.column_names[: -len(keys)]
    distinct = table.select(names).group_by(names).aggregate([]).to_pylist()
    if len(distinct) > _MAXIMUM_PARTITIONS:
        raise SqlError("HIVE_TOO_MANY_OPEN_PARTITIONS", "Exceeded limit of 100 open writers for partitions/buckets")
    found = []
    for row in distinct:
        mask = None
        for name in names:
            same = (
                pc.is_null(table[name]) if row[name] is None else pc.fill_null(pc.equal(table[name], row[name]), False)
            )
            mask = same if mask is None else pc.and_(mask, same)
        cells = tuple(None if row[name] is None else str(row[name]) for name in names)
        found.append((cells, table.filter(mask).select(data)))
    return found


def _storage(columns: list[tuple[str, Type]], location: str) -> dict[str, Any]:
    base = "org.apache.hadoop.hive.ql.io.parquet"
    return {
        "Columns": [{"Name": name, "Type": kind.ddl()} for name, kind in columns],
        "Location": location,
        "InputFormat": f"{base}.MapredParquetInputFormat",
        "OutputFormat": f"{base}.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": f"{base}.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
    }


def _register_partitions(
    execution: Execution, database: str, name: str, storage: dict[str, Any], location: str,
    written: dict[tuple[str | None, ...], str], depth: int,
) -> None:  # fmt: skip
    if not depth:
        return
    inputs = [
        {"Values": [cell or "__HIVE_DEFAULT_PARTITION__" for cell in cells],
         "StorageDescriptor": storage | {"Location": uri.rpartition("/")[0] + "/"}}
        for cells, uri in written.items()
    ]  # fmt: skip
    request = {"DatabaseName": database, "TableName": name, "PartitionInputList": inputs}
    glue(execution.caller, execution.region, "BatchCreatePartition", request)


def _write(execution: Execution, uri: str, body: bytes) -> None:
    if uri:
        objects.put(execution.caller, *split_uri(uri), body)


def _base(execution: Execution) -> str:
    """The output location without an extension: `…/<id>`."""
    return execution.output.removesuffix(".csv").removesuffix(".txt")


def _write_manifest(execution: Execution, written: dict[tuple[str | None, ...], str]) -> str:
    uri = _base(execution) + "-manifest.csv"
    _write(execution, uri, "".join(f"{item}\n" for item in written.values()).encode())
    return uri


def _write_metadata(execution: Execution, columns: tuple[tuple[str, Type], ...], ending: str) -> None:
    """Athena's own file is an undocumented binary that only Athena reads; ours says the same as JSON."""
    described = [values.column_info(name, kind) for name, kind in columns]
    suffix = ".txt.metadata" if execution.output.endswith(".txt") else ending
    _write(execution, _base(execution) + suffix, json.dumps({"ColumnInfo": described}).encode())
