"""CloudTrail writes down who read which table and which files: in both accounts, as its trails select."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.athena_lake import Lake
from tests.behaviour.lake import client
from tests.behaviour.parts import unique
from tests.behaviour.sharing import new_guest
from tests.behaviour.test_athena_lakeformation import make_role
from tests.conftest import PROVIDER, REGION, Cloud

MANAGEMENT = {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}


@dataclass
class Scene:
    """A registered table of one file, a guest that reads it through a link, and a trail in each account."""

    cloud: Cloud
    lake: Lake
    guest: str
    role: str
    trails: dict[str, str]
    athena: Any

    def ask(self, sql: str) -> str:
        """Ask as the guest; return the query's id."""
        output = {"OutputLocation": f"s3://{self.trails[self.guest]}/results/"}
        answer = self.lake.ask(sql, self.athena, ResultConfiguration=output)
        assert answer.state == "SUCCEEDED", answer.reason
        return str(answer.execution["QueryExecutionId"])

    def events(self, account: str, query_id: str, name: str) -> list[dict[str, Any]]:
        """What the account's trail holds of one query, its files joined by the session's name."""
        records = records_of(self.cloud, account, self.trails[account])
        accesses = [one for one in records if query_id in json.dumps(one["requestParameters"])]
        sessions = {one["additionalEventData"]["lakeFormationRoleSessionName"] for one in accesses}
        files = [one for one in records if one["userIdentity"].get("arn", "").rpartition("/")[2] in sessions]
        return [one for one in (*accesses, *files) if one["eventName"] == name]


def records_of(cloud: Cloud, account: str, bucket: str) -> list[dict[str, Any]]:
    s3 = client(cloud, "s3", account)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="AWSLogs/").get("Contents", ())]
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
    return [record for body in bodies for record in json.loads(gzip.decompress(body))["Records"]]


def trail_bucket(cloud: Cloud, account: str, *statements: dict[str, Any]) -> str:
    return trail_bucket_named(unique("trail"), cloud, account, *statements)


def trail_bucket_named(bucket: str, cloud: Cloud, account: str, *statements: dict[str, Any]) -> str:
    s3 = client(cloud, "s3", account)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    policy = {"Version": "2012-10-17", "Statement": list(statements) or writing(bucket, account)}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    return bucket


def writing(bucket: str, account: str) -> list[dict[str, Any]]:
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    folder = f"arn:aws:s3:::{bucket}/AWSLogs/{account}/*"
    return [
        {**service, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}"},
        {**service, "Action": "s3:PutObject", "Resource": folder},
    ]


def start_trail(cloud: Cloud, account: str, bucket: str, *selectors: dict[str, Any]) -> None:
    trails, name = client(cloud, "cloudtrail", account), unique("trail")
    trails.create_trail(Name=name, S3BucketName=bucket)
    if selectors:
        trails.put_event_selectors(TrailName=name, AdvancedEventSelectors=list(selectors))
    trails.start_logging(Name=name)


def reading(bucket: str) -> dict[str, Any]:
    fields: list[dict[str, Any]] = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::{bucket}/"]},
    ]
    return {"Name": "reads", "FieldSelectors": fields}


@pytest.fixture(scope="module")
def scene(cloud: Cloud) -> Iterator[Scene]:
    yield make_scene(cloud)


def make_scene(cloud: Cloud) -> Scene:
    lake, guest = Lake(cloud), new_guest(cloud)
    lake.put("t/part.parquet", {"a": [1, 2, 3], "b": ["x", "y", "z"]})
    role = make_role(cloud)
    share(cloud, lake, role, guest)
    trails = {account: trail_bucket(cloud, account) for account in (PROVIDER, guest)}
    for account, bucket in trails.items():
        start_trail(cloud, account, bucket, MANAGEMENT, reading(lake.bucket))
    return Scene(cloud, lake, guest, role, trails, client(cloud, "athena", guest))


