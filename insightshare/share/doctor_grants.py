"""The provider's grants to one client: exactly the agreement's filters and rights, and nothing in their way. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from insightshare.share.doctor import Check, Fault, known
from insightshare.share.doctor_cures import IAM_ALLOWED, listed, revoke
from insightshare.share.doctor_facts import Cells, HeldGrant, ProviderFacts
from insightshare.share.doctor_reader import DEFAULT
from insightshare.share.grants import DesiredGrant

ALL_TABLES = "ALL_TABLES"
# Of an organisation and of its units: those that we grant to are ours.
ORGANISATIONS = ("arn:aws:organizations:",)


def own_grants(facts: ProviderFacts) -> list[HeldGrant]:
    """Return the grants to the client: to its principal, to others of its account, and to groups that it is in."""
    promise = facts.promise
    home = promise.client_account_id if promise.organisation else promise.account_id
    mine = (promise.principal, promise.client_account_id, f"{home}:IAMPrincipals")
    among = (f"arn:aws:iam::{promise.client_account_id}:", *(ORGANISATIONS if promise.organisation == "inside" else ()))
    return [one for one in known(facts.grants) if one.principal in mine or one.principal.startswith(among)]


def _iam_allowed(facts: ProviderFacts) -> list[Fault]:
    promise = facts.promise
    named = {"", ALL_TABLES, *promise.grants}
    open_ = [
        one
        for one in known(facts.grants)
        if one.principal == IAM_ALLOWED and one.database == promise.database and one.table in named
    ]
    return [
        Fault(
            f"{_what(one)} is open to {IAM_ALLOWED}, which stands in the way of sharing",
            _revoked(facts, one),
            "provider",
        )
        for one in open_
    ]


def _filters(facts: ProviderFacts) -> list[Fault]:
    promise = facts.promise
    found = {name: known(facts.filters[name]) for name in sorted(promise.grants)}
    missing = {name for name, cells in found.items() if cells is None}
    faults = [f"there is no filter {promise.client} on {listed(missing)}"] if missing else []
    faults += [
        f"the filter {promise.client} on {name} {difference}"
        for name, cells in found.items()
        if cells is not None and (difference := _difference(cells, promise.grants[name]))
    ]
    return [Fault(one, promise.deploy, "provider") for one in faults]


def _difference(cells: Cells, agreed: DesiredGrant) -> str:
    """How the filter is not what was agreed; empty if it is. Row filters are told apart, and not shown."""
    words = []
    if not agreed.columns and (cells.columns is not None or cells.excluded):
        words.append("leaves columns out")
    elif agreed.columns and cells.columns is None:
        words.append("shows all columns")
    elif agreed.columns and set(cells.columns or ()) != set(agreed.columns):
        less, more = set(agreed.columns) - set(cells.columns or ()), set(cells.columns or ()) - set(agreed.columns)
        words += [f"lacks {listed(less)}"] if less else []
        words += [f"shows {listed(more)}"] if more else []
    if (cells.rows or "") != agreed.row_filter:
        words.append("has other rows than agreed")
    return " and ".join(words)


def _select(facts: ProviderFacts) -> list[Fault]:
    promise = facts.promise
    held = {one.table for one in own_grants(facts) if _is_ours(facts, one) and _holds(facts, one, "SELECT")}
    missing = set(promise.grants) - held
    if not missing:
        return []
    how = " with the grant option" if promise.organisation else ""
    found = f"{promise.principal} lacks SELECT{how} through its filter on {listed(missing)}"
    return [Fault(found, promise.deploy, "provider")]


def _describe(facts: ProviderFacts) -> list[Fault]:
    promise = facts.promise
    held = [one for one in own_grants(facts) if _on_database(one, promise.database)]
    if not promise.grants or any(_holds(facts, one, "DESCRIBE") for one in held):
        return []
    how = " with the grant option" if promise.organisation else ""
    found = f"{promise.principal} lacks DESCRIBE{how} on the database {promise.database}"
    return [Fault(found, promise.deploy, "provider")]


def _nothing_more(facts: ProviderFacts) -> list[Fault]:
    more = [one for one in own_grants(facts) if not _expected(facts, one)]
    return [
        Fault(
            f"{one.principal} has {listed(one.permissions)} on {_what(one)}, which the agreement does not give now",
            _revoked(facts, one),
            "provider",
        )
        for one in more
    ]


def _expected(facts: ProviderFacts, one: HeldGrant) -> bool:
    promise = facts.promise
    if _is_ours(facts, one):
        return one.permissions <= {"DESCRIBE", "SELECT"}
    if not one.permissions <= {"DESCRIBE"}:
        return False
    if promise.organisation is None and _on_database(one, DEFAULT):
        return True
    return one.principal == promise.principal and _on_database(one, promise.database) and bool(promise.grants)


def _is_ours(facts: ProviderFacts, one: HeldGrant) -> bool:
    """Whether it goes through the filter that the agreement makes on one of its tables."""
    promise = facts.promise
    same = (one.principal, one.database, one.cells) == (promise.principal, promise.database, promise.client)
    return same and one.table in promise.grants


def _holds(facts: ProviderFacts, one: HeldGrant, permission: str) -> bool:
    passed_on = permission in one.grantable or not facts.promise.organisation
    return permission in one.permissions and one.principal == facts.promise.principal and passed_on


def _on_database(one: HeldGrant, name: str) -> bool:
    return one.kind == "Database" and one.database == name


def _what(one: HeldGrant) -> str:
    if one.cells:
        return f"table {one.table} through filter {one.cells}"
    if one.table == ALL_TABLES:
        return f"all tables of {one.database}"
    if one.table:
        return f"table {one.table}"
    return f"database {one.database}" if one.database else f"what its {one.kind} names"


def _revoked(facts: ProviderFacts, one: HeldGrant) -> str:
    return revoke(facts.promise.region, one.principal, _resource(one), one.permissions, one.grantable)


def _resource(one: HeldGrant) -> Mapping[str, Any]:
    """The resource as a request may name it: of a table's name and its wildcard, which are listed both, one."""
    listed_table = one.resource.get("Table", {})
    if "TableWildcard" not in listed_table:
        return one.resource
    return {"Table": {name: value for name, value in listed_table.items() if name != "Name"}}


GRANT_CHECKS: tuple[Check[ProviderFacts], ...] = (
    Check("iam-allowed-principals", "nothing is open to everybody whom IAM lets in", _iam_allowed, ("tables",)),
    Check("filters", "every table has the agreement's filter", _filters, ("tables", "dates")),
    Check("select", "the client holds SELECT through them", _select, ("filters",)),
    Check("describe-database", "the client holds DESCRIBE on the database", _describe, ("tables", "dates")),
    Check("nothing-more", "the client holds nothing else", _nothing_more, ("account",)),
)
