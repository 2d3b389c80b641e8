"""EventBridge Scheduler: fires a schedule by name, as its role; clocks do not run. A repeated creation is one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore import xform_name

from localcloud import clock
from localcloud.functions import find_function, invoke_later
from localcloud.gateway import AwsError, Call
from localcloud.permissions import Permission
from localcloud.recording import acted
from localcloud.sessions import role_client
from localcloud.store import backend

DEFAULT_GROUP = "default"
AS_TIME = "%Y-%m-%dT%H:%M:%SZ"
UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"


def fire(name: str, account_id: str, region: str, time: str = "") -> dict[str, Any]:
    """Do what the schedule would do at that time (default: now); a universal target's reply is returned."""
    if time and not _is_time(time):
        what = f"time: {time} is not a time in UTC. Fix: write it as 2026-11-21T00:05:00Z."
        raise AwsError("ValidationException", f"{name}: {what}")
    schedule = _find(name, account_id, region)
    if schedule.state != "ENABLED":
        raise AwsError("ValidationException", f"{name}: state: {schedule.state} is not ENABLED. Fix: enable it.")
    target = schedule.target
    text = _fill(target.get("Input") or "{}", schedule, time)
    arn = target["Arn"]
    _note(schedule)
    if arn.startswith(UNIVERSAL):
        return _call(arn.removeprefix(UNIVERSAL), target["RoleArn"], json.loads(text), region)
    _, _, service, _, target_account, rest = arn.split(":", 5)
    if service == "lambda":
        invoke_later(find_function(arn, None, target_account, region), json.loads(text))
    elif service == "sqs":
        group = (target.get("SqsParameters") or {}).get("MessageGroupId")
        backend("sqs", target_account, region).send_message(rest, text, group_id=group)
    else:
        raise NotImplementedError(f"{name}: a schedule with a target of {service}")
    return {}


def _is_time(text: str) -> bool:
    try:
        datetime.strptime(text, AS_TIME).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def _note(schedule: Any) -> None:
    """What the schedule's role needs beside the call that a universal target is: its key, its function or queue."""
    role, arn = schedule.target["RoleArn"], schedule.target["Arn"]
    if schedule.kms_key_arn:
        acted(role, "scheduler", Permission("kms:Decrypt", schedule.kms_key_arn))
    action = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage"}.get(arn.split(":")[2])
    if action:
        acted(role, "scheduler", Permission(action, arn))


def _find(name: str, account_id: str, region: str) -> Any:
    for group in backend("scheduler", account_id, region).schedule_groups.values():
        if name in group.schedules:
            return group.schedules[name]
    raise AwsError("ResourceNotFoundException", f"Schedule {name} does not exist.", 404)


def _fill(text: str, schedule: Any, time: str) -> str:
    values = {
        "schedule-arn": schedule.arn,
        "scheduled-time": time or datetime.fromtimestamp(clock.now(), UTC).strftime(AS_TIME),
        "execution-id": uuid4().hex,
        "attempt-number": "1",
    }
    for key, value in values.items():
        text = text.replace(f"<aws.scheduler.{key}>", value)
    return text


def _call(name: str, role_arn: str, parameters: dict[str, Any], region: str) -> dict[str, Any]:
    service, _, action = name.partition(":")
    client = role_client(service, "scheduler", role_arn, "scheduler", region)
    reply = getattr(client, xform_name(action[0].upper() + action[1:]))(**parameters)
    reply.pop("ResponseMetadata")
    return json.loads(json.dumps(reply, default=str))  # type: ignore[no-any-return]  # a reply is an object


def _answer_again(call: Call) -> dict[str, Any] | None:
    """A creation with the token of one that was done is that one: SDKs repeat a call whose reply they lost."""
    schedule = _created(call)
    token = call.params.get("ClientToken")
    return {"ScheduleArn": schedule.arn} if token and token == getattr(schedule, "localcloud_token", None) else None


def _remember_token(call: Call, _status: int) -> None:
    if schedule := _created(call):
        schedule.localcloud_token = call.params.get("ClientToken")


def _created(call: Call) -> Any:
    groups = backend("scheduler", call.caller.account_id, call.region).schedule_groups
    group = groups.get(call.params.get("GroupName") or DEFAULT_GROUP)
    return group.schedules.get(call.params["Name"]) if group else None


HANDLERS = {("scheduler", "CreateSchedule"): _answer_again}
OBSERVERS = {("scheduler", "CreateSchedule"): [_remember_token]}
