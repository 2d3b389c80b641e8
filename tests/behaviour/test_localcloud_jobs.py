"""A Glue job run executes its real script with its real arguments as the job's role."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.parts import logged, make_bucket, make_role, package, unique, until
from tests.conftest import Cloud

ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")


def _make_job(cloud: Cloud, source: str, arguments: dict[str, str] | None = None, **settings: Any) -> str:
    bucket, name = make_bucket(cloud), unique("job")
    s3 = cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="script.py", Body=source.encode())
    s3.put_object(Bucket=bucket, Key="library.zip", Body=package(borrowed="ANSWER = 42"))
    cloud.client("glue").create_job(
        Name=name,
        Role=make_role(cloud, "glue", "s3:*"),
        Command={"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": f"s3://{bucket}/script.py"},
        DefaultArguments={"--extra-py-files": f"s3://{bucket}/library.zip", **(arguments or {})},
        GlueVersion="5.1",
        **settings,
    )
    return name


def _finish(cloud: Cloud, job: str, run_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = cloud.client("glue").get_job_run(JobName=job, RunId=run_id)["JobRun"]
        return run if run["JobRunState"] in ENDED else None

    return until(look)


def _run(cloud: Cloud, job: str, **settings: Any) -> dict[str, Any]:
    return _finish(cloud, job, cloud.client("glue").start_job_run(JobName=job, **settings)["JobRunId"])


def test_a_run_gets_the_defaults_its_own_arguments_and_the_library(cloud: Cloud) -> None:
    source = """
import borrowed, json, sys
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
print(json.dumps([words["--lake"], words["--as_of"], borrowed.ANSWER]))
"""
    job = _make_job(cloud, source, {"--lake": "s3://lake", "--as_of": "never", "--enable-metrics": ""})

    run = _run(cloud, job, Arguments={"--as_of": "2026-11-21"})

    assert (run["JobRunState"], run.get("ErrorMessage")) == ("SUCCEEDED", None)
    assert [json.loads(line) for line in logged(cloud, "/aws-glue/jobs/output")][-1] == ["s3://lake", "2026-11-21", 42]


def test_a_script_works_as_the_jobs_role(cloud: Cloud) -> None:
    job = _make_job(cloud, "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])")
    role = cloud.client("glue").get_job(JobName=job)["Job"]["Role"]

    _run(cloud, job)

    arn = logged(cloud, "/aws-glue/jobs/output")[-1]
    assert arn == role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/GlueJobRunnerSession"


def test_a_failed_run_says_why_and_its_stack_is_in_the_error_log(cloud: Cloud) -> None:
    job = _make_job(cloud, "raise ValueError('no such source')")

    run = _run(cloud, job)

    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "ValueError: no such source")
    stream = cloud.client("logs").get_log_events(logGroupName="/aws-glue/jobs/error", logStreamName=run["Id"])
    assert stream["events"][0]["message"] == "Traceback (most recent call last):"


def test_a_run_whose_script_is_missing_fails(cloud: Cloud) -> None:
    job = _make_job(cloud, "pass")
    definition = cloud.client("glue").get_job(JobName=job)["Job"]
    command = {**definition["Command"], "ScriptLocation": definition["Command"]["ScriptLocation"] + "x"}

    cloud.client("glue").update_job(JobName=job, JobUpdate={"Role": definition["Role"], "Command": command})

    assert _run(cloud, job)["JobRunState"] == "FAILED"


def test_a_run_whose_role_does_not_trust_glue_fails(cloud: Cloud) -> None:
    job, role = _make_job(cloud, "pass"), make_role(cloud, "lambda", "s3:*")
    command = cloud.client("glue").get_job(JobName=job)["Job"]["Command"]

    cloud.client("glue").update_job(JobName=job, JobUpdate={"Role": role, "Command": command})

    run = _run(cloud, job)
    assert (run["JobRunState"], "cannot be assumed by glue.amazonaws.com" in run["ErrorMessage"]) == ("FAILED", True)


def test_a_run_can_be_stopped(cloud: Cloud) -> None:
    glue, job = cloud.client("glue"), _make_job(cloud, "import time; time.sleep(600)")
    run_id = glue.start_job_run(JobName=job)["JobRunId"]

    reply = glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id, "jr_none"])

    assert [entry["JobRunId"] for entry in reply["SuccessfulSubmissions"]] == [run_id]
    assert [entry["ErrorDetail"]["ErrorCode"] for entry in reply["Errors"]] == ["EntityNotFoundException"]
    assert _finish(cloud, job, run_id)["JobRunState"] == "STOPPED"


def test_more_runs_than_allowed_are_refused(cloud: Cloud) -> None:
    glue, job = cloud.client("glue"), _make_job(cloud, "import time; time.sleep(600)")
    run_id = glue.start_job_run(JobName=job)["JobRunId"]

    with pytest.raises(ClientError) as refused:
        glue.start_job_run(JobName=job)

    glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    assert refused.value.response["Error"]["Code"] == "ConcurrentRunsExceededException"


def test_more_runs_than_allowed_wait_where_the_job_queues(cloud: Cloud) -> None:
    glue, job = cloud.client("glue"), _make_job(cloud, "import time; time.sleep(1)", JobRunQueuingEnabled=True)

    runs = [glue.start_job_run(JobName=job)["JobRunId"] for _ in range(2)]

    states = {run["Id"]: run["JobRunState"] for run in glue.get_job_runs(JobName=job)["JobRuns"]}
    assert states[runs[1]] == "WAITING"
    assert [_finish(cloud, job, run)["JobRunState"] for run in runs] == ["SUCCEEDED", "SUCCEEDED"]


def test_the_end_of_a_run_is_an_event(cloud: Cloud) -> None:
    url = cloud.client("sqs").create_queue(QueueName=unique("ends"))["QueueUrl"]
    arn = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    job, rule = _make_job(cloud, "raise SystemExit(3)"), unique("rule")
    pattern = {"source": ["aws.glue"], "detail-type": ["Glue Job State Change"], "detail": {"jobName": [job]}}
    cloud.client("events").put_rule(Name=rule, EventPattern=json.dumps(pattern))
    cloud.client("events").put_targets(Rule=rule, Targets=[{"Id": "one", "Arn": arn}])

    run = _run(cloud, job)

    (message,) = until(lambda: cloud.client("sqs").receive_message(QueueUrl=url).get("Messages"))
    detail = json.loads(message["Body"])["detail"]
    assert (detail["state"], detail["jobRunId"], run["ErrorMessage"]) == ("FAILED", run["Id"], "SystemExit: 3")


def test_an_update_replaces_the_whole_definition(cloud: Cloud) -> None:
    glue = cloud.client("glue")
    job = _make_job(cloud, "pass", {"--a": "1"}, MaxRetries=0, JobRunQueuingEnabled=True, Timeout=5)
    before = glue.get_job(JobName=job)["Job"]

    glue.update_job(JobName=job, JobUpdate={"Role": before["Role"], "Command": before["Command"], "Timeout": 7})

    after = glue.get_job(JobName=job)["Job"]
    assert (before["JobRunQueuingEnabled"], before["DefaultArguments"]["--a"]) == (True, "1")
    assert (after["DefaultArguments"], after["Timeout"], "JobRunQueuingEnabled" in after) == ({}, 7, False)
