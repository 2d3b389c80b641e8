"""Which insight tables a deployment has, with their columns and who is granted which of them. Changes nothing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from insightshare.aws.examination import limited_view
from insightshare.aws.failures import code_of, named
from insightshare.aws.lakeformation import filtered_columns
from insightshare.contract.changes_deployed import DeployedTable
from insightshare.errors import AccessRefused

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient


def deployed_tables(session: boto3.Session, database: str) -> dict[str, DeployedTable]:
    """Return each insight as it is deployed, by name: what its history table says; empty before a first deploy.

    Its readers are those of any of its tables. AccessRefused to a caller who may not see all of them.
    """
    tables = {table["Name"]: table for table in _tables(session, database) if _insight(table)}
    if not tables:
        return {}
    if hidden := limited_view(session):
        fix = "ask as a data lake administrator; a new one is made by infra/account first"
        raise AccessRefused.at(f"database {database}", "readers", f"[{hidden.why}]", "a list of all of them", fix)
    types = {name: _types(table) for name, table in tables.items()}
    shown = filtered_columns(session, database, types)
    return {
        name: DeployedTable(
            types[name],
            table["Parameters"].get("version", ""),
            _together(shown[other] for other in tables if _insight(tables[other]) == name),
        )
        for name, table in tables.items()
        if _insight(table) == name
    }


def _tables(session: boto3.Session, database: str) -> list[dict[str, Any]]:
    glue: GlueClient = session.client("glue")
    with named(f"database {database}"):
        try:
            pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
            return [dict(table) for page in pages for table in page["TableList"]]
        except ClientError as error:
            if code_of(error) == "EntityNotFoundException":
                return []
            raise


def _insight(table: dict[str, Any]) -> str:
    return str(table.get("Parameters", {}).get("insight", ""))


def _types(table: dict[str, Any]) -> dict[str, str]:
    return {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}


def _together(shown: Iterable[dict[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    """What each client is shown by one table or another."""
    found: dict[str, frozenset[str]] = {}
    for one in shown:
        for client, columns in one.items():
            found[client] = found.get(client, frozenset()) | columns
    return found
