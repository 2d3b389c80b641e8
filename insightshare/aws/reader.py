"""Reading insights as the caller: which tables it may see, and their rows as Arrow. Writes only query results."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

import boto3
import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from athenasql.types import athena_to_arrow
from insightshare.aws import athena
from insightshare.errors import AccessRefused, PlatformError

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient


class Reader:
    """One caller's view of one database through one workgroup."""

    def __init__(self, session: boto3.Session, place: athena.Place) -> None:
        self.place = place
        self._session = session
        self._athena: Any = session.client("athena")
        self._s3: Any = session.client("s3")
        self._glue: GlueClient = session.client("glue")

    def visible_tables(self) -> list[dict[str, Any]]:
        """Return Glue's entry of every table of the database that the caller may see."""
        try:
            pages = self._glue.get_paginator("get_tables").paginate(DatabaseName=self.place.database)
            return [dict(table) for page in pages for table in page["TableList"]]
        except ClientError as error:
            code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
            kind = AccessRefused if code in ("AccessDeniedException", "EntityNotFoundException") else PlatformError
            raise kind.at(
                f"database {self.place.database}",
                "tables",
                f"[{code}: {message}]",
                "a list of tables",
                "check that the share is accepted and linked under this name",
            ) from error

    def rows(self, sql: str) -> athena.Result:
        """Run any query; return its rows as text."""
        return athena.run_query(self._athena, self.place, sql)

    def arrow(self, select: str, types: Mapping[str, str]) -> pa.Table:
        """Run a SELECT; return its rows as one Arrow table.

        `types` gives the Athena type of each column by name; an empty result has no file to take them from.
        """
        files = athena.unloaded_files(self._athena, self._s3, self.place, select)
        if not files:
            names = self.rows(f"SELECT * FROM ({select}) LIMIT 0").columns
            return pa.schema([(name, athena_to_arrow(types[name])) for name in names]).empty_table()
        filesystem = self._filesystem()
        tables = [pq.read_table(name.removeprefix("s3://"), filesystem=filesystem) for name in sorted(files)]
        return pa.concat_tables(tables)

    def _filesystem(self) -> pyarrow.fs.S3FileSystem:
        credentials = self._session.get_credentials()
        if credentials is None:
            raise AccessRefused.at(
                "session", "credentials", "nothing", "an AWS identity", "sign in, or run where an AWS role is attached"
            )
        frozen = credentials.get_frozen_credentials()
        endpoint = urlparse(self._s3.meta.endpoint_url)
        own_endpoint = not (endpoint.hostname or "").endswith(".amazonaws.com")
        return pyarrow.fs.S3FileSystem(
            access_key=frozen.access_key,
            secret_key=frozen.secret_key,
            session_token=frozen.token,
            region=self._session.region_name,
            scheme=endpoint.scheme,
            endpoint_override=endpoint.netloc if own_endpoint else None,
        )
