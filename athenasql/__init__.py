"""Athena's SQL: read, typed, and written for DuckDB and Spark with the same results. Knows no AWS calls."""

from collections.abc import Mapping

from athenasql.errors import SqlError
from athenasql.generate import SPARK_SETTINGS, to_duckdb, to_spark
from athenasql.query import TableName, TypedQuery, table_names, typed_query
from athenasql.row_filter import RowFilter, parse_row_filter
from athenasql.scan import columns_used, partition_conditions
from athenasql.types import Type, athena_to_arrow, athena_to_duckdb, parse_type
from athenasql.visible import over_relations, visible_cells

# What a caller of `typed_query` passes: column names and Athena types, in table order; and tables by key.
Column = str
Table = Mapping[str, str]

__all__ = [
    "SPARK_SETTINGS", "Column", "RowFilter", "SqlError", "Table", "TableName", "Type", "TypedQuery",
    "athena_to_arrow", "athena_to_duckdb", "columns_used", "over_relations", "parse_row_filter", "parse_type",
    "partition_conditions", "table_names", "to_duckdb", "to_spark", "typed_query", "visible_cells",
]  # fmt: skip
