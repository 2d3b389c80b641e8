"""What the doctor looks at, as frozen values: each is what AWS said, or why it could not be seen. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from insightshare.contract.facts import Organisation
from insightshare.share.doctor import Seen, Side
from insightshare.share.grants import DesiredGrant
from insightshare.share.policies import Policy
from insightshare.share.terms import Terms


@dataclass(frozen=True)
class Role:
    arn: str
    trust: Policy
    rights: Policy


@dataclass(frozen=True)
class Workgroup:
    """`output` is where results go, `key` the ARN of the KMS key that encrypts them (empty: none)."""

    enabled: bool
    enforced: bool
    output: str
    key: str
    scan_limit_bytes: int | None
    engine: str


@dataclass(frozen=True)
class Key:
    """A KMS key; `aws_managed` ones can be shared with nobody."""

    arn: str
    state: str
    aws_managed: bool
    policy: Policy


@dataclass(frozen=True)
class Place:
    """Where somebody queries: the names that must be there, and whose they are.

    `mend` is the one command that makes all of them again, empty where nothing does.
    """

    whose: Side
    account_id: str
    region: str
    role: str
    workgroup: str
    results_bucket: str
    catalogs: tuple[str, ...]
    """ARNs of Glue that a query looks up."""
    mend: str = ""


@dataclass(frozen=True)
class ReaderFacts:
    """What a reader needs beside the share: a role, a workgroup, a bucket with its key, and `default`."""

    place: Place
    role: Seen[Role | None]
    default_database: Seen[bool]
    describes_default: Seen[bool]
    workgroup: Seen[Workgroup | None]
    results_region: Seen[str | None]
    """None where there is no such bucket."""
    results_key: Seen[Key | None]
    locations: Seen[tuple[str, ...]]
    """The paths (bucket/prefix) that are registered with Lake Formation in the reader's account."""


@dataclass(frozen=True)
class Link:
    """A database of the client's catalog; both empty if it is no link."""

    catalog_id: str = ""
    database: str = ""


@dataclass(frozen=True)
class Invitation:
    """One that the client's account received from the provider for Lake Formation's shares."""

    arn: str
    share: str
    status: str
    sent: datetime


@dataclass(frozen=True)
class ClientFacts:
    """The client's account as its own identity sees it."""

    terms: Terms
    today: date
    account_id: Seen[str]
    region: str
    administrators: Seen[tuple[str, ...]]
    invitations: Seen[tuple[Invitation, ...]]
    shared: Seen[frozenset[str]]
    """ARNs of the provider's catalog that active shares bring, patterns among them."""
    target: Seen[bool]
    link: Seen[Link | None]
    describes_link: Seen[bool]
    select: Mapping[str, Seen[bool]]
    columns: Mapping[str, Seen[tuple[str, ...] | None]]
    reader: ReaderFacts


@dataclass(frozen=True)
class Promise:
    """What the project says of one client in one environment; without grants outside the agreement's dates."""

    client: str
    client_account_id: str
    principal: str
    organisation: Organisation | None
    """None for a client that reads from our account."""
    start: date
    end: date
    environment: str
    account_id: str
    region: str
    database: str
    lake_role: str
    grants: Mapping[str, DesiredGrant]
    assumed_by: tuple[str, ...] = ()

    @property
    def deploy(self) -> str:
        return f"make deploy ENV={self.environment}"

    @property
    def reissue(self) -> str:
        return f"insightshare --env {self.environment} client reissue {self.client}"


@dataclass(frozen=True)
class Registration:
    """One location that Lake Formation reads: a path (bucket/prefix) and the role by which it does, if AWS names it."""

    path: str
    role_arn: str
    hybrid: bool


@dataclass(frozen=True)
class HeldGrant:
    """One grant on a resource of ours, with the RAM shares that carry it; `table` empty: on the database.

    `cells` is the filter through which it goes, empty for a grant without one; `database` is empty where it is on
    neither. `resource` is what Lake Formation lists.
    """

    principal: str
    kind: str
    resource: Mapping[str, Any] = field(hash=False)
    database: str
    table: str
    cells: str
    permissions: frozenset[str]
    grantable: frozenset[str]
    shares: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cells:
    """A data cells filter as it stands: None for all columns, or all rows; `excluded` are columns left out of all."""

    columns: tuple[str, ...] | None
    rows: str | None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Association:
    """The client's account in one of our RAM shares."""

    share: str
    status: str
    external: bool
    since: datetime


@dataclass(frozen=True)
class ProviderFacts:
    """Our account as the operator's identity sees it, as far as it matters to one client."""

    promise: Promise
    today: date
    account_id: Seen[str]
    parameters: Seen[Mapping[str, str]]
    """Of the data lake settings."""
    catalog_encryption: Seen[Mapping[str, Any]]
    """The catalog's encryption settings as AWS lists them."""
    catalog_key: Seen[Key | None]
    """The key that encrypts the catalog; None where nothing does."""
    glue_policy: Seen[Policy | None]
    tables: Seen[Mapping[str, str] | None]
    """Path (bucket/prefix) by table; None where there is no such database."""
    registrations: Seen[tuple[Registration, ...]]
    lake_roles: Mapping[str, Seen[Role | None]]
    """The roles of the registrations under the tables, by ARN."""
    lake_keys: Mapping[str, Seen[Key | None]]
    """The key that encrypts new objects, by bucket of the tables; None where none of KMS does."""
    grants: Seen[tuple[HeldGrant, ...]]
    """Every grant, to whomever, on anything."""
    filters: Mapping[str, Seen[Cells | None]] = field(default_factory=dict)
    """The client's filter by table."""
    associations: Seen[tuple[Association, ...]] = ()
    reader: ReaderFacts | None = None
    """Only for a client that reads from our account."""
