"""Executes Glue job runs: the real script with its real arguments, as the job's role, in a process of its own."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from uuid import uuid4

from localcloud.event_rules import put_aws_event
from localcloud.logstreams import log_permissions, write_lines
from localcloud.recording import acted
from localcloud.sessions import role_client, role_environment

log = logging.getLogger("localcloud")
ACTIVE = ("STARTING", "RUNNING", "STOPPING")
# Arguments that Glue takes for itself; the script gets the rest.
RESERVED = frozenset(
    f"--{name}" for name in (
        "additional-python-modules", "auto-scale-within-microbatch", "class", "conf", "continuous-log-logGroup",
        "customer-driver-env-vars", "customer-executor-env-vars", "datalake-formats", "disable-proxy-v2",
        "enable-auto-scaling", "enable-continuous-cloudwatch-log", "enable-continuous-log-filter",
        "enable-glue-datacatalog", "enable-job-insights", "enable-metrics", "enable-observability-metrics",
        "enable-rename-algorithm-v2", "enable-s3-parquet-optimized-committer", "enable-spark-ui", "executor-cores",
        "extra-files", "extra-jars", "extra-py-files", "job-bookmark-option", "job-language",
        "python-modules-installer-option", "scriptLocation", "spark-event-logs-path", "use-postgres-driver",
        "user-jars-first", "write-shuffle-files-to-s3", "write-shuffle-spills-to-s3",
    )
)  # fmt: skip


@dataclass
class JobRun:
    """One run, from start to end; times are seconds since 1970."""

    job_name: str
    account_id: str
    region: str
    role: str
    script: str
    arguments: dict[str, str]
    shown_arguments: dict[str, str]
    timeout_minutes: int
    settings: dict[str, Any]
    run_id: str = field(default_factory=lambda: f"jr_{uuid4().hex}{uuid4().hex}")
    state: str = "STARTING"
    error: str = ""
    started: float = field(default_factory=time.time)
    changed: float = field(default_factory=time.time)
    completed: float | None = None
    process: subprocess.Popen[bytes] | None = None
    stop_wanted: bool = False

    def shown(self) -> dict[str, Any]:
        """The run as GetJobRun shows it."""
        end = self.completed or time.time()
        reply: dict[str, Any] = {
            "Id": self.run_id,
            "Attempt": 0,
            "JobName": self.job_name,
            "JobMode": "SCRIPT",
            "StartedOn": self.started,
            "LastModifiedOn": self.changed,
            "JobRunState": self.state,
            "Arguments": self.shown_arguments,
            "PredecessorRuns": [],
            "ExecutionTime": int(end - self.started),
            "Timeout": self.timeout_minutes,
            "LogGroupName": "/aws-glue/jobs",
            "ExecutionClass": "STANDARD",
            **self.settings,
        }
        if self.completed:
            reply["CompletedOn"] = self.completed
        if self.error:
            reply["ErrorMessage"] = self.error
        return reply

    def move(self, state: str, error: str = "") -> None:
        """Into the next state."""
        self.state, self.error, self.changed = state, error, time.time()
        if state not in (*ACTIVE, "WAITING"):
            self.completed = self.changed


class Runs:
    """All runs of this server, oldest first."""

    def __init__(self) -> None:
        self._runs: list[JobRun] = []
        self._lock = Lock()

    def start(self, run: JobRun, most: int, queued: bool) -> bool:
        """Start the run; beyond `most` at once it waits if `queued`, else is refused."""
        with self._lock:
            active = [other for other in self._runs if _same_job(other, run) and other.state in ACTIVE]
            if len(active) >= most and not queued:
                return False
            if len(active) >= most:
                run.state = "WAITING"
            self._runs.append(run)
        if run.state != "WAITING":
            self._launch(run, most)
        return True

    def stop(self, run: JobRun) -> bool:
        """Stop a waiting or running run; False where it has ended."""
        with self._lock:
            if run.state == "WAITING":
                run.move("STOPPED")
                return True
            if run.state not in ACTIVE:
                return False
            run.stop_wanted = True
            run.move("STOPPING")
        _kill(run)
        return True

    def of_job(self, account_id: str, region: str, name: str) -> list[JobRun]:
        """The runs of one job."""
        key = (account_id, region, name)
        return [run for run in list(self._runs) if (run.account_id, run.region, run.job_name) == key]

    def reset(self) -> None:
        """Stop and forget every run."""
        with self._lock:
            runs, self._runs = self._runs, []
        for run in runs:
            run.stop_wanted = True
            _kill(run)

    def _launch(self, run: JobRun, most: int) -> None:
        Thread(target=self._work, args=(run, most), daemon=True).start()

    def _work(self, run: JobRun, most: int) -> None:
        state, error = "FAILED", ""
        try:
            state, error = execute(run)
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}"
        with self._lock:
            run.move("STOPPED" if run.stop_wanted else state, "" if run.stop_wanted else error)
            waiting = [other for other in self._runs if _same_job(other, run) and other.state == "WAITING"]
            following = waiting[0] if waiting else None
            if following is not None:
                following.move("STARTING")
        if following is not None:
            self._launch(following, most)
        _announce(run)


def execute(run: JobRun) -> tuple[str, str]:
    """Run the script to its end; its final state and, if it failed, why."""
    role_arn = _role_arn(run)
    directory = Path(tempfile.mkdtemp(prefix="glue-"))
    try:
        s3 = role_client("s3", "glue", role_arn, "GlueJobRunnerSession", run.region)
        script = _fetch(s3, run.script, directory / "script")
        extras = [_fetch(s3, uri, directory / "extra") for uri in _listed(run.arguments.get("--extra-py-files", ""))]
        for uri in _listed(run.arguments.get("--extra-files", "")):
            _fetch(s3, uri, directory)
        paths = dict.fromkeys(str(file if file.suffix in (".zip", ".whl", ".egg") else file.parent) for file in extras)
        environment = {
            **role_environment("glue", role_arn, "GlueJobRunnerSession", run.region),
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(directory),
            "TMPDIR": str(directory),
        }
        return _run_script(run, [sys.executable, str(script), *_script_arguments(run)], directory, environment)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _role_arn(run: JobRun) -> str:
    return run.role if run.role.startswith("arn:") else f"arn:aws:iam::{run.account_id}:role/{run.role}"


def _run_script(run: JobRun, command: list[str], directory: Path, environment: dict[str, str]) -> tuple[str, str]:
    output, errors = directory / "stdout.log", directory / "stderr.log"
    with output.open("wb") as out, errors.open("wb") as err:
        run.process = subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        if run.stop_wanted:
            _kill(run)
        else:
            run.move("RUNNING")
        try:
            code: int | None = run.process.wait(timeout=run.timeout_minutes * 60)
        except subprocess.TimeoutExpired:
            _kill(run)
            run.process.wait()
            code = None
    printed, complained = (path.read_text(errors="replace") for path in (output, errors))
    write_lines(run.account_id, run.region, "/aws-glue/jobs/output", run.run_id, printed)
    write_lines(run.account_id, run.region, "/aws-glue/jobs/error", run.run_id, complained)
    for kind in ("output", "error"):
        acted(
            _role_arn(run), "glue", *log_permissions(run.account_id, run.region, f"/aws-glue/jobs/{kind}", run.run_id)
        )
    if code is None:
        return "TIMEOUT", f"Job run exceeded its timeout of {run.timeout_minutes} minutes."
    if code == 0:
        return "SUCCEEDED", ""
    last = next((line for line in reversed(complained.splitlines()) if line.strip()), "")
    return "FAILED", last if last else f"SystemExit: {code}"


def _script_arguments(run: JobRun) -> list[str]:
    job_id = f"j_{hashlib.sha256(run.job_name.encode()).hexdigest()}"
    named = {"--JOB_ID": job_id, "--JOB_NAME": run.job_name, "--JOB_RUN_ID": run.run_id}
    named |= {name: value for name, value in run.arguments.items() if name not in RESERVED}
    return [word for name, value in named.items() for word in ((name, value) if value != "" else (name,))]


def _listed(text: str) -> list[str]:
    return [uri.strip() for uri in text.split(",") if uri.strip()]


def _fetch(s3: Any, uri: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    path = folder / key.rpartition("/")[2]
    path.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return path


def _same_job(one: JobRun, other: JobRun) -> bool:
    return (one.account_id, one.region, one.job_name) == (other.account_id, other.region, other.job_name)


def _kill(run: JobRun) -> None:
    if run.process is not None and run.process.poll() is None:
        os.killpg(run.process.pid, signal.SIGKILL)


def _announce(run: JobRun) -> None:
    detail = {
        "jobName": run.job_name,
        "severity": "INFO" if run.state in ("SUCCEEDED", "STOPPED") else "ERROR",
        "state": run.state,
        "jobRunId": run.run_id,
        "message": run.error or f"Job run {run.state.lower()}",
    }
    try:
        put_aws_event(run.account_id, run.region, "aws.glue", "Glue Job State Change", [], detail)
    except Exception:
        log.exception("the end of a run of %s was not announced", run.job_name)
