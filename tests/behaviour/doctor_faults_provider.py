"""What can be wrong on the provider's side of a share: each fault breaks one thing; one check tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from insightshare.share.doctor_cures import IAM_ALLOWED
from tests.behaviour.share_parts import NAME, administer, database, document, filter_on, make_role, table
from tests.behaviour.share_stage import DEPLOYMENT, OUTSIDER, ShareStage, grant_again
from tests.conftest import ACME, PROVIDER, REGION

Plant = Callable[[ShareStage], Any]
LAKE_ROLE = "insightshare-test-lakeformation"
LOCATION = f"arn:aws:s3:::{DEPLOYMENT.lake}/insights"


def _without(action: str) -> Plant:
    def plant(stage: ShareStage) -> None:
        iam = stage.ours("iam")
        held = iam.get_role_policy(RoleName=LAKE_ROLE, PolicyName="rights")["PolicyDocument"]
        left = [one for one in held["Statement"] if one["Action"] != action]
        iam.put_role_policy(RoleName=LAKE_ROLE, PolicyName="rights", PolicyDocument=document(*left))

    return plant


def _trusts(service: str, *actions: str) -> Plant:
    def plant(stage: ShareStage) -> None:
        trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": list(actions)}
        stage.ours("iam").update_assume_role_policy(RoleName=LAKE_ROLE, PolicyDocument=document(trust))

    return plant


def _no_lake_role(stage: ShareStage) -> None:
    stage.ours("iam").delete_role_policy(RoleName=LAKE_ROLE, PolicyName="rights")
    stage.ours("iam").delete_role(RoleName=LAKE_ROLE)


def _read_as_another(stage: ShareStage) -> None:
    right = {"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"}
    arn = make_role(stage.ours("iam"), "another", {"Service": "lakeformation.amazonaws.com"}, [right])
    stage.ours("lakeformation").update_resource(ResourceArn=LOCATION, RoleArn=arn)


def _hybrid(stage: ShareStage) -> None:
    arn = f"arn:aws:iam::{PROVIDER}:role/{LAKE_ROLE}"
    stage.ours("lakeformation").update_resource(ResourceArn=LOCATION, RoleArn=arn, HybridAccessEnabled=True)


def _lake_key(stage: ShareStage) -> str:
    found = stage.ours("s3").get_bucket_encryption(Bucket=DEPLOYMENT.lake)["ServerSideEncryptionConfiguration"]
    return str(found["Rules"][0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"])


def _without_key(stage: ShareStage) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    stage.ours("s3").put_bucket_encryption(Bucket=DEPLOYMENT.lake, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _key_for_another(stage: ShareStage) -> None:
    other = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:role/other"}, "Action": "kms:*"}
    stage.ours("kms").put_key_policy(
        KeyId=_lake_key(stage), PolicyName="default", Policy=document({**other, "Resource": "*"})
    )


def _filter(**shown: Any) -> Plant:
    def plant(stage: ShareStage) -> None:
        rows = {"FilterExpression": "contract = 'One year'"}
        data = {**filter_on("churn")["DataCellsFilter"], "RowFilter": rows, **shown}
        stage.ours("lakeformation").update_data_cells_filter(TableData=data)

    return plant


def _no_filter(stage: ShareStage) -> None:
    stage.ours("lakeformation").delete_data_cells_filter(**filter_on("churn")["DataCellsFilter"])


def _not_to_pass_on(stage: ShareStage) -> None:
    stage.revoke("ours", OUTSIDER, filter_on("churn"), "SELECT")
    stage.grant("ours", OUTSIDER, filter_on("churn"), "SELECT")


def _another_table(stage: ShareStage) -> None:
    where = {"Columns": [{"Name": "a", "Type": "string"}], "Location": f"s3://{DEPLOYMENT.lake}/insights/more/"}
    stage.ours("glue").create_table(
        DatabaseName="insights", TableInput={"Name": "more", "StorageDescriptor": where, "PartitionKeys": []}
    )
    stage.grant("ours", OUTSIDER, table("more"), "SELECT")


def _some_columns(stage: ShareStage) -> None:
    """Of a table, also to pass on."""
    where = {"CatalogId": PROVIDER, "DatabaseName": "insights", "Name": "churn_latest", "ColumnNames": ["hidden"]}
    stage.grant("ours", OUTSIDER, {"TableWithColumns": where}, "SELECT", option=True)


def _a_role_of_theirs(stage: ShareStage) -> None:
    stage.grant("ours", stage.analyst, table("churn"), "SELECT")


def _catalog_key(key: str) -> Plant:
    def plant(stage: ShareStage) -> None:
        name = key or stage.ours("kms").create_key()["KeyMetadata"]["Arn"]
        at_rest = {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": name}
        stage.ours("glue").put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={"EncryptionAtRest": at_rest}
        )

    return plant


def _glue_policy(stage: ShareStage) -> None:
    who = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACME}:root"}, "Action": "glue:GetTable"}
    arn = f"arn:aws:glue:{REGION}:{PROVIDER}:*"
    stage.ours("glue").put_resource_policy(PolicyInJson=document({**who, "Resource": arn}))


def _no_share(stage: ShareStage) -> None:
    ram = stage.ours("ram")
    for one in ram.get_resource_shares(resourceOwner="SELF", resourceShareStatus="ACTIVE")["resourceShares"]:
        ram.delete_resource_share(resourceShareArn=one["resourceShareArn"])


def _lapse(stage: ShareStage) -> None:
    grant_again(stage)
    stage.cloud.request("POST", "/localcloud/advance?hours=13")


def _dropped(stage: ShareStage) -> None:
    stage.ours("glue").delete_table(DatabaseName="insights", Name="churn")


PLANTED: dict[str, tuple[str, str, Plant]] = {
    "sharing is of the first version": (
        "version",
        "provider",
        lambda stage: administer(stage.ours("lakeformation"), PROVIDER, "1"),
    ),
    "a table is gone": ("tables", "provider", _dropped),
    "the database is gone": ("tables", "provider", lambda stage: stage.ours("glue").delete_database(Name="insights")),
    "a table is open to IAM": (
        "iam-allowed-principals",
        "provider",
        lambda stage: stage.grant("ours", IAM_ALLOWED, table("churn"), "ALL"),
    ),
    "the database is open to IAM": (
        "iam-allowed-principals",
        "provider",
        lambda stage: stage.grant("ours", IAM_ALLOWED, database(PROVIDER, "insights"), "ALL"),
    ),
    "the location is not registered": (
        "location",
        "provider",
        lambda stage: stage.ours("lakeformation").deregister_resource(ResourceArn=LOCATION),
    ),
    "the lake is read as another role": ("location-role", "provider", _read_as_another),
    "the location is in hybrid mode": ("location-role", "provider", _hybrid),
    "the lake's role is gone": ("role-trust", "provider", _no_lake_role),
    "the lake's role trusts another service": (
        "role-trust",
        "provider",
        _trusts("glue", "sts:AssumeRole", "sts:SetSourceIdentity"),
    ),
    "the lake's role may not name the reader": ("role-trust", "provider", _trusts("lakeformation", "sts:AssumeRole")),
    "the lake's role may not list": ("role-rights", "provider", _without("s3:ListBucket")),
    "the lake's role may not read": ("role-rights", "provider", _without("s3:GetObject")),
    "the lake's key is off": (
        "lake-key",
        "provider",
        lambda stage: stage.ours("kms").disable_key(KeyId=_lake_key(stage)),
    ),
    "the lake has no key of ours": ("lake-key", "provider", _without_key),
    "the lake's key lets another role in": ("key-policy", "provider", _key_for_another),
    "the lake's role may not decrypt": ("key-policy", "provider", _without("kms:Decrypt")),
    "a filter is gone": ("filters", "provider", _no_filter),
    "a filter shows another column": (
        "filters",
        "provider",
        _filter(ColumnNames=["customer_id", "contract", "hidden"]),
    ),
    "a filter shows all columns": ("filters", "provider", _filter(ColumnWildcard={})),
    "a filter shows other rows": (
        "filters",
        "provider",
        _filter(ColumnNames=["customer_id", "contract"], RowFilter={"AllRowsWildcard": {}}),
    ),
    "a grant is gone": (
        "select",
        "provider",
        lambda stage: stage.revoke("ours", OUTSIDER, filter_on("churn"), "SELECT"),
    ),
    "a grant cannot be passed on": ("select", "provider", _not_to_pass_on),
    "the database is not described": (
        "describe-database",
        "provider",
        lambda stage: stage.revoke("ours", OUTSIDER, database(PROVIDER, "insights"), "DESCRIBE"),
    ),
    "another table is granted": ("nothing-more", "provider", _another_table),
    "some columns are granted without the filter": ("nothing-more", "provider", _some_columns),
    "a role of theirs is granted": ("nothing-more", "provider", _a_role_of_theirs),
    "the catalog has AWS's key": ("catalog-key", "provider", _catalog_key("alias/aws/glue")),
    "the catalog's key is ours alone": ("catalog-key", "provider", _catalog_key("")),
    "the catalog's policy forgets RAM": ("glue-policy", "provider", _glue_policy),
    "the shares were deleted": ("share", "provider", _no_share),
    "invitations wait": ("invitation-pending", "client", grant_again),
    "invitations lapsed": ("invitation-lapsed", "provider", _lapse),
}


CURED = (
    "a table is open to IAM",
    "the database is open to IAM",
    "another table is granted",
    "some columns are granted without the filter",
    "a role of theirs is granted",
    "the lake's key is off",
)


def _trust_of_client_role(stage: ShareStage) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole"}
    role = DEPLOYMENT.client_role_arn(NAME).rpartition("/")[2]
    stage.ours("iam").update_assume_role_policy(RoleName=role, PolicyDocument=document(trust))


READING_HERE: dict[str, tuple[str, Plant]] = {
    "the client's principals may not take on its role": ("reader-trust", _trust_of_client_role),
    "its role may not describe default": (
        "describe-default",
        lambda stage: stage.revoke("ours", stage.principal, database(PROVIDER, "default"), "DESCRIBE"),
    ),
    "its workgroup is gone": (
        "workgroup",
        lambda stage: stage.ours("athena").delete_work_group(WorkGroup=DEPLOYMENT.client_workgroup(NAME)),
    ),
    "a filter is not granted": (
        "select",
        lambda stage: stage.revoke("ours", stage.principal, filter_on("churn"), "SELECT"),
    ),
}
