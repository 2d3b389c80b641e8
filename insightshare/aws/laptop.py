"""The local AWS as the command finds it: where it listens, and who one can be there. Starts and stops nothing."""

import json
import os
from pathlib import Path

import boto3

from insightshare.aws.deployment import Deployment
from insightshare.aws.session import own_session, role_session
from insightshare.contract.facts import Agreement
from insightshare.errors import PlatformError, UsageError

STATE_FILE = Path(".local/cloud.json")
LOCAL_ENVIRONMENT = "local"
ANY_SECRET = "local"  # noqa: S105 - the local AWS does not look at secrets
CONSUMER_ANALYST_ROLE = "insightshare-analyst"


def use_local_cloud(deployment: Deployment) -> None:
    """Point this process at the local AWS, as the provider's administrator, unless the caller chose an endpoint."""
    if deployment.environment != LOCAL_ENVIRONMENT or "AWS_ENDPOINT_URL" in os.environ:
        return
    os.environ.pop("AWS_PROFILE", None)  # boto3 and Terraform look it up even beside keys
    os.environ.update(environment_of(deployment.account_id, deployment.region))


def environment_of(account_id: str, region: str) -> dict[str, str]:
    """Return the environment variables that make any AWS tool the administrator of an account of the local AWS.

    The access key of an account's administrator is the account's id, and its secret can be any text.
    """
    return {
        "AWS_ENDPOINT_URL": _endpoint(),
        "AWS_ACCESS_KEY_ID": account_id,
        "AWS_SECRET_ACCESS_KEY": ANY_SECRET,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }


def client_session(deployment: Deployment, agreement: Agreement) -> boto3.Session:
    """Return a session of a client's analyst on the local AWS.

    A client with an account of its own is the analyst role there; one that reads from ours takes on its role in ours.
    """
    if deployment.environment != LOCAL_ENVIRONMENT:
        fix = "sign in as the client, for instance with AWS_PROFILE, and leave --as out"
        raise UsageError.at("--as", "environment", deployment.environment, "the local one", fix)
    administrator = boto3.Session(
        aws_access_key_id=agreement.account_id, aws_secret_access_key=ANY_SECRET, region_name=deployment.region
    )
    own_role = f"arn:aws:iam::{agreement.account_id}:role/{CONSUMER_ANALYST_ROLE}"
    role = own_role if agreement.reads_from == "own_account" else deployment.client_role_arn(agreement.client)
    return role_session(administrator, role, agreement.client)


def client_environment(deployment: Deployment, agreement: Agreement) -> dict[str, str]:
    """Return the environment variables that make any AWS tool a client's analyst on the local AWS, for an hour."""
    credentials = client_session(deployment, agreement).get_credentials()
    if credentials is None:
        raise PlatformError.at(f"client {agreement.client}", "credentials", "nothing", "a role session", "try again")
    keys = credentials.get_frozen_credentials()
    return {
        **environment_of(deployment.account_id, deployment.region),
        "AWS_ACCESS_KEY_ID": keys.access_key or "",
        "AWS_SECRET_ACCESS_KEY": keys.secret_key or "",
        "AWS_SESSION_TOKEN": keys.token or "",
    }


def provider_analyst_session(deployment: Deployment) -> boto3.Session:
    """Return a session of the role that may read every insight in the provider's account."""
    return role_session(own_session(deployment.region), deployment.analyst_role_arn, "insightshare")


def _endpoint() -> str:
    try:
        return str(json.loads(STATE_FILE.read_text())["endpoint"])
    except (OSError, ValueError, KeyError) as error:
        raise PlatformError.at(
            str(STATE_FILE), "endpoint", "nothing", "the address of a running local AWS", "run make up or make demo"
        ) from error
