"""Glue's job API: definitions (moto's, completed) and runs, which job_runs.py executes."""

from __future__ import annotations

from typing import Any

from localcloud.gateway import AwsError, Call
from localcloud.job_runs import JobRun, Runs
from localcloud.store import backend

RUNS = Runs()
# What moto's jobs drop and Terraform reads back.
KEPT = ("JobRunQueuingEnabled", "MaintenanceWindow", "JobMode", "NonOverridableArguments")
WHOLE: dict[str, Any] = {"ExecutionProperty": {"MaxConcurrentRuns": 1}, "MaxRetries": 0, "Timeout": 2880}


def _job(call: Call, name: str) -> Any:
    job = backend("glue", call.caller.account_id, call.region).jobs.get(name)
    if job is None:
        raise AwsError("EntityNotFoundException", f"Job with name: {name} not found.")
    return job


def _create_job(call: Call, reply: dict[str, Any]) -> dict[str, Any]:
    job = _job(call, call.params["Name"])
    job.localcloud_kept = {name: call.params[name] for name in KEPT if name in call.params}
    return reply


def _update_job(call: Call) -> dict[str, Any]:
    """UpdateJob replaces the whole definition; what is not given falls back to its default."""
    job, update = _job(call, call.params["JobName"]), {**WHOLE, **call.params["JobUpdate"]}
    names = {
        "Description": "description", "LogUri": "log_uri", "Role": "role", "ExecutionProperty": "execution_property",
        "Command": "command", "DefaultArguments": "default_arguments", "Connections": "connections",
        "NonOverridableArguments": "non_overridable_arguments", "MaxRetries": "max_retries", "Timeout": "timeout",
        "MaxCapacity": "max_capacity", "WorkerType": "worker_type", "NumberOfWorkers": "number_of_workers",
        "SecurityConfiguration": "security_configuration", "NotificationProperty": "notification_property",
        "GlueVersion": "glue_version", "ExecutionClass": "execution_class",
    }  # fmt: skip
    for wire_name, attribute in names.items():
        setattr(job, attribute, update.get(wire_name))
    job.default_arguments = job.default_arguments or {}
    job.execution_class = job.execution_class or "STANDARD"
    job.localcloud_kept = {name: update[name] for name in KEPT if name in update}
    return {"JobName": job.name}


def definition(job: Any) -> dict[str, Any]:
    """The job as GetJob shows it."""
    shown = {**job.as_dict(), **getattr(job, "localcloud_kept", {})}
    shown.setdefault("JobMode", "SCRIPT")
    return {name: value for name, value in shown.items() if value is not None}


def _get_job(call: Call) -> dict[str, Any]:
    return {"Job": definition(_job(call, call.params["JobName"]))}


def _start_job_run(call: Call) -> dict[str, Any]:
    job, params = _job(call, call.params["JobName"]), call.params
    arguments = {
        **(job.default_arguments or {}),
        **params.get("Arguments", {}),
        **(job.non_overridable_arguments or {}),
    }
    run = JobRun(
        job_name=job.name,
        account_id=call.caller.account_id,
        region=call.region,
        role=job.role,
        script=job.command["ScriptLocation"],
        arguments=arguments,
        shown_arguments=params.get("Arguments", {}),
        timeout_minutes=int(params.get("Timeout") or job.timeout or WHOLE["Timeout"]),
        settings={
            "GlueVersion": job.glue_version or "5.1",
            "WorkerType": params.get("WorkerType") or job.worker_type or "G.1X",
            "NumberOfWorkers": params.get("NumberOfWorkers") or job.number_of_workers or 10,
        },
    )
    most = (job.execution_property or {}).get("MaxConcurrentRuns", 1)
    kept = getattr(job, "localcloud_kept", {})
    queued = params.get("JobRunQueuingEnabled", kept.get("JobRunQueuingEnabled", False))
    if not RUNS.start(run, most, queued):
        raise AwsError("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job.name}")
    return {"JobRunId": run.run_id}


def _find_run(call: Call, name: str, run_id: str) -> JobRun:
    for run in RUNS.of_job(call.caller.account_id, call.region, name):
        if run.run_id == run_id:
            return run
    raise AwsError("EntityNotFoundException", f"Job Run {run_id} for job {name} not found.")


def _get_job_run(call: Call) -> dict[str, Any]:
    _job(call, call.params["JobName"])
    return {"JobRun": _find_run(call, call.params["JobName"], call.params["RunId"]).shown()}


def _get_job_runs(call: Call) -> dict[str, Any]:
    """Newest first, in pages."""
    _job(call, call.params["JobName"])
    runs = list(reversed(RUNS.of_job(call.caller.account_id, call.region, call.params["JobName"])))
    start, size = int(call.params.get("NextToken") or 0), int(call.params.get("MaxResults") or 200)
    page: dict[str, Any] = {"JobRuns": [run.shown() for run in runs[start : start + size]]}
    if start + size < len(runs):
        page["NextToken"] = str(start + size)
    return page


def _batch_stop_job_run(call: Call) -> dict[str, Any]:
    name, stopped, errors = call.params["JobName"], [], []
    for run_id in call.params["JobRunIds"]:
        try:
            run = _find_run(call, name, run_id)
            if not RUNS.stop(run):
                raise AwsError("InvalidInputException", f"Job run {run_id} is not running.")
            stopped.append({"JobName": name, "JobRunId": run_id})
        except AwsError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"JobName": name, "JobRunId": run_id, "ErrorDetail": detail})
    return {"SuccessfulSubmissions": stopped, "Errors": errors}


def reset() -> None:
    """Stop and forget every run."""
    RUNS.reset()


HANDLERS = {
    ("glue", "UpdateJob"): _update_job,
    ("glue", "GetJob"): _get_job,
    ("glue", "StartJobRun"): _start_job_run,
    ("glue", "GetJobRun"): _get_job_run,
    ("glue", "GetJobRuns"): _get_job_runs,
    ("glue", "BatchStopJobRun"): _batch_stop_job_run,
}
REWRITERS = {("glue", "CreateJob"): _create_job}
