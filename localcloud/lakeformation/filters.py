"""Data cells filters: named columns and rows of a table, for somebody to grant. Alone they grant nothing."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from athenasql import SqlError, parse_row_filter
from localcloud.gateway import AwsError, Call
from localcloud.lakeformation import access, grant_rules, rights
from localcloud.lakeformation.shapes import invalid, page
from localcloud.lakeformation.store import LOCK, CellsFilter, Resource, store

PAGE = 100
EXPRESSION_CHARACTERS = 2048
# Names that the engine behind row filters keeps for itself (data-filtering-notes).
RESTRICTED = {
    "ctid", "oid", "xmin", "cmin", "xmax", "cmax", "tableoid", "insertxid", "deletexid", "importoid", "redcatuniqueid",
}  # fmt: skip
Key = tuple[str, str, str, str]


def create_data_cells_filter(call: Call) -> dict[str, Any]:
    made = _parsed(call, call.params.get("TableData") or {})
    _check(_may_make(call, made))
    with LOCK:
        own = store(call.caller.account_id, call.region)
        if _key(made) in own.filters:
            raise AwsError("AlreadyExistsException", f"Data cells filter {made.name} already exists.")
        own.filters[_key(made)] = made
    return {}


def update_data_cells_filter(call: Call) -> dict[str, Any]:
    wire = call.params.get("TableData") or {}
    made = _parsed(call, wire)
    with LOCK:
        held = _found(call, _key(made), _may_make)
        if wire.get("VersionId") not in (None, held.version_id):
            raise AwsError("ConcurrentModificationException", "The data cells filter was changed since it was read.")
        store(call.caller.account_id, call.region).filters[_key(made)] = replace(made, creator=held.creator)
    return {}


def get_data_cells_filter(call: Call) -> dict[str, Any]:
    return {"DataCellsFilter": _wire(_found(call, _named(call), _may_see))}


def delete_data_cells_filter(call: Call) -> dict[str, Any]:
    """A filter that is gone shows nothing more; the grants that named it go along."""
    with LOCK:
        key = _named(call)
        _found(call, key, _may_drop)
        own = store(call.caller.account_id, call.region)
        del own.filters[key]
        for held in [held for held in own.grants if held[1].kind == "filter" and _resource_key(held[1]) == key]:
            del own.grants[held]
    return {}


def list_data_cells_filter(call: Call) -> dict[str, Any]:
    table = call.params.get("Table") or {}
    owner = table.get("CatalogId") or call.caller.account_id
    found = [
        one
        for key, one in sorted(store(call.caller.account_id, call.region).filters.items())
        if (not table or key[:3] == (owner, table.get("DatabaseName"), table.get("Name"))) and _may_see(call, one)
    ]
    filters, rest = page(found, call.params, PAGE)
    return {"DataCellsFilters": [_wire(one) for one in filters], **rest}


def _parsed(call: Call, wire: dict[str, Any]) -> CellsFilter:
    """The filter that a request describes, checked against the table and the row filter grammar."""
    key = _request_key(call, wire)
    if not re.fullmatch(r"[\w\- .]{1,255}", key[3]):
        raise invalid("Name is required, and holds letters, digits, spaces, points, hyphens or underscores.")
    table = access.find_database(call.caller, call.region, key[0], key[1]).tables.get(key[2])
    if table is None:
        raise AwsError("EntityNotFoundException", f"Table {key[2]} not found.")
    described = access.latest(table)
    if described.get("TargetTable") or described.get("ViewOriginalText"):
        raise invalid("Data cells filters are not supported on views and resource links.")
    shape = access.shape_of(table)
    if set(shape.all_columns) & RESTRICTED:
        raise invalid("The table has a column whose name is restricted for row-level and cell-level filtering.")
    columns, excluded = _columns(wire, shape)
    storage = described.get("StorageDescriptor") or {}
    types = {column["Name"]: column.get("Type") or "string" for column in storage.get("Columns") or []}
    keys = {column["Name"]: column.get("Type") or "string" for column in described.get("PartitionKeys") or []}
    expression = _expression(wire.get("RowFilter") or {}, types | keys)
    return CellsFilter(*key, columns, excluded, expression, str(uuid.uuid4()), call.caller.arn)


def _columns(wire: dict[str, Any], shape: rights.TableShape) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    names, wildcard = wire.get("ColumnNames") or None, wire.get("ColumnWildcard")
    if (names is None) == (wildcard is None):
        raise invalid("Exactly one of ColumnNames and ColumnWildcard must be given.")
    included = None if names is None else tuple(name.lower() for name in names)
    excluded = tuple(name.lower() for name in (wildcard or {}).get("ExcludedColumnNames") or ())
    unknown = set((included or ()) + excluded) - set(shape.all_columns)
    if unknown:
        raise invalid(f"Column {sorted(unknown)[0]} is not a column of the table.")
    if set(excluded) & set(shape.partition_keys):
        raise invalid("Column filtering cannot be applied on partition keys.")
    return included, excluded


def _expression(wire: dict[str, Any], types: dict[str, str]) -> str | None:
    """The predicate, or None for all rows; the console's word for all rows is `true`."""
    text = wire.get("FilterExpression")
    if (text is None) == (wire.get("AllRowsWildcard") is None):
        raise invalid("RowFilter needs exactly one of FilterExpression and AllRowsWildcard.")
    if text is None or text.strip().lower() == "true":
        return None
    if len(text) > EXPRESSION_CHARACTERS:
        raise invalid(f"FilterExpression has {len(text)} characters; at most {EXPRESSION_CHARACTERS} are allowed.")
    try:
        parse_row_filter(text, types)
    except SqlError as error:
        raise invalid(f"FilterExpression is not supported: {error}") from error
    return str(text)


