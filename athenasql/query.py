"""Resolves one Athena query against given tables: every name found, every star expanded, every expression typed.

Does not run anything and knows no engine; `generate.py` writes the result for DuckDB and Spark.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from athenasql.annotate import Annotator
from athenasql.dialect import AthenaSelect, place, read_query
from athenasql.errors import SqlError
from athenasql.types import Type, parse_type

CATALOG = "awsdatacatalog"


@dataclass(frozen=True)
class TypedQuery:
    """A checked query. `output` is (name, Athena type as in DDL) per column; `tables` are the keys that it reads."""

    sql: str
    expression: exp.Query
    columns: tuple[tuple[str, Type], ...]
    tables: tuple[str, ...]

    @property
    def output(self) -> list[tuple[str, str]]:
        return [(name, kind.ddl()) for name, kind in self.columns]


@dataclass(frozen=True)
class TableName:
    """A table as a query names it, in lower case; empty parts were not written."""

    catalog: str
    database: str
    table: str
    line: int
    column: int


def table_names(sql: str) -> list[TableName]:
    """The tables that a query names (not its own WITH names), each once, before anything is resolved."""
    found: dict[tuple[str, str, str], TableName] = {}
    for node in table_nodes(read_query(sql)):
        name = TableName(node.catalog.lower(), node.db.lower(), node.name.lower(), *place(node, sql))
        found.setdefault((name.catalog, name.database, name.table), name)
    return list(found.values())


def typed_query(
    sql: str, tables: Mapping[str, Mapping[str, str]], *, default_database: str | None = None
) -> TypedQuery:
    """The query, qualified and typed against `tables` ("db.table" or "table" → column → Athena type)."""
    query = read_query(sql)
    names = _name_outputs(query)
    known = {
        key.lower(): {name.lower(): parse_type(kind) for name, kind in columns.items()}
        for key, columns in tables.items()
    }
    used = [_resolve(node, known, default_database, sql) for node in table_nodes(query)]
    drop_database_from_columns(query)
    schema = MappingSchema(
        {key: dict.fromkeys(known[key], "INT") for key in used}, dialect=AthenaSelect, normalize=False
    )
    try:
        qualified = qualify(
            query, schema=schema, dialect=AthenaSelect, expand_alias_refs=False,
            validate_qualify_columns=False, isolate_tables=False,
        )  # fmt: skip
        annotator = Annotator(sql, known)
        columns = annotator.annotate(qualified)
    except OptimizeError as error:
        raise _unresolved(error, query, sql) from error
    except SqlglotError as error:
        raise SqlError("SYNTAX_ERROR", str(error).split("\n")[0]) from error
    return TypedQuery(sql, qualified, tuple(_final_names(columns, names)), tuple(sorted(set(used))))


def table_nodes(query: exp.Expr) -> list[exp.Table]:
    """The tables that a query reads, without its own WITH names; SqlError for functions that stand for tables."""
    try:
        scopes = list(traverse_scope(query))
    except OptimizeError as error:
        raise SqlError("SYNTAX_ERROR", str(error).split(". ")[0]) from error
    nodes: dict[int, exp.Table] = {}
    for scope in scopes:
        for _, source in scope.selected_sources.values():
            if isinstance(source, exp.Table):
                nodes[id(source)] = source
    for table in query.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            raise SqlError("NOT_SUPPORTED", "Table functions are not supported")
    return list(nodes.values())


def _resolve(node: exp.Table, known: Mapping[str, object], default_database: str | None, sql: str) -> str:
    """Finds the key of a table and rewrites the node to it, so that one flat schema serves names of any depth."""
    catalog, database, table = node.catalog.lower(), node.db.lower(), node.name.lower()
    keys = [f"{database}.{table}"] if database else [table]
    if not database and default_database:
        keys.insert(0, f"{default_database.lower()}.{table}")
    found = next((key for key in keys if key in known), None)
    if found is None or catalog not in ("", CATALOG):
        full = ".".join(
            part for part in (catalog or CATALOG, database or (default_database or "").lower(), table) if part
        )
        raise SqlError("TABLE_NOT_FOUND", f"Table '{full}' does not exist", *place(node, sql))
    if not node.alias:
        node.set("alias", exp.TableAlias(this=exp.to_identifier(table, quoted=True)))
    identifier = exp.to_identifier(found, quoted=True)
    identifier.meta.update(node.this.meta)
    node.set("this", identifier)
    node.set("db", None)
    node.set("catalog", None)
    return found


def drop_database_from_columns(query: exp.Expr) -> None:
    """Names every column by its table alone, which is what tables are called once they are resolved."""
    for column in query.find_all(exp.Column):
        if column.args.get("db") and isinstance(column.this, exp.Identifier):
            column.set("db", None)
            column.set("catalog", None)


def _name_outputs(query: exp.Query) -> list[str | None]:
    """Gives unnamed columns a name as Trino does; returns the outermost names as written, None for a star."""
    outermost = _first_select(query)
    names: list[str | None] = []
    for select in query.find_all(exp.Select):
        for index, item in enumerate(list(select.expressions)):
            written = item.alias if isinstance(item, exp.Alias | exp.Subquery) else ""
            written = written or (item.name if isinstance(item, exp.Column | exp.Dot) else "")
            if item.is_star:
                written = "*"
            elif not written:
                item.replace(exp.alias_(item.copy(), f"_col{index}", quoted=True))
            if select is outermost:
                names.append(None if item.is_star else written)
    return names


def _first_select(query: exp.Expr) -> exp.Expr:
    while not isinstance(query, exp.Select) and isinstance(query.this, exp.Expr):
        query = query.this
    return query


def _final_names(columns: list[tuple[str, Type]], names: list[str | None]) -> list[tuple[str, Type]]:
    if None not in names:
        return [(name or f"_col{i}", kind) for i, (name, (_, kind)) in enumerate(zip(names, columns, strict=True))]
    written = {name.lower(): name for name in names if name}
    anonymous = {f"_col{index}" for index, name in enumerate(names) if name == ""}
    return [
        (f"_col{i}" if name in anonymous else written.get(name, name), kind) for i, (name, kind) in enumerate(columns)
    ]


def _unresolved(error: OptimizeError, query: exp.Expr, sql: str) -> SqlError:
    text = str(error)
    name = text.split("'")[1].strip('"') if "'" in text else text.rsplit(":", 1)[-1].strip().strip('"')
    at = next((place(node, sql) for node in query.find_all(exp.Column) if node.name.lower() == name.lower()), (0, 0))
    if "mbiguous" in text:
        return SqlError("AMBIGUOUS_NAME", f"Column '{name}' is ambiguous", *at)
    if "olumn" in text:
        return column_not_found(name, at)
    return SqlError("SYNTAX_ERROR", text.split(". Line")[0], *at)


def column_not_found(name: str, at: tuple[int, int]) -> SqlError:
    detail = f"Column '{name}' cannot be resolved or requester is not authorized to access requested resources"
    return SqlError("COLUMN_NOT_FOUND", detail, *at)
