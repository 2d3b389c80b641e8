"""Partitions and partition indexes of the Glue Data Catalog, with AWS's limits. No projection, no statistics."""

from __future__ import annotations

import zlib
from typing import Any

from localcloud.gateway import AwsError, Call
from localcloud.glue_catalog import invalid, need_location, permitted, table_of, writable
from localcloud.lakeformation import access
from localcloud.lakeformation.shapes import page

PAGE = 1000
CREATE_LIMIT, UPDATE_LIMIT, DELETE_LIMIT, GET_LIMIT = 100, 100, 25, 1000
SEGMENTS = 10
EXPRESSION_CHARACTERS = 2048
INDEXES = 3
# Which right a new or changed partition needs is not documented; holders of either may.
WRITE, REMOVE = ("ALTER", "INSERT"), ("ALTER", "DELETE", "DROP")


def create_partition(call: Call) -> dict[str, Any]:
    table = writable(call, WRITE)
    _create(call, table, call.params.get("PartitionInput") or {})
    return {}


def batch_create_partition(call: Call) -> dict[str, Any]:
    table = writable(call, WRITE)
    inputs = _limited(call, "PartitionInputList", CREATE_LIMIT)
    errors = []
    for one in inputs:
        try:
            _create(call, table, one)
        except AwsError as error:
            errors.append({"PartitionValues": one.get("Values") or [], "ErrorDetail": _detail(error)})
    return {"Errors": errors} if errors else {}


def update_partition(call: Call) -> dict[str, Any]:
    table = writable(call, WRITE)
    _update(call, table, call.params.get("PartitionValueList") or [], call.params.get("PartitionInput") or {})
    return {}


def batch_update_partition(call: Call) -> dict[str, Any]:
    table = writable(call, WRITE)
    errors = []
    for entry in _limited(call, "Entries", UPDATE_LIMIT):
        values = entry.get("PartitionValueList") or []
        try:
            _update(call, table, values, entry.get("PartitionInput") or {})
        except AwsError as error:
            errors.append({"PartitionValueList": values, "ErrorDetail": _detail(error)})
    return {"Errors": errors} if errors else {}


def delete_partition(call: Call) -> dict[str, Any]:
    table = writable(call, REMOVE)
    _delete(table, call.params.get("PartitionValues") or [])
    return {}


def batch_delete_partition(call: Call) -> dict[str, Any]:
    table = writable(call, REMOVE)
    errors = []
    for entry in _limited(call, "PartitionsToDelete", DELETE_LIMIT):
        try:
            _delete(table, entry.get("Values") or [])
        except AwsError as error:
            errors.append({"PartitionValues": entry.get("Values") or [], "ErrorDetail": _detail(error)})
    return {"Errors": errors} if errors else {}


def get_partition(call: Call) -> dict[str, Any]:
    table = table_of(call)
    found = table.partitions.get(str(call.params.get("PartitionValues") or []))
    if found is None:
        raise AwsError("EntityNotFoundException", "Partition not found.")
    return {"Partition": _wire(call, table, found)}


def batch_get_partition(call: Call) -> dict[str, Any]:
    table = table_of(call)
    wanted = [entry.get("Values") or [] for entry in _limited(call, "PartitionsToGet", GET_LIMIT)]
    held = [table.partitions.get(str(values)) for values in wanted]
    return {"Partitions": [_wire(call, table, one) for one in held if one is not None], "UnprocessedKeys": []}


def get_partitions(call: Call) -> dict[str, Any]:
    """Partitions that match the expression, of one segment if asked, so that parallel readers share the work."""
    table = table_of(call)
    expression = call.params.get("Expression") or None
    if expression and len(expression) > EXPRESSION_CHARACTERS:
        raise invalid(f"Expression has {len(expression)} characters; at most {EXPRESSION_CHARACTERS} are allowed.")
    found = table.get_partitions(expression)
    segment = call.params.get("Segment")
    if segment:
        number, total = int(segment["SegmentNumber"]), int(segment["TotalSegments"])
        if not 1 <= total <= SEGMENTS or not 0 <= number < total:
            raise invalid(f"Segment {number} of {total}: at most {SEGMENTS} segments, numbered from 0.")
        found = [one for one in found if zlib.crc32("/".join(one.values).encode()) % total == number]
    partitions, rest = page(found, call.params, PAGE)
    return {"Partitions": [_wire(call, table, one) for one in partitions], **rest}


