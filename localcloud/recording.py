"""Writes down who called what on which resource, and how it ended; never data, so the record may be kept and shown.

Of roles also which IAM permissions each call asked for, and what services did with a role's rights (`via`), which AWS
asks permissions for too: Athena writes its results, Lambda polls a queue, Glue writes a job's log.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from localcloud.gateway import AwsError, Call, Caller
from localcloud.permissions import Permission, permissions_of, s3_arn

# The members that name a resource, most telling first.
RESOURCE_MEMBERS = (
    "FunctionName", "QueueUrl", "TableName", "JobName", "StateMachineArn", "WorkGroup", "ResourceArn", "RoleArn",
    "RoleName", "KeyId", "DatabaseName", "EventBusName", "logGroupName", "Name",
)  # fmt: skip


class Recorder:
    """An append-only file of calls, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self.path, self._lock = path, Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        # Opened once: opening a file took half of the time of a small call.
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)

    def __call__(self, call: Call, status: int) -> None:
        line = {
            "principal": call.caller.arn,
            "service": call.service,
            "action": call.action,
            "resource": resource_of(call),
            "status": status,
        }
        if ":role/" in call.caller.arn:
            line["asked"] = _shown(_asked(call, status))
        self._write(line)

    def acted(self, principal: str, by: str, *asked: Permission) -> None:
        """Write down what a service did with a role's rights, for which no call came over the wire."""
        if ":role/" in principal:
            action, resource = asked[0].action.partition(":")[2], asked[0].resource
            line = {"principal": principal, "service": by, "action": action, "resource": resource, "status": 200}
            self._write(line | {"via": f"{by}.amazonaws.com", "asked": _shown(asked)})

    def _write(self, line: dict[str, object]) -> None:
        with self._lock:
            os.write(self._descriptor, json.dumps(line).encode() + b"\n")

    def read(self) -> list[dict[str, object]]:
        """All calls since the start or the last `clear`, oldest first."""
        with self._lock:
            return [json.loads(line) for line in self.path.read_text().splitlines()]

    def clear(self) -> None:
        with self._lock:
            self.path.write_text("")


_recorders: list[Recorder] = []


def record_with(recorder: Recorder) -> None:
    """From now on `acted` writes here."""
    _recorders[:] = [recorder]


def acted(principal: str | Caller, by: str, *asked: Permission) -> None:
    """The service `by` did something for which AWS asks the principal for these permissions; users need none."""
    for recorder in _recorders:
        recorder.acted(principal if isinstance(principal, str) else principal.arn, by, *asked)


def _asked(call: Call, status: int) -> tuple[Permission, ...]:
    try:
        asked = permissions_of(call)
    except AwsError:  # about nothing that could be named, and refused as that
        return ()
    if status == 404 and call.action in ("GetObject", "HeadObject"):
        # S3 says that an object is missing only to those who may list the bucket; others hear that they may not read.
        return (*asked, Permission("s3:ListBucket", s3_arn(str(call.params["Bucket"]))))
    return asked


def _shown(asked: Iterable[Permission]) -> list[list[object]]:
    return [[one.action, one.resource, dict(one.context)] for one in asked]


def resource_of(call: Call) -> str:
    """The resource that the call names, or "*"."""
    if call.service == "s3":
        return "/".join(str(call.params[key]) for key in ("Bucket", "Key") if call.params.get(key)) or "*"
    if call.service == "glue" and call.params.get("DatabaseName"):
        table = call.params.get("TableName") or call.params.get("Name") or call.params.get("TableInput", {}).get("Name")
        return f"{call.params['DatabaseName']}/{table}" if table else str(call.params["DatabaseName"])
    return next((str(call.params[name]) for name in RESOURCE_MEMBERS if call.params.get(name)), "*")
