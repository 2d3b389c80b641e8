"""Runs Lambda functions: the deployed package's handler, as the function's role, in a process that stays warm."""

from __future__ import annotations

import base64
import io
import json
import logging
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from uuid import uuid4

from localcloud.gateway import AwsError, Call
from localcloud.home import HOME
from localcloud.logstreams import log_permissions, write_lines
from localcloud.permissions import Permission
from localcloud.recording import acted
from localcloud.sessions import role_environment
from localcloud.store import backend

log = logging.getLogger("localcloud")
WORKER = Path(__file__).with_name("function_worker.py")
# What AWS's Python runtime has besides the standard library. Anything else must be in the package.
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
ASYNCHRONOUS_ATTEMPTS = 3  # Lambda's default: once and two retries


@dataclass(frozen=True)
class Outcome:
    """One invocation: `payload` is the JSON reply, or the JSON error where `failed`."""

    payload: bytes
    failed: bool
    log_text: str


@dataclass
class Worker:
    """A warm process of one version of one function."""

    process: subprocess.Popen[bytes]
    directory: Path
    stream: str
    log_read: int = 0

    def new_log(self) -> str:
        """What was printed since the last time."""
        text = (self.directory / "log").read_bytes()[self.log_read :]
        self.log_read += len(text)
        return text.decode(errors="replace")

    def stop(self) -> None:
        """End the process and forget its files."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        shutil.rmtree(self.directory, ignore_errors=True)


@dataclass
class Pool:
    """The idle workers of a function, all of the version `key`."""

    key: str = ""
    idle: list[Worker] = field(default_factory=list)


_pools: dict[str, Pool] = {}
_lock = Lock()


def find_function(name_or_arn: str, qualifier: str | None, account_id: str, region: str) -> Any:
    """moto's record of the function."""
    if name_or_arn.startswith("arn:"):
        parts = name_or_arn.split(":")
        account_id, region = parts[4], parts[3]
    return backend("lambda", account_id, region).get_function(name_or_arn, qualifier)


def invoke(function: Any, event: Any) -> Outcome:
    """Run the handler on the event and wait for it."""
    request_id = str(uuid4())
    try:
        worker = _take_worker(function)
    except AwsError as error:
        return Outcome(json.dumps({"errorMessage": error.message, "errorType": error.code}).encode(), True, "")
    deadline = time.time() + int(function.timeout)
    line = json.dumps({"id": request_id, "event": event, "deadline": deadline}) + "\n"
    reply = _ask(worker, line.encode(), deadline)
    text = f"START RequestId: {request_id}\n{worker.new_log()}"
    if reply is None:
        reply = {"error": _death(worker, request_id, int(function.timeout))}
        text += reply["error"]["errorMessage"] + "\n"
        worker.stop()
    else:
        _give_back(function, worker)
    text += f"END RequestId: {request_id}"
    group = _log_group(function)
    write_lines(function.account_id, function.region, group, worker.stream, text)
    acted(function.role, "lambda", *log_permissions(function.account_id, function.region, group, worker.stream))
    if "error" in reply:
        return Outcome(json.dumps(reply["error"]).encode(), True, text)
    return Outcome(reply["payload"].encode(), False, text)


def invoke_later(function: Any, event: Any) -> None:
    """Run the handler without waiting; Lambda tries a failing event three times, then gives it to the dead letters."""
    Thread(target=_attempt, args=(function, event), daemon=True).start()


def reset() -> None:
    """Stop every worker."""
    with _lock:
        workers = [worker for pool in _pools.values() for worker in pool.idle]
        _pools.clear()
    for worker in workers:
        worker.stop()


def _attempt(function: Any, event: Any) -> None:
    for _ in range(ASYNCHRONOUS_ATTEMPTS):
        outcome = invoke(function, event)
        if not outcome.failed:
            return
    target = (getattr(function, "localcloud_settings", {}).get("DeadLetterConfig") or {}).get("TargetArn", "")
    if ":sqs:" in target:
        _, _, _, region, account_id, name = target.split(":", 5)
        backend("sqs", account_id, region).send_message(name, json.dumps(event))
        acted(function.role, "lambda", Permission("sqs:SendMessage", target))
    else:
        log.error("%s failed %s times; it has no dead-letter queue", function.function_name, ASYNCHRONOUS_ATTEMPTS)


def _version_key(function: Any) -> str:
    environment = json.dumps(function.environment_vars, sort_keys=True)
    return f"{function.code_sha_256}|{function.handler}|{function.role}|{function.memory_size}|{environment}"


