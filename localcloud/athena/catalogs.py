"""Data catalogs, databases and tables as Athena's API lists them, asked of Glue with the caller's rights."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from moto.backends import get_backend

from localcloud.gateway import AwsError, Call, Caller

DEFAULT = "AwsDataCatalog"


def glue(caller: Caller, region: str, action: str, params: dict[str, Any]) -> dict[str, Any]:
    """A Glue call in process, through the same handlers and rights as one over HTTP."""
    handlers = importlib.import_module("localcloud.glue").HANDLERS
    return dict(handlers["glue", action](Call("glue", action, region, caller, params)) or {})


def catalog_id_of(caller: Caller, region: str, name: str | None) -> str | None:
    """The account whose Glue catalog a data catalog's name means; None is the caller's own."""
    if not name or name.lower() == DEFAULT.lower():
        return None
    backend: Any = get_backend("athena")[caller.account_id][region]
    found = backend.data_catalogs.get(name)
    if found is None:
        raise AwsError("InvalidRequestException", f"Data catalog '{name}' does not exist")
    if found.type != "GLUE":
        raise AwsError(
            "InvalidRequestException", f"Data catalog '{name}': type {found.type} is not supported. Fix: use GLUE"
        )
    return dict(found.parameters or {}).get("catalog-id")


def _arguments(call: Call) -> dict[str, Any]:
    catalog_id = catalog_id_of(call.caller, call.region, call.params.get("CatalogName"))
    return {"CatalogId": catalog_id} if catalog_id else {}


def pages(caller: Caller, region: str, action: str, params: dict[str, Any], field: str) -> Iterator[dict[str, Any]]:
    """Every entry of a paged Glue listing."""
    token = None
    while True:
        reply = glue(caller, region, action, params | ({"NextToken": token} if token else {}))
        yield from reply.get(field, [])
        token = reply.get("NextToken")
        if not token:
            return


def _metadata_error(error: AwsError) -> AwsError:
    return AwsError("MetadataException", f"{error.message} (Service: AmazonDataCatalog; Error Code: {error.code})")


def page(call: Call, items: list[Any], field: str, limit: int = 50) -> dict[str, Any]:
    """One page of a list; the token is the position of the next."""
    text = str(call.params.get("NextToken") or "0")
    if not text.isdigit():
        raise AwsError("InvalidRequestException", "NextToken is not valid")
    start, size = int(text), int(call.params.get("MaxResults") or limit)
    reply: dict[str, Any] = {field: items[start : start + size]}
    if start + size < len(items):
        reply["NextToken"] = str(start + size)
    return reply


def list_databases(call: Call) -> dict[str, Any]:
    try:
        found = list(pages(call.caller, call.region, "GetDatabases", _arguments(call), "DatabaseList"))
    except AwsError as error:
        raise _metadata_error(error) from error
    return page(call, sorted((_database(item) for item in found), key=lambda item: str(item["Name"])), "DatabaseList")


def get_database(call: Call) -> dict[str, Any]:
    request = _arguments(call) | {"Name": call.params.get("DatabaseName", "")}
    try:
        return {"Database": _database(glue(call.caller, call.region, "GetDatabase", request)["Database"])}
    except AwsError as error:
        raise _metadata_error(error) from error


def _database(item: dict[str, Any]) -> dict[str, Any]:
    return {field: item[field] for field in ("Name", "Description", "Parameters") if item.get(field)}


def list_table_metadata(call: Call) -> dict[str, Any]:
    request = _arguments(call) | {"DatabaseName": call.params.get("DatabaseName", "")}
    if call.params.get("Expression"):
        request["Expression"] = call.params["Expression"]
    try:
        found = list(pages(call.caller, call.region, "GetTables", request, "TableList"))
    except AwsError as error:
        raise _metadata_error(error) from error
    return page(call, sorted((_table(item) for item in found), key=lambda item: str(item["Name"])), "TableMetadataList")


def get_table_metadata(call: Call) -> dict[str, Any]:
    request = _arguments(call) | {"DatabaseName": call.params.get("DatabaseName"), "Name": call.params.get("TableName")}
    try:
        return {"TableMetadata": _table(glue(call.caller, call.region, "GetTable", request)["Table"])}
    except AwsError as error:
        raise _metadata_error(error) from error


def _table(item: dict[str, Any]) -> dict[str, Any]:
    storage = item.get("StorageDescriptor") or {}
    found: dict[str, Any] = {
        "Name": item["Name"],
        "CreateTime": item.get("CreateTime", 0),
        "TableType": item.get("TableType", "EXTERNAL_TABLE"),
        "Columns": storage.get("Columns") or [],
        "PartitionKeys": item.get("PartitionKeys") or [],
    }
    described = {
        "location": storage.get("Location"), "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": (storage.get("SerdeInfo") or {}).get("SerializationLibrary"),
    }  # fmt: skip
    found["Parameters"] = {**(item.get("Parameters") or {}), **{name: text for name, text in described.items() if text}}
    return found


def list_data_catalogs(call: Call) -> dict[str, Any]:
    backend: Any = get_backend("athena")[call.caller.account_id][call.region]
    own = [{"CatalogName": item.name, "Type": item.type} for item in backend.data_catalogs.values()]
    return page(call, [{"CatalogName": DEFAULT, "Type": "GLUE"}, *own], "DataCatalogsSummary")


def get_data_catalog(call: Call) -> dict[str, Any] | None:
    if str(call.params.get("Name", "")).lower() != DEFAULT.lower():
        return None
    return {"DataCatalog": {"Name": DEFAULT, "Type": "GLUE", "Parameters": {"catalog-id": call.caller.account_id}}}