def share(cloud: Cloud, lake: Lake, role: str, guest: str) -> None:
    lakeformation, columns = client(cloud, "lakeformation", PROVIDER), {"a": "bigint", "b": "string"}
    admin = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{PROVIDER}:user/admin"}
    lakeformation.put_data_lake_settings(
        DataLakeSettings={
            "DataLakeAdmins": [admin],
            "Parameters": {"CROSS_ACCOUNT_VERSION": "4", "SET_SOURCE_IDENTITY": "TRUE"},
        }
    )
    database = lake.database = unique("db").replace("-", "_")
    lake.glue.create_database(DatabaseInput={"Name": database})
    lake.table("t", columns, "t/")
    lakeformation.register_resource(ResourceArn=f"arn:aws:s3:::{lake.bucket}/t", RoleArn=role)
    granted: list[tuple[Any, str]] = [
        ({"Database": {"Name": database}}, "DESCRIBE"),
        ({"Table": {"DatabaseName": database, "Name": "t"}}, "SELECT"),
    ]
    for resource, permission in granted:
        lakeformation.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": guest},
            Resource=resource,
            Permissions=[permission],
            PermissionsWithGrantOption=[permission],
        )
    ram = client(cloud, "ram", guest)
    for one in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        ram.accept_resource_share_invitation(resourceShareInvitationArn=one["resourceShareInvitationArn"])
    target = {"CatalogId": PROVIDER, "DatabaseName": database}
    client(cloud, "glue", guest).create_database(DatabaseInput={"Name": database, "TargetDatabase": target})
    client(cloud, "lakeformation", guest).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{guest}:user/admin"},
        Resource={"Table": {"CatalogId": PROVIDER, "DatabaseName": database, "Name": "t"}},
        Permissions=["SELECT"],
    )


def test_a_query_through_a_link_is_told_twice_to_its_own_account_and_once_to_the_owner(scene: Scene) -> None:
    query = scene.ask("SELECT a FROM t")

    told = {account: scene.events(account, query, "GetDataAccess") for account in (PROVIDER, scene.guest)}

    tables = {
        account: [one["requestParameters"]["tableArn"].split(":")[4] for one in found]
        for account, found in told.items()
    }
    assert tables == {PROVIDER: [PROVIDER], scene.guest: [scene.guest, PROVIDER]}


def test_the_owner_learns_the_account_and_the_principal_id_of_a_stranger_but_no_name(scene: Scene) -> None:
    query = scene.ask("SELECT a FROM t")

    (event,) = scene.events(PROVIDER, query, "GetDataAccess")

    assert {key: event["userIdentity"].get(key) for key in ("type", "accountId", "arn")} == {
        "type": "AWSAccount",
        "accountId": scene.guest,
        "arn": None,
    }
    assert "lakeFormationPrincipal" not in event["additionalEventData"]


def test_the_owner_learns_the_name_of_a_client_that_trusts_it(scene: Scene) -> None:
    lakeformation = client(scene.cloud, "lakeformation", scene.guest)
    settings = lakeformation.get_data_lake_settings()["DataLakeSettings"]
    lakeformation.put_data_lake_settings(DataLakeSettings={**settings, "TrustedResourceOwners": [PROVIDER]})
    query = scene.ask("SELECT a FROM t")
    lakeformation.put_data_lake_settings(DataLakeSettings={**settings, "TrustedResourceOwners": []})

    (event,) = scene.events(PROVIDER, query, "GetDataAccess")

    assert event["additionalEventData"]["lakeFormationPrincipal"] == f"arn:aws:iam::{scene.guest}:user/admin"


