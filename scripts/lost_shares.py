"""Which agreements Terraform still takes for granted although their shares were taken away, as the daily end does.

Terraform would find that out by itself, at more than two minutes a plan: the provider asks for a grant that is gone 20
times before it believes so (hashicorp/aws 5.100, waitPermissionsReady). What is forgotten is planned as if it was never
made: not at all if the agreement is over, or anew if it has a new last day.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import boto3

from insightshare.aws.deployment import Deployment
from insightshare.aws.failures import named
from insightshare.contract.facts import Project
from scripts.roots import Root
from scripts.state_bucket import has_state

if TYPE_CHECKING:
    from mypy_boto3_lakeformation.client import LakeFormationClient


def forget_lost_shares(root: Root, session: boto3.Session, project: Project, deployment: Deployment) -> None:
    """Let the root's state forget the agreements of which nothing is left; others are Terraform's to mend."""
    if not has_state(root):
        return
    bare = bare_clients(session, project, deployment)
    if not bare:
        return
    root.init()
    if places := remembered_agreements(bare, root.remembered()):
        root.forget(*places)


def remembered_agreements(clients: Collection[str], remembered: Collection[str]) -> list[str]:
    """Return the addresses of these clients' agreements, of those that Terraform's state holds something of."""
    places = (f'module.agreement["{name}"]' for name in sorted(clients))
    return [place for place in places if any(one.startswith(place) for one in remembered)]


def bare_clients(session: boto3.Session, project: Project, deployment: Deployment) -> list[str]:
    """Return the clients that read nothing through any filter and have none."""
    client: LakeFormationClient = session.client("lakeformation")
    with named("grants of clients"):
        holders, filters = _holders(client), _filters(client, deployment.database)
    return [
        name for name in project.clients if name not in filters and _principal(project, deployment, name) not in holders
    ]


def _principal(project: Project, deployment: Deployment, name: str) -> str:
    agreement = project.clients[name]
    return agreement.account_id if agreement.reads_from == "own_account" else deployment.client_role_arn(name)


def _holders(client: "LakeFormationClient") -> set[str]:
    """Who reads anything through a filter."""
    found: set[str] = set()
    arguments: dict[str, Any] = {}
    while True:  # there is no paginator for it
        reply = client.list_permissions(**arguments)
        found |= {
            item["Principal"]["DataLakePrincipalIdentifier"]
            for item in reply["PrincipalResourcePermissions"]
            if "DataCellsFilter" in item["Resource"]
        }
        if not reply.get("NextToken"):
            return found
        arguments["NextToken"] = reply["NextToken"]


def _filters(client: "LakeFormationClient", database: str) -> set[str]:
    pages = client.get_paginator("list_data_cells_filter").paginate()
    return {one["Name"] for page in pages for one in page["DataCellsFilters"] if one["DatabaseName"] == database}
