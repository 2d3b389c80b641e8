"""RAM's JSON shapes, pages, and errors about names. It decides nothing."""

from __future__ import annotations

import re
from typing import Any

from localcloud.gateway import AwsError, Call
from localcloud.ram_shares import Association, Invitation, Share

PAGE = 500
SHARE_ARN = re.compile(r"arn:aws[a-z-]*:ram:[a-z0-9-]+:\d{12}:resource-share/[\w-]+")
INVITATION_ARN = re.compile(r"arn:aws[a-z-]*:ram:[a-z0-9-]+:\d{12}:resource-share-invitation/[\w-]+")
TYPES = {"catalog": "glue:Catalog", "database": "glue:Database", "table": "glue:Table"}


def checked(arn: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(arn):
        raise AwsError("MalformedArnException", f"The specified resource ARN {arn} is not valid.")
    return arn


def unknown_share(arn: str) -> AwsError:
    return AwsError("UnknownResourceException", f"ResourceShare {arn} could not be found.")


def unknown_invitation(arn: str) -> AwsError:
    return AwsError("ResourceShareInvitationArnNotFoundException", f"Invitation {arn} could not be found.")


def in_use(held: dict[str, Association]) -> list[Association]:
    return [one for one in held.values() if one.status == "ASSOCIATED"]


def wire_share(share: Share, own: bool) -> dict[str, Any]:
    shown = {
        "resourceShareArn": share.arn,
        "name": share.name,
        "owningAccountId": share.owner,
        "allowExternalPrincipals": share.allow_external,
        "status": share.status,
        "creationTime": share.created,
        "lastUpdatedTime": share.updated,
        "featureSet": "STANDARD",
    }
    tags = [{"key": key, "value": value} for key, value in share.tags.items()]
    return {**shown, "tags": tags} if own else shown


def wire_named(share: Share, principals: list[str], resources: list[str]) -> list[dict[str, Any]]:
    return [
        *(wire_association(share, share.principals[one], "PRINCIPAL") for one in principals if one in share.principals),
        *(wire_association(share, share.resources[one], "RESOURCE") for one in resources if one in share.resources),
    ]


def wire_association(share: Share, one: Association, kind: str) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": one.entity,
        "associationType": kind,
        "status": one.status,
        "creationTime": one.created,
        "lastUpdatedTime": one.updated,
        "external": one.external,
    }


def wire_invitation(one: Invitation) -> dict[str, Any]:
    return {
        "resourceShareInvitationArn": one.arn,
        "resourceShareName": one.share.name,
        "resourceShareArn": one.share.arn,
        "senderAccountId": one.share.owner,
        "receiverAccountId": one.receiver,
        "invitationTimestamp": one.sent,
        "status": one.status,
        **({"receiverArn": one.principal} if one.principal != one.receiver else {}),
    }


def wire_resource(share: Share, one: Association) -> dict[str, Any]:
    return {
        "arn": one.entity,
        "type": type_of(one.entity),
        "resourceShareArn": share.arn,
        "creationTime": one.created,
        "lastUpdatedTime": one.updated,
        "resourceRegionScope": "REGIONAL",
    }


def type_of(arn: str) -> str:
    service, rest = arn.split(":", 5)[2], arn.split(":", 5)[5]
    word = re.split("[/:]", rest)[0]
    return TYPES.get(word, "") if service == "glue" else f"{service}:{word.title().replace('-', '')}"


def wire_principal(share: Share, one: Association) -> dict[str, Any]:
    times = {"creationTime": one.created, "lastUpdatedTime": one.updated}
    return {"id": one.entity, "resourceShareArn": share.arn, "external": one.external, **times}


def wire_permission(arn: str, known: Any, share: Share) -> dict[str, Any]:
    """A permission as it stands in the share; of one that moto does not know, what its ARN says."""
    described = known.describe() if known is not None else {"version": "1", "defaultVersion": True}
    return {
        "arn": arn,
        "version": described["version"],
        "defaultVersion": described["defaultVersion"],
        "name": arn.rpartition("/")[2],
        "resourceType": described.get("resourceType", ""),
        "status": "ASSOCIATED",
        "creationTime": share.created,
        "lastUpdatedTime": share.updated,
        "isResourceTypeDefault": described.get("isResourceTypeDefault", False),
        "permissionType": "AWS_MANAGED",
        "featureSet": "STANDARD",
    }


def page(call: Call, field: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    text = str(call.params.get("nextToken") or "0")
    if not text.isdigit():
        raise AwsError("InvalidNextTokenException", "The specified value for NextToken isn't valid.")
    start, size = int(text), int(call.params.get("maxResults") or PAGE)
    rest = {"nextToken": str(start + size)} if start + size < len(items) else {}
    return {field: items[start : start + size], **rest}
