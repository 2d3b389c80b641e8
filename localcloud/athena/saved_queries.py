"""Named queries and prepared statements: the operations that moto lacks, over what moto stores. Runs nothing."""

from __future__ import annotations

import re
from typing import Any

from moto.backends import get_backend

from athenasql import SqlError
from localcloud.athena.catalogs import page
from localcloud.athena.statements import with_parameters
from localcloud.gateway import AwsError, Call

_EXECUTE = re.compile(r"\s*EXECUTE\s+(\w+)(?:\s+USING\s+(.+?))?\s*;?\s*", re.IGNORECASE | re.DOTALL)


def _backend(call: Call) -> Any:
    return get_backend("athena")[call.caller.account_id][call.region]


def prepared(call: Call, workgroup: str, sql: str, parameters: list[str]) -> str | None:
    """The text that `EXECUTE name [USING …]` stands for, None if the query is not that."""
    found = _EXECUTE.fullmatch(sql)
    if not found:
        return None
    statement = _backend(call).prepared_statements.get(found[1])
    if statement is None or _name_of(statement.workgroup) != workgroup:
        raise SqlError("NOT_FOUND", f"PreparedStatement {found[1]} was not found in workGroup {workgroup}")
    given = parameters or [item.strip() for item in re.findall(r"(?:'(?:[^']|'')*'|[^,'])+", found[2] or "")]
    return with_parameters(statement.query_statement, given)


def _name_of(workgroup: Any) -> str:
    return workgroup if isinstance(workgroup, str) else str(workgroup.name)


def _named(call: Call, identifier: str) -> Any:
    found = _backend(call).named_queries.get(identifier)
    if found is None:
        raise AwsError("InvalidRequestException", f"Named query {identifier} is not found.")
    return found


def _wire_named(query: Any) -> dict[str, Any]:
    return {
        "Name": query.name, "Description": query.description or "", "Database": query.database,
        "QueryString": query.query_string, "NamedQueryId": query.id, "WorkGroup": query.workgroup.name,
    }  # fmt: skip


def get_named_query(call: Call) -> dict[str, Any]:
    return {"NamedQuery": _wire_named(_named(call, str(call.params.get("NamedQueryId"))))}


def batch_get_named_query(call: Call) -> dict[str, Any]:
    known = _backend(call).named_queries
    wanted = list(call.params.get("NamedQueryIds") or [])
    missing = [
        {"NamedQueryId": item, "ErrorCode": "INTERNAL_FAILURE", "ErrorMessage": "not found"}
        for item in wanted
        if item not in known
    ]
    return {
        "NamedQueries": [_wire_named(known[item]) for item in wanted if item in known],
        "UnprocessedNamedQueryIds": missing,
    }


def update_named_query(call: Call) -> dict[str, Any]:
    found = _named(call, str(call.params.get("NamedQueryId")))
    found.name, found.query_string = call.params["Name"], call.params["QueryString"]
    if "Description" in call.params:
        found.description = call.params["Description"]
    return {}


def delete_named_query(call: Call) -> dict[str, Any]:
    identifier = str(call.params.get("NamedQueryId"))
    _named(call, identifier)
    del _backend(call).named_queries[identifier]
    return {}


def _statement(call: Call, name: str) -> Any:
    workgroup = str(call.params.get("WorkGroup"))
    found = _backend(call).prepared_statements.get(name)
    if found is None or _name_of(found.workgroup) != workgroup:
        raise AwsError("ResourceNotFoundException", f"PreparedStatement {name} was not found in workGroup {workgroup}")
    return found


def _wire_statement(statement: Any) -> dict[str, Any]:
    return {
        "StatementName": statement.statement_name, "QueryStatement": statement.query_statement,
        "WorkGroupName": _name_of(statement.workgroup), "Description": statement.description or "",
        "LastModifiedTime": statement.last_modified_time.timestamp(),
    }  # fmt: skip


def get_prepared_statement(call: Call) -> dict[str, Any]:
    return {"PreparedStatement": _wire_statement(_statement(call, str(call.params.get("StatementName"))))}


def batch_get_prepared_statement(call: Call) -> dict[str, Any]:
    found, missing = [], []
    for name in call.params.get("PreparedStatementNames") or []:
        try:
            found.append(_wire_statement(_statement(call, name)))
        except AwsError as error:
            missing.append({"StatementName": name, "ErrorCode": "STATEMENT_NOT_FOUND", "ErrorMessage": error.message})
    return {"PreparedStatements": found, "UnprocessedPreparedStatementNames": missing}


def list_prepared_statements(call: Call) -> dict[str, Any]:
    workgroup = str(call.params.get("WorkGroup"))
    known = sorted(_backend(call).prepared_statements.values(), key=lambda item: str(item.statement_name))
    found = [
        {"StatementName": item.statement_name, "LastModifiedTime": item.last_modified_time.timestamp()}
        for item in known
        if _name_of(item.workgroup) == workgroup
    ]
    return page(call, found, "PreparedStatements")


def update_prepared_statement(call: Call) -> dict[str, Any]:
    found = _statement(call, str(call.params.get("StatementName")))
    found.query_statement = call.params["QueryStatement"]
    found.description = call.params.get("Description", found.description)
    return {}


def delete_prepared_statement(call: Call) -> dict[str, Any]:
    found = _statement(call, str(call.params.get("StatementName")))
    del _backend(call).prepared_statements[found.statement_name]
    return {}
