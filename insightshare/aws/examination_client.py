"""What the client's account has of a share, with the caller's own identity there. Judges and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import boto3
from botocore.exceptions import ClientError

from insightshare.aws.examination import account_of, administrators, limited_view, pages, seen, seen_or_none
from insightshare.aws.examination_reader import granted, principal_of, reader_facts
from insightshare.aws.failures import DENIED, code_of
from insightshare.share.doctor import Seen, Unseen
from insightshare.share.doctor_facts import ClientFacts, Invitation, Link, Place
from insightshare.share.terms import Terms

T = TypeVar("T")
# RAM's shares that Lake Formation makes are named so; others of the provider's are not ours to judge.
SHARE_PREFIX = "LakeFormation"
# Said where the owner of what is asked for let nobody in; each other refusal is of the caller's own account.
NOT_SHARED = "no resource-based policy allows"


def client_facts(session: boto3.Session, terms: Terms, today: date) -> ClientFacts:
    """Return the facts of the client's side, as the caller sees them."""
    reader = reader_facts(session, _place(terms))
    principal = principal_of(reader.role, reader.place)
    own = {"Database": {"CatalogId": terms.client_account_id, "Name": terms.link}}
    return ClientFacts(
        terms=terms,
        today=today,
        account_id=account_of(session),
        region=session.region_name or "",
        administrators=administrators(session),
        invitations=_invitations(session, terms),
        shared=_shared(session, terms),
        target=_target(session, terms),
        link=_link(session, terms),
        describes_link=granted(session, principal, own, "DESCRIBE"),
        select={name: _selects(session, principal, terms, name) for name in terms.tables},
        columns={name: _columns(session, terms, name) for name in terms.tables},
        reader=reader,
    )


def _place(terms: Terms) -> Place:
    here = f"arn:aws:glue:{terms.region}:{terms.client_account_id}"
    there = f"arn:aws:glue:{terms.region}:{terms.provider_account_id}"
    named = [f"{here}:database/{terms.link}", f"{there}:database/{terms.database}"]
    return Place(
        whose="client",
        account_id=terms.client_account_id,
        region=terms.region,
        role=terms.analyst_role,
        workgroup=terms.workgroup,
        results_bucket=terms.results_bucket,
        catalogs=(*named, *(f"{there}:table/{terms.database}/{name}" for name in sorted(terms.tables))),
    )


def _invitations(session: boto3.Session, terms: Terms) -> Seen[tuple[Invitation, ...]]:
    ram: Any = session.client("ram")

    def look() -> tuple[Invitation, ...]:
        found = [
            one
            for page in pages(ram.get_resource_share_invitations)
            for one in page["resourceShareInvitations"]
            if one["senderAccountId"] == terms.provider_account_id and one["resourceShareName"].startswith(SHARE_PREFIX)
        ]
        invitations = [
            Invitation(
                one["resourceShareInvitationArn"], one["resourceShareArn"], one["status"], one["invitationTimestamp"]
            )
            for one in found
        ]
        return tuple(sorted(invitations, key=lambda one: (one.sent, one.arn)))

    return seen("invitations", look)


def _shared(session: boto3.Session, terms: Terms) -> Seen[frozenset[str]]:
    ram: Any = session.client("ram")

    def look() -> frozenset[str]:
        found = pages(ram.list_resources, resourceOwner="OTHER-ACCOUNTS")
        arns = [one["arn"] for page in found for one in page["resources"]]
        return frozenset(arn for arn in arns if arn.split(":")[4] == terms.provider_account_id)

    return seen("shared resources", look)


def _target(session: boto3.Session, terms: Terms) -> Seen[bool]:
    glue: Any = session.client("glue")
    names = {"CatalogId": terms.provider_account_id, "Name": terms.database}
    found = _of_another(session, "the provider's database", lambda: glue.get_database(**names)["Database"])
    return found if isinstance(found, Unseen) else found is not None


def _link(session: boto3.Session, terms: Terms) -> Seen[Link | None]:
    glue: Any = session.client("glue")

    def look() -> Link:
        target = glue.get_database(Name=terms.link)["Database"].get("TargetDatabase", {})
        return Link(target.get("CatalogId", ""), target.get("DatabaseName", ""))

    return seen_or_none(f"database {terms.link}", look)


def _selects(session: boto3.Session, principal: str, terms: Terms, name: str) -> Seen[bool]:
    whole = {"CatalogId": terms.provider_account_id, "DatabaseName": terms.database}
    resources = ({"Table": {**whole, "Name": name}}, {"Table": {**whole, "TableWildcard": {}}})
    found = [granted(session, principal, resource, "SELECT") for resource in resources]
    return True in found or next((one for one in found if isinstance(one, Unseen)), False)


def _columns(session: boto3.Session, terms: Terms, name: str) -> Seen[tuple[str, ...] | None]:
    glue: Any = session.client("glue")
    names = {"CatalogId": terms.provider_account_id, "DatabaseName": terms.database, "Name": name}

    def look() -> tuple[str, ...]:
        found = glue.get_table(**names)["Table"]
        columns = [*found.get("StorageDescriptor", {}).get("Columns", ()), *found.get("PartitionKeys", ())]
        return tuple(column["Name"] for column in columns)

    return _of_another(session, f"the provider's table {name}", look)


def _of_another(session: boto3.Session, what: str, look: Callable[[], T]) -> Seen[T | None]:
    """Another account's catalog refuses what is not there, and whatever Lake Formation does not show to the caller."""

    def careful() -> Seen[T | None]:
        try:
            return look()
        except ClientError as error:
            if code_of(error) in DENIED and NOT_SHARED in str(error):
                return limited_view(session)
            raise

    return seen_or_none(what, careful)
