"""Which grants Terraform still takes for made although their shares were taken away, as the daily end does.

Terraform would find that out by itself, at more than two minutes a plan: the provider asks for a grant that is gone 20
times before it believes so (hashicorp/aws 5.100, waitPermissionsReady). What is forgotten is planned as if it was never
made: not at all if the agreement is over, or anew if it has a new last day.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import boto3

from insightshare.aws.deployment import Deployment
from insightshare.aws.failures import named
from insightshare.aws.grants import database_of
from scripts.roots import Root
from scripts.state_bucket import stored_state

if TYPE_CHECKING:
    from mypy_boto3_lakeformation.client import LakeFormationClient


def forget_lost_shares(root: Root, session: boto3.Session, deployment: Deployment) -> None:
    """Let the root's state forget the grants to those who hold nothing any more; others are Terraform's to mend."""
    state = stored_state(root)
    if state is None:
        return
    if lost := lost_grants(state, holders(session, deployment)):
        root.init()
        root.forget(*lost)


def lost_grants(state: Mapping[str, Any], holding: Collection[str]) -> list[str]:
    """Return the addresses of agreements' grants that Terraform made for principals that hold nothing any more.

    The state says for whom: a client whose account or way of reading is edited held its grants as somebody else.
    """
    return sorted(address for address, principal in _remembered(state) if principal not in holding)


def holders(session: boto3.Session, deployment: Deployment) -> set[str]:
    """Return who holds anything of the deployment's database."""
    with named("grants of clients"):
        return _holders(session.client("lakeformation"), deployment.database)


def _remembered(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each grant of an agreement, as its address and its principal."""
    for resource in state["resources"]:
        module = resource.get("module", "")
        if module.startswith("module.agreement[") and resource["type"] == "aws_lakeformation_permissions":
            for one in resource["instances"]:
                index = f'["{one["index_key"]}"]' if "index_key" in one else ""
                yield f"{module}.{resource['type']}.{resource['name']}{index}", one["attributes"]["principal"]


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
