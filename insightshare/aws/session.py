"""The caller's own AWS identity, and the places that go with it. Holds no keys and never asks for any."""

import os
import re
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from insightshare.aws import athena
from insightshare.errors import AccessRefused, UsageError

WORKGROUP_PREFIX = "insightshare-"
# A client's role in the provider's account: its workgroup has its name, and a list would name the other clients.
CLIENT_ROLE = re.compile(r"insightshare-.+-client-.+")


def own_session(region: str | None = None) -> boto3.Session:
    """Return a session on the caller's identity: instance profile, service account, SSO or profile, in AWS's own order.

    Raises UsageError when no region is set, or the settings of this machine do not hold together.
    """
    try:
        # boto3 itself reads AWS_DEFAULT_REGION alone, where every other tool of AWS reads AWS_REGION.
        session = boto3.Session(region_name=region or os.environ.get("AWS_REGION"))
    except BotoCoreError as error:
        fix = "name a profile of ~/.aws/config in AWS_PROFILE, or unset it"
        raise UsageError.at("session", "settings", f"[{error}]", "what boto3 can read", fix) from error
    if not session.region_name:
        raise UsageError.at("session", "region", "nothing", "an AWS region", "set AWS_REGION, or pass a region")
    return session


def caller_arn(session: boto3.Session) -> str:
    """Return the ARN of the caller as AWS sees it; raises AccessRefused where there are no valid credentials."""
    try:
        return session.client("sts").get_caller_identity()["Arn"]
    except (ClientError, BotoCoreError) as error:
        raise AccessRefused.at(
            "session", "credentials", f"[{error}]", "an AWS identity", "sign in, or run where an AWS role is attached"
        ) from error


def role_session(session: boto3.Session, role_arn: str, name: str) -> boto3.Session:
    """Return a session of `role_arn`, taken on by the identity of `session`."""
    try:
        reply = session.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=name)
    except (ClientError, BotoCoreError) as error:
        raise AccessRefused.at(
            f"role {role_arn}", "caller", f"[{error}]", "one that the role trusts", "ask the role's owner to trust you"
        ) from error
    credentials = reply["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=session.region_name,
    )


def own_workgroup(session: boto3.Session) -> str:
    """Return the workgroup that the caller is meant to use.

    That is the one named like the caller's role, or else the only one whose name starts with `insightshare-`.
    Raises UsageError, listing the choices, where neither decides, and AccessRefused where they may not be listed.
    """
    client: Any = session.client("athena")
    role = _role_name(caller_arn(session))
    if CLIENT_ROLE.fullmatch(role):
        return role
    names = [name for name in athena.workgroup_names(client) if name.startswith(WORKGROUP_PREFIX)]
    if role in names:
        return role
    if len(names) == 1:
        return names[0]
    choices = ", ".join(sorted(names)) or f"none that starts with {WORKGROUP_PREFIX}"
    raise UsageError.at("session", "workgroup", f"a choice of {len(names)} ({choices})", "one", "pass workgroup=…")


def _role_name(arn: str) -> str:
    """`arn:aws:sts::1:assumed-role/analyst/me` names the role `analyst`."""
    kind, _, rest = arn.rpartition(":")[2].partition("/")
    return rest.split("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]
