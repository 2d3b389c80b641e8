"""CloudFormation's shapes of stacks, resources and parameters. It decides nothing."""

from __future__ import annotations

from typing import Any

from localcloud.cloudformation_records import Resource, Stack


def wire_stack(stack: Stack) -> dict[str, Any]:
    declared = stack.scope.template.get("Parameters") or {}
    shown = {
        name: "****" if declared[name].get("NoEcho") else ",".join(value) if isinstance(value, list) else value
        for name, value in stack.scope.parameters.items()
    }
    found = {
        **wire_summary(stack),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in shown.items()],
        "Outputs": stack.outputs,
        "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
        "Capabilities": stack.capabilities,
        "DisableRollback": stack.on_failure == "DO_NOTHING",
        "EnableTerminationProtection": stack.protected,
        "Description": stack.scope.template.get("Description"),
        "RoleARN": stack.role_arn or None,
        "NotificationARNs": [],
    }
    return {key: value for key, value in found.items() if value is not None}


def wire_summary(stack: Stack) -> dict[str, Any]:
    found = {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason or None,
        "CreationTime": stack.created,
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
    }
    return {key: value for key, value in found.items() if value is not None}


def wire_resource(one: Resource, time_field: str) -> dict[str, Any]:
    found = {
        "LogicalResourceId": one.logical_id,
        "PhysicalResourceId": one.made.physical_id if one.made else None,
        "ResourceType": one.type_name,
        "ResourceStatus": one.status,
        "ResourceStatusReason": one.reason or None,
        time_field: one.updated,
    }
    return {key: value for key, value in found.items() if value is not None}


def wire_parameters(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "ParameterKey": name,
            "DefaultValue": str(one.get("Default", "")),
            "NoEcho": bool(one.get("NoEcho")),
            "ParameterType": str(one.get("Type")),
            "Description": str(one.get("Description", "")),
        }
        for name, one in (template.get("Parameters") or {}).items()
    ]
