"""The API of query executions: start, look, read results, stop. Enforces workgroup settings; runs nothing."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend

from athenasql import SqlError, table_names
from localcloud import s3_access
from localcloud.athena import executions, objects, running, values
from localcloud.athena.catalogs import page
from localcloud.athena.executions import Execution, Store, store
from localcloud.athena.rights_used import note_output, note_result
from localcloud.athena.saved_queries import prepared
from localcloud.athena.statements import Statement, read_statement, with_parameters
from localcloud.gateway import AwsError, Call

_NOT_DEFINED = (
    "No output location provided. An output location is required either through the Workgroup result configuration "
    "setting or as an API input."
)
_MAXIMUM_QUERY_BYTES = 262_144


def invalid(message: str, **fields: Any) -> AwsError:
    return AwsError("InvalidRequestException", message, fields=fields)


def workgroup_of(call: Call, name: str) -> Any:
    """moto's workgroup of the caller's account."""
    found = get_backend("athena")[call.caller.account_id][call.region].work_groups.get(name)
    if found is None:
        raise invalid(f"WorkGroup {name} is not found.")
    return found


def start_query_execution(call: Call) -> dict[str, Any]:
    """Accept a query, with the settings that apply to it, and hand it to a worker."""
    known = store(call.caller.account_id, call.region)
    token, sql = call.params.get("ClientRequestToken"), str(call.params.get("QueryString") or "")
    if token in known.tokens:
        earlier, identifier = known.tokens[token]
        if earlier != sql:
            raise invalid("Idempotent parameters do not match")
        return {"QueryExecutionId": identifier}
    execution = _accepted(call, sql)
    if token:
        known.tokens[token] = (sql, execution.id)
    executions.submit(execution, running.perform)
    return {"QueryExecutionId": execution.id}


def _accepted(call: Call, sql: str) -> Execution:
    name = str(call.params.get("WorkGroup") or "primary")
    workgroup = workgroup_of(call, name)
    if workgroup.state != "ENABLED":
        raise invalid(f"WorkGroup {name} is disabled.")
    if len(sql.encode()) > _MAXIMUM_QUERY_BYTES:
        raise invalid(f"Member must have length less than or equal to {_MAXIMUM_QUERY_BYTES}")
    parameters = [str(item) for item in call.params.get("ExecutionParameters") or []]
    statement = _statement(call, name, sql, parameters)
    configuration = _result_configuration(call, workgroup)
    execution = Execution(
        caller=call.caller, region=call.region, sql=sql, statement=statement, workgroup=name,
        context=dict(call.params.get("QueryExecutionContext") or {}), result_configuration=configuration,
        cutoff_bytes=int(workgroup.configuration.get("BytesScannedCutoffPerQuery") or 0), parameters=parameters,
        enforced=_enforced(workgroup),
    )  # fmt: skip
    execution.output = _output(call, configuration, execution)
    return execution


def _statement(call: Call, workgroup: str, sql: str, parameters: list[str]) -> Statement:
    """The statement, with its parameters in place; what cannot be read is refused before it gets an id."""
    try:
        text = prepared(call, workgroup, sql, parameters) or (with_parameters(sql, parameters) if parameters else sql)
        found = read_statement(text)
        if found.select:
            table_names(found.select)
    except SqlError as error:
        raise invalid(str(error).partition(": ")[2], AthenaErrorCode="MALFORMED_QUERY") from error
    return found


def _result_configuration(call: Call, workgroup: Any) -> dict[str, Any]:
    """The workgroup's where it enforces its own, else the caller's over it."""
    own = dict(workgroup.configuration.get("ResultConfiguration") or {})
    given = dict(call.params.get("ResultConfiguration") or {})
    return own if _enforced(workgroup) else own | given


def _enforced(workgroup: Any) -> bool:
    """Whether results go where the workgroup says; one that says nothing has nothing to enforce."""
    settings = workgroup.configuration
    return bool(settings.get("EnforceWorkGroupConfiguration") and _own_location(settings))


def _own_location(settings: dict[str, Any]) -> str:
    return str((settings.get("ResultConfiguration") or {}).get("OutputLocation") or "")


def _output(call: Call, configuration: dict[str, Any], execution: Execution) -> str:
    base = str(configuration.get("OutputLocation") or "")
    if not base:
        raise invalid(_NOT_DEFINED)
    bucket, prefix = objects.split_uri(base)
    note_output(call.caller, bucket)
    held = objects.bucket_of(bucket)
    owner = configuration.get("ExpectedBucketOwner")
    if held is None or (owner and held.account_id != owner):
        raise invalid(f"Unable to verify/create output bucket {bucket}")
    kind = execution.statement.kind
    ending = {"select": ".csv", "unload": "", "ctas": ""}.get(kind, ".txt")
    prefix = prefix if prefix.endswith("/") or not prefix else prefix + "/"
    if not s3_access.allows(call.caller, "PutObject", bucket, f"{prefix}{execution.id}{ending}"):
        raise invalid(f"Access denied when writing to location: s3://{bucket}/{prefix}{execution.id}{ending}")
    return f"s3://{bucket}/{prefix}{execution.id}{ending}"


def execution_of(call: Call) -> Execution:
    identifier = str(call.params.get("QueryExecutionId") or "")
    return _found(store(call.caller.account_id, call.region), identifier)


def _found(known: Store, identifier: str) -> Execution:
    if identifier not in known.executions:
        raise invalid(f"QueryExecution {identifier} was not found", AthenaErrorCode="QUERY_EXECUTION_NOT_FOUND")
    return known.executions[identifier]


def get_query_execution(call: Call) -> dict[str, Any]:
    return {"QueryExecution": executions.wire(execution_of(call))}


def batch_get_query_execution(call: Call) -> dict[str, Any]:
    known = store(call.caller.account_id, call.region).executions
    wanted = list(call.params.get("QueryExecutionIds") or [])
    missing = [
        {"QueryExecutionId": item, "ErrorCode": "INVALID_QUERY_EXECUTION_ID", "ErrorMessage": f"{item} was not found"}
        for item in wanted
        if item not in known
    ]
    found = [executions.wire(known[item]) for item in wanted if item in known]
    return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}


def list_query_executions(call: Call) -> dict[str, Any]:
    name = str(call.params.get("WorkGroup") or "primary")
    workgroup_of(call, name)
    known = store(call.caller.account_id, call.region).executions.values()
    newest = sorted((item for item in known if item.workgroup == name), key=lambda item: -item.submitted_at)
    return page(call, [item.id for item in newest], "QueryExecutionIds")


def stop_query_execution(call: Call) -> dict[str, Any]:
    executions.stop(execution_of(call))
    return {}


def get_query_runtime_statistics(call: Call) -> dict[str, Any]:
    return {"QueryRuntimeStatistics": executions.runtime_statistics(execution_of(call))}


def get_query_results(call: Call) -> dict[str, Any]:
    """One page of printed rows; a SELECT's first row is its header, as from Athena."""
    execution = execution_of(call)
    if execution.state in ("FAILED", "CANCELLED"):
        raise invalid(f"Query did not finish successfully. Final query state: {execution.state}")
    if execution.state != "SUCCEEDED":
        raise invalid(f"Query has not yet finished. Current state: {execution.state}")
    place = objects.split_uri(execution.output)
    s3_access.require(call.caller, "GetObject", *place)
    note_result(call.caller, "GetObject", *place)
    outcome = execution.outcome
    rows: list[list[str | None]] = [[name for name, _ in outcome.columns]] if outcome.header else []
    reply = page(call, [*rows, *outcome.rows], "Rows", 1000)
    result_set = {
        "Rows": [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in reply["Rows"]],
        "ResultSetMetadata": {"ColumnInfo": [values.column_info(name, kind) for name, kind in outcome.columns]},
    }
    found = {"ResultSet": result_set, "UpdateCount": outcome.update_count or 0}
    return found | ({"NextToken": reply["NextToken"]} if "NextToken" in reply else {})
