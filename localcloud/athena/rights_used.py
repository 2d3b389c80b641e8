"""Which permissions a query used beyond the call that started it. Writes them down; refuses nothing.

They are its caller's, on the catalog, on Lake Formation and on the results, and those of the role by which Lake
Formation reads registered data.

Source: Athena user guide, "Access to databases and tables in the Glue Data Catalog", "Permissions to query with Lake
Formation", and "Query results" for the output location.
"""

from __future__ import annotations

from collections.abc import Iterable

from localcloud.gateway import Caller
from localcloud.permissions import Permission, key_permissions, s3_arn
from localcloud.recording import acted
from localcloud.trail_events import TableRead, location_of


def note_reads(caller: Caller, region: str, reads: Iterable[TableRead]) -> None:
    """The tables that a query read: looked up where the caller named them and where they are, then their objects."""
    for read in reads:
        table = read.table
        prefix = f"arn:aws:glue:{region}:{table.catalog_id}"
        _note_table(caller, prefix, table.database, table.name, bool(table.partition_keys))
        if read.link:
            here, _, named = read.link.partition(":table/")
            database, _, name = named.partition("/")
            _note_table(caller, here, database, name, False)
        reader: Caller | str = caller
        if (location := location_of(table, region)) is not None:
            acted(caller, "athena", Permission("lakeformation:GetDataAccess", "*"))
            reader = location.role_arn
        _note_objects(reader, read)


def _note_table(caller: Caller, prefix: str, database: str, table: str, partitioned: bool) -> None:
    above = [f"{prefix}:catalog", f"{prefix}:database/{database}"]
    acted(caller, "athena", *(Permission("glue:GetDatabase", arn) for arn in above))
    for action in ("glue:GetTable", "glue:GetPartitions")[: 1 + partitioned]:
        acted(caller, "athena", *(Permission(action, arn) for arn in (*above, f"{prefix}:table/{database}/{table}")))


def _note_objects(reader: Caller | str, read: TableRead) -> None:
    folders = {(file.bucket, file.key.rpartition("/")[0]) for file in read.files}
    for bucket, folder in sorted(folders):
        acted(reader, "athena", Permission("s3:ListBucket", s3_arn(bucket), {"s3:prefix": f"{folder}/"}))
    for file in read.files:
        asked = Permission("s3:GetObject", s3_arn(file.bucket, file.key))
        acted(reader, "athena", asked, *key_permissions("GetObject", file.bucket))


def note_output(caller: Caller, bucket: str) -> None:
    """Athena asks where the bucket of the results is, before it begins."""
    acted(caller, "athena", Permission("s3:GetBucketLocation", s3_arn(bucket)))


def note_result(caller: Caller, action: str, bucket: str, key: str) -> None:
    """A result file was written (PutObject) or read (GetObject) for the caller."""
    acted(caller, "athena", Permission(f"s3:{action}", s3_arn(bucket, key)), *key_permissions(action, bucket))
