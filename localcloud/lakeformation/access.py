"""What one caller sees of one table: the question that Athena and Glue ask before they answer. It reads no data.

`resolve_table` finds the real table (resource links followed once, as AWS does) and refuses callers without any right
on it; `table_access` says which columns and rows a permission reaches. Names are folded to lower case, as in Glue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from localcloud.gateway import AwsError, Caller
from localcloud.lakeformation import rights
from localcloud.lakeformation.rights import Cells, Rights, TableShape
from localcloud.lakeformation.store import store
from localcloud.store import backend


@dataclass(frozen=True)
class TableAccess:
    """The effective right of one principal on one real table.

    A row is visible if any predicate of `row_filters` holds for it (a predicate of None holds for every row); a
    column's value is visible in the rows where some filter that lists the column holds, else it reads as NULL. No
    filters at all means that every row shows all of `columns`.
    """

    columns: tuple[str, ...]
    row_filters: tuple[Cells, ...] = ()


@dataclass(frozen=True)
class ResolvedTable:
    """A real table of the Glue Data Catalog, with its partitions as registered."""

    catalog_id: str
    database: str
    name: str
    columns: tuple[tuple[str, str], ...]
    partition_keys: tuple[tuple[str, str], ...]
    location: str
    partitions: tuple[tuple[tuple[str, ...], str], ...]
    serde: str
    serde_parameters: dict[str, str] = field(default_factory=dict)
    input_format: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    view: str = ""  # ViewOriginalText; empty for a table
    registered: bool = False  # whether Lake Formation vends the data; otherwise the caller's own S3 rights decide

    @property
    def shape(self) -> TableShape:
        return TableShape(
            self.catalog_id,
            self.database,
            self.name,
            tuple(name for name, _ in self.columns),
            tuple(name for name, _ in self.partition_keys),
        )


def resolve_table(caller: Caller, region: str, catalog_id: str | None, database: str, table: str) -> ResolvedTable:
    """The real table behind this name, for a caller who holds at least one right on it."""
    found = find_table(caller, region, catalog_id, database, table)
    if not sees_table(caller, region, shape_of(found)):
        raise insufficient("Describe", found.name)
    return _resolved(found, region)


def table_access(caller: Caller, region: str, table: ResolvedTable, permission: str = "SELECT") -> TableAccess:
    """The columns and rows that `permission` reaches; an error if that is nothing."""
    held = rights.table_rights(caller, region, table.shape)
    if permission not in held.permissions:
        raise insufficient(permission.replace("_", " ").title(), table.name)
    if permission != "SELECT":
        return TableAccess(table.shape.all_columns)
    return _access(held, table.shape)


def find_database(caller: Caller, region: str, catalog_id: str | None, database: str) -> Any:
    """moto's database of this name, itself if it is a link; another account's must be shared with the caller."""
    owner, name = catalog_id or caller.account_id, database.lower()
    found = backend("glue", owner, region).databases.get(name)
    if owner != caller.account_id and (found is None or not sees_database(caller, region, owner, name)):
        raise not_shared(caller, "glue:GetDatabase", region, owner, f"database/{name}")
    if found is None:
        raise AwsError("EntityNotFoundException", f"Database {name} not found.")
    return found


def find_table(caller: Caller, region: str, catalog_id: str | None, database: str, table: str) -> Any:
    """moto's table behind this name: a database link, or else a table link, is followed once."""
    holder = find_link_target(caller, region, find_database(caller, region, catalog_id, database))
    found = holder.tables.get(table.lower())
    if found is None and holder.catalog_id != caller.account_id:
        raise not_shared(caller, "glue:GetTable", region, holder.catalog_id, f"table/{holder.name}/{table.lower()}")
    if found is None:
        raise AwsError("EntityNotFoundException", f"Table {table.lower()} not found.")
    target = latest(found).get("TargetTable")
    if not target:
        return found
    if not sees_table(caller, region, shape_of(found)):
        raise insufficient("Describe", found.name)
    return _target_table(region, target)


def find_link_target(caller: Caller, region: str, database: Any) -> Any:
    """The database that this one links to, or itself; the link needs a right of its own."""
    target = database.input.get("TargetDatabase")
    if not target:
        return database
    if not sees_database(caller, region, database.catalog_id, database.name):
        raise insufficient("Describe", database.name)
    owner, name = target["CatalogId"], target["DatabaseName"]
    found = _databases(target, region).get(name)
    if owner != caller.account_id and not rights.database_arrived(caller, target.get("Region") or region, owner, name):
        raise insufficient("Describe", name)  # also of what does not exist
    if found is None or found.input.get("TargetDatabase"):
        raise AwsError("EntityNotFoundException", f"Database {name} not found.")
    return found


def sees_database(caller: Caller, region: str, catalog_id: str, database: str) -> bool:
    """Whether the caller may know that this database exists."""
    if rights.database_rights(caller, region, catalog_id, database):
        return True
    if not rights.may_see_everything(caller, region):
        return False
    return caller.account_id == catalog_id or bool(
        rights.account_database_rights(caller.account_id, region, catalog_id, database)
    )


def sees_table(caller: Caller, region: str, table: TableShape) -> bool:
    """Whether the caller may know that this table exists."""
    return bool(visible_columns(caller, region, table))


