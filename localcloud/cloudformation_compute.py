"""CloudFormation's types of IAM, Lambda and log groups."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from localcloud.cloudformation_templates import Made
from localcloud.cloudformation_types import Failure, Place, Properties, Type, pick, text_of, whole_numbers

# What AWS puts beside code that a template holds itself, and the line by which it is asked to.
RESPONSE_IMPORT = "import cfnresponse"
RESPONSE_MODULE = Path(__file__).with_name("cloudformation_response.py")
FUNCTION = (
    "FunctionName Code Handler Role Runtime Timeout MemorySize Environment Description Architectures Tags "
    "ReservedConcurrentExecutions LoggingConfig TracingConfig EphemeralStorage KmsKeyArn DeadLetterConfig"
)


def _make_role(place: Place, properties: Properties) -> Made:
    name = str(properties.get("RoleName") or place.name())
    client = place.client("iam")
    given = whole_numbers(
        pick(properties, "Path", "Description", "MaxSessionDuration", "PermissionsBoundary"), "MaxSessionDuration"
    )
    trust = text_of(properties["AssumeRolePolicyDocument"])
    role = client.create_role(
        RoleName=name, AssumeRolePolicyDocument=trust, Tags=place.tag_list(properties), **given
    )["Role"]  # fmt: skip
    try:
        _put_policies(client, name, {}, properties)
    except Exception:
        _remove_role(place, Made(name), properties)
        raise
    return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})


def _change_role(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    client = place.client("iam")
    trust = text_of(new["AssumeRolePolicyDocument"])
    client.update_assume_role_policy(RoleName=made.physical_id, PolicyDocument=trust)
    _put_policies(client, made.physical_id, old, new)
    return made


def _put_policies(client: Any, role: str, old: Properties, new: Properties) -> None:
    """The role's inline and attached policies are those of `new`; of others, only those of `old` go."""
    for policy in new.get("Policies") or []:
        document = text_of(policy["PolicyDocument"])
        client.put_role_policy(RoleName=role, PolicyName=policy["PolicyName"], PolicyDocument=document)
    kept = {policy["PolicyName"] for policy in new.get("Policies") or []}
    for policy in old.get("Policies") or []:
        if policy["PolicyName"] not in kept:
            client.delete_role_policy(RoleName=role, PolicyName=policy["PolicyName"])
    before, after = set(old.get("ManagedPolicyArns") or []), set(new.get("ManagedPolicyArns") or [])
    for arn in sorted(after - before):
        client.attach_role_policy(RoleName=role, PolicyArn=arn)
    for arn in sorted(before - after):
        client.detach_role_policy(RoleName=role, PolicyArn=arn)


def _remove_role(place: Place, made: Made, properties: Properties) -> None:
    client = place.client("iam")
    for policy in client.list_attached_role_policies(RoleName=made.physical_id)["AttachedPolicies"]:
        if policy["PolicyArn"] in (properties.get("ManagedPolicyArns") or []):
            client.detach_role_policy(RoleName=made.physical_id, PolicyArn=policy["PolicyArn"])
    inline = {policy["PolicyName"] for policy in properties.get("Policies") or []}
    for name in client.list_role_policies(RoleName=made.physical_id)["PolicyNames"]:
        if name in inline:
            client.delete_role_policy(RoleName=made.physical_id, PolicyName=name)
    client.delete_role(RoleName=made.physical_id)


def _make_policy(place: Place, properties: Properties) -> Made:
    client, name = place.client("iam"), str(properties["PolicyName"])
    for role in properties.get("Roles") or []:
        document = text_of(properties["PolicyDocument"])
        client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
    return Made(place.name())


def _change_policy(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    gone = {**old, "Roles": [role for role in old.get("Roles") or [] if role not in (new.get("Roles") or [])]}
    _make_policy(place, new)
    _remove_policy(place, made, gone)
    return made


def _remove_policy(place: Place, made: Made, properties: Properties) -> None:
    for role in properties.get("Roles") or []:
        place.client("iam").delete_role_policy(RoleName=role, PolicyName=properties["PolicyName"])


def _make_function(place: Place, properties: Properties) -> Made:
    name = str(properties.get("FunctionName") or place.name())
    client = place.client("lambda")
    tags = {tag["Key"]: tag["Value"] for tag in place.tag_list(properties)}
    made = client.create_function(
        FunctionName=name,
        Code=_code(properties["Code"]),
        Tags=tags,
        **_settings(properties),
        **pick(properties, "Architectures"),
    )
    if "ReservedConcurrentExecutions" in properties:
        count = int(properties["ReservedConcurrentExecutions"])
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=count)
    return Made(name, {"Arn": made["FunctionArn"]})


