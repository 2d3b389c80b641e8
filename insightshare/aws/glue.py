"""The Glue Data Catalog: tables moved by compare-and-swap, partitions that carry the table's whole descriptor."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from insightshare.aws.failures import code_of, named
from insightshare.publish.ports import CatalogPartition, CatalogTable

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient


class GlueCatalog:
    """One database; implements the port `Catalog`."""

    def __init__(self, client: "GlueClient", database: str) -> None:
        self._client = client
        self._database = database
        # What GetTable returns and UpdateTable takes: the rest of a table is Glue's own, and refused when sent back.
        self._table_input = set(client.meta.service_model.shape_for("TableInput").members)  # type: ignore[attr-defined]  # structures have members

    def table(self, name: str) -> CatalogTable:
        """Return the table with its version."""
        with named(f"table {self._database}.{name}"):
            table: Mapping[str, Any] = self._client.get_table(DatabaseName=self._database, Name=name)["Table"]
        descriptor = table["StorageDescriptor"]
        return CatalogTable(
            name=name,
            version=table["VersionId"],
            location=descriptor["Location"],
            parameters=dict(table.get("Parameters", {})),
            columns=_columns(descriptor),
            definition={key: value for key, value in table.items() if key in self._table_input},
        )

    def move_table(self, table: CatalogTable, location: str, parameters: Mapping[str, str]) -> bool:
        """Point the table elsewhere if it still has the version that was read; return False if not."""
        definition: Any = {
            **table.definition,
            "StorageDescriptor": {**table.definition["StorageDescriptor"], "Location": location},
            "Parameters": {**table.definition.get("Parameters", {}), **parameters},
        }
        with named(f"table {self._database}.{table.name}"):
            try:
                self._client.update_table(
                    DatabaseName=self._database, TableInput=definition, VersionId=table.version, SkipArchive=True
                )
            except ClientError as error:
                if code_of(error) == "ConcurrentModificationException":
                    return False
                raise
        return True

    def partition(self, table: str, value: str) -> CatalogPartition | None:
        """Return one partition, or None."""
        with named(f"partition {self._database}.{table}/{value}"):
            try:
                reply = self._client.get_partition(
                    DatabaseName=self._database, TableName=table, PartitionValues=[value]
                )
            except ClientError as error:
                if code_of(error) == "EntityNotFoundException":
                    return None
                raise
        return _partition(reply["Partition"])

    def partitions(self, table: str) -> tuple[CatalogPartition, ...]:
        """Return every partition, in order of value."""
        with named(f"table {self._database}.{table}"):
            pages = self._client.get_paginator("get_partitions").paginate(DatabaseName=self._database, TableName=table)
            found = [_partition(partition) for page in pages for partition in page["Partitions"]]
        return tuple(sorted(found, key=lambda partition: partition.value))

    def create_partition(self, table: CatalogTable, value: str, location: str, parameters: Mapping[str, str]) -> bool:
        """Create a partition with the table's whole descriptor; return False if it exists."""
        with named(f"partition {self._database}.{table.name}/{value}"):
            try:
                self._client.create_partition(
                    DatabaseName=self._database,
                    TableName=table.name,
                    PartitionInput=_partition_input(table, value, location, parameters),
                )
            except ClientError as error:
                if code_of(error) == "AlreadyExistsException":
                    return False
                raise
        return True

    def update_partition(self, table: CatalogTable, value: str, location: str, parameters: Mapping[str, str]) -> bool:
        """Replace a partition, resending the table's whole descriptor; return False if there is none."""
        with named(f"partition {self._database}.{table.name}/{value}"):
            try:
                self._client.update_partition(
                    DatabaseName=self._database,
                    TableName=table.name,
                    PartitionValueList=[value],
                    PartitionInput=_partition_input(table, value, location, parameters),
                )
            except ClientError as error:
                if code_of(error) == "EntityNotFoundException":
                    return False
                raise
        return True

    def delete_partition(self, table: str, value: str) -> bool:
        """Delete a partition; return False if there is none."""
        with named(f"partition {self._database}.{table}/{value}"):
            try:
                self._client.delete_partition(DatabaseName=self._database, TableName=table, PartitionValues=[value])
            except ClientError as error:
                if code_of(error) == "EntityNotFoundException":
                    return False
                raise
        return True


def _partition_input(table: CatalogTable, value: str, location: str, parameters: Mapping[str, str]) -> Any:
    descriptor = {**table.definition["StorageDescriptor"], "Location": location}
    return {"Values": [value], "StorageDescriptor": descriptor, "Parameters": dict(parameters)}


def _partition(partition: Any) -> CatalogPartition:
    descriptor = partition["StorageDescriptor"]
    return CatalogPartition(
        value=partition["Values"][0],
        location=descriptor["Location"],
        parameters=dict(partition.get("Parameters", {})),
        columns=_columns(descriptor),
    )


def _columns(descriptor: Any) -> tuple[tuple[str, str], ...]:
    return tuple((column["Name"], column["Type"]) for column in descriptor.get("Columns", ()))
