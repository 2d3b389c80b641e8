"""A deployed package's handler runs as its function's role, and Lambda's promises about failures hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.parts import logged, make_bucket, make_function, package, unique, until
from tests.conftest import Cloud

ECHO = """
import os
def handler(event, context):
    print("saw", event)
    return {"event": event, "colour": os.environ.get("COLOUR"), "name": context.function_name}
"""


def _invoke(cloud: Cloud, name: str, event: Any, **settings: Any) -> tuple[Any, str | None]:
    reply = cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **settings)
    return json.loads(reply["Payload"].read() or b"null"), reply.get("FunctionError")


def test_the_deployed_handler_answers_with_its_environment(cloud: Cloud) -> None:
    name = make_function(cloud, ECHO, Environment={"Variables": {"COLOUR": "green"}})

    assert _invoke(cloud, name, {"a": 1}) == ({"event": {"a": 1}, "colour": "green", "name": name}, None)


def test_what_a_handler_prints_is_in_its_log_group(cloud: Cloud) -> None:
    name = make_function(cloud, ECHO)

    _invoke(cloud, name, {"a": 1})

    assert "saw {'a': 1}" in logged(cloud, f"/aws/lambda/{name}")


def test_a_handler_calls_aws_as_the_functions_role(cloud: Cloud) -> None:
    source = """
    import boto3
    def handler(event, context):
        boto3.client("s3").put_object(Bucket=event["bucket"], Key="written", Body=b"x")
        return boto3.client("sts").get_caller_identity()["Arn"]
    """
    bucket, name = make_bucket(cloud), make_function(cloud, source, "s3:PutObject", Timeout=30)
    role = cloud.client("lambda").get_function_configuration(FunctionName=name)["Role"]

    arn, _ = _invoke(cloud, name, {"bucket": bucket})

    assert arn == f"{role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/{name}"
    put = [call for call in cloud.calls() if call["resource"] == f"{bucket}/written"]
    assert [(call["principal"], call["action"], call["status"]) for call in put] == [(role, "PutObject", 200)]


def test_a_handler_may_not_do_what_its_role_is_not_allowed(cloud: Cloud) -> None:
    source = """
    import boto3
    def handler(event, context):
        boto3.client("s3").put_object(Bucket=event["bucket"], Key="written", Body=b"x")
    """
    bucket, name = make_bucket(cloud), make_function(cloud, source, Timeout=30)

    reply, failed = _invoke(cloud, name, {"bucket": bucket})

    assert (failed, "AccessDenied" in reply["errorMessage"]) == ("Unhandled", True)


def test_an_exception_is_reported_with_type_and_message(cloud: Cloud) -> None:
    name = make_function(cloud, "def handler(event, context): raise ValueError('no such insight')")

    reply, failed = _invoke(cloud, name, {})

    assert (reply["errorType"], reply["errorMessage"], failed) == ("ValueError", "no such insight", "Unhandled")


def test_a_package_without_its_dependency_fails_as_on_aws(cloud: Cloud) -> None:
    name = make_function(cloud, "import pyarrow\ndef handler(event, context): return 1")

    reply, _ = _invoke(cloud, name, {})

    assert reply["errorType"] == "Runtime.ImportModuleError"


def test_a_function_that_takes_too_long_is_stopped_and_the_next_call_works(cloud: Cloud) -> None:
    source = "import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'done'"
    name = make_function(cloud, source, Timeout=2)

    late, failed = _invoke(cloud, name, 60)

    assert ("Task timed out after 2.00 seconds" in late["errorMessage"], failed) == (True, "Unhandled")
    assert _invoke(cloud, name, 0) == ("done", None)


def test_a_warm_process_is_used_again_until_the_code_changes(cloud: Cloud) -> None:
    source = "import os\ndef handler(event, context): return [os.getpid(), {}]"
    name = make_function(cloud, source.format(1))
    (first, _), _ = _invoke(cloud, name, {})

    (second, version), _ = _invoke(cloud, name, {})
    cloud.client("lambda").update_function_code(FunctionName=name, ZipFile=package(handler=source.format(2)))
    (third, updated), _ = _invoke(cloud, name, {})

    assert (first == second, second == third, version, updated) == (True, False, 1, 2)


def test_an_event_invocation_that_keeps_failing_becomes_a_dead_letter(cloud: Cloud) -> None:
    queue = cloud.client("sqs").create_queue(QueueName=unique("dead"))["QueueUrl"]
    arn = cloud.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    name = make_function(cloud, "def handler(event, context): raise ValueError()", DeadLetterConfig={"TargetArn": arn})

    later = cloud.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"lost": true}')

    assert later["StatusCode"] == 202
    messages = until(lambda: cloud.client("sqs").receive_message(QueueUrl=queue).get("Messages"))
    assert json.loads(messages[0]["Body"]) == {"lost": True}
    assert sum(line == "ValueError" for line in logged(cloud, f"/aws/lambda/{name}")) == 3


def test_settings_that_terraform_reads_back_are_kept(cloud: Cloud) -> None:
    logging = {"LogFormat": "JSON", "LogGroup": "/somewhere"}
    name = make_function(cloud, ECHO, LoggingConfig=logging, TracingConfig={"Mode": "Active"})

    cloud.client("lambda").update_function_configuration(FunctionName=name, TracingConfig={"Mode": "PassThrough"})

    shown = cloud.client("lambda").get_function(FunctionName=name)["Configuration"]
    assert (shown["LoggingConfig"], shown["TracingConfig"]) == (logging, {"Mode": "PassThrough"})


def test_a_dry_run_runs_nothing(cloud: Cloud) -> None:
    name = make_function(cloud, ECHO)

    reply = cloud.client("lambda").invoke(FunctionName=name, InvocationType="DryRun")

    assert (reply["StatusCode"], logged(cloud, f"/aws/lambda/{name}")) == (204, [])


def test_a_function_that_is_not_there_is_not_found(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("lambda").invoke(FunctionName=unique("nobody"))

    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_process_that_exits_is_an_error_and_the_next_call_works(cloud: Cloud) -> None:
    name = make_function(cloud, "import os\ndef handler(event, context):\n    return os._exit(3) if event else 'up'")

    reply, _ = _invoke(cloud, name, True)

    assert (reply["errorType"], _invoke(cloud, name, False)) == ("Runtime.ExitError", ("up", None))
