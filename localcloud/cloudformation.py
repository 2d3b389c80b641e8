"""CloudFormation's API: stacks, resources, events. Templates, types and the making of stacks are elsewhere.

A stack is worked on in a thread of its own, with the rights of who asked, or of the role that was given.
"""

from __future__ import annotations

from threading import Lock, Thread
from typing import Any

from localcloud import cloudformation_stacks
from localcloud.cloudformation_requests import (
    check_capabilities,
    clients_of,
    found_stack,
    needed_capability,
    new_stack,
    stacks_of,
    tags_of,
    template_text,
    wanted_stack,
)
from localcloud.cloudformation_shapes import wire_parameters, wire_resource, wire_stack, wire_summary
from localcloud.cloudformation_templates import invalid, parse_template
from localcloud.gateway import AwsError, Call, Guard, Handler
from localcloud.identity import guard_roles

_lock = Lock()


def create_stack(call: Call) -> dict[str, Any]:
    name = str(call.params["StackName"])
    with _lock:
        if any(one.name == name and one.deleted is None for one in stacks_of(call).values()):
            raise AwsError("AlreadyExistsException", f"Stack [{name}] already exists")
        stack = new_stack(call, name)
        stacks_of(call)[stack.stack_id] = stack
    stack.becomes("CREATE_IN_PROGRESS", "User Initiated")
    Thread(target=cloudformation_stacks.create, args=(stack,), daemon=True).start()
    return {"StackId": stack.stack_id}


