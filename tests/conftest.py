"""The fixture `cloud`: a local AWS of one's own for the test session, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, cast

import boto3
import pytest
from botocore.config import Config
from hypothesis import settings

# A busy machine is slow now and then; no test is about time.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

PROVIDER, ACME, GLOBEX = "111111111111", "222222222222", "333333333333"
REGION = "eu-west-1"

# One for all tests: a session of one's own would read the service's model anew for each client, for 0.1 s.
_SESSION = boto3.session.Session()
_ONE_AT_A_TIME = Lock()  # clients may be shared by threads, sessions may not


@dataclass(frozen=True)
class Cloud:
    """A running local AWS."""

    endpoint: str
    directory: Path

    def client(self, service: str, account: str = PROVIDER, credentials: Mapping[str, Any] | None = None) -> Any:
        """A boto3 client: as the account's administrator, or with `credentials` as STS returns them."""
        keys = credentials or {"AccessKeyId": account, "SecretAccessKey": "any", "SessionToken": None}
        with _ONE_AT_A_TIME:
            return _SESSION.client(
                service,  # type: ignore[call-overload]  # the stubs list every service by name
                region_name=REGION,
                endpoint_url=self.endpoint,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys["SessionToken"],
                config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
            )

    def session(self, account: str = PROVIDER) -> boto3.Session:
        """A session of the account's administrator whose clients talk to this cloud."""
        return cast(boto3.Session, _CloudSession(self, account))

    def assume(self, role_arn: str, account: str = PROVIDER) -> dict[str, Any]:
        """Credentials of a session of the role, assumed by the administrator of `account`."""
        reply = self.client("sts", account).assume_role(RoleArn=role_arn, RoleSessionName="test")
        credentials: dict[str, Any] = reply["Credentials"]
        return credentials

    def environment(self, account: str = PROVIDER) -> dict[str, str]:
        """Environment variables with which any AWS tool talks to this cloud as the account's administrator."""
        return {
            **os.environ,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
        }

    def calls(self) -> list[dict[str, Any]]:
        """Every recorded call: principal, service, action, resource, status."""
        calls: list[dict[str, Any]] = self.request("GET", "/localcloud/calls")
        return calls

    def reset(self) -> None:
        """An empty cloud again."""
        self.request("POST", "/localcloud/reset")

    def request(self, method: str, path: str) -> Any:
        """Ask one of the server's own endpoints."""
        request = urllib.request.Request(self.endpoint + path, method=method)  # noqa: S310 - our own loopback
        with urllib.request.urlopen(request, timeout=120) as reply:  # noqa: S310 - our own loopback
            return json.load(reply)


@dataclass(frozen=True)
class _CloudSession:
    """The one method of `boto3.Session` that the library uses, on the cloud's endpoint."""

    cloud: Cloud
    account: str

    def client(self, service: str) -> Any:
        return self.cloud.client(service, self.account)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local AWS of the session's own."""
    with running_cloud(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@contextmanager
def running_cloud(directory: Path) -> Iterator[Cloud]:
    """A local AWS on a free port, gone when the block ends; its state and log are in the directory."""
    with (directory / "cloud.log").open("wb") as log:
        command = [sys.executable, "-m", "localcloud", "serve", "--port", "0", "--directory", str(directory)]
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        state = _wait_for(directory / "cloud.json", process)
        yield Cloud(json.loads(state)["endpoint"], directory)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if path.exists():
            return path.read_text()
        time.sleep(0.05)
    raise RuntimeError(f"the local AWS did not start: {(path.parent / 'cloud.log').read_text()[-2000:]}")
