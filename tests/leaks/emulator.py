"""Plays a world into the local AWS in this very process: accounts, tables, links, grants, invitations, queries."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from moto.backends import get_backend

from localcloud.athena import executions
from localcloud.clock import advance
from localcloud.gateway import AwsError, Call, Caller
from localcloud.server import build_extensions
from tests.leaks.requests import filter_data, resource_of
from tests.leaks.shares import DATABASE, EVERYBODY, HOMES, PROVIDER, Share, account_of
from tests.leaks.world import Row, Table

REGION = "eu-west-1"
BUCKET = "lake"
ARROW = {
    "string": pa.string(), "int": pa.int32(), "bigint": pa.int64(), "double": pa.float64(), "boolean": pa.bool_(),
    "decimal(8,2)": pa.decimal128(8, 2), "date": pa.date32(),
}  # fmt: skip
ALLOW = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
SERVICES = ("glue", "lakeformation", "athena", "s3", "iam", "ram")
# Besides a link to the database by its own name: one by another name, and a database of links to single tables.
BORROWED, DESK = "borrowed", "desk"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


class Emulator:
    """The local AWS, empty at first."""

    def __init__(self) -> None:
        self.extensions, self.resets = build_extensions()

    def call(self, caller: Caller, service: str, action: str, **params: Any) -> dict[str, Any]:
        """One API call, through the same guards and handlers as one over the wire."""
        call = Call(service, action, REGION, caller, params)
        for guard in self.extensions.guards.get(service, []):
            guard(call)
        reply = self.extensions.handlers[(service, action)](call)
        if reply is None:
            raise NotImplementedError(f"{service}:{action} is left to moto")
        return reply

    def load(self, tables: Sequence[Table], version: str, doors: Mapping[str, frozenset[str]]) -> None:
        """The accounts, the provider's tables and everybody's links; `doors` are those that each reader may use."""
        for service in SERVICES:
            get_backend(service).reset()  # type: ignore[call-overload]  # moto lists every service by name
        for reset in self.resets:
            reset()
        for account in sorted(set(HOMES.values())):
            self._account(account, version)
        self.call(
            admin(PROVIDER), "lakeformation", "RegisterResource",
            ResourceArn=f"arn:aws:s3:::{BUCKET}", RoleArn=arn("other"),
        )  # fmt: skip
        self.call(admin(PROVIDER), "glue", "CreateDatabase", DatabaseInput={"Name": DATABASE})
        for table in tables:
            self._table(table)
            self.grant(Share("other", PROVIDER, table.name, "table"))
        for account in sorted(set(HOMES.values())):
            self._links(account, tables)
        for reader, open_to_it in doors.items():
            self._open(reader, open_to_it, tables)

    def grant(self, share: Share) -> bool:
        """Make a grant, first its filter; whether Lake Formation accepted it."""
        try:
            if share.kind == "filter":
                self._make_filter(share)
            self._send("GrantPermissions", share)
        except AwsError:
            return False
        return True

    def revoke(self, share: Share) -> None:
        """Take a grant back, and its filter; a client that has lost the table cannot delete its filters."""
        self._send("RevokePermissions", share)
        if share.kind == "filter":
            with suppress(AwsError):
                key = resource_of(share)["DataCellsFilter"]
                self.call(admin(share.by), "lakeformation", "DeleteDataCellsFilter", **key)

    def update(self, share: Share) -> bool:
        """Give a granted filter other columns and rows; whether that was accepted."""
        try:
            self._filter("UpdateDataCellsFilter", share)
        except AwsError:
            return False
        return True

    def answer(self, account: str, action: str) -> None:
        """Accept or reject every invitation that waits for the account."""
        listed = self.call(admin(account), "ram", "GetResourceShareInvitations")["resourceShareInvitations"]
        for one in listed:
            if one["status"] == "PENDING":
                found = one["resourceShareInvitationArn"]
                self.call(admin(account), "ram", action, resourceShareInvitationArn=found)

    def wait(self, hours: int) -> None:
        """Let time pass for invitations."""
        advance(hours)

    def start(self, reader: str, sql: str) -> str:
        """Hand in a query; its id."""
        caller = role(reader)
        reply = self.call(
            caller, "athena", "StartQueryExecution", QueryString=sql, QueryExecutionContext={"Database": DATABASE},
            ResultConfiguration={"OutputLocation": f"s3://results-{caller.account_id}/"},
        )  # fmt: skip
        return str(reply["QueryExecutionId"])

    def finish(self, reader: str, query: str, sql: str) -> dict[str, Any]:
        """The final status of a query, with its rows and column types if it succeeded."""
        caller = role(reader)
        known = executions.store(caller.account_id, REGION).executions[query]
        while known.state not in executions.FINAL:
            time.sleep(0.0005)
        found = self.call(caller, "athena", "GetQueryExecution", QueryExecutionId=query)["QueryExecution"]["Status"]
        if found["State"] != "SUCCEEDED":
            return {"error": found.get("StateChangeReason", "")}
        results = self.call(caller, "athena", "GetQueryResults", QueryExecutionId=query)["ResultSet"]
        columns = [column["Type"] for column in results["ResultSetMetadata"]["ColumnInfo"]]
        rows = [[cell.get("VarCharValue") for cell in row["Data"]] for row in results["Rows"]]
        if not sql.startswith(("SELECT", "WITH")):
            return {"rows": rows}
        return {"types": columns, "names": rows[0], "rows": rows[1:]}

    def described(self, reader: str, table: str) -> dict[str, Any]:
        """What the owner's Glue catalog says to the reader of one table."""
        try:
            reply = self.call(role(reader), "glue", "GetTable", CatalogId=PROVIDER, DatabaseName=DATABASE, Name=table)
        except AwsError as error:
            return {"error": error.message}
        columns = [*reply["Table"]["StorageDescriptor"]["Columns"], *reply["Table"].get("PartitionKeys", [])]
        return {"rows": [[column["Name"]] for column in columns]}

    def _account(self, account: str, version: str) -> None:
        iam: Any = get_backend("iam")[account]["aws"]
        for reader, home in HOMES.items():
            if home == account:
                iam.create_role(reader, "{}", "/", None, "", [], 3600).put_policy("all", ALLOW)
        s3: Any = get_backend("s3")[account]["aws"]
        s3.create_bucket(f"results-{account}", REGION)
        if account == PROVIDER:
            s3.create_bucket(BUCKET, REGION)
        admins = [{"DataLakePrincipalIdentifier": admin(account).arn}]
        settings = {"DataLakeAdmins": admins, "Parameters": {"CROSS_ACCOUNT_VERSION": version}}
        self.call(admin(account), "lakeformation", "PutDataLakeSettings", DataLakeSettings=settings)

    def _links(self, account: str, tables: Sequence[Table]) -> None:
        target = {"CatalogId": PROVIDER, "DatabaseName": DATABASE}
        for name in (BORROWED,) if account == PROVIDER else (DATABASE, BORROWED):
            self.call(admin(account), "glue", "CreateDatabase", DatabaseInput={"Name": name, "TargetDatabase": target})
        self.call(admin(account), "glue", "CreateDatabase", DatabaseInput={"Name": DESK})
        for table in tables:
            wanted = {"Name": f"to_{table.name}", "TargetTable": {**target, "Name": table.name}}
            self.call(admin(account), "glue", "CreateTable", DatabaseName=DESK, TableInput=wanted)

    def _open(self, reader: str, doors: frozenset[str], tables: Sequence[Table]) -> None:
        """DESCRIBE on the links by which the reader may go."""
        wanted = [] if HOMES[reader] == PROVIDER else [{"Database": {"Name": DATABASE}}]
        wanted += [{"Database": {"Name": BORROWED}}] if BORROWED in doors else []
        links = tables if DESK in doors else ()
        wanted += [{"Table": {"DatabaseName": DESK, "Name": f"to_{table.name}"}} for table in links]
        for resource in wanted:
            self.call(
                admin(HOMES[reader]), "lakeformation", "GrantPermissions", Resource=resource,
                Principal={"DataLakePrincipalIdentifier": arn(reader)}, Permissions=["DESCRIBE"],
            )  # fmt: skip

    def _table(self, table: Table) -> None:
        storage = {
            "Columns": [{"Name": column.name, "Type": column.type} for column in table.columns],
            "Location": f"s3://{BUCKET}/{table.name}",
            "InputFormat": f"{PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{PARQUET}.serde.ParquetHiveSerDe"},
        }
        keys = [{"Name": key.name, "Type": key.type} for key in table.keys]
        wire = {
            "Name": table.name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage, "PartitionKeys": keys,
        }  # fmt: skip
        self.call(admin(PROVIDER), "glue", "CreateTable", DatabaseName=DATABASE, TableInput=wire)
        if not table.keys:
            return self._write(table, f"{table.name}/0.parquet", table.rows)
        (key,) = table.keys
        for value in sorted({row[key.name] for row in table.rows}):
            folder = f"{table.name}/folder-{value}"
            self._write(table, f"{folder}/0.parquet", [row for row in table.rows if row[key.name] == value])
            described = {"Values": [value], "StorageDescriptor": {**storage, "Location": f"s3://{BUCKET}/{folder}"}}
            self.call(
                admin(PROVIDER), "glue", "CreatePartition",
                DatabaseName=DATABASE, TableName=table.name, PartitionInput=described,
            )  # fmt: skip
        return None

    def _write(self, table: Table, key: str, rows: Sequence[Row]) -> None:
        arrays = [pa.array([row[column.name] for row in rows], type=ARROW[column.type]) for column in table.columns]
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(arrays, names=[column.name for column in table.columns]), buffer)
        get_backend("s3")[PROVIDER]["aws"].put_object(BUCKET, key, buffer.getvalue())

    def _filter(self, action: str, share: Share) -> None:
        self.call(admin(share.by), "lakeformation", action, TableData=filter_data(share))

    def _make_filter(self, share: Share) -> None:
        """A new filter, or one that was left by an earlier grant."""
        try:
            self._filter("CreateDataCellsFilter", share)
        except AwsError as error:
            if error.code != "AlreadyExistsException":
                raise
            self._filter("UpdateDataCellsFilter", share)

    def _send(self, action: str, share: Share) -> None:
        passed_on = share.to in ("inside", "outside") and action == "GrantPermissions"
        permissions = ["DESCRIBE"] if share.kind in ("describe", "database") else ["SELECT"]
        self.call(
            admin(share.by), "lakeformation", action,
            Principal={"DataLakePrincipalIdentifier": principal(share.to)}, Resource=resource_of(share),
            Permissions=permissions, PermissionsWithGrantOption=permissions if passed_on else [],
        )  # fmt: skip


def admin(account: str) -> Caller:
    return Caller(account, f"arn:aws:iam::{account}:user/admin", account)


def arn(reader: str) -> str:
    return f"arn:aws:iam::{HOMES[reader]}:role/{reader}"


def role(reader: str) -> Caller:
    return Caller(HOMES[reader], arn(reader), reader)


def principal(holder: str) -> str:
    """How the API names a holder."""
    if holder in HOMES:
        return arn(holder)
    return account_of(holder) + (":IAMPrincipals" if holder in EVERYBODY else "")
