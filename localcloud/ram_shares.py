"""RAM's resource shares, their principals, resources and invitations, and what time does to them. It knows no API.

A principal of the sharer's own organisation is associated at once; any other is invited and associated when its
account accepts. An invitation that nobody answers in time lapses, and its principal is disassociated.
The state hangs on moto's own backend objects, so that moto's reset forgets it too.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import RLock
from typing import Any
from uuid import uuid4

from moto.backends import get_backend

from localcloud import clock
from localcloud.gateway import AwsError
from localcloud.organisation import shares_without_asking
from localcloud.store import backend

# Shares of the Glue catalog are not on RAM's list of those whose invitations last seven days.
LIFETIME_HOURS, GLUE_LIFETIME_HOURS = 7 * 24, 12
LOCK = RLock()


@dataclass
class Association:
    """One principal or one resource of a share."""

    entity: str
    status: str  # ASSOCIATING | ASSOCIATED | DISASSOCIATED
    external: bool
    created: float
    updated: float

    def becomes(self, status: str) -> None:
        self.status, self.updated = status, clock.now()


@dataclass
class Share:
    arn: str
    name: str
    owner: str
    region: str
    allow_external: bool = True
    status: str = "ACTIVE"
    created: float = field(default_factory=clock.now)
    updated: float = field(default_factory=clock.now)
    permissions: list[str] = field(default_factory=list)  # ARNs of managed permissions
    principals: dict[str, Association] = field(default_factory=dict)
    resources: dict[str, Association] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    purpose: tuple[str, ...] = ()  # what the service that made it carries in it; empty for a share of a user's own

    def has_resource(self, arn: str) -> bool:
        """Whether this resource is shared, itself or by a pattern."""
        return any(fnmatch.fnmatchcase(arn, pattern) for pattern in self.shared_resources())

    def shared_resources(self) -> list[str]:
        return [one.entity for one in self.resources.values() if one.status == "ASSOCIATED"]

    def reaches(self, principal: str) -> bool:
        """Whether the principal may use what is shared; who was let in as one of the organisation must still be."""
        held = self.principals.get(principal)
        if self.status != "ACTIVE" or held is None or held.status != "ASSOCIATED":
            return False
        return held.external or shares_without_asking(self.owner, account_of(principal))


@dataclass
class Invitation:
    arn: str
    share: Share
    principal: str
    sent: float
    status: str = "PENDING"

    @property
    def receiver(self) -> str:
        return account_of(self.principal)


@dataclass
class Book:
    """What one account shares from one region."""

    shares: dict[str, Share] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)


def account_of(principal: str) -> str:
    """The account of a principal: an id, or an ARN of IAM."""
    parts = principal.split(":")
    return parts[4] if len(parts) >= 6 else parts[0]


def book(account_id: str, region: str) -> Book:
    """The shares of this account and region, with lapsed invitations lapsed."""
    holder = backend("ram", account_id, region)
    with LOCK:
        found: Book | None = getattr(holder, "localcloud_book", None)
        if found is None:
            found = holder.localcloud_book = Book()
        _lapse(found)
        return found


def books(region: str) -> Iterator[Book]:
    """Those of all accounts that share something from this region."""
    for account_id, regions in list(get_backend("ram").items()):
        if region in regions:
            yield book(account_id, region)


def new_share(owner: str, region: str, name: str, allow_external: bool = True) -> Share:
    share = Share(f"arn:aws:ram:{region}:{owner}:resource-share/{uuid4()}", name, owner, region, allow_external)
    with LOCK:
        book(owner, region).shares[share.arn] = share
    return share


def associate(share: Share, principals: Iterable[str] = (), resources: Iterable[str] = ()) -> None:
    """Add what is not in the share yet; principals outside the organisation are invited."""
    with LOCK:
        for arn in resources:
            _add(share.resources, arn, "ASSOCIATED", external=False)
        for principal in principals:
            held = share.principals.get(principal)
            if held is not None and held.status != "DISASSOCIATED":
                continue
            inside = shares_without_asking(share.owner, account_of(principal))
            if not inside and not share.allow_external:
                raise AwsError(
                    "OperationNotPermittedException",
                    "The resource you are attempting to share can only be shared within your AWS Organization.",
                )
            _add(share.principals, principal, "ASSOCIATED" if inside else "ASSOCIATING", external=not inside)
            if not inside:
                _invite(share, principal)
        share.updated = clock.now()


def disassociate(share: Share, principals: Iterable[str] = (), resources: Iterable[str] = ()) -> None:
    """Take principals and resources out of the share; a pending invitation is withdrawn."""
    with LOCK:
        for held, names in ((share.principals, principals), (share.resources, resources)):
            for name in names:
                if name in held:
                    held[name].becomes("DISASSOCIATED")
                    _withdraw(share, name)
        share.updated = clock.now()


def delete(share: Share) -> None:
    """A deleted share stays visible to its owner, and is of no effect."""
    with LOCK:
        disassociate(share, list(share.principals), list(share.resources))
        share.status = "DELETED"


def accept(invitation: Invitation) -> None:
    _answer(invitation, "ACCEPTED", "ASSOCIATED")


def reject(invitation: Invitation) -> None:
    _answer(invitation, "REJECTED", "DISASSOCIATED")


def _answer(invitation: Invitation, status: str, association: str) -> None:
    errors = {"ACCEPTED": "AlreadyAccepted", "REJECTED": "AlreadyRejected", "EXPIRED": "Expired"}
    with LOCK:
        if word := errors.get(invitation.status):
            said = {"ACCEPTED": "was already accepted", "REJECTED": "was already rejected", "EXPIRED": "is expired"}
            raise AwsError(
                f"ResourceShareInvitation{word}Exception",
                f"Invitation {invitation.arn} {said[invitation.status]}.",
            )
        invitation.status = status
        invitation.share.principals[invitation.principal].becomes(association)


def _invite(share: Share, principal: str) -> None:
    arn = f"arn:aws:ram:{share.region}:{share.owner}:resource-share-invitation/{uuid4()}"
    book(share.owner, share.region).invitations[arn] = Invitation(arn, share, principal, clock.now())


def _withdraw(share: Share, principal: str) -> None:
    sent = book(share.owner, share.region).invitations
    for arn in [arn for arn, one in sent.items() if one.share is share and one.principal == principal]:
        if sent[arn].status == "PENDING":
            del sent[arn]


def _lapse(found: Book) -> None:
    for invitation in found.invitations.values():
        if invitation.status == "PENDING" and clock.now() >= invitation.sent + lifetime(invitation.share) * 3600:
            invitation.status = "EXPIRED"
            invitation.share.principals[invitation.principal].becomes("DISASSOCIATED")


def lifetime(share: Share) -> int:
    """How many hours an invitation to this share lasts."""
    glue = any(re.match(r"arn:aws[a-z-]*:glue:", arn) for arn in share.resources)
    return GLUE_LIFETIME_HOURS if glue else LIFETIME_HOURS


def _add(held: dict[str, Association], entity: str, status: str, *, external: bool) -> None:
    known: Any = held.get(entity)
    if known is None or known.status == "DISASSOCIATED":
        held[entity] = Association(entity, status, external, clock.now(), clock.now())
