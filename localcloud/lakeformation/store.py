"""What one account's Lake Formation remembers: grants, data cells filters, locations, settings. It decides nothing.

The state hangs on moto's own backend object, so that moto's reset forgets it too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from localcloud.store import backend

IAM_ALLOWED = "IAM_ALLOWED_PRINCIPALS"
ALL_TABLES = "ALL_TABLES"  # the name that Lake Formation gives to "every table of this database"

# One lock for every catalog and every grant: a check and the write that it allows must be one step.
LOCK = threading.RLock()


@dataclass(frozen=True)
class Resource:
    """What a grant is about. `catalog_id` is the account that owns it, not the account that grants it."""

    kind: str  # catalog | database | table | columns | filter | location
    catalog_id: str
    database: str = ""
    table: str = ""
    columns: tuple[str, ...] = ()  # kind columns: the include list; empty means all but `excluded`
    excluded: tuple[str, ...] = ()
    filter_name: str = ""
    location: str = ""

    def covers_table(self, catalog_id: str, database: str, table: str) -> bool:
        return (
            self.kind in ("table", "columns", "filter")
            and (self.catalog_id, self.database) == (catalog_id, database)
            and self.table in (table, ALL_TABLES)
        )


@dataclass(frozen=True)
class Grant:
    principal: str
    resource: Resource
    permissions: frozenset[str]
    grantable: frozenset[str]
    updated_by: str = ""
    updated_at: float = 0.0


@dataclass(frozen=True)
class CellsFilter:
    """One data cells filter: `columns` None means all but `excluded`; `expression` None means all rows."""

    catalog_id: str
    database: str
    table: str
    name: str
    columns: tuple[str, ...] | None
    excluded: tuple[str, ...]
    expression: str | None
    version_id: str
    creator: str


@dataclass(frozen=True)
class Location:
    arn: str
    role_arn: str
    hybrid: bool
    federation: bool
    service_linked: bool
    registered_at: float


def default_settings() -> dict[str, Any]:
    """A new account: everything is left to IAM until somebody says otherwise."""
    iam_only = [{"Principal": {"DataLakePrincipalIdentifier": IAM_ALLOWED}, "Permissions": ["ALL"]}]
    return {
        "DataLakeAdmins": [],
        "ReadOnlyAdmins": [],
        "CreateDatabaseDefaultPermissions": iam_only,
        "CreateTableDefaultPermissions": iam_only,
        "Parameters": {"CROSS_ACCOUNT_VERSION": "1", "SET_CONTEXT": "TRUE"},
        "TrustedResourceOwners": [],
        "AllowExternalDataFiltering": False,
        "AllowFullTableExternalDataAccess": False,
        "ExternalDataFilteringAllowList": [],
        "AuthorizedSessionTagValueList": [],
    }


@dataclass
class Store:
    """One account in one region."""

    account_id: str
    grants: dict[tuple[str, Resource], Grant] = field(default_factory=dict)
    filters: dict[tuple[str, str, str, str], CellsFilter] = field(default_factory=dict)
    locations: dict[str, Location] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=default_settings)

    def __post_init__(self) -> None:
        # A new account leaves also the creation of databases to IAM, until that is revoked.
        everybody = Resource("catalog", self.account_id)
        self.add(Grant(IAM_ALLOWED, everybody, frozenset({"CREATE_DATABASE"}), frozenset()))

    def admins(self) -> set[str]:
        return {admin["DataLakePrincipalIdentifier"] for admin in self.settings.get("DataLakeAdmins") or []}

    def read_only_admins(self) -> set[str]:
        return {admin["DataLakePrincipalIdentifier"] for admin in self.settings.get("ReadOnlyAdmins") or []}

    def held_by(self, principals: Iterable[str]) -> list[Grant]:
        wanted = set(principals)
        return [grant for grant in self.grants.values() if grant.principal in wanted]

    def add(self, grant: Grant) -> Grant:
        key = (grant.principal, grant.resource)
        held = self.grants.get(key)
        if held is not None:
            grant = replace(
                grant,
                permissions=held.permissions | grant.permissions,
                grantable=held.grantable | grant.grantable,
            )
        self.grants[key] = grant
        return grant

    def remove(self, key: tuple[str, Resource], permissions: frozenset[str], grantable: frozenset[str]) -> None:
        held = self.grants[key]
        left = replace(held, permissions=held.permissions - permissions, grantable=held.grantable - grantable)
        # A permission that is gone takes its grant option along.
        left = replace(left, grantable=left.grantable & left.permissions)
        if left.permissions:
            self.grants[key] = left
        else:
            del self.grants[key]

    def forget_table(self, database: str, table: str) -> None:
        """A dropped table takes its own filters and this account's grants on it along."""
        for name in [name for name in self.filters if name[:3] == (self.account_id, database, table)]:
            del self.filters[name]
        for key in [
            key
            for key in self.grants
            if key[1].catalog_id == self.account_id and (key[1].database, key[1].table) == (database, table)
        ]:
            del self.grants[key]

    def forget_database(self, database: str) -> None:
        for name in [name for name in self.filters if name[:2] == (self.account_id, database)]:
            del self.filters[name]
        for key in [key for key in self.grants if key[1].catalog_id == self.account_id and key[1].database == database]:
            del self.grants[key]


def store(account_id: str, region: str) -> Store:
    """The one store of this account and region, made on first use."""
    holder = backend("lakeformation", account_id, region)
    with LOCK:
        found: Store | None = getattr(holder, "localcloud_store", None)
        if found is None:
            found = holder.localcloud_store = Store(account_id)  # moto's reset drops unknown attributes
        return found
