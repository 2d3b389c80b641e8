"""What makes a client's shares anew, so that it is invited again: all of its grants go and come back as agreed.

Pure. Refuses where that would change what the client may read, or would cut off a client that is served.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from insightshare.contract.facts import Project
from insightshare.errors import Conflict, UsageError
from insightshare.share.expiry import Catalog
from insightshare.share.grant_steps import Resource, Step, database_resource, filter_resource
from insightshare.share.grants import DesiredGrant, desired_grants


@dataclass(frozen=True)
class Held:
    """One grant as Lake Formation lists it, and whether the share that carries it has reached the client."""

    resource: Resource = field(hash=False)
    permissions: tuple[str, ...]
    grantable: tuple[str, ...]
    arrived: bool


@dataclass(frozen=True)
class Filter:
    """A data cells filter of the client: its columns (empty: all) and its rows (empty: all)."""

    columns: frozenset[str]
    rows: str


@dataclass(frozen=True)
class Found:
    """What there is: the client's grants, and its filters by table."""

    held: Sequence[Held] = field(hash=False)
    filters: Mapping[str, Filter] = field(hash=False)


@dataclass(frozen=True)
class Reissue:
    """The plan for one client: what goes, and then what comes."""

    client: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "\n".join(f"{self.client}: {step}" for step in self.steps)

    def to_json(self) -> dict[str, Any]:
        """Return the plan for programs."""
        return {"client": self.client, "steps": [step.to_json() for step in self.steps]}


def plan_reissue(
    project: Project, client: str, today: date, catalog: Catalog, found: Found, anyway: bool = False
) -> Reissue:
    """Return the plan; raise UsageError where there is nothing to invite to, Conflict where a deployment is due first.

    `anyway` also makes the shares of a client anew that is served.
    """
    agreement = project.clients[client]
    if agreement.reads_from != "own_account":
        fix = "nothing: a client that reads from our account accepts no invitation"
        raise UsageError.at(f"client {client}", "reads_from", agreement.reads_from, "own_account", fix)
    wanted = [grant for grant in desired_grants(project, today) if grant.client == client]
    if not wanted:
        found_days, fix = f"{agreement.start} to {agreement.end}", "agree on new days, and deploy"
        raise UsageError.at(f"client {client}", "start, end", found_days, f"days around today, {today}", fix)
    _check_filters(client, wanted, found.filters)
    comes = _grants(client, wanted, catalog)
    if _served(comes, found.held) and not anyway:
        fix = "leave it; or add --anyway, and have the client apply its kit again: its own grants go with ours"
        raise Conflict.at(f"client {client}", "shares", "accepted", "lapsed or lost", fix)
    goes = [Step("revoke", one.resource, one.permissions, one.grantable) for one in found.held]
    return Reissue(client, (*sorted(goes, key=lambda step: ("Database" in step.resource, str(step))), *comes))


def _check_filters(client: str, wanted: Sequence[DesiredGrant], filters: Mapping[str, Filter]) -> None:
    agreed = {grant.table: Filter(frozenset(grant.columns), grant.row_filter) for grant in wanted}
    differing = sorted(table for table in agreed.keys() | filters.keys() if agreed.get(table) != filters.get(table))
    if differing:
        fix = "deploy first: the filters are Terraform's to make"
        raise Conflict.at(f"client {client}", f"filters of {', '.join(differing)}", "other", "as agreed", fix)


def _grants(client: str, wanted: Sequence[DesiredGrant], catalog: Catalog) -> tuple[Step, ...]:
    database = database_resource(catalog.account_id, catalog.database)
    cells = [filter_resource(catalog.account_id, catalog.database, grant.table, client) for grant in wanted]
    return (
        Step("grant", database, ("DESCRIBE",), ("DESCRIBE",)),
        *(Step("grant", one, ("SELECT",), ("SELECT",)) for one in cells),
    )


def _served(comes: Sequence[Step], held: Sequence[Held]) -> bool:
    """Whether everything agreed is granted, and has reached the client."""
    there = [(one.resource, set(one.permissions), set(one.grantable)) for one in held if one.arrived]
    return all((step.resource, set(step.permissions), set(step.grantable)) in there for step in comes)
