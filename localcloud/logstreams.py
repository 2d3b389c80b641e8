"""Writes what a function or a job printed to CloudWatch Logs, where its group is made if it is not there."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any

from localcloud.permissions import Permission
from localcloud.store import backend

_lock = Lock()
MAXIMUM_EVENTS = 1000  # one call's worth is plenty: the last lines are those that explain


def log_permissions(account_id: str, region: str, group: str, stream: str) -> tuple[Permission, ...]:
    """What writing to a stream of a group asks of the role in whose name it happens."""
    arn = f"arn:aws:logs:{region}:{account_id}:log-group:{group}:log-stream:{stream}"
    return Permission("logs:CreateLogStream", arn), Permission("logs:PutLogEvents", arn)


def write_lines(account_id: str, region: str, group: str, stream: str, text: str) -> None:
    """Append the lines of `text` to the stream."""
    lines = [line for line in text.splitlines() if line.strip()][-MAXIMUM_EVENTS:]
    if not lines:
        return
    logs: Any = backend("logs", account_id, region)
    now = int(time.time() * 1000)
    with _lock:
        if group not in logs.groups:
            logs.create_log_group(group, {})
        if stream not in logs.groups[group].streams:
            logs.create_log_stream(group, stream)
        logs.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines])
