"""The function that a kit holds as text: accepts what is offered, makes `default`. Imports nothing of ours."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import boto3

SECONDS_BETWEEN_LOOKS = 5
WANTED = {"glue:Database", "glue:Table"}


class Refused(Exception):
    """Why the share cannot be used."""


def handler(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation. A deleted stack, or one without grants, leaves the share alone, which may be over."""
    import cfnresponse

    name = "share"
    try:
        given = event["ResourceProperties"]
        leave = event["RequestType"] == "Delete" or given["Grants"] == "off"
        done = {"Accepted": "0"} if leave else prepare(given, boto3.client, time.sleep)
        cfnresponse.send(event, context, cfnresponse.SUCCESS, done, name)
    except Exception as error:
        print(repr(error))
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, name, reason=str(error)[:1000])


def prepare(given: dict[str, Any], client: Any, sleep: Callable[[float], None]) -> dict[str, str]:
    """Accept the invitations and make `default`; returns how many were accepted."""
    account = client("sts").get_caller_identity()["Account"]
    if account != given["Account"]:
        raise Refused(f"This kit is for account {given['Account']}, and this is {account}.")
    accepted = accept(given, client("ram"), sleep)
    glue = client("glue")
    # If it may not be made: the stack's grant says whether it is there.
    with suppress(glue.exceptions.AlreadyExistsException, glue.exceptions.AccessDeniedException):
        glue.create_database(DatabaseInput={"Name": "default", "Description": "Empty; Athena wants it to be there."})
    return {"Accepted": str(accepted)}


def accept(given: dict[str, Any], ram: Any, sleep: Callable[[float], None]) -> int:
    """Accept the invitations of the provider's Lake Formation, and wait until its shares can be used."""
    provider, accepted, waited = given["Provider"], 0, 0
    again = f"Ask account {provider} to offer it again: insightshare client reissue {given['Client']}"
    while True:
        lapsed = False
        for one in every(ram, "get_resource_share_invitations", "resourceShareInvitations"):
            if one["senderAccountId"] != provider or not one["resourceShareName"].startswith("LakeFormation"):
                continue
            lapsed = lapsed or one["status"] == "EXPIRED"
            if one["status"] == "PENDING":
                try:
                    ram.accept_resource_share_invitation(resourceShareInvitationArn=one["resourceShareInvitationArn"])
                    accepted += 1
                except ram.exceptions.ResourceShareInvitationAlreadyAcceptedException:
                    pass
                except ram.exceptions.ResourceShareInvitationExpiredException:
                    lapsed = True
        if shared(ram, provider) >= WANTED:
            return accepted
        if lapsed and not accepted:
            raise Refused(f"An invitation lapsed after 12 hours. {again}")
        if waited >= int(given["WaitSeconds"]):
            raise Refused(f"Nothing is shared that can be used. {again}")
        sleep(SECONDS_BETWEEN_LOOKS)
        waited += SECONDS_BETWEEN_LOOKS


def shared(ram: Any, provider: str) -> set[str]:
    """The kinds of what the provider's active shares hold."""
    shares = every(ram, "get_resource_shares", "resourceShares", resourceOwner="OTHER-ACCOUNTS")
    active = [one for one in shares if (one["owningAccountId"], one["status"]) == (provider, "ACTIVE")]
    arns = [one["resourceShareArn"] for one in active]
    given = {"resourceOwner": "OTHER-ACCOUNTS", "resourceShareArns": arns}
    return {one["type"] for one in every(ram, "list_resources", "resources", **given)} if arns else set()


def every(api: Any, call: str, key: str, **given: Any) -> list[Any]:
    """Every item on all pages."""
    return [one for page in api.get_paginator(call).paginate(**given) for one in page[key]]
