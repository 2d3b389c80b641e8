"""Which insight tables a deployment has, with their columns, as the Glue catalog says. Changes nothing."""

from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from insightshare.aws.failures import code_of, named

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient


def deployed_tables(session: boto3.Session, database: str) -> dict[str, dict[str, str]]:
    """Return the Athena type by column, in table order, of each history table; empty before a first deploy."""
    glue: GlueClient = session.client("glue")
    with named(f"database {database}"):
        try:
            pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
            tables = [table for page in pages for table in page["TableList"]]
        except ClientError as error:
            if code_of(error) == "EntityNotFoundException":
                return {}
            raise
    return {
        table["Name"]: {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
        for table in tables
        if table.get("Parameters", {}).get("insight") == table["Name"]
    }
