"""What a client's account must have before its half is applied: a data lake administrator. Changes no other setting."""

from typing import TYPE_CHECKING

import boto3

from scripts.roots import Root

if TYPE_CHECKING:
    from mypy_boto3_lakeformation.type_defs import DataLakePrincipalTypeDef


def appoint_administrator(root: Root) -> None:
    """Make the identity that applies the root a data lake administrator of its account, unless it is one.

    Only for the laptop, where every account is ours; elsewhere a client does this itself. Not Terraform's to do: its
    resource would replace all of the client's settings.
    """
    session = boto3.Session(
        aws_access_key_id=root.settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=root.settings["AWS_SECRET_ACCESS_KEY"],
        region_name=root.region,
    )
    identity: DataLakePrincipalTypeDef = {
        "DataLakePrincipalIdentifier": session.client("sts").get_caller_identity()["Arn"]
    }
    lakeformation = session.client("lakeformation")
    settings = lakeformation.get_data_lake_settings()["DataLakeSettings"]
    administrators = settings.get("DataLakeAdmins", [])
    if identity not in administrators:
        settings["DataLakeAdmins"] = [*administrators, identity]
        lakeformation.put_data_lake_settings(DataLakeSettings=settings)
