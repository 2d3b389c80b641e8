"""What a CloudFormation request wants a stack to be, checked: template, parameters, capabilities, whose rights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from localcloud import cloudformation_stacks
from localcloud.cloudformation_records import Stack
from localcloud.cloudformation_templates import Scope, invalid, parameter_values, parse_template
from localcloud.gateway import AwsError, Call
from localcloud.sessions import Keys, new_client, role_client
from localcloud.store import backend

IAM_TYPES = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::User", "AWS::IAM::Group")
TEMPLATE_BODY_BYTES = 51_200


@dataclass
class Wanted:
    """A template with its parameters, checked."""

    text: str
    scope: Scope
    given: dict[str, str]


def new_stack(call: Call, name: str) -> Stack:
    params = call.params
    arn = f"arn:aws:cloudformation:{call.region}:{call.caller.account_id}:stack/{name}/{uuid4()}"
    wanted = wanted_stack(call, arn, name, None)
    check_capabilities(call, wanted.scope.template)
    role = str(params.get("RoleARN") or "")
    on_failure = (
        "DO_NOTHING" if params.get("DisableRollback") in (True, "true") else params.get("OnFailure") or "ROLLBACK"
    )
    return Stack(
        arn, name, call.caller.account_id, call.region, wanted.scope, wanted.text, wanted.given, clients_of(call, role),
        tags_of(call), list(params.get("Capabilities") or []), role, str(on_failure),
        params.get("EnableTerminationProtection") in (True, "true"), str(params.get("ClientRequestToken") or ""),
    )  # fmt: skip


def wanted_stack(call: Call, stack_id: str, name: str, held: Stack | None) -> Wanted:
    """What a request wants the stack to be; of a stack that there is, template and parameters may stay."""
    text = template_text(call, held)
    template = parse_template(text)
    unknown = {entry["Type"] for entry in template["Resources"].values() if not is_known(entry["Type"])}
    if unknown:
        names = ", ".join(sorted(unknown))
        raise invalid(f"Template format error: Unrecognized resource types: [{names}]")
    given: dict[str, str] = {}
    for one in call.params.get("Parameters") or []:
        key = one["ParameterKey"]
        kept = str(one.get("UsePreviousValue")).lower() == "true"
        if kept and held is not None:
            given |= {key: held.given[key]} if key in held.given else {}
        else:
            given[key] = str(one.get("ParameterValue", ""))
    client = clients_of(call, "")

    def look_up(path: str) -> str:
        try:
            return str(client("ssm").get_parameter(Name=path)["Parameter"]["Value"])
        except ClientError as error:
            raise invalid(f"Unable to fetch parameters [{path}] from parameter store for this account.") from error

    pseudo = {
        "AccountId": call.caller.account_id, "Region": call.region, "Partition": "aws", "URLSuffix": "amazonaws.com",
        "StackId": stack_id, "StackName": name, "NotificationARNs": call.params.get("NotificationARNs") or [],
    }  # fmt: skip
    scope = Scope(template, parameter_values(template, given, look_up), pseudo)
    scope.order()
    return Wanted(text, scope, given)


def is_known(type_name: str) -> bool:
    return type_name in cloudformation_stacks.IGNORED or cloudformation_stacks.find_type(type_name) is not None


def template_text(call: Call, held: Stack | None) -> str:
    params = call.params
    if held is not None and str(params.get("UsePreviousTemplate")).lower() == "true":
        return held.template_text
    if body := str(params.get("TemplateBody") or ""):
        if len(body.encode()) > TEMPLATE_BODY_BYTES:
            raise invalid(
                "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
                f"Member must have length less than or equal to {TEMPLATE_BODY_BYTES}"
            )
        return body
    if url := params.get("TemplateURL"):
        bucket, _, key = str(url).partition("//")[2].partition("/")[2].partition("/")
        if ".s3" in str(url).split("/")[2]:
            bucket, key = str(url).split("/")[2].split(".s3")[0], str(url).split("/", 3)[3]
        return str(clients_of(call, "")("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode())
    raise invalid("Either Template URL or Template Body must be specified.")


def check_capabilities(call: Call, template: dict[str, Any]) -> None:
    needed, given = needed_capability(template), set(call.params.get("Capabilities") or [])
    if needed and not given & {needed, "CAPABILITY_NAMED_IAM"}:
        raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")


def needed_capability(template: dict[str, Any]) -> str:
    roles = [one for one in template["Resources"].values() if one["Type"] in IAM_TYPES]
    named = any({"RoleName", "UserName", "ManagedPolicyName"} & set(one.get("Properties") or {}) for one in roles)
    return "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM" if roles else ""


def clients_of(call: Call, role_arn: str) -> Callable[[str], Any]:
    """Makes clients with the rights of the caller, or of the role that CloudFormation may assume."""
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = _as_role(service) if role_arn else _as_caller(service)
        return made[service]

    def _as_role(service: str) -> Any:
        return role_client(service, "cloudformation", role_arn, "AWSCloudFormation", call.region)

    def _as_caller(service: str) -> Any:
        return new_client(service, call.region, Keys(call.caller.access_key_id))

    return client


def tags_of(call: Call) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in call.params.get("Tags") or []}


def stacks_of(call: Call) -> dict[str, Stack]:
    holder = backend("cloudformation", call.caller.account_id, call.region)
    if not hasattr(holder, "localcloud_stacks"):
        holder.localcloud_stacks, holder.localcloud_change_sets = {}, {}
    found: dict[str, Stack] = holder.localcloud_stacks
    return found


def found_stack(call: Call, name: str) -> Stack:
    """By its id, or, unless it was deleted, by its name."""
    stacks = stacks_of(call)
    if name in stacks:
        return stacks[name]
    for one in stacks.values():
        if one.name == name and one.deleted is None:
            return one
    raise invalid(f"Stack with id {name} does not exist")
