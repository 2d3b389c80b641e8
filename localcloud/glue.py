"""The Glue Data Catalog in front of moto: what AWS checks and Lake Formation decides. Jobs and triggers are elsewhere.

moto keeps the databases, tables and partitions; these handlers read and write them. Everything else of Glue (tags,
crawlers, connections, schema registry, ...) falls through to moto.
"""

from localcloud import glue_databases, glue_partitions, glue_tables
from localcloud.gateway import Handler
from localcloud.glue_catalog import handler

HANDLERS: dict[tuple[str, str], Handler] = {
    ("glue", action): handler(function)
    for action, function in {
        "CreateDatabase": glue_databases.create_database,
        "GetDatabase": glue_databases.get_database,
        "GetDatabases": glue_databases.get_databases,
        "UpdateDatabase": glue_databases.update_database,
        "DeleteDatabase": glue_databases.delete_database,
        "CreateTable": glue_tables.create_table,
        "GetTable": glue_tables.get_table,
        "GetTables": glue_tables.get_tables,
        "SearchTables": glue_tables.search_tables,
        "UpdateTable": glue_tables.update_table,
        "DeleteTable": glue_tables.delete_table,
        "BatchDeleteTable": glue_tables.batch_delete_table,
        "GetTableVersion": glue_tables.get_table_version,
        "GetTableVersions": glue_tables.get_table_versions,
        "DeleteTableVersion": glue_tables.delete_table_version,
        "BatchDeleteTableVersion": glue_tables.batch_delete_table_version,
        "CreatePartition": glue_partitions.create_partition,
        "BatchCreatePartition": glue_partitions.batch_create_partition,
        "UpdatePartition": glue_partitions.update_partition,
        "BatchUpdatePartition": glue_partitions.batch_update_partition,
        "DeletePartition": glue_partitions.delete_partition,
        "BatchDeletePartition": glue_partitions.batch_delete_partition,
        "GetPartition": glue_partitions.get_partition,
        "BatchGetPartition": glue_partitions.batch_get_partition,
        "GetPartitions": glue_partitions.get_partitions,
        "CreatePartitionIndex": glue_partitions.create_partition_index,
        "DeletePartitionIndex": glue_partitions.delete_partition_index,
        "GetPartitionIndexes": glue_partitions.get_partition_indexes,
    }.items()
}