def _change_function(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    client = place.client("lambda")
    if old["Code"] != new["Code"]:
        client.update_function_code(FunctionName=made.physical_id, **_code(new["Code"]))
    client.update_function_configuration(FunctionName=made.physical_id, **_settings(new))
    return made


def _settings(properties: Properties) -> dict[str, Any]:
    names = (
        "Handler", "Role", "Runtime", "Timeout", "MemorySize", "Environment", "Description", "LoggingConfig",
        "TracingConfig", "EphemeralStorage", "DeadLetterConfig",
    )  # fmt: skip
    found: dict[str, Any] = whole_numbers(pick(properties, *names), "Timeout", "MemorySize", "Size")
    if "Environment" in found:
        variables = found["Environment"].get("Variables") or {}
        found["Environment"] = {"Variables": {key: str(value) for key, value in variables.items()}}
    return {**found, **({"KMSKeyArn": properties["KmsKeyArn"]} if "KmsKeyArn" in properties else {})}


def _code(code: dict[str, Any]) -> dict[str, Any]:
    """Code in a template becomes the module `index`; `cfnresponse` lies beside it if a line imports it, exactly."""
    if "ZipFile" not in code:
        if unknown := sorted(set(code) - {"S3Bucket", "S3Key", "S3ObjectVersion"}):
            raise Failure(f"Encountered unsupported property {unknown[0]}")
        return code
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", code["ZipFile"])
        if RESPONSE_IMPORT in str(code["ZipFile"]).splitlines():
            archive.writestr("cfnresponse.py", RESPONSE_MODULE.read_text())
    return {"ZipFile": buffer.getvalue()}


def _make_group(place: Place, properties: Properties) -> Made:
    name = str(properties.get("LogGroupName") or place.name())
    tags = {tag["Key"]: tag["Value"] for tag in place.tag_list(properties)}
    key = {"kmsKeyId": properties["KmsKeyId"]} if "KmsKeyId" in properties else {}
    place.client("logs").create_log_group(logGroupName=name, tags=tags, **key)
    made = Made(name, {"Arn": f"arn:aws:logs:{place.region}:{place.account_id}:log-group:{name}:*"})
    return _change_group(place, made, {}, properties)


def _change_group(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    client = place.client("logs")
    if "RetentionInDays" in new:
        client.put_retention_policy(logGroupName=made.physical_id, retentionInDays=int(new["RetentionInDays"]))
    elif "RetentionInDays" in old:
        client.delete_retention_policy(logGroupName=made.physical_id)
    return made


TYPES: dict[str, Type] = {
    "AWS::IAM::Role": Type(
        _make_role,
        _remove_role,
        frozenset(
            {
                "RoleName", "AssumeRolePolicyDocument", "Policies", "ManagedPolicyArns", "Path", "Description",
                "MaxSessionDuration", "PermissionsBoundary", "Tags",
            }
        ),
        frozenset({"RoleName", "Path"}),
        _change_role,
    ),
    "AWS::IAM::Policy": Type(
        _make_policy,
        _remove_policy,
        frozenset({"PolicyName", "PolicyDocument", "Roles"}),
        frozenset({"PolicyName"}),
        _change_policy,
    ),
    "AWS::Lambda::Function": Type(
        _make_function,
        lambda place, made, properties: place.client("lambda").delete_function(FunctionName=made.physical_id),
        frozenset(FUNCTION.split()),
        frozenset({"FunctionName"}),
        _change_function,
    ),
    "AWS::Logs::LogGroup": Type(
        _make_group,
        lambda place, made, properties: place.client("logs").delete_log_group(logGroupName=made.physical_id),
        frozenset({"LogGroupName", "RetentionInDays", "KmsKeyId", "Tags"}),
        frozenset({"LogGroupName"}),
        _change_group,
    ),
}  # fmt: skip
