"""Versions, delete markers and Object Lock, where moto trips and AWS does not."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.behaviour.parts import unique
from tests.conftest import REGION, Cloud


def test_a_delete_marker_may_be_the_last_version_to_go(cloud: Cloud) -> None:
    bucket, s3 = unique("versions"), cloud.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="a")
    found = s3.list_object_versions(Bucket=bucket)

    for part in (found["Versions"], found["DeleteMarkers"]):
        names = [{"Key": "a", "VersionId": version["VersionId"]} for version in part]
        assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": names})

    s3.delete_bucket(Bucket=bucket)


def test_locked_objects_stay_also_after_the_bucket_stops_locking_new_ones(cloud: Cloud) -> None:
    bucket, s3 = unique("evidence"), cloud.client("s3")
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 365}}
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    version = s3.put_object(Bucket=bucket, Key="a", Body=b"x")["VersionId"]

    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})

    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="a", VersionId=version)
