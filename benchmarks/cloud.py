"""A local AWS of the benchmarks' own, in a process of its own, and clients of it. Deploys and measures nothing."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ACCOUNT, REGION = "111111111111", "eu-west-1"
START_SECONDS = 60


@dataclass(frozen=True)
class Cloud:
    """A running local AWS, and the environment in which any AWS tool talks to it as the account's administrator."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """Variables for a process."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def session(self) -> boto3.Session:
        """Return a session as the administrator; clients of it need `endpoint_url`."""
        return boto3.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key="any", region_name=REGION)  # noqa: S106 - never looked at

    def client(self, service: str) -> Any:
        """Return a client."""
        config = Config(s3={"addressing_style": "path"})
        return self.session().client(service, endpoint_url=self.endpoint, config=config)  # type: ignore[call-overload]  # stubs list names

    def make_bucket(self, name: str) -> str:
        """Make an empty bucket and return its name."""
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return name

    def make_registry(self, name: str) -> None:
        """Make an empty registry, as `infra/` does."""
        keys = {"pk": "HASH", "sk": "RANGE"}
        self.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )

    def empty_bucket(self, name: str) -> None:
        """Delete every object of a bucket."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=name)
        for key in (item["Key"] for page in pages for item in page.get("Contents", [])):
            self.client("s3").delete_object(Bucket=name, Key=key)


@contextmanager
def running_cloud(directory: Path) -> Iterator[Cloud]:
    """Start a local AWS on a free port; it goes with the block."""
    directory.mkdir(parents=True)
    command = [sys.executable, "-m", "localcloud", "serve", "--port", "0", "--directory", str(directory)]
    with (directory / "cloud.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=_plain(os.environ))
    try:
        yield Cloud(_endpoint(directory / "cloud.json", process))
    finally:
        process.terminate()
        process.wait(timeout=30)


def _endpoint(state: Path, process: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if state.exists():
            return str(json.loads(state.read_text())["endpoint"])
        time.sleep(0.05)
    raise SystemExit(f"the local AWS did not start: {(state.parent / 'cloud.log').read_text()[-2000:]}")


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}