def test_files_are_read_by_the_registered_role_in_the_name_of_the_caller_for_the_bytes_of_the_columns(
    scene: Scene,
) -> None:
    query = scene.ask("SELECT a FROM t")

    (file,) = scene.events(PROVIDER, query, "GetObject")
    (access,) = scene.events(PROVIDER, query, "GetDataAccess")

    scanned = scene.athena.get_query_execution(QueryExecutionId=query)
    session = file["userIdentity"]["sessionContext"]
    assert session["sessionIssuer"]["arn"] == scene.role
    assert session["sourceIdentity"] == f"V2.{scene.guest}.{access['userIdentity']['principalId']}"
    assert (file["requestParameters"]["key"], file["additionalEventData"]["bytesTransferredOut"]) == (
        "t/part.parquet",
        scanned["QueryExecution"]["Statistics"]["DataScannedInBytes"],
    )


def test_a_clients_account_gets_no_record_of_the_files_in_ours(scene: Scene) -> None:
    query = scene.ask("SELECT a FROM t")

    assert scene.events(scene.guest, query, "GetObject") == []


def test_a_trail_without_selectors_holds_management_events_alone(scene: Scene) -> None:
    bucket = trail_bucket(scene.cloud, PROVIDER)
    start_trail(scene.cloud, PROVIDER, bucket)

    scene.ask("SELECT a FROM t")

    assert {one["eventCategory"] for one in records_of(scene.cloud, PROVIDER, bucket)} == {"Management"}


def test_a_trail_of_other_objects_holds_no_reads_of_these(scene: Scene) -> None:
    bucket = trail_bucket(scene.cloud, PROVIDER)
    start_trail(scene.cloud, PROVIDER, bucket, reading("another-bucket"))

    scene.ask("SELECT a FROM t")

    assert records_of(scene.cloud, PROVIDER, bucket) == []


def test_log_files_lie_by_account_region_and_day(scene: Scene) -> None:
    scene.ask("SELECT a FROM t")

    s3, bucket = client(scene.cloud, "s3", PROVIDER), scene.trails[PROVIDER]
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]

    folder, _, name = keys[-1].rpartition("/")
    assert folder.split("/")[:4] == ["AWSLogs", PROVIDER, "CloudTrail", REGION]
    assert [len(part) for part in folder.split("/")[4:]] == [4, 2, 2]
    assert name.startswith(f"{PROVIDER}_CloudTrail_{REGION}_") and name.endswith(".json.gz")


def test_an_sdk_that_leaves_out_the_front_of_the_services_name_is_understood(cloud: Cloud) -> None:
    bucket, name, trails = trail_bucket(cloud, PROVIDER), unique("trail"), client(cloud, "cloudtrail", PROVIDER)
    short = "CloudTrail_20131101.CreateTrail"
    event, leave_out = (
        "before-sign.cloudtrail.CreateTrail",
        lambda request, **_: request.headers.replace_header("X-Amz-Target", short),
    )
    trails.meta.events.register(event, leave_out)
    trails.create_trail(Name=name, S3BucketName=bucket)
    trails.meta.events.unregister(event, leave_out)

    assert trails.get_trail(Name=name)["Trail"]["S3BucketName"] == bucket


def test_a_trail_whose_bucket_does_not_let_it_write_is_refused(cloud: Cloud) -> None:
    other = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:*", "Resource": "*"}
    bucket = trail_bucket(cloud, PROVIDER, other)

    with pytest.raises(ClientError, match="InsufficientS3BucketPolicyException"):
        client(cloud, "cloudtrail", PROVIDER).create_trail(Name=unique("trail"), S3BucketName=bucket)


def test_a_trail_whose_key_does_not_let_it_encrypt_is_refused(cloud: Cloud) -> None:
    bucket = trail_bucket(cloud, PROVIDER)
    account = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PROVIDER}:root"}}
    policy = {"Version": "2012-10-17", "Statement": [{**account, "Action": "kms:*", "Resource": "*"}]}
    key = client(cloud, "kms", PROVIDER).create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]

    with pytest.raises(ClientError, match="InsufficientEncryptionPolicyException"):
        client(cloud, "cloudtrail", PROVIDER).create_trail(Name=unique("trail"), S3BucketName=bucket, KmsKeyId=key)
