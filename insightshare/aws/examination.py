"""Looking without falling: what AWS says of one thing, or why the caller may not see it. Judges and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import unquote

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from insightshare.aws.failures import code_of
from insightshare.share.doctor import Seen, Unseen
from insightshare.share.doctor_facts import Key, Role
from insightshare.share.policies import Policy, parsed_policy

T = TypeVar("T")
_ABSENT = {
    "404",
    "EntityNotFoundException",
    "NoSuchBucket",
    "NoSuchEntity",
    "NotFoundException",
    "ServerSideEncryptionConfigurationNotFoundError",
}


def seen(what: str, ask: Callable[[], T]) -> Seen[T]:
    """Return what `ask` finds, or why it could not: refused, throttled, no answer."""
    try:
        return ask()
    except ClientError as error:
        return Unseen(f"{what}: {code_of(error)}: {error.response.get('Error', {}).get('Message', '')}")
    except BotoCoreError as error:
        return Unseen(f"{what}: {error}")


def seen_or_none(what: str, ask: Callable[[], T]) -> Seen[T | None]:
    """Return what `ask` finds, None where AWS says that there is no such thing, or why it could not be seen."""

    def careful() -> T | None:
        try:
            return ask()
        except ClientError as error:
            # Athena calls a workgroup that is not there an invalid request.
            if code_of(error) in _ABSENT or "is not found" in str(error):
                return None
            raise

    return seen(what, careful)


def pages(call: Callable[..., Any], **arguments: Any) -> Iterator[Any]:
    """Every page of a list whose next one is asked for with `NextToken`, or `nextToken` where AWS spells it so."""
    while True:
        reply = call(**arguments)
        yield reply
        following = {name: reply[name] for name in ("NextToken", "nextToken") if reply.get(name)}
        if not following:
            return
        arguments |= following


def account_of(session: boto3.Session) -> Seen[str]:
    """Return the caller's account id."""
    return seen("the caller's identity", lambda: str(session.client("sts").get_caller_identity()["Account"]))


def role(session: boto3.Session, name: str) -> Seen[Role | None]:
    """Return a role with its trust and all of its own policies, inline and attached."""
    iam = session.client("iam")

    def look() -> Role:
        found = iam.get_role(RoleName=name)["Role"]
        rights: Policy = ()
        for page in iam.get_paginator("list_role_policies").paginate(RoleName=name):
            for inline in page["PolicyNames"]:
                rights += _policy(iam.get_role_policy(RoleName=name, PolicyName=inline)["PolicyDocument"])
        for attached in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name):
            for one in attached["AttachedPolicies"]:
                arn = one["PolicyArn"]
                version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
                document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
                rights += _policy(document)
        return Role(found["Arn"], _policy(found["AssumeRolePolicyDocument"]), rights)

    return seen_or_none(f"role {name}", look)


def key(session: boto3.Session, name: str) -> Seen[Key | None]:
    """Return a KMS key by id, ARN or alias."""
    kms = session.client("kms")

    def look() -> Key:
        found = kms.describe_key(KeyId=name)["KeyMetadata"]
        policy = kms.get_key_policy(KeyId=found["Arn"], PolicyName="default")["Policy"]
        return Key(found["Arn"], found["KeyState"], found["KeyManager"] == "AWS", _policy(policy))

    return seen_or_none(f"key {name}", look)


def registered_paths(session: boto3.Session) -> Seen[tuple[str, ...]]:
    """Return the paths (bucket/prefix) that are registered with Lake Formation in the caller's account."""
    client = session.client("lakeformation")

    def look() -> tuple[str, ...]:
        found = [one for page in pages(client.list_resources) for one in page["ResourceInfoList"]]
        return tuple(sorted(s3_path(one["ResourceArn"]) for one in found))

    return seen("registered locations", look)


def administrators(session: boto3.Session) -> Seen[tuple[str, ...]]:
    """Return the account's data lake administrators; those that only read come last."""
    client = session.client("lakeformation")

    def look() -> tuple[str, ...]:
        settings = client.get_data_lake_settings()["DataLakeSettings"]
        found = [*settings.get("DataLakeAdmins", ()), *settings.get("ReadOnlyAdmins", ())]
        return tuple(str(one["DataLakePrincipalIdentifier"]) for one in found)

    return seen("data lake settings", look)


def limited_view(session: boto3.Session, principal: str = "") -> Unseen | None:
    """Return why Lake Formation may show the caller less than there is; None to who sees all that `principal` holds.

    It shows to who is no data lake administrator its own alone, and what is not shown looks as if it were not there.
    """
    admins, me = administrators(session), seen("the caller's identity", lambda: _caller(session))
    if isinstance(admins, Unseen):
        return admins
    if isinstance(me, Unseen):
        return me
    if me in {_short(one) for one in (*admins, *([principal] if principal else ()))}:
        return None
    return Unseen("grants: you are no data lake administrator, and see your own only")


def s3_path(place: str) -> str:
    """Return bucket/prefix of an S3 URI or ARN, without a slash at the end."""
    return place.removeprefix("arn:aws:s3:::").split("://", 1)[-1].rstrip("/")


def _caller(session: boto3.Session) -> str:
    return _short(session.client("sts").get_caller_identity()["Arn"])


def _short(arn: str) -> str:
    """Account and name of a user or role, whichever of its ARNs is given: those of sessions lack the role's path."""
    account, name = arn.split(":")[4], arn.split("/")
    return f"{account}:{name[1] if ':assumed-role/' in arn else name[-1]}"


def _policy(document: Any) -> Policy:
    """AWS gives documents as text, some of them URL-encoded; boto3 reads those of IAM already."""
    return parsed_policy(json.loads(unquote(document)) if isinstance(document, str) else document)
