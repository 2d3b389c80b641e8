"""An Athena that executes: what moto lacks, for the gateway to merge. Creating things stays moto's."""

from collections.abc import Callable
from typing import Any

from localcloud.athena import catalogs, queries, saved_queries, workgroups
from localcloud.athena.rights import check
from localcloud.gateway import Call, Guard

HANDLERS: dict[tuple[str, str], Callable[[Call], dict[str, Any] | None]] = {
    ("athena", action): handler
    for action, handler in {
        "StartQueryExecution": queries.start_query_execution,
        "GetQueryExecution": queries.get_query_execution,
        "BatchGetQueryExecution": queries.batch_get_query_execution,
        "ListQueryExecutions": queries.list_query_executions,
        "GetQueryResults": queries.get_query_results,
        "GetQueryRuntimeStatistics": queries.get_query_runtime_statistics,
        "StopQueryExecution": queries.stop_query_execution,
        "GetWorkGroup": workgroups.get_work_group,
        "UpdateWorkGroup": workgroups.update_work_group,
        "DeleteWorkGroup": workgroups.delete_work_group,
        "ListTagsForResource": workgroups.list_tags_for_resource,
        "ListEngineVersions": workgroups.list_engine_versions,
        "GetNamedQuery": saved_queries.get_named_query,
        "BatchGetNamedQuery": saved_queries.batch_get_named_query,
        "UpdateNamedQuery": saved_queries.update_named_query,
        "DeleteNamedQuery": saved_queries.delete_named_query,
        "GetPreparedStatement": saved_queries.get_prepared_statement,
        "BatchGetPreparedStatement": saved_queries.batch_get_prepared_statement,
        "ListPreparedStatements": saved_queries.list_prepared_statements,
        "UpdatePreparedStatement": saved_queries.update_prepared_statement,
        "DeletePreparedStatement": saved_queries.delete_prepared_statement,
        "ListDatabases": catalogs.list_databases,
        "GetDatabase": catalogs.get_database,
        "ListTableMetadata": catalogs.list_table_metadata,
        "GetTableMetadata": catalogs.get_table_metadata,
        "ListDataCatalogs": catalogs.list_data_catalogs,
        "GetDataCatalog": catalogs.get_data_catalog,
    }.items()
}
GUARDS: dict[str, list[Guard]] = {"athena": [check]}
