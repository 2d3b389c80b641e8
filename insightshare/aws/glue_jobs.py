"""Glue job runs: start one and wait for its end. Knows nothing of what the jobs do."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from insightshare.aws.athena import Clock
from insightshare.errors import PlatformError

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient
    from mypy_boto3_glue.type_defs import JobRunTypeDef

_RUNNING = ("STARTING", "RUNNING", "STOPPING", "WAITING")
_WAIT_SECONDS = 0.5


@dataclass(frozen=True)
class JobRun:
    """How one job run ended. `message` is the job's own last line where it failed, otherwise empty."""

    job: str
    run_id: str
    state: str
    seconds: float
    message: str

    @property
    def succeeded(self) -> bool:
        return self.state == "SUCCEEDED"


def start_job(glue: "GlueClient", job: str, arguments: Mapping[str, str]) -> str:
    """Start a run of `job` with the arguments given beside its own; return the run's id."""
    try:
        given = {f"--{name}": value for name, value in arguments.items()}
        return glue.start_job_run(JobName=job, Arguments=given)["JobRunId"]
    except glue.exceptions.EntityNotFoundException as error:
        raise PlatformError.at(f"job {job}", "name", "nothing", "a Glue job", "run make deploy first") from error
    except ClientError as error:
        raise PlatformError.at(
            f"job {job}", "start", f"[{error}]", "a started run", "look at the job in Glue"
        ) from error


def finished_job(glue: "GlueClient", job: str, run_id: str, clock: Clock = time) -> JobRun:
    """Wait for the end of a run and return how it went; a failed run is an answer, not an error."""
    while True:
        run = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        if run["JobRunState"] not in _RUNNING:
            return JobRun(job, run_id, run["JobRunState"], _seconds(run), run.get("ErrorMessage", ""))
        clock.sleep(_WAIT_SECONDS)


def _seconds(run: "JobRunTypeDef") -> float:
    started, completed = run.get("StartedOn"), run.get("CompletedOn")
    return (completed - started).total_seconds() if started and completed else 0.0