def _check(allowed: bool) -> None:
    if not allowed:
        raise AwsError("AccessDeniedException", grant_rules.NOT_YOURS)


def _may_see(call: Call, one: CellsFilter) -> bool:
    """Who may make one, and who made it or may describe or drop it (managing-filters, granting-filter-perms)."""
    return _may_make(call, one) or _is_the_makers(call, one) or bool(_held(call, one) & {"DESCRIBE", "DROP"})


def _may_drop(call: Call, one: CellsFilter) -> bool:
    """Administrators, who made it, and whom DROP was granted on the filter."""
    if rights.is_admin(call.caller, call.region):
        return _may_make(call, one)
    return _is_the_makers(call, one) or "DROP" in _held(call, one)


def _is_the_makers(call: Call, one: CellsFilter) -> bool:
    return one.creator == call.caller.arn


def _held(call: Call, one: CellsFilter) -> frozenset[str]:
    resource = Resource("filter", one.catalog_id, one.database, one.table, filter_name=one.name)
    return rights.filter_rights(call.caller, call.region, resource)


def _may_make(call: Call, one: CellsFilter) -> bool:
    """Administrators make filters on what their account owns or may pass on, others with SELECT on it to pass on."""
    if rights.is_admin(call.caller, call.region):
        if one.catalog_id == call.caller.account_id:
            return True
        shape = rights.TableShape(one.catalog_id, one.database, one.table, ("*",))
        return "SELECT" in rights.account_rights(call.caller.account_id, call.region, shape, grantable=True).permissions
    shape = rights.TableShape(one.catalog_id, one.database, one.table, ("*",))
    held = rights.table_rights(call.caller, call.region, shape, grantable=True)
    return any("*" in columns and predicate is None for columns, predicate in held.cells)


def _found(call: Call, key: Key, may: Callable[[Call, CellsFilter], bool]) -> CellsFilter:
    held = store(call.caller.account_id, call.region).filters.get(key)
    if held is None:
        raise AwsError("EntityNotFoundException", f"Data cells filter {key[3]} not found.")
    _check(may(call, held))
    return held


def _named(call: Call) -> Key:
    return _request_key(call, call.params)


def _request_key(call: Call, wire: dict[str, Any]) -> Key:
    names = [str(wire.get(field) or "").lower() for field in ("DatabaseName", "TableName")]
    return (wire.get("TableCatalogId") or call.caller.account_id, names[0], names[1], str(wire.get("Name") or ""))


def _key(one: CellsFilter) -> Key:
    return one.catalog_id, one.database, one.table, one.name


def _resource_key(resource: Any) -> Key:
    return resource.catalog_id, resource.database, resource.table, resource.filter_name


def _wire(one: CellsFilter) -> dict[str, Any]:
    if one.columns is not None:
        columns: dict[str, Any] = {"ColumnNames": list(one.columns)}
    else:
        columns = {"ColumnWildcard": {"ExcludedColumnNames": list(one.excluded)} if one.excluded else {}}
    rows: dict[str, Any] = {"FilterExpression": one.expression}
    if one.expression is None:  # AWS names all rows twice (example of list-data-cells-filter in its command reference)
        rows = {"FilterExpression": "TRUE", "AllRowsWildcard": {}}
    names = {"TableCatalogId": one.catalog_id, "DatabaseName": one.database, "TableName": one.table}
    return {**names, "Name": one.name, "RowFilter": rows, **columns, "VersionId": one.version_id}
