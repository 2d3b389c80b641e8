"""Which rights a caller has on a catalog, a database, a table: grants in, rights out. It neither reads Glue nor raises.

Rules, with the page of the Lake Formation developer guide that says so:
- the owner's account: what was granted to the caller's ARN, to `<account>:IAMPrincipals`, and, where the resource still
  has it, to IAM_ALLOWED_PRINCIPALS (lf-permissions-reference);
- another account: what the owner granted to that account, cut by what that account's administrator granted on to the
  caller; and what the owner granted to the caller's ARN directly (cross-account-permissions, data-filtering-notes);
  neither counts before its RAM share was accepted (accepting-ram-invite);
- several filters: a cell is visible where some filter that shows its column matches its row; an all-rows filter
  prevails for the columns that it shows; predicates of account and principal are intersected (data-filtering-notes);
- data lake administrators describe everything and may grant, but read nothing that was not granted to them
  (implicit-permissions).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from localcloud.gateway import Caller
from localcloud.lakeformation.sharing import arrived
from localcloud.lakeformation.store import ALL_TABLES, IAM_ALLOWED, CellsFilter, Grant, Resource, Store, store

# "*" stands for every permission of its kind of resource; the API calls it ALL and the console Super.
TABLE_ALL = frozenset({"ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"})
DATABASE_ALL = frozenset({"ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"})
FILTER_ALL = frozenset({"DESCRIBE", "DROP", "SELECT"})
CATALOG_ALL = frozenset({"ALL", "CREATE_DATABASE", "CREATE_CATALOG", "DESCRIBE", "ALTER", "DROP"})

Cells = tuple[tuple[str, ...], str | None]  # columns, and the predicate of the rows in which they show (None: all)


@dataclass(frozen=True)
class TableShape:
    """What the evaluator must know of a table: whose it is, and its columns in order."""

    catalog_id: str
    database: str
    name: str
    columns: tuple[str, ...] = ()
    partition_keys: tuple[str, ...] = ()

    @property
    def all_columns(self) -> tuple[str, ...]:
        return self.columns + self.partition_keys


@dataclass(frozen=True)
class Rights:
    """Permissions on the whole table, and the cells that SELECT reaches."""

    permissions: frozenset[str] = frozenset()
    cells: tuple[Cells, ...] = field(default_factory=tuple)

    def __or__(self, other: Rights) -> Rights:
        return Rights(self.permissions | other.permissions, self.cells + other.cells)

    def cut_by(self, ceiling: Rights, table: TableShape) -> Rights:
        """What is left under somebody else's ceiling; a filter that shows partition keys alone shows nothing."""
        cells = [_intersection(mine, theirs) for mine in self.cells for theirs in ceiling.cells]
        kept = tuple(cell for cell in cells if _shows_data(cell[0], table))
        permissions = self.permissions & ceiling.permissions
        return Rights(permissions if kept else permissions - {"SELECT"}, kept)


def table_rights(caller: Caller, region: str, table: TableShape, *, grantable: bool = False) -> Rights:
    """What this caller may do with this table; with `grantable`, what it may pass on."""
    owner = store(table.catalog_id, region)
    if caller.account_id == table.catalog_id:
        return _granted(owner.held_by(_names(caller, local=True)), table, [owner], grantable)
    own = store(caller.account_id, region)
    direct = _granted(arrived(owner, region, [caller.arn]), table, [owner], grantable)
    ceiling = _granted(arrived(owner, region, [caller.account_id]), table, [owner], False)
    regranted = _granted(own.held_by(_names(caller, local=False)), table, [own, owner], grantable)
    return direct | regranted.cut_by(ceiling, table)


def account_rights(account_id: str, region: str, table: TableShape, *, grantable: bool = False) -> Rights:
    """What the owner granted to a whole account: the ceiling for everybody in it."""
    owner = store(table.catalog_id, region)
    return _granted(arrived(owner, region, [account_id]), table, [owner], grantable)


def filter_rights(caller: Caller, region: str, resource: Resource, *, grantable: bool = False) -> frozenset[str]:
    """What this caller may do with one data cells filter itself (granting-filter-perms)."""
    held = [
        one for one in store(caller.account_id, region).held_by(_names(caller, local=True)) if one.resource == resource
    ]
    return frozenset[str]().union(*(one.grantable if grantable else one.permissions for one in held))


def database_rights(
    caller: Caller, region: str, catalog_id: str, database: str, grantable: bool = False
) -> frozenset[str]:
    """Permissions on the database itself; any right on one of its tables lets the caller see that it exists."""
    owner = store(catalog_id, region)
    if caller.account_id == catalog_id:
        held = owner.held_by(_names(caller, local=True))
        return _on_database(held, catalog_id, database, grantable)
    own = store(caller.account_id, region)
    direct = _on_database(arrived(owner, region, [caller.arn]), catalog_id, database, grantable)
    ceiling = _on_database(arrived(owner, region, [caller.account_id]), catalog_id, database, False)
    return direct | (ceiling & _on_database(own.held_by(_names(caller, local=False)), catalog_id, database, grantable))


