"""Resource Access Manager's API over `ram_shares`. Managed permissions and resource types fall through to moto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud import organisation, ram_shares
from localcloud.gateway import AwsError, Call, Guard, Handler
from localcloud.identity import guard_roles
from localcloud.ram_lookup import (
    about,
    found_share,
    named_invitation,
    own_share,
    received,
    shares_seen,
    shares_wanted,
)
from localcloud.ram_shapes import (
    INVITATION_ARN,
    SHARE_ARN,
    checked,
    in_use,
    page,
    type_of,
    unknown_invitation,
    unknown_share,
    wire_association,
    wire_invitation,
    wire_named,
    wire_permission,
    wire_principal,
    wire_resource,
    wire_share,
)
from localcloud.ram_shares import Invitation
from localcloud.store import backend


def create_resource_share(call: Call) -> dict[str, Any]:
    params = call.params
    principals, resources = params.get("principals") or [], params.get("resourceArns") or []
    _check_parts(call, principals, resources)
    allowed = bool(params.get("allowExternalPrincipals", True))
    share = ram_shares.new_share(call.caller.account_id, call.region, str(params["name"]), allowed)
    share.permissions = list(params.get("permissionArns") or [])
    share.tags = {tag["key"]: tag["value"] for tag in params.get("tags") or []}
    ram_shares.associate(share, principals, resources)
    return {"resourceShare": wire_share(share, own=True)}


def update_resource_share(call: Call) -> dict[str, Any]:
    share = own_share(call)
    share.name = str(call.params.get("name") or share.name)
    share.allow_external = bool(call.params.get("allowExternalPrincipals", share.allow_external))
    return {"resourceShare": wire_share(share, own=True)}


def delete_resource_share(call: Call) -> dict[str, Any]:
    ram_shares.delete(own_share(call))
    return {"returnValue": True}


def associate_resource_share(call: Call) -> dict[str, Any]:
    share = own_share(call)
    principals, resources = call.params.get("principals") or [], call.params.get("resourceArns") or []
    _check_parts(call, principals, resources)
    ram_shares.associate(share, principals, resources)
    return {"resourceShareAssociations": wire_named(share, principals, resources)}


def disassociate_resource_share(call: Call) -> dict[str, Any]:
    """The owner takes out what it names; who was let in by an invitation may leave."""
    principals, resources = call.params.get("principals") or [], call.params.get("resourceArns") or []
    share = found_share(call, str(call.params.get("resourceShareArn")))
    if share.owner != call.caller.account_id:
        mine = [name for name in principals if ram_shares.account_of(name) == call.caller.account_id]
        if mine != principals or resources or not all(share.principals[name].external for name in mine):
            raise AwsError("OperationNotPermittedException", "You can only leave a share that you were invited to.")
    ram_shares.disassociate(share, principals, resources)
    return {"resourceShareAssociations": wire_named(share, principals, resources)}


def get_resource_shares(call: Call) -> dict[str, Any]:
    params = call.params
    own = _is_own(call)
    arns = [checked(arn, SHARE_ARN) for arn in params.get("resourceShareArns") or []]
    found = [
        share
        for share in shares_seen(call, own)
        if (not arns or share.arn in arns)
        and params.get("name") in (None, share.name)
        and params.get("resourceShareStatus") in (None, share.status)
        and params.get("permissionArn") in (None, *share.permissions)
        and all(share.tags.get(one["tagKey"]) in one["tagValues"] for one in params.get("tagFilters") or [])
    ]
    if missing := sorted(set(arns) - {share.arn for share in shares_seen(call, own)}):
        raise unknown_share(missing[0])
    return page(call, "resourceShares", [wire_share(share, own) for share in found])


def get_resource_share_associations(call: Call) -> dict[str, Any]:
    """Of the caller's own shares only."""
    params, kind = call.params, call.params.get("associationType")
    if kind not in ("PRINCIPAL", "RESOURCE"):
        raise AwsError("InvalidParameterException", f"{kind} is not a valid association type.")
    if params.get("resourceArn" if kind == "PRINCIPAL" else "principal"):
        raise AwsError("InvalidParameterException", f"You cannot specify this filter with association type {kind}.")
    arns, wanted = params.get("resourceShareArns") or [], params.get("principal") or params.get("resourceArn")
    found = [
        wire_association(share, one, kind)
        for share in shares_seen(call, own=True)
        if not arns or share.arn in arns
        for one in (share.principals if kind == "PRINCIPAL" else share.resources).values()
        if wanted in (None, one.entity) and params.get("associationStatus") in (None, one.status)
    ]
    return page(call, "resourceShareAssociations", found)


def get_resource_share_invitations(call: Call) -> dict[str, Any]:
    """Those that the caller's account received, also the answered and the lapsed ones."""
    arns = [checked(arn, INVITATION_ARN) for arn in call.params.get("resourceShareInvitationArns") or []]
    shares = [checked(arn, SHARE_ARN) for arn in call.params.get("resourceShareArns") or []]
    own = received(call)
    if missing := sorted(set(arns) - {one.arn for one in own}):
        raise unknown_invitation(missing[0])
    found = [
        wire_invitation(one) for one in own if (not arns or one.arn in arns) and (not shares or one.share.arn in shares)
    ]
    return page(call, "resourceShareInvitations", found)


