"""SHOW, DESCRIBE and the DDL that needs no query: asked of the Glue handlers, printed as Athena prints them."""

from __future__ import annotations

import fnmatch
from typing import Any

from athenasql import SqlError, parse_type
from localcloud.athena.catalogs import glue, pages
from localcloud.athena.engine import Session
from localcloud.athena.executions import Execution, Outcome
from localcloud.athena.statements import literal_pairs
from localcloud.gateway import AwsError

_TEXT = parse_type("varchar")
_WIDTH = 20
_WRITABLE = (
    *("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "TableType"),
    *("ViewOriginalText", "ViewExpandedText", "TargetTable"),
)
"""What of a table UpdateTable takes; the rest is the catalog's own."""


def perform(execution: Execution, session: Session) -> Outcome:
    """Run one command with the caller's rights in the catalog."""
    try:
        return _HANDLERS[execution.statement.kind](execution, session)
    except AwsError as error:
        raise SqlError("FAILED", f"{error.message} (Service: AmazonDataCatalog; Error Code: {error.code})") from error


def table_of(name: tuple[str, ...], session: Session) -> tuple[str, str]:
    """(database, table) of a name in a statement."""
    database = name[-2] if len(name) > 1 else session.database
    if not database:
        raise SqlError("MISSING_SCHEMA_NAME", "Schema must be specified when session schema is not set")
    return database, name[-1]


def table_exists(execution: Execution, database: str, name: str) -> bool:
    try:
        glue(execution.caller, execution.region, "GetTable", {"DatabaseName": database, "Name": name})
    except AwsError as error:
        if error.code == "EntityNotFoundException":
            return False
        raise
    return True


def _listed(name: str, lines: list[str]) -> Outcome:
    return Outcome(((name, _TEXT),), [[line] for line in lines])


def _catalog(session: Session) -> dict[str, Any]:
    return {"CatalogId": session.catalog_id} if session.catalog_id else {}


def _matching(names: list[str], pattern: str) -> list[str]:
    """Hive's patterns: `*` for anything, `|` between choices."""
    return sorted(n for n in names if not pattern or any(fnmatch.fnmatchcase(n, p.lower()) for p in pattern.split("|")))


def _show_databases(execution: Execution, session: Session) -> Outcome:
    found = pages(execution.caller, execution.region, "GetDatabases", _catalog(session), "DatabaseList")
    return _listed(
        "database_name", _matching([item["Name"] for item in found], execution.statement.words.get("pattern", ""))
    )


def _show_tables(execution: Execution, session: Session) -> Outcome:
    words = execution.statement.words
    request = _catalog(session) | {"DatabaseName": words.get("database", session.database).lower()}
    found = pages(execution.caller, execution.region, "GetTables", request, "TableList")
    return _listed("tab_name", _matching([item["Name"] for item in found], words.get("pattern", "")))


def _table(execution: Execution, session: Session) -> dict[str, Any]:
    name = execution.statement.table
    if "database" in execution.statement.words:
        name = (execution.statement.words["database"].lower(), name[-1])
    database, table = table_of(name, session)
    request = _catalog(session) | {"DatabaseName": database, "Name": table}
    found: dict[str, Any] = glue(execution.caller, execution.region, "GetTable", request)["Table"]
    return found


def _show_partitions(execution: Execution, session: Session) -> Outcome:
    database, name = table_of(execution.statement.table, session)
    keys = [key["Name"] for key in _table(execution, session).get("PartitionKeys", [])]
    if not keys:
        raise SqlError("FAILED", f"Table {name} is not a partitioned table")
    request = _catalog(session) | {"DatabaseName": database, "TableName": name}
    found = pages(execution.caller, execution.region, "GetPartitions", request, "Partitions")
    lines = ["/".join(f"{key}={value}" for key, value in zip(keys, item["Values"], strict=True)) for item in found]
    return _listed("partition", sorted(lines))


def _show_columns(execution: Execution, session: Session) -> Outcome:
    found = _table(execution, session)
    columns = [*(found.get("StorageDescriptor") or {}).get("Columns", []), *found.get("PartitionKeys", [])]
    return _listed("field", [column["Name"].ljust(_WIDTH) for column in columns])


def _line(column: dict[str, str]) -> str:
    """Hive's three padded cells: name, type, comment."""
    cells = (column["Name"], column.get("Type", ""), column.get("Comment", ""))
    return "\t".join(cell.ljust(_WIDTH) for cell in cells)


def _describe(execution: Execution, session: Session) -> Outcome:
    found = _table(execution, session)
    keys = found.get("PartitionKeys", [])
    lines = [_line(column) for column in [*(found.get("StorageDescriptor") or {}).get("Columns", []), *keys]]
    if keys:
        blank = "\t".join([" ".ljust(_WIDTH)] * 2 + [""])
        heads = ["# Partition Information", "# col_name".ljust(_WIDTH) + "\tdata_type".ljust(_WIDTH) + "\tcomment"]
        lines += [blank, *heads, blank, *map(_line, keys)]
    columns = (("col_name", _TEXT), ("data_type", _TEXT), ("comment", _TEXT))
    return Outcome(columns, [[line] for line in lines])


def _show_create_table(execution: Execution, session: Session) -> Outcome:
    found = _table(execution, session)
    storage = found.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    lines = [f"CREATE EXTERNAL TABLE `{found['DatabaseName']}.{found['Name']}`("]
    lines += _column_lines(storage.get("Columns", []))
    if found.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", *_column_lines(found["PartitionKeys"])]
    lines += ["ROW FORMAT SERDE ", f"  '{serde.get('SerializationLibrary', '')}' "]
    lines += ["STORED AS INPUTFORMAT ", f"  '{storage.get('InputFormat', '')}' "]
    lines += [
        "OUTPUTFORMAT ",
        f"  '{storage.get('OutputFormat', '')}'",
        "LOCATION",
        f"  '{storage.get('Location', '')}'",
    ]
    if properties := found.get("Parameters"):
        pairs = [f"  '{name}'='{value}'" for name, value in sorted(properties.items())]
        lines += ["TBLPROPERTIES (", *[pair + ", " for pair in pairs[:-1]], pairs[-1] + ")"]
    return _listed("createtab_stmt", lines)


def _column_lines(columns: list[dict[str, str]]) -> list[str]:
    """One line per column; the last closes the parenthesis."""
    lines = []
    for number, column in enumerate(columns, 1):
        comment = " COMMENT '" + column["Comment"].replace("'", "\\'") + "'" if column.get("Comment") else ""
        lines.append(
            f"  `{column['Name']}` {column.get('Type', 'string')}{comment}{')' if number == len(columns) else ', '}"
        )
    return lines


def _create_database(execution: Execution, session: Session) -> Outcome:
    words = execution.statement.words
    described = {"Name": words["database"].lower()}
    for word, field in (("comment", "Description"), ("location", "LocationUri")):
        if word in words:
            described[field] = words[word]
    try:
        glue(execution.caller, execution.region, "CreateDatabase", {"DatabaseInput": described})
    except AwsError as error:
        if error.code != "AlreadyExistsException" or "guard" not in words:
            raise
    return Outcome()


def _drop_database(execution: Execution, session: Session) -> Outcome:
    words = execution.statement.words
    name = words["database"].lower()
    try:
        tables = list(pages(execution.caller, execution.region, "GetTables", {"DatabaseName": name}, "TableList"))
        if tables and words.get("cascade", "").upper() != "CASCADE":
            raise SqlError("FAILED", f"Database {name} is not empty. One or more tables exist.")
        glue(execution.caller, execution.region, "DeleteDatabase", {"Name": name})
    except AwsError as error:
        if error.code != "EntityNotFoundException" or "guard" not in words:
            raise
    return Outcome()


def _set_properties(execution: Execution, session: Session) -> Outcome:
    """Glue has no call for it: the whole table is written back, with what it had and the properties."""
    found = _table(execution, session)
    said = literal_pairs(execution.statement.words["pairs"])
    kept = {name: found[name] for name in _WRITABLE if name in found}
    described = {**kept, "Parameters": {**found.get("Parameters", {}), **said}}
    request = _catalog(session) | {"DatabaseName": found["DatabaseName"], "TableInput": described}
    glue(execution.caller, execution.region, "UpdateTable", request)
    return Outcome()


def _drop_table(execution: Execution, session: Session) -> Outcome:
    database, name = table_of(execution.statement.table, session)
    try:
        glue(execution.caller, execution.region, "DeleteTable", {"DatabaseName": database, "Name": name})
    except AwsError as error:
        if error.code != "EntityNotFoundException" or "guard" not in execution.statement.words:
            raise
    return Outcome()


_HANDLERS = {
    "show_databases": _show_databases, "show_tables": _show_tables, "show_partitions": _show_partitions,
    "show_columns": _show_columns, "show_create_table": _show_create_table, "describe": _describe,
    "create_database": _create_database, "drop_database": _drop_database, "drop_table": _drop_table,
    "set_properties": _set_properties,
}  # fmt: skip