def account_database_rights(
    account_id: str, region: str, catalog_id: str, database: str, grantable: bool = False
) -> frozenset[str]:
    """What the owner granted to a whole account on this database."""
    return _on_database(arrived(store(catalog_id, region), region, [account_id]), catalog_id, database, grantable)


def database_arrived(caller: Caller, region: str, catalog_id: str, database: str) -> bool:
    """Whether anything of another account's database was shared with the caller or its account, and accepted."""
    found = arrived(store(catalog_id, region), region, [caller.account_id, caller.arn])
    return any((grant.resource.catalog_id, grant.resource.database) == (catalog_id, database) for grant in found)


def catalog_rights(caller: Caller, region: str) -> frozenset[str]:
    """Permissions on the caller's own catalog: who may create databases."""
    held = store(caller.account_id, region).held_by(_names(caller, local=True))
    found = frozenset[str]().union(*(grant.permissions for grant in held if grant.resource.kind == "catalog"))
    return CATALOG_ALL if "ALL" in found else found


def location_allowed(caller: Caller, region: str, path: str) -> bool:
    """Whether the caller may point catalog objects at this S3 path: a right on the path or on a parent of it."""
    if is_admin(caller, region):
        return True
    for grant in store(caller.account_id, region).held_by(_names(caller, local=True)):
        allowed = grant.resource.location
        if grant.resource.kind == "location" and (path + "/").startswith(allowed.rstrip("/") + "/"):
            return True
    return False


def is_admin(caller: Caller, region: str) -> bool:
    return caller.arn in store(caller.account_id, region).admins()


def may_see_everything(caller: Caller, region: str) -> bool:
    """Administrators, also the read-only ones, may describe whatever their account owns."""
    found = store(caller.account_id, region)
    return caller.arn in found.admins() | found.read_only_admins()


def _names(caller: Caller, *, local: bool) -> list[str]:
    """The principals as which a caller holds grants: itself, everybody in its account, and at home the IAM group."""
    everybody = [caller.arn, f"{caller.account_id}:IAMPrincipals"]
    return [*everybody, IAM_ALLOWED] if local else everybody


def _granted(held: Iterable[Grant], table: TableShape, stores: list[Store], grantable: bool) -> Rights:
    rights = Rights()
    for grant in held:
        if not grant.resource.covers_table(table.catalog_id, table.database, table.name):
            continue
        permissions = grant.grantable if grantable else grant.permissions
        if grant.resource.kind == "filter":  # DESCRIBE and DROP there are of the filter, not of the table
            permissions &= {"SELECT"}
        if grant.resource.kind == "table" and "ALL" in permissions:
            permissions = TABLE_ALL
        cells = _cells(grant.resource, table, stores) if "SELECT" in permissions else None
        if cells is None or not _shows_data(cells[0], table):
            rights |= Rights(permissions - {"SELECT"})
        else:
            rights |= Rights(permissions, (cells,))
    return rights


def _cells(resource: Resource, table: TableShape, stores: list[Store]) -> Cells | None:
    if resource.kind == "table":
        return table.all_columns, None
    if resource.kind == "columns":
        return _visible(table, resource.columns or None, resource.excluded), None
    found = _filter(resource, stores)
    if found is None:
        return None
    return _visible(table, found.columns, found.excluded), found.expression


def _filter(resource: Resource, stores: list[Store]) -> CellsFilter | None:
    """The filter that a grant names: the granting account's own first, then the owner's."""
    key = (resource.catalog_id, resource.database, resource.table, resource.filter_name)
    return next((found.filters[key] for found in stores if key in found.filters), None)


def _visible(table: TableShape, included: tuple[str, ...] | None, excluded: tuple[str, ...]) -> tuple[str, ...]:
    """Columns in table order; partition keys cannot be filtered, so they show with every grant."""
    wanted = set(table.columns) - set(excluded) if included is None else set(included)
    return tuple(name for name in table.all_columns if name in wanted or name in table.partition_keys)


def _shows_data(columns: tuple[str, ...], table: TableShape) -> bool:
    return any(name not in table.partition_keys for name in columns)


def _intersection(mine: Cells, theirs: Cells) -> Cells:
    columns = tuple(name for name in mine[0] if name in set(theirs[0]))
    predicates = [predicate for predicate in (mine[1], theirs[1]) if predicate is not None]
    if len(predicates) == 2:
        return columns, " AND ".join(f"({predicate})" for predicate in predicates)
    return columns, predicates[0] if predicates else None


def _on_database(held: Iterable[Grant], catalog_id: str, database: str, grantable: bool) -> frozenset[str]:
    found: set[str] = set()
    for grant in held:
        if (grant.resource.catalog_id, grant.resource.database) != (catalog_id, database):
            continue
        permissions = grant.grantable if grantable else grant.permissions
        if grant.resource.kind == "database":
            found |= DATABASE_ALL if "ALL" in permissions else permissions
        if permissions and (not grantable or grant.resource.table == ALL_TABLES):
            found.add("DESCRIBE")
    return frozenset(found)