def accept_resource_share_invitation(call: Call) -> dict[str, Any]:
    return _answer(call, ram_shares.accept)


def reject_resource_share_invitation(call: Call) -> dict[str, Any]:
    return _answer(call, ram_shares.reject)


def list_pending_invitation_resources(call: Call) -> dict[str, Any]:
    invitation = named_invitation(call)
    if invitation.status in ("REJECTED", "EXPIRED"):
        word = {"REJECTED": "AlreadyRejected", "EXPIRED": "Expired"}[invitation.status]
        raise AwsError(f"ResourceShareInvitation{word}Exception", f"Invitation {invitation.arn} is not pending.")
    return page(call, "resources", [wire_resource(invitation.share, one) for one in in_use(invitation.share.resources)])


def list_resources(call: Call) -> dict[str, Any]:
    params, own = call.params, _is_own(call)
    found = [
        wire_resource(share, one)
        for share in shares_wanted(call, own)
        if params.get("principal") in (None, *(entry.entity for entry in in_use(share.principals)), share.owner)
        for one in in_use(share.resources)
        if not params.get("resourceArns") or one.entity in params["resourceArns"]
        if params.get("resourceType") in (None, type_of(one.entity))
    ]
    return page(call, "resources", found)


def list_principals(call: Call) -> dict[str, Any]:
    """Who has a share; of somebody else's share, who gave it."""
    params, own = call.params, _is_own(call)
    found = []
    for share in shares_wanted(call, own):
        if params.get("resourceArn") and not share.has_resource(params["resourceArn"]):
            continue
        times = {"creationTime": share.created, "lastUpdatedTime": share.updated}
        inside = organisation.shares_without_asking(share.owner, call.caller.account_id)
        entries = (
            [wire_principal(share, one) for one in in_use(share.principals)]
            if own
            else [{"id": share.owner, "resourceShareArn": share.arn, "external": not inside, **times}]
        )
        found += [one for one in entries if not params.get("principals") or one["id"] in params["principals"]]
    return page(call, "principals", found)


def list_resource_share_permissions(call: Call) -> dict[str, Any]:
    share = found_share(call, str(call.params.get("resourceShareArn")))
    known = {one.arn: one for one in backend("ram", call.caller.account_id, call.region).managed_permissions}
    found = [wire_permission(arn, known.get(arn), share) for arn in share.permissions]
    return page(call, "permissions", found)


def enable_sharing(call: Call) -> dict[str, Any]:
    organisation.enable_sharing(call.caller.account_id)
    return {"returnValue": True}


def tag_resource(call: Call) -> dict[str, Any]:
    own_share(call).tags.update({tag["key"]: tag["value"] for tag in call.params.get("tags") or []})
    return {}


def untag_resource(call: Call) -> dict[str, Any]:
    tags = own_share(call).tags
    for key in call.params.get("tagKeys") or []:
        tags.pop(key, None)
    return {}


def _answer(call: Call, answer: Callable[[Invitation], None]) -> dict[str, Any]:
    invitation = named_invitation(call)
    answer(invitation)
    return {"resourceShareInvitation": wire_invitation(invitation)}


def _is_own(call: Call) -> bool:
    owner = call.params.get("resourceOwner")
    if owner not in ("SELF", "OTHER-ACCOUNTS"):
        message = f"{owner} is not a valid resource owner. Specify either SELF or OTHER-ACCOUNTS and try again."
        raise AwsError("InvalidParameterException", message)
    return bool(owner == "SELF")


def _check_parts(call: Call, principals: list[str], resources: list[str]) -> None:
    """moto knows what can be shared, and with whom."""
    from moto.ram.models import ResourceShare

    checker = ResourceShare(call.caller.account_id, call.region, name="")
    checker.add_principals(principals)
    checker.add_resources(resources)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("ram", action): handler
    for action, handler in {
        "CreateResourceShare": create_resource_share,
        "UpdateResourceShare": update_resource_share,
        "DeleteResourceShare": delete_resource_share,
        "AssociateResourceShare": associate_resource_share,
        "DisassociateResourceShare": disassociate_resource_share,
        "GetResourceShares": get_resource_shares,
        "GetResourceShareAssociations": get_resource_share_associations,
        "GetResourceShareInvitations": get_resource_share_invitations,
        "AcceptResourceShareInvitation": accept_resource_share_invitation,
        "RejectResourceShareInvitation": reject_resource_share_invitation,
        "ListPendingInvitationResources": list_pending_invitation_resources,
        "ListResources": list_resources,
        "ListPrincipals": list_principals,
        "ListResourceSharePermissions": list_resource_share_permissions,
        "EnableSharingWithAwsOrganization": enable_sharing,
        "TagResource": tag_resource,
        "UntagResource": untag_resource,
    }.items()
}
GUARDS: dict[str, list[Guard]] = {"ram": [guard_roles("ram", about)]}
