"""Plays a world into the local AWS in this very process, and asks it queries as one of the readers."""

from __future__ import annotations

import io
import time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from moto.backends import get_backend

from localcloud.gateway import AwsError, Call, Caller
from localcloud.server import build_extensions
from tests.leaks.world import CONSUMER, PROVIDER, Share, Table, World, text

REGION = "eu-west-1"
DATABASE = "insights"
BUCKET = "lake"
HOMES = {"role": PROVIDER, "other": PROVIDER, "analyst": CONSUMER, "guest": CONSUMER}
READERS = ("role", "analyst", "guest")
ARROW = {
    "string": pa.string(), "int": pa.int32(), "bigint": pa.int64(), "double": pa.float64(), "boolean": pa.bool_(),
    "decimal(8,2)": pa.decimal128(8, 2), "date": pa.date32(),
}  # fmt: skip
ALLOW = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "%s", "Resource": "*"}]}'


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

    def load(self, world: World) -> frozenset[int]:
        """Make the world; returns which of its grants (by position) were accepted."""
        for service in ("glue", "lakeformation", "athena", "s3", "iam"):
            get_backend(service).reset()
        for reset in self.resets:
            reset()
        for account in (PROVIDER, CONSUMER):
            self._account(account)
        location = f"arn:aws:s3:::{BUCKET}"
        self.call(admin(PROVIDER), "lakeformation", "RegisterResource", ResourceArn=location, RoleArn=arn("other"))
        self.call(admin(PROVIDER), "glue", "CreateDatabase", DatabaseInput={"Name": DATABASE})
        link = {"Name": DATABASE, "TargetDatabase": {"CatalogId": PROVIDER, "DatabaseName": DATABASE}}
        self.call(admin(CONSUMER), "glue", "CreateDatabase", DatabaseInput=link)
        for reader in ("analyst", "guest"):
            self._grant(CONSUMER, arn(reader), {"Database": {"Name": DATABASE}}, "DESCRIBE")
        for table in world.tables:
            self._table(table)
        accepted = frozenset(number for number, share in enumerate(world.shares) if self._share(number, share))
        for number, share in enumerate(world.shares):
            if number in accepted and share.revoked:
                self._send("RevokePermissions", number, share)
        return accepted

    def query(self, reader: str, sql: str) -> dict[str, Any]:
        """The final status of a query, with its rows and column types if it succeeded."""
        caller = role(reader)
        started = self.call(
            caller,
            "athena",
            "StartQueryExecution",
            QueryString=sql,
            QueryExecutionContext={"Database": DATABASE},
            ResultConfiguration={"OutputLocation": f"s3://results-{caller.account_id}/"},
        )
        while True:
            found = self.call(caller, "athena", "GetQueryExecution", **started)["QueryExecution"]
            if found["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                break
            time.sleep(0.001)
        if found["Status"]["State"] != "SUCCEEDED":
            return {"error": found["Status"].get("StateChangeReason", "")}
        results = self.call(caller, "athena", "GetQueryResults", **started)["ResultSet"]
        columns = [column["Type"] for column in results["ResultSetMetadata"]["ColumnInfo"]]
        rows = [[cell.get("VarCharValue") for cell in row["Data"]] for row in results["Rows"]]
        if not sql.startswith(("SELECT", "WITH")):
            return {"rows": rows}
        return {"types": columns, "names": rows[0], "rows": rows[1:]}

    def _account(self, account: str) -> None:
        iam: Any = get_backend("iam")[account]["aws"]
        for reader, home in HOMES.items():
            if home == account:
                made = iam.create_role(reader, "{}", "/", None, "", [], 3600)
                made.put_policy("all", ALLOW % "*")
        get_backend("s3")[account]["aws"].create_bucket(f"results-{account}", REGION)
        if account == PROVIDER:
            get_backend("s3")[account]["aws"].create_bucket(BUCKET, REGION)
        admins = [{"DataLakePrincipalIdentifier": admin(account).arn}]
        settings = {"DataLakeAdmins": admins, "Parameters": {"CROSS_ACCOUNT_VERSION": "4"}}
        self.call(admin(account), "lakeformation", "PutDataLakeSettings", DataLakeSettings=settings)

    def _table(self, table: Table) -> None:
        base = f"s3://{BUCKET}/{table.name}"
        storage = {
            "Columns": [{"Name": column.name, "Type": column.type} for column in table.columns],
            "Location": base,
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        }
        wire = {
            "Name": table.name,
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": storage,
            "PartitionKeys": [{"Name": key.name, "Type": key.type} for key in table.keys],
        }
        self.call(admin(PROVIDER), "glue", "CreateTable", DatabaseName=DATABASE, TableInput=wire)
        if not table.keys:
            return self._write(table, f"{table.name}/0.parquet", list(table.rows))
        for value in sorted({row["part"] for row in table.rows}):
            folder = f"{table.name}/folder-{value}"
            self._write(table, f"{folder}/0.parquet", [row for row in table.rows if row["part"] == value])
            described = {"Values": [value], "StorageDescriptor": {**storage, "Location": f"s3://{BUCKET}/{folder}"}}
            self.call(
                admin(PROVIDER), "glue", "CreatePartition",
                DatabaseName=DATABASE, TableName=table.name, PartitionInput=described,
            )  # fmt: skip
        return None

    def _write(self, table: Table, key: str, rows: list[dict[str, Any]]) -> None:
        arrays = [pa.array([row[column.name] for row in rows], type=ARROW[column.type]) for column in table.columns]
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(arrays, names=[column.name for column in table.columns]), buffer)
        get_backend("s3")[PROVIDER]["aws"].put_object(BUCKET, key, buffer.getvalue())

    def _share(self, number: int, share: Share) -> bool:
        try:
            if share.kind == "filter":
                owner = admin(PROVIDER if share.by == "provider" else CONSUMER)
                self.call(owner, "lakeformation", "CreateDataCellsFilter", TableData=_filter(number, share))
            self._send("GrantPermissions", number, share)
        except AwsError:
            return False
        return True

    def _send(self, action: str, number: int, share: Share) -> None:
        granter = admin(PROVIDER if share.by == "provider" else CONSUMER)
        passed_on = share.to == "account" and action == "GrantPermissions"
        permissions = ["DESCRIBE"] if share.kind == "describe" else ["SELECT"]
        self.call(
            granter,
            "lakeformation",
            action,
            Principal={"DataLakePrincipalIdentifier": CONSUMER if share.to == "account" else arn(share.to)},
            Resource=_resource(number, share),
            Permissions=permissions,
            PermissionsWithGrantOption=permissions if passed_on else [],
        )

    def _grant(self, account: str, principal: str, resource: dict[str, Any], permission: str) -> None:
        self.call(
            admin(account), "lakeformation", "GrantPermissions",
            Principal={"DataLakePrincipalIdentifier": principal}, Resource=resource, Permissions=[permission],
        )  # fmt: skip