def update_stack(call: Call) -> dict[str, Any]:
    stack = found_stack(call, str(call.params["StackName"]))
    with _lock:
        if not stack.status.endswith("_COMPLETE") or stack.status in ("ROLLBACK_COMPLETE", "DELETE_COMPLETE"):
            raise invalid(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
        wanted = wanted_stack(call, stack.stack_id, stack.name, stack)
        tags = tags_of(call) if "Tags" in call.params else stack.tags
        if (wanted.text, wanted.scope.parameters, tags) == (stack.template_text, stack.scope.parameters, stack.tags):
            raise invalid("No updates are to be performed.")
        check_capabilities(call, wanted.scope.template)
        stack.client, stack.tags = clients_of(call, str(call.params.get("RoleARN") or stack.role_arn)), tags
        stack.token = str(call.params.get("ClientRequestToken") or "")
        stack.becomes("UPDATE_IN_PROGRESS", "User Initiated")

    def done() -> None:
        stack.template_text, stack.given = wanted.text, wanted.given

    Thread(target=cloudformation_stacks.update, args=(stack, wanted.scope, done), daemon=True).start()
    return {"StackId": stack.stack_id}


def delete_stack(call: Call) -> dict[str, Any]:
    """Deleting what is not there, or is already going, is fine."""
    name = str(call.params["StackName"])
    with _lock:
        stack = stacks_of(call).get(name) or next(
            (one for one in stacks_of(call).values() if one.name == name and one.deleted is None), None
        )
        if stack is None or stack.deleted is not None or stack.status == "DELETE_IN_PROGRESS":
            return {}
        if stack.protected:
            raise invalid(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        if stack.status.endswith("_IN_PROGRESS"):
            raise invalid(f"Stack [{stack.name}] is in {stack.status} state and can not be deleted.")
        stack.client = clients_of(call, str(call.params.get("RoleARN") or stack.role_arn))
        stack.becomes("DELETE_IN_PROGRESS", "User Initiated")
    retained = list(call.params.get("RetainResources") or [])
    Thread(target=cloudformation_stacks.delete, args=(stack, retained), daemon=True).start()
    return {}


def describe_stacks(call: Call) -> dict[str, Any]:
    if name := call.params.get("StackName"):
        return {"Stacks": [wire_stack(found_stack(call, str(name)))]}
    return {"Stacks": [wire_stack(one) for one in stacks_of(call).values() if one.deleted is None]}


def list_stacks(call: Call) -> dict[str, Any]:
    wanted = call.params.get("StackStatusFilter")
    found = [one for one in stacks_of(call).values() if not wanted or one.status in wanted]
    return {"StackSummaries": [wire_summary(one) for one in found]}


def describe_stack_events(call: Call) -> dict[str, Any]:
    """The newest first."""
    return {"StackEvents": found_stack(call, str(call.params["StackName"])).events[::-1]}


def describe_stack_resources(call: Call) -> dict[str, Any]:
    stack = found_stack(call, str(call.params.get("StackName")))
    wanted = call.params.get("LogicalResourceId")
    return {
        "StackResources": [
            wire_resource(one, "Timestamp") | {"StackName": stack.name, "StackId": stack.stack_id}
            for one in stack.resources.values()
            if wanted in (None, one.logical_id)
        ]
    }


def describe_stack_resource(call: Call) -> dict[str, Any]:
    stack = found_stack(call, str(call.params["StackName"]))
    found = stack.resources.get(str(call.params["LogicalResourceId"]))
    if found is None:
        raise invalid(f"Resource {call.params['LogicalResourceId']} does not exist for stack {stack.name}")
    shown = wire_resource(found, "LastUpdatedTimestamp") | {"StackName": stack.name, "StackId": stack.stack_id}
    return {"StackResourceDetail": shown}


def list_stack_resources(call: Call) -> dict[str, Any]:
    stack = found_stack(call, str(call.params["StackName"]))
    shown = [wire_resource(one, "LastUpdatedTimestamp") for one in stack.resources.values()]
    return {"StackResourceSummaries": shown}


def get_template(call: Call) -> dict[str, Any]:
    text = found_stack(call, str(call.params["StackName"])).template_text
    return {"TemplateBody": text, "StagesAvailable": ["Original", "Processed"]}


def validate_template(call: Call) -> dict[str, Any]:
    template = parse_template(template_text(call, None))
    needed = needed_capability(template)
    reply = {"Parameters": wire_parameters(template), "Description": str(template.get("Description") or "")}
    return reply | ({"Capabilities": [needed]} if needed else {})


def get_template_summary(call: Call) -> dict[str, Any]:
    stack = found_stack(call, str(call.params["StackName"])) if call.params.get("StackName") else None
    template = stack.scope.template if stack else parse_template(template_text(call, None))
    types = sorted({entry["Type"] for entry in template["Resources"].values()})
    return {"Parameters": wire_parameters(template), "ResourceTypes": types}


def update_termination_protection(call: Call) -> dict[str, Any]:
    stack = found_stack(call, str(call.params["StackName"]))
    stack.protected = str(call.params["EnableTerminationProtection"]).lower() == "true"
    return {"StackId": stack.stack_id}


def _about(call: Call) -> tuple[str, dict[str, str]]:
    """The stack that a policy may speak of; one that is to be made has no id yet."""
    name = str(call.params.get("StackName") or "")
    if not name or name.startswith("arn:"):
        return name or "*", {}
    known = next((one.stack_id for one in stacks_of(call).values() if one.name == name and one.deleted is None), "")
    return known or f"arn:aws:cloudformation:{call.region}:{call.caller.account_id}:stack/{name}/*", {}


HANDLERS: dict[tuple[str, str], Handler] = {
    ("cloudformation", action): handler
    for action, handler in {
        "CreateStack": create_stack,
        "UpdateStack": update_stack,
        "DeleteStack": delete_stack,
        "DescribeStacks": describe_stacks,
        "ListStacks": list_stacks,
        "DescribeStackEvents": describe_stack_events,
        "DescribeStackResources": describe_stack_resources,
        "DescribeStackResource": describe_stack_resource,
        "ListStackResources": list_stack_resources,
        "GetTemplate": get_template,
        "GetTemplateSummary": get_template_summary,
        "ValidateTemplate": validate_template,
        "UpdateTerminationProtection": update_termination_protection,
    }.items()
}
GUARDS: dict[str, list[Guard]] = {"cloudformation": [guard_roles("cloudformation", _about)]}
