"""What the demo does to the platform: deliver raw data, run jobs, wait until their runs are registered."""

import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import boto3

from insightshare.aws.deployment import Deployment
from insightshare.aws.glue_jobs import JobRun, finished_job, start_job
from insightshare.publish.facts import UNREGISTERED, Run
from insightshare.publish.ports import Ports

JOBS_AT_ONCE = 2  # one per core of a small laptop
REGISTRATION_SECONDS = 300  # seconds on an idle machine; nobody gains by giving up early on a busy one


@dataclass(frozen=True)
class Task:
    """One job run to do: `land` a source, or `train` or `score` an insight, for one date."""

    verb: str
    subject: str
    as_of: str

    @property
    def arguments(self) -> dict[str, str]:
        return {"source" if self.verb == "land" else "insight": self.subject, "as_of": self.as_of}

    def __str__(self) -> str:
        return f"{self.verb} {self.subject} {self.as_of}"


def deliver(deployment: Deployment, as_of: str, variant: str, sources: Iterable[str] = ()) -> None:
    """Play the upstream: put raw files of one date into the landing bucket."""
    chosen = [word for source in sources for word in ("--source", source)]
    target = f"s3://{deployment.landing}/raw"
    command = [sys.executable, "-m", "samples", "deliver", "--as-of", as_of, "--to", target, "--variant", variant]
    subprocess.run([*command, *chosen], check=True)


def run_jobs(session: boto3.Session, deployment: Deployment, tasks: Iterable[Task]) -> dict[Task, JobRun]:
    """Run the tasks as Glue job runs, a few at a time; return how each ended."""
    glue = session.client("glue")

    def run(task: Task) -> tuple[Task, JobRun]:
        job = deployment.job(task.verb)
        return task, finished_job(glue, job, start_job(glue, job, task.arguments))

    with ThreadPoolExecutor(JOBS_AT_ONCE) as pool:
        return dict(pool.map(run, tasks))


def registered_runs(ports: Ports, insights: Iterable[str]) -> list[Run]:
    """Wait until no run of these insights is still to be registered; return all of them, oldest first."""
    names = list(insights)
    deadline = time.monotonic() + REGISTRATION_SECONDS
    while True:
        runs = [run for name in names for run in ports.registry.runs(name)]
        waiting = [run for run in runs if run.state in UNREGISTERED]
        if not waiting:
            return runs
        if time.monotonic() > deadline:
            raise SystemExit(f"demo: registration: {len(waiting)} runs are not registered. Fix: read .local/cloud.log.")
        time.sleep(0.2)
