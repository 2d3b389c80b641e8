"""Which grants Terraform still takes for made although their shares were taken away, as the daily end does.

Terraform would find that out by itself, at more than two minutes a plan: the provider asks for a grant that is gone 20
times before it believes so (hashicorp/aws 5.100, waitPermissionsReady). What is forgotten is planned as if it was never
made: not at all if the agreement is over, or anew if it has a new last day.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import boto3

from insightshare.aws.deployment import Deployment
from insightshare.aws.failures import named
from insightshare.aws.grants import database_of
from insightshare.contract.facts import Project
from scripts.roots import Root
from scripts.state_bucket import has_state

if TYPE_CHECKING:
    from mypy_boto3_lakeformation.client import LakeFormationClient


def forget_lost_shares(root: Root, session: boto3.Session, project: Project, deployment: Deployment) -> None:
    """Let the root's state forget the grants of agreements of which none is left; others are Terraform's to mend."""
    if not has_state(root):
        return
    bare = bare_clients(session, project, deployment)
    if not bare:
        return
    root.init()
    if places := remembered_grants(bare, root.remembered()):
        root.forget(*places)


def remembered_grants(clients: Collection[str], remembered: Collection[str]) -> list[str]:
    """Return the addresses of these clients' grants, of those that Terraform's state holds; their filters are there."""
    places = tuple(f'module.agreement["{name}"].aws_lakeformation_permissions.' for name in clients)
    return sorted(one for one in remembered if one.startswith(places))


def bare_clients(session: boto3.Session, project: Project, deployment: Deployment) -> list[str]:
    """Return the clients that hold nothing of the deployment's database."""
    with named("grants of clients"):
        holders = _holders(session.client("lakeformation"), deployment.database)
    return [name for name in project.clients if _principal(project, deployment, name) not in holders]


def _principal(project: Project, deployment: Deployment, name: str) -> str:
    agreement = project.clients[name]
    return agreement.account_id if agreement.reads_from == "own_account" else deployment.client_role_arn(name)


def _holders(client: "LakeFormationClient", database: str) -> set[str]:
    """Who holds anything on the database, or on what is in it."""
    found: set[str] = set()
    arguments: dict[str, Any] = {}
    while True:  # there is no paginator for it
        reply = client.list_permissions(**arguments)
        found |= {
            item["Principal"]["DataLakePrincipalIdentifier"]
            for item in reply["PrincipalResourcePermissions"]
            if database_of(dict(item["Resource"])) == database
        }
        if not reply.get("NextToken"):
            return found
        arguments["NextToken"] = reply["NextToken"]