def create_partition_index(call: Call) -> dict[str, Any]:
    table = writable(call, ("ALTER",))
    index = call.params.get("PartitionIndex") or {}
    name, keys = str(index.get("IndexName") or ""), list(index.get("Keys") or [])
    held = _indexes(table)
    if name in held or keys in held.values():
        raise AwsError("AlreadyExistsException", f"Index {name} already exists.")
    if len(held) >= INDEXES:
        raise AwsError("ResourceNumberLimitExceededException", f"A table has at most {INDEXES} partition indexes.")
    if not keys or not set(keys) <= set(access.shape_of(table).partition_keys):
        raise invalid("Keys must be partition keys of the table.")
    held[name] = keys
    return {}


def delete_partition_index(call: Call) -> dict[str, Any]:
    table = writable(call, ("ALTER",))
    name = str(call.params.get("IndexName"))
    if _indexes(table).pop(name, None) is None:
        raise AwsError("EntityNotFoundException", f"Index {name} not found.")
    return {}


def get_partition_indexes(call: Call) -> dict[str, Any]:
    table = table_of(call)
    described = access.latest(table)
    types = {key["Name"]: key.get("Type") or "string" for key in described.get("PartitionKeys") or []}
    return {
        "PartitionIndexDescriptorList": [
            {
                "IndexName": name,
                "Keys": [{"Name": key, "Type": types[key]} for key in keys],
                "IndexStatus": "ACTIVE",
            }
            for name, keys in _indexes(table).items()
        ]
    }


def _indexes(table: Any) -> dict[str, list[str]]:
    held: dict[str, list[str]] = table.__dict__.setdefault("localcloud_indexes", {})
    return held


def _create(call: Call, table: Any, wire: dict[str, Any]) -> None:
    _check(call, table, wire)
    if str(wire["Values"]) in table.partitions:
        raise AwsError("AlreadyExistsException", "Partition already exists.")
    table.create_partition(wire)


def _update(call: Call, table: Any, values: list[str], wire: dict[str, Any]) -> None:
    _check(call, table, wire)
    if str(values) not in table.partitions:
        raise AwsError("EntityNotFoundException", "Partition not found.")
    if values != wire["Values"] and str(wire["Values"]) in table.partitions:
        raise AwsError("AlreadyExistsException", "Partition already exists.")
    table.update_partition(values, wire)


def _delete(table: Any, values: list[str]) -> None:
    if table.partitions.pop(str(values), None) is None:
        raise AwsError("EntityNotFoundException", "Partition not found.")


def _check(call: Call, table: Any, wire: dict[str, Any]) -> None:
    """As many values as keys; outside of the table's own folder a registered path needs a data location right."""
    described = access.latest(table)
    values = wire.get("Values") or []
    if len(values) != len(described.get("PartitionKeys") or []) or not all(values):
        raise invalid("The number of partition keys do not match the number of partition values")
    location = (wire.get("StorageDescriptor") or {}).get("Location")
    home = (described.get("StorageDescriptor") or {}).get("Location")
    inside = location and home and (access.s3_path(location) + "/").startswith(access.s3_path(home) + "/")
    if not inside:
        need_location(call, table.catalog_id, location)


def _wire(call: Call, table: Any, partition: Any) -> dict[str, Any]:
    visible = set(access.visible_columns(call.caller, call.region, access.shape_of(table)))
    found = {key: value for key, value in partition.partition_input.items() if value is not None}
    if "StorageDescriptor" in found:
        found["StorageDescriptor"] = permitted(found["StorageDescriptor"], visible)
        if call.params.get("ExcludeColumnSchema"):
            found["StorageDescriptor"] = {**found["StorageDescriptor"], "Columns": []}
    return found | {
        "DatabaseName": table.database_name,
        "TableName": table.name,
        "CatalogId": table.catalog_id,
        "CreationTime": partition.creation_time.timestamp(),
    }


def _limited(call: Call, field: str, limit: int) -> list[dict[str, Any]]:
    entries = call.params.get(field) or []
    if len(entries) > limit:
        raise invalid(f"{field}: {len(entries)} is more than {limit}.")
    return list(entries)


def _detail(error: AwsError) -> dict[str, str]:
    return {"ErrorCode": error.code, "ErrorMessage": error.message}
