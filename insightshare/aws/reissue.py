"""Lake Formation and RAM: what a client's account was granted, and whether its shares have arrived. Decides nothing."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import boto3

from insightshare.aws.failures import named
from insightshare.aws.grants import ClientGrants
from insightshare.aws.lakeformation import row_rule
from insightshare.share.expiry import Catalog
from insightshare.share.reissue import Filter, Found, Held, Reissue

if TYPE_CHECKING:
    from mypy_boto3_lakeformation.client import LakeFormationClient


def find(session: boto3.Session, catalog: Catalog, client: str, account_id: str) -> Found:
    """Return the account's grants on the database and what is in it, and the filters that are named like the client."""
    lakeformation: LakeFormationClient = session.client("lakeformation")
    items = list(ClientGrants(lakeformation, account_id).held(catalog.database))
    shares = {arn for item in items for arn in _shares(item)}
    arrived = _arrived(session.client("ram"), shares, account_id) if shares else frozenset[str]()
    held = [
        Held(
            resource=item["Resource"],
            permissions=tuple(item["Permissions"]),
            grantable=tuple(item["PermissionsWithGrantOption"]),
            arrived=bool(_shares(item)) and arrived.issuperset(_shares(item)),
        )
        for item in items
    ]
    return Found(held, _filters(lakeformation, catalog, client))


def carry_out(session: boto3.Session, account_id: str, plan: Reissue) -> int:
    """Do the steps in their order; return how many changed something. What is cut short is finished by the next."""
    grants = ClientGrants(session.client("lakeformation"), account_id)
    return sum(grants.carry_out(step) for step in plan.steps)


def _shares(item: Mapping[str, Any]) -> list[str]:
    return list(item.get("AdditionalDetails", {}).get("ResourceShare", ()))


def _arrived(ram: Any, shares: Iterable[str], account_id: str) -> frozenset[str]:
    """The shares that the account accepted, or did not have to."""
    arguments: dict[str, Any] = {"associationType": "PRINCIPAL", "resourceShareArns": sorted(shares)}
    found: set[str] = set()
    with named(f"shares with {account_id}"):
        for page in ram.get_paginator("get_resource_share_associations").paginate(**arguments):
            found |= {
                one["resourceShareArn"]
                for one in page["resourceShareAssociations"]
                if one["associatedEntity"] == account_id and one["status"] == "ASSOCIATED"
            }
    return frozenset(found)


def _filters(client: "LakeFormationClient", catalog: Catalog, name: str) -> dict[str, Filter]:
    with named(f"filters of {name}"):
        pages = client.get_paginator("list_data_cells_filter").paginate()
        mine = [
            one
            for page in pages
            for one in page["DataCellsFilters"]
            if (one["DatabaseName"], one["Name"]) == (catalog.database, name)
        ]
    return {one["TableName"]: Filter(frozenset(one.get("ColumnNames", ())), row_rule(one)) for one in mine}
