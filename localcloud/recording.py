"""Writes down who called what on which resource, and how it ended; never data, so the record may be kept and shown."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Lock

from localcloud.gateway import Call

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
        with self._lock:
            os.write(self._descriptor, json.dumps(line).encode() + b"\n")

    def read(self) -> list[dict[str, object]]:
        """All calls since the start or the last `clear`, oldest first."""
        with self._lock:
            return [json.loads(line) for line in self.path.read_text().splitlines()]

    def clear(self) -> None:
        with self._lock:
            self.path.write_text("")


def resource_of(call: Call) -> str:
    """The resource that the call names, or "*"."""
    if call.service == "s3":
        return "/".join(str(call.params[key]) for key in ("Bucket", "Key") if call.params.get(key)) or "*"
    if call.service == "glue" and call.params.get("DatabaseName"):
        table = call.params.get("TableName") or call.params.get("Name") or call.params.get("TableInput", {}).get("Name")
        return f"{call.params['DatabaseName']}/{table}" if table else str(call.params["DatabaseName"])
    return next((str(call.params[name]) for name in RESOURCE_MEMBERS if call.params.get(name)), "*")
