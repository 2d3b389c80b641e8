"""`python -m localcloud`: up, status and down can each be said twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.behaviour.parts import until


def _say(command: str, directory: Path) -> tuple[int, str]:
    words = [sys.executable, "-m", "localcloud", command, "--directory", str(directory)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "cloud"
    _say("down", tmp_path / "cloud")


def test_up_starts_one_server_whatever_profile_one_has_and_down_stops_it(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-nobody")

    first, second = _say("up", directory), _say("up", directory)
    state = json.loads((directory / "cloud.json").read_text())
    said = _say("status", directory)

    stopped, stopped_again = _say("down", directory), _say("down", directory)

    assert first == second == said == (0, state["endpoint"])
    assert state["endpoint"].startswith("http://127.0.0.1:")
    assert (stopped, stopped_again, _say("status", directory)) == ((0, ""), (0, ""), (1, "down"))


def test_a_server_that_is_stopped_takes_its_jobs_along(directory: Path) -> None:
    _, endpoint = _say("up", directory)
    script = f'''
import boto3, json, time
def client(name):
    return boto3.client(name, endpoint_url={endpoint!r}, region_name="eu-west-1",
                        aws_access_key_id="111111111111", aws_secret_access_key="any")
glue = {{"Effect": "Allow", "Principal": {{"Service": "glue.amazonaws.com"}}, "Action": "sts:AssumeRole"}}
trust = {{"Version": "2012-10-17", "Statement": [glue]}}
allow = {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}]}}
role = client("iam").create_role(RoleName="job", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
client("iam").put_role_policy(RoleName="job", PolicyName="s3", PolicyDocument=json.dumps(allow))
client("s3").create_bucket(Bucket="scripts", CreateBucketConfiguration={{"LocationConstraint": "eu-west-1"}})
body = b"""import os, time, pathlib
pathlib.Path({str(directory / "job.pid")!r}).write_text(str(os.getpid()))
time.sleep(600)"""
client("s3").put_object(Bucket="scripts", Key="sleep.py", Body=body)
command = {{"Name": "glueetl", "ScriptLocation": "s3://scripts/sleep.py"}}
client("glue").create_job(Name="sleep", Role=role, Command=command)
client("glue").start_job_run(JobName="sleep")
'''
    subprocess.run([sys.executable, "-c", script], check=True)
    pid_file = directory / "job.pid"
    pid = int(until(lambda: pid_file.read_text() if pid_file.exists() else None))

    _say("down", directory)

    def gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"

    assert until(gone)
