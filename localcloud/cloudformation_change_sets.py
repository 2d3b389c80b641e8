"""CloudFormation's change sets: a wanted stack, kept until it is executed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from localcloud import cloudformation
from localcloud.cloudformation_requests import check_capabilities, found_stack, stacks_of, wanted_stack
from localcloud.gateway import AwsError, Call, Handler
from localcloud.store import backend

NOTHING = "The submitted information didn't contain changes. Submit different information to create a change set."


def create_change_set(call: Call) -> dict[str, Any]:
    """Kept until it is executed; it says what would be added, changed or removed."""
    name, kind = str(call.params["StackName"]), call.params.get("ChangeSetType") or "UPDATE"
    stack = None if kind == "CREATE" else found_stack(call, name)
    wanted = wanted_stack(call, stack.stack_id if stack else "", name, stack)
    check_capabilities(call, wanted.scope.template)
    before = stack.scope.template["Resources"] if stack else {}
    after = wanted.scope.wanted("Resources")
    same = stack is not None and (wanted.text, wanted.scope.parameters) == (stack.template_text, stack.scope.parameters)
    words = {key: "Modify" if key in before else "Add" for key in after} | {
        key: "Remove" for key in before if key not in after
    }
    both = {**before, **after}
    changes = [
        {"Action": word, "LogicalResourceId": key, "ResourceType": both[key]["Type"]}
        for key, word in words.items()
        if not same
    ]
    prefix = f"arn:aws:cloudformation:{call.region}:{call.caller.account_id}:changeSet"
    arn = f"{prefix}/{call.params['ChangeSetName']}/{uuid4()}"
    _change_sets(call)[arn] = {
        "call": call,
        "kind": kind,
        "stack": name,
        "changes": changes,
        "same": same,
        "done": False,
    }
    return {"Id": arn, "StackId": stack.stack_id if stack else name}


def describe_change_set(call: Call) -> dict[str, Any]:
    arn, found = _change_set(call)
    failed = {
        "Status": "FAILED",
        "ExecutionStatus": "UNAVAILABLE",
        "StatusReason": NOTHING,
    }
    ready = {"Status": "CREATE_COMPLETE", "ExecutionStatus": "EXECUTE_COMPLETE" if found["done"] else "AVAILABLE"}
    return {
        "ChangeSetId": arn,
        "ChangeSetName": arn.split("/")[1],
        "StackName": found["stack"],
        "Changes": [{"Type": "Resource", "ResourceChange": one} for one in found["changes"]],
        **(failed if found["same"] else ready),
    }


def execute_change_set(call: Call) -> dict[str, Any]:
    arn, found = _change_set(call)
    if found["same"] or found["done"]:
        raise AwsError("InvalidChangeSetStatus", f"ChangeSet [{arn}] cannot be executed in its current status.")
    found["done"] = True
    work = cloudformation.create_stack if found["kind"] == "CREATE" else cloudformation.update_stack
    work(found["call"])
    return {}


def delete_change_set(call: Call) -> dict[str, Any]:
    arn, _ = _change_set(call)
    del _change_sets(call)[arn]
    return {}


def _change_sets(call: Call) -> dict[str, dict[str, Any]]:
    stacks_of(call)
    found: dict[str, dict[str, Any]] = backend(
        "cloudformation", call.caller.account_id, call.region
    ).localcloud_change_sets
    return found


def _change_set(call: Call) -> tuple[str, dict[str, Any]]:
    wanted, stack = str(call.params["ChangeSetName"]), call.params.get("StackName")
    for arn, one in _change_sets(call).items():
        if wanted in (arn, arn.split("/")[1]) and stack in (None, one["stack"]):
            return arn, one
    raise AwsError("ChangeSetNotFound", f"ChangeSet [{wanted}] does not exist", 404)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("cloudformation", "CreateChangeSet"): create_change_set,
    ("cloudformation", "DescribeChangeSet"): describe_change_set,
    ("cloudformation", "ExecuteChangeSet"): execute_change_set,
    ("cloudformation", "DeleteChangeSet"): delete_change_set,
}