def visible_columns(caller: Caller, region: str, table: TableShape) -> tuple[str, ...]:
    """The columns whose names the caller may see: all with any right on the whole table, else those it may read."""
    held = rights.table_rights(caller, region, table)
    if rights.may_see_everything(caller, region):
        if caller.account_id == table.catalog_id:
            held |= Rights(frozenset({"DESCRIBE"}))
        else:
            held |= rights.account_rights(caller.account_id, region, table)
    if held.permissions - {"SELECT"}:
        return table.all_columns or ("*",)
    shown = {name for columns, _ in held.cells for name in columns}
    return tuple(name for name in table.all_columns if name in shown)


def shape_of(table: Any) -> TableShape:
    """The evaluator's view of moto's table."""
    described = latest(table)
    columns = (described.get("StorageDescriptor") or {}).get("Columns") or []
    keys = described.get("PartitionKeys") or []
    return TableShape(
        table.catalog_id,
        table.database_name,
        table.name,
        tuple(column["Name"] for column in columns),
        tuple(key["Name"] for key in keys),
    )


def latest(table: Any) -> dict[str, Any]:
    """The current description of moto's table."""
    described: dict[str, Any] = table.get_version(str(table._current_version))
    return described


def registered(account_id: str, region: str, location: str) -> bool:
    """Whether this S3 location, or a parent of it, is registered with the account's Lake Formation."""
    path = s3_path(location) + "/"
    return any(path.startswith(s3_path(arn) + "/") for arn in store(account_id, region).locations)


def s3_path(location: str) -> str:
    """bucket/key of an S3 URI or ARN, without a trailing slash, so that both spellings compare."""
    return location.removeprefix("arn:aws:s3:::").split("://", 1)[-1].rstrip("/")


def insufficient(permission: str, name: str) -> AwsError:
    """The refusal that Lake Formation words this way for every operation."""
    return AwsError(
        "AccessDeniedException", f"Insufficient Lake Formation permission(s): Required {permission} on {name}"
    )


def not_shared(caller: Caller, action: str, region: str, owner: str, resource: str) -> AwsError:
    """Another account's catalog says the same of what is not shared and of what does not exist."""
    arn = f"arn:aws:glue:{region}:{owner}:{resource}"
    return AwsError(
        "AccessDeniedException",
        f"User: {caller.arn} is not authorized to perform: {action} on resource: {arn} "
        "because no resource-based policy allows the action",
    )


def _databases(target: dict[str, str], region: str) -> Any:
    return backend("glue", target["CatalogId"], target.get("Region") or region).databases


def _target_table(region: str, target: dict[str, str]) -> Any:
    database = _databases(target, region).get(target["DatabaseName"])
    found = database.tables.get(target["Name"]) if database is not None else None
    if found is None or latest(found).get("TargetTable"):
        raise AwsError("EntityNotFoundException", f"Table {target['Name']} not found.")
    return found


def _resolved(table: Any, region: str) -> ResolvedTable:
    described = latest(table)
    storage = described.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    location = storage.get("Location") or ""
    return ResolvedTable(
        catalog_id=table.catalog_id,
        database=table.database_name,
        name=table.name,
        columns=tuple((column["Name"], column.get("Type") or "string") for column in storage.get("Columns") or []),
        partition_keys=tuple(
            (key["Name"], key.get("Type") or "string") for key in described.get("PartitionKeys") or []
        ),
        location=location,
        partitions=tuple(
            (
                tuple(partition.values),
                (partition.partition_input.get("StorageDescriptor") or {}).get("Location") or "",
            )
            for partition in table.partitions.values()
        ),
        serde=serde.get("SerializationLibrary") or "",
        serde_parameters=dict(serde.get("Parameters") or {}),
        input_format=storage.get("InputFormat") or "",
        parameters=dict(described.get("Parameters") or {}),
        view=described.get("ViewOriginalText") or "",
        registered=registered(table.catalog_id, region, location),
    )


def _access(held: Rights, table: TableShape) -> TableAccess:
    """Columns and filters without those that add nothing to an all-rows filter."""
    shown = {name for columns, _ in held.cells for name in columns}
    columns = tuple(name for name in table.all_columns if name in shown)
    whole = {name for names, predicate in held.cells if predicate is None for name in names}
    if whole == shown:
        return TableAccess(columns)
    filters = [cells for cells in held.cells if cells[1] is not None and not set(cells[0]) <= whole]
    if whole:
        filters.insert(0, (tuple(name for name in columns if name in whole), None))
    return TableAccess(columns, tuple(dict.fromkeys(filters)))


def catalog_under(account_id: str, region: str, path: str) -> Iterator[tuple[str, str]]:
    """Every (database, table) of this account at or below one S3 path; a database alone has no table name."""
    for database in backend("glue", account_id, region).databases.values():
        if (s3_path(database.input.get("LocationUri") or "") + "/").startswith(path):
            yield database.name, ""
        for table in database.tables.values():
            location = (latest(table).get("StorageDescriptor") or {}).get("Location") or ""
            if (s3_path(location) + "/").startswith(path):
                yield database.name, table.name