def _take_worker(function: Any) -> Worker:
    key, stale = _version_key(function), []
    with _lock:
        pool = _pools.setdefault(f"{function.function_arn}:{function.version}", Pool())
        if pool.key != key:
            stale, pool.idle, pool.key = pool.idle, [], key
        worker = pool.idle.pop() if pool.idle else None
    for old in stale:
        old.stop()
    return worker or _start_worker(function)


def _give_back(function: Any, worker: Worker) -> None:
    with _lock:
        pool = _pools.get(f"{function.function_arn}:{function.version}")
        if pool is not None and pool.key == _version_key(function):
            pool.idle.append(worker)
            return
    worker.stop()


def _start_worker(function: Any) -> Worker:
    directory = Path(tempfile.mkdtemp(prefix="function-"))
    package = directory / "task"
    with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
        archive.extractall(package)
    stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{function.version}]{uuid4().hex}"
    environment = {
        **role_environment("lambda", function.role, function.function_name, function.region),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": _log_group(function),
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "LAMBDA_TASK_ROOT": str(package),
        "LOCALCLOUD_RUNTIME": str(_runtime_packages()),
        "LOCALCLOUD_FUNCTION_ARN": function.function_arn,
        "HOME": str(directory),
        "_HANDLER": function.handler,
        **function.environment_vars,
    }
    with (directory / "log").open("ab") as log_file:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(WORKER)],
            cwd=package,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log_file,
        )
    return Worker(process, directory, stream)


def _ask(worker: Worker, line: bytes, deadline: float) -> dict[str, Any] | None:
    """The worker's reply, or None when it died or time ran out."""
    process = worker.process
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(line)
        process.stdin.flush()
    except BrokenPipeError:
        return None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(max(0.0, deadline - time.time())):
            return None
    answer = process.stdout.readline()
    return json.loads(answer) if answer else None


def _death(worker: Worker, request_id: str, timeout_seconds: int) -> dict[str, str]:
    try:
        status = worker.process.wait(timeout=1)  # its pipe closes a moment before it is gone
    except subprocess.TimeoutExpired:
        message = f"RequestId: {request_id} Error: Task timed out after {timeout_seconds:.2f} seconds"
        return {"errorMessage": message, "errorType": "Sandbox.Timedout"}
    message = f"RequestId: {request_id} Error: Runtime exited with error: exit status {status}"
    return {"errorMessage": message, "errorType": "Runtime.ExitError"}


def _log_group(function: Any) -> str:
    settings = getattr(function, "localcloud_settings", {}).get("LoggingConfig") or {}
    return str(settings.get("LogGroup") or f"/aws/lambda/{function.function_name}")


def _runtime_packages() -> Path:
    """A folder that holds what AWS's runtime has, so that what is missing in a package is missing here too."""
    folder = HOME.directory.resolve() / "lambda-runtime"
    with _lock:
        folder.mkdir(parents=True, exist_ok=True)
        for name in RUNTIME_PACKAGES:
            link = folder / name
            if not link.exists():
                link.unlink(missing_ok=True)
                link.symlink_to(_installed(name))
    return folder


def _installed(name: str) -> Path:
    for entry in map(Path, sys.path):
        if entry.name == "site-packages" and (entry / name).exists():
            return entry / name
    raise FileNotFoundError(
        f"{name}: package: not installed is not what Lambda's runtime has. Fix: make its requirements."
    )


def _invoke(call: Call) -> dict[str, Any] | None:
    """Invoke: at once, later (Event) or not at all (DryRun)."""
    name, qualifier = str(call.params["FunctionName"]), call.params.get("Qualifier")
    function = find_function(name, qualifier, call.caller.account_id, call.region)
    if function.package_type != "Zip":
        raise NotImplementedError("only zip packages run")
    kind = call.params.get("InvocationType") or call.headers.get("x-amz-invocation-type") or "RequestResponse"
    try:
        event = json.loads(call.params.get("Payload") or b"{}")
    except ValueError:
        message = "Could not parse request body into json: Could not parse payload into json"
        raise AwsError("InvalidRequestContentException", message) from None
    if kind == "DryRun":
        return {"StatusCode": 204, "Payload": b""}
    if kind == "Event":
        invoke_later(function, event)
        return {"StatusCode": 202, "Payload": b""}
    outcome = invoke(function, event)
    reply = {"StatusCode": 200, "ExecutedVersion": str(function.version), "Payload": outcome.payload}
    if outcome.failed:
        reply["FunctionError"] = "Unhandled"
    if call.headers.get("x-amz-log-type") == "Tail":
        reply["LogResult"] = base64.b64encode(outcome.log_text.encode()[-4096:]).decode()
    return reply


HANDLERS = {("lambda", "Invoke"): _invoke}
