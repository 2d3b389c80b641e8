"""Which shares and invitations a caller of RAM may see, and finds by the ARNs that it names."""

from __future__ import annotations

from localcloud import ram_shares
from localcloud.gateway import AwsError, Call
from localcloud.ram_shapes import INVITATION_ARN, SHARE_ARN, checked, unknown_invitation, unknown_share
from localcloud.ram_shares import Invitation, Share


def about(call: Call) -> tuple[str, dict[str, str]]:
    """The share or invitation that a policy may speak of, with RAM's condition keys."""
    arn = str(call.params.get("resourceShareInvitationArn") or call.params.get("resourceShareArn") or "*")
    shares = [(one.arn, one.share) for one in received(call)]
    shares += [(one.arn, one) for one in (*shares_seen(call, own=True), *shares_seen(call, own=False))]
    share = next((share for found, share in shares if found == arn), None)
    if share is None:
        return arn, {}
    return arn, {"ram:shareowneraccountid": share.owner, "ram:resourcesharename": share.name}


def shares_seen(call: Call, own: bool) -> list[Share]:
    """The caller's own shares, or those that others' have brought to its account."""
    if own:
        return list(ram_shares.book(call.caller.account_id, call.region).shares.values())
    me = call.caller.account_id
    return [
        share
        for found in ram_shares.books(call.region)
        for share in list(found.shares.values())
        if share.owner != me
        if any(ram_shares.account_of(name) == me and share.reaches(name) for name in share.principals)
    ]


def shares_wanted(call: Call, own: bool) -> list[Share]:
    arns = call.params.get("resourceShareArns") or []
    shares = [share for share in shares_seen(call, own) if not arns or share.arn in arns]
    return [share for share in shares if share.status == "ACTIVE"]


def received(call: Call) -> list[Invitation]:
    return [
        one
        for found in ram_shares.books(call.region)
        for one in list(found.invitations.values())
        if one.receiver == call.caller.account_id
    ]


def named_invitation(call: Call) -> Invitation:
    arn = checked(str(call.params.get("resourceShareInvitationArn")), INVITATION_ARN)
    found = next((one for one in received(call) if one.arn == arn), None)
    if found is None:
        raise unknown_invitation(arn)
    return found


def own_share(call: Call) -> Share:
    share = found_share(call, str(call.params.get("resourceShareArn") or call.params.get("resourceArn")))
    if share.owner != call.caller.account_id:
        raise AwsError("OperationNotPermittedException", f"ResourceShare {share.arn} is not yours.", 403)
    return share


def found_share(call: Call, arn: str) -> Share:
    checked(arn, SHARE_ARN)
    known = [*shares_seen(call, own=True), *shares_seen(call, own=False)]
    found = next((share for share in known if share.arn == arn), None)
    if found is None:
        raise unknown_share(arn)
    return found
