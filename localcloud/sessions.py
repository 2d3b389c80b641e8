"""Sessions on this server itself: clients with somebody's credentials, and environments for processes of a role."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

from localcloud.gateway import AwsError
from localcloud.home import HOME
from localcloud.store import backend

# One for all clients, for it keeps the services' models, which take longest to read; it is not safe for threads.
_SESSION = boto3.session.Session()
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Keys:
    """Credentials."""

    access_key_id: str
    secret: str = "any"  # noqa: S105 - of an administrator it is never looked at
    token: str | None = None


def new_client(name: str, region: str, keys: Keys, config: Config | None = None) -> Any:
    """A boto3 client that calls this server with these credentials."""
    with _ONE_AT_A_TIME:
        return _SESSION.client(
            name,  # type: ignore[call-overload]  # the stubs list every service by name
            region_name=region,
            endpoint_url=HOME.endpoint,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret,
            aws_session_token=keys.token,
            config=config,
        )


def role_environment(service: str, role_arn: str, session_name: str, region: str) -> dict[str, str]:
    """Environment variables that make a process a session of the role, with nothing else of this machine's settings."""
    session = _open_session(service, role_arn, session_name)
    return {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "AWS_ACCESS_KEY_ID": session.access_key_id,
        "AWS_SECRET_ACCESS_KEY": session.secret_access_key,
        "AWS_SESSION_TOKEN": session.session_token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": HOME.endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def role_client(name: str, service: str, role_arn: str, session_name: str, region: str) -> Any:
    """A boto3 client for `name` with which `service` calls this server as the role, so that its rights hold."""
    session = _open_session(service, role_arn, session_name)
    keys = Keys(session.access_key_id, session.secret_access_key, session.session_token)
    return new_client(name, region, keys)


def _open_session(service: str, role_arn: str, session_name: str) -> Any:
    account_id = role_arn.split(":")[4] if role_arn.count(":") >= 5 else ""
    roles = backend("iam", account_id, "aws").roles.values() if account_id else []
    role = next((role for role in roles if role.arn == role_arn), None)
    if role is None or not _trusts(role, f"{service}.amazonaws.com"):
        raise AwsError("AccessDenied", f"The role {role_arn} cannot be assumed by {service}.amazonaws.com.", 403)
    return backend("sts", account_id, "aws").assume_role(
        region_name="eu-west-1",
        role_session_name=session_name[:64],
        role_arn=role_arn,
        policy=None,
        duration=3600,
        external_id=None,
    )


def _trusts(role: Any, principal: str) -> bool:
    """Whether the role's trust policy allows the service; conditions on its source are met, for all is one machine."""
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        trusted = statement.get("Principal", {})
        named = trusted.get("Service", []) if isinstance(trusted, dict) else []
        if statement["Effect"] == "Allow" and principal in ([named] if isinstance(named, str) else named):
            return True
    return False
