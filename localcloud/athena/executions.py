"""Query executions: their life from QUEUED to the end, on a pool of workers, and their shapes. Runs no SQL itself."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import duckdb

from athenasql import SqlError, Type
from localcloud.athena.statements import Statement
from localcloud.gateway import AwsError, Caller
from localcloud.store import backend

log = logging.getLogger("localcloud")
FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")
_POOL = ThreadPoolExecutor(max_workers=4, thread_name_prefix="athena")
_LOCK = threading.Lock()


class Cancelled(Exception):
    """The query was stopped, by its user or by the workgroup's limit."""


@dataclass
class Outcome:
    """What a finished statement returns: columns and printed rows; whether the first row of results is a header."""

    columns: tuple[tuple[str, Type], ...] = ()
    rows: list[list[str | None]] = field(default_factory=list)
    header: bool = False
    update_count: int | None = None
    manifest: str | None = None


@dataclass
class Execution:
    """One query execution; everything that changes is changed under `lock`."""

    caller: Caller
    region: str
    sql: str
    statement: Statement
    workgroup: str
    context: dict[str, str]
    result_configuration: dict[str, Any]
    cutoff_bytes: int
    parameters: list[str]
    enforced: bool  # the workgroup, not the caller, says where results go
    output: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "QUEUED"
    reason: str = ""
    error: dict[str, Any] | None = None
    submitted_at: float = field(default_factory=time.time)
    started_at: float = 0.0
    planned_at: float = 0.0
    completed_at: float = 0.0
    scanned_bytes: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    connection: duckdb.DuckDBPyConnection | None = None
    stopping: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check_stopped(self) -> None:
        if self.stopping:
            raise Cancelled("Query was cancelled by user")

    def running_on(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Remember what to interrupt."""
        with self.lock:
            self.connection = connection
        self.check_stopped()


class Store:
    """The executions of one account and region; hangs on moto's backend, so that a reset forgets them."""

    def __init__(self) -> None:
        self.executions: dict[str, Execution] = {}
        self.tokens: dict[str, tuple[str, str]] = {}  # ClientRequestToken → (query, execution id)


def store(account_id: str, region: str) -> Store:
    holder = backend("athena", account_id, region)
    with _LOCK:
        if not hasattr(holder, "localcloud_store"):
            holder.localcloud_store = Store()
    found: Store = holder.localcloud_store
    return found


def submit(execution: Execution, work: Callable[[Execution], Outcome]) -> None:
    store(execution.caller.account_id, execution.region).executions[execution.id] = execution
    _POOL.submit(_run, execution, work)


def _run(execution: Execution, work: Callable[[Execution], Outcome]) -> None:
    with execution.lock:
        if execution.state in FINAL:
            return
        execution.state, execution.started_at = "RUNNING", time.time()
    try:
        execution.outcome = work(execution)
        _finish(execution, "SUCCEEDED")
    except (Cancelled, duckdb.InterruptException) as error:
        _finish(execution, "CANCELLED", str(error) if isinstance(error, Cancelled) else "Query was cancelled by user")
    except (SqlError, AwsError) as error:
        _finish(execution, "FAILED", str(error).removeprefix("InvalidRequestException: "), category=2)
    except Exception:
        log.exception("query %s failed", execution.id)
        _finish(execution, "FAILED", "GENERIC_INTERNAL_ERROR: the local AWS's log has the stack", category=1)


def _finish(execution: Execution, state: str, reason: str = "", category: int = 0) -> None:
    with execution.lock:
        execution.connection = None
        execution.completed_at = time.time()
        execution.state, execution.reason = state, reason
        if state == "FAILED":
            execution.error = {"ErrorCategory": category, "ErrorType": 1006, "Retryable": False, "ErrorMessage": reason}


def stop(execution: Execution) -> None:
    """Ask a query to end; one that has ended stays as it is."""
    with execution.lock:
        execution.stopping = True
        if execution.state == "QUEUED":
            execution.state, execution.completed_at = "CANCELLED", time.time()
            execution.reason = "Query was cancelled by user"
        if execution.connection is not None:
            execution.connection.interrupt()


def wire(execution: Execution) -> dict[str, Any]:
    """The `QueryExecution` structure."""
    with execution.lock:
        status: dict[str, Any] = {"State": execution.state, "SubmissionDateTime": execution.submitted_at}
        if execution.state in FINAL:
            status["CompletionDateTime"] = execution.completed_at
        if execution.reason:
            status["StateChangeReason"] = execution.reason
        if execution.error:
            status["AthenaError"] = execution.error
        found: dict[str, Any] = {
            "QueryExecutionId": execution.id,
            "Query": execution.sql,
            "StatementType": execution.statement.type,
            "SubstatementType": execution.statement.substatement,
            "ResultConfiguration": execution.result_configuration | {"OutputLocation": execution.output},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": execution.context,
            "Status": status,
            "Statistics": _statistics(execution),
            "WorkGroup": execution.workgroup,
            "EngineVersion": {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"},
        }
        if execution.parameters:
            found["ExecutionParameters"] = execution.parameters
        return found


def _statistics(execution: Execution) -> dict[str, Any]:
    found: dict[str, Any] = _timeline(execution)
    found["DataScannedInBytes"] = execution.scanned_bytes
    found["ResultReuseInformation"] = {"ReusedPreviousResult": False}
    if execution.outcome.manifest:
        found["DataManifestLocation"] = execution.outcome.manifest
    return found


def _timeline(execution: Execution) -> dict[str, int]:
    end = execution.completed_at or time.time()
    start = execution.started_at or end
    planned = execution.planned_at or start
    return {
        "QueryQueueTimeInMillis": _millis(start - execution.submitted_at),
        "QueryPlanningTimeInMillis": _millis(planned - start),
        "EngineExecutionTimeInMillis": _millis(end - start),
        "ServiceProcessingTimeInMillis": 0,
        "ServicePreProcessingTimeInMillis": 0,
        "TotalExecutionTimeInMillis": _millis(end - execution.submitted_at),
    }


def _millis(seconds: float) -> int:
    return max(0, int(seconds * 1000))


def runtime_statistics(execution: Execution) -> dict[str, Any]:
    """The `QueryRuntimeStatistics` structure; stages are not told."""
    return {
        "Timeline": _timeline(execution),
        "Rows": {
            "InputRows": 0,
            "InputBytes": execution.scanned_bytes,
            "OutputRows": len(execution.outcome.rows),
            "OutputBytes": 0,
        },
    }
