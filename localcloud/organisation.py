"""Which accounts are one organisation: moto's AWS Organizations, with one already made, and joining and leaving it.

A new cloud has an organisation of the accounts `MEMBERS` that shares through RAM; every other account is outside.
"""

from __future__ import annotations

import time
from threading import RLock
from typing import Any
from uuid import uuid4

from moto.backends import get_backend

from localcloud.gateway import AwsError, Call
from localcloud.store import backend

MANAGEMENT = "999999999999"
MEMBERS = ("111111111111", "222222222222")
SHARING = "ram.amazonaws.com"
_lock = RLock()


def organisation_id(account_id: str) -> str | None:
    """The id of the organisation that the account belongs to, if any."""
    management = _management_of(account_id)
    return str(management.org.id) if management is not None else None


def shares_without_asking(account_id: str, other_account_id: str) -> bool:
    """Whether RAM shares between these two need no invitation: one organisation, which lets RAM share in it."""
    management = _management_of(account_id)
    if management is None or management is not _management_of(other_account_id):
        return False
    return any(service["ServicePrincipal"] == SHARING for service in management.services)


def enable_sharing(account_id: str) -> None:
    """Let RAM share within the organisation that this account manages."""
    management = _management_of(account_id)
    if management is None or management.account_id != account_id:
        raise AwsError(
            "OperationNotPermittedException",
            "Unable to enable sharing with AWS Organizations. "
            "Received AccessDeniedException from AWSOrganizations with the following error message: "
            "You don't have permissions to access this resource.",
        )
    management.enable_aws_service_access(ServicePrincipal=SHARING)


def _management_of(account_id: str) -> Any:
    """moto's record of the organisation, kept with its management account, or None."""
    _make_first()
    organisations: Any = get_backend("organizations")
    owner, _ = organisations.master_accounts.get(account_id, (account_id, ""))
    found = backend("organizations", owner, "aws")
    return found if found.org is not None else None


def _make_first(_call: Call | None = None) -> None:
    """The organisation that a new cloud has; also the guard of every call to Organizations."""
    management = backend("organizations", MANAGEMENT, "aws")
    with _lock:
        if getattr(management, "localcloud_made", False):
            return
        organisations: Any = get_backend("organizations")
        organisations.master_accounts.clear()  # moto's reset leaves the members of an organisation that is gone
        management.localcloud_made, management.localcloud_handshakes = True, {}
        management.create_organization("us-east-1", FeatureSet="ALL")
        management.enable_aws_service_access(ServicePrincipal=SHARING)
        for account_id in MEMBERS:
            _join(management, account_id)


def _join(management: Any, account_id: str) -> None:
    from moto.organizations.models import FakeAccount
    from moto.organizations.utils import DEFAULT_RCP_POLICY_ID, DEFAULT_SCP_POLICY_ID

    account = FakeAccount(management.org, AccountName=account_id, Email=f"{account_id}@example.com")
    accounts: Any = get_backend("iam")
    accounts.pop(account.id, None)  # where moto has just made a role, as for an account that it creates
    account.id, account.joined_method = account_id, "INVITED"
    management.accounts.append(account)
    for policy_id in (DEFAULT_SCP_POLICY_ID, DEFAULT_RCP_POLICY_ID):
        management.attach_policy(PolicyId=policy_id, TargetId=account_id)
    organisations: Any = get_backend("organizations")
    organisations.master_accounts[account_id] = (management.account_id, "aws")


def _invite(call: Call) -> dict[str, Any]:
    """Only accounts, by their ids, can be invited."""
    management = _management_of(call.caller.account_id)
    if management is None or management.account_id != call.caller.account_id:
        raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
    account_id = str((call.params.get("Target") or {}).get("Id") or "")
    if _management_of(account_id) is not None:
        raise AwsError("HandshakeConstraintViolationException", "The account is already a member of an organization.")
    key = f"h-{uuid4().hex[:10]}"
    handshake = {
        "Id": key,
        "Arn": f"arn:aws:organizations::{management.account_id}:handshake/{management.org.id}/invite/{key}",
        "Parties": [{"Id": account_id, "Type": "ACCOUNT"}],
        "State": "OPEN",
        "RequestedTimestamp": time.time(),
        "Action": "INVITE",
    }
    _handshakes()[key] = (management, account_id, handshake)
    return {"Handshake": handshake}


def _accept(call: Call) -> dict[str, Any]:
    management, account_id, handshake = _handshakes().get(str(call.params.get("HandshakeId")), (None, None, {}))
    if account_id != call.caller.account_id:
        raise AwsError("HandshakeNotFoundException", "We can't find a handshake with the specified ID.")
    with _lock:
        if handshake["State"] == "OPEN":
            _join(management, account_id)
            handshake["State"] = "ACCEPTED"
    return {"Handshake": handshake}


def _leave(call: Call) -> dict[str, Any]:
    management = _management_of(call.caller.account_id)
    if management is None:
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    if management.account_id == call.caller.account_id:
        raise AwsError("MasterCannotLeaveOrganizationException", "The management account cannot leave.")
    management.remove_account_from_organization(AccountId=call.caller.account_id)
    return {}


def _handshakes() -> dict[str, tuple[Any, str, dict[str, Any]]]:
    found: dict[str, tuple[Any, str, dict[str, Any]]] = backend(
        "organizations", MANAGEMENT, "aws"
    ).localcloud_handshakes
    return found


GUARDS = {"organizations": [_make_first]}
HANDLERS = {
    ("organizations", "InviteAccountToOrganization"): _invite,
    ("organizations", "AcceptHandshake"): _accept,
    ("organizations", "LeaveOrganization"): _leave,
}