def admin(account: str) -> Caller:
    return Caller(account, f"arn:aws:iam::{account}:user/admin", account)


def arn(reader: str) -> str:
    return f"arn:aws:iam::{HOMES[reader]}:role/{reader}"


def role(reader: str) -> Caller:
    return Caller(HOMES[reader], arn(reader), reader)


def _resource(number: int, share: Share) -> dict[str, Any]:
    where: dict[str, Any] = {"CatalogId": PROVIDER, "DatabaseName": DATABASE}
    match share.kind:
        case "table" | "describe":
            return {"Table": {**where, "Name": share.table}}
        case "all_tables":
            return {"Table": {**where, "TableWildcard": {}}}
        case "include":
            return {"TableWithColumns": {**where, "Name": share.table, "ColumnNames": list(share.names)}}
        case "exclude":
            hidden = {"ExcludedColumnNames": list(share.names)}
            return {"TableWithColumns": {**where, "Name": share.table, "ColumnWildcard": hidden}}
        case _:
            names = ("TableCatalogId", "DatabaseName", "TableName", "Name")
            return {"DataCellsFilter": {name: _filter(number, share)[name] for name in names}}


def _filter(number: int, share: Share) -> dict[str, Any]:
    hidden = {"ExcludedColumnNames": list(share.names)} if share.names else {}
    columns = {"ColumnWildcard": hidden} if share.excludes else {"ColumnNames": list(share.names)}
    rows: dict[str, Any] = (
        {"AllRowsWildcard": {}} if share.predicate is None else {"FilterExpression": text(share.predicate)}
    )
    return {
        "TableCatalogId": PROVIDER,
        "DatabaseName": DATABASE,
        "TableName": share.table,
        "Name": f"f{number}",
        "RowFilter": rows,
        **columns,
    }
