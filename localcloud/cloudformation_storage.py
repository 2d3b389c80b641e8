"""CloudFormation's types of S3, KMS and Athena."""

from __future__ import annotations

from typing import Any

from localcloud.cloudformation_templates import Made
from localcloud.cloudformation_types import Failure, Place, Properties, Type, pick, text_of, truths, whole_numbers

PENDING_DAYS = 30


def _make_bucket(place: Place, properties: Properties) -> Made:
    name = str(properties.get("BucketName") or place.name(63).lower())
    client = place.client("s3")
    where = {} if place.region == "us-east-1" else {"LocationConstraint": place.region}
    client.create_bucket(Bucket=name, **({"CreateBucketConfiguration": where} if where else {}))
    _set_bucket(place, name, properties)
    return Made(name, _bucket_attributes(place, name))


def _bucket_attributes(place: Place, name: str) -> dict[str, str]:
    return {
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{place.region}.amazonaws.com",
    }


def _change_bucket(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    _set_bucket(place, made.physical_id, new)
    gone = set(old) - set(new)
    client = place.client("s3")
    if "LifecycleConfiguration" in gone:
        client.delete_bucket_lifecycle(Bucket=made.physical_id)
    if "PublicAccessBlockConfiguration" in gone:
        client.delete_public_access_block(Bucket=made.physical_id)
    if "BucketEncryption" in gone:
        client.delete_bucket_encryption(Bucket=made.physical_id)
    return made


def _set_bucket(place: Place, name: str, properties: Properties) -> None:
    client = place.client("s3")
    if encryption := properties.get("BucketEncryption"):
        rules = [
            {"ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault", {})}
            | ({"BucketKeyEnabled": truths(rule["BucketKeyEnabled"])} if "BucketKeyEnabled" in rule else {})
            for rule in encryption["ServerSideEncryptionConfiguration"]
        ]
        client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    if block := properties.get("PublicAccessBlockConfiguration"):
        client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=truths(block))
    if versioning := properties.get("VersioningConfiguration"):
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    if lifecycle := properties.get("LifecycleConfiguration"):
        rules = [_lifecycle_rule(rule) for rule in lifecycle["Rules"]]
        client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    if owner := properties.get("OwnershipControls"):
        client.put_bucket_ownership_controls(Bucket=name, OwnershipControls=owner)
    if tags := place.tag_list(properties):
        client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation names some members of a rule in its own way."""
    known = {
        "Id", "Status", "Prefix", "ExpirationInDays", "AbortIncompleteMultipartUpload",
        "NoncurrentVersionExpirationInDays", "NoncurrentVersionExpiration", "ExpiredObjectDeleteMarker",
    }  # fmt: skip
    if unknown := sorted(set(rule) - known):
        raise Failure(f"Encountered unsupported property {unknown[0]}")
    rule = truths(
        whole_numbers(
            rule, "ExpirationInDays", "DaysAfterInitiation", "NoncurrentVersionExpirationInDays", "NoncurrentDays"
        )
    )
    wire: dict[str, Any] = {"Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    wire |= {"ID": rule["Id"]} if "Id" in rule else {}
    wire |= pick(rule, "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration")
    if "NoncurrentVersionExpirationInDays" in rule:
        wire["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    if "ExpirationInDays" in rule:
        wire["Expiration"] = {"Days": rule["ExpirationInDays"]}
    elif "ExpiredObjectDeleteMarker" in rule:
        wire["Expiration"] = pick(rule, "ExpiredObjectDeleteMarker")
    return wire


def _make_bucket_policy(place: Place, properties: Properties) -> Made:
    bucket = str(properties["Bucket"])
    place.client("s3").put_bucket_policy(Bucket=bucket, Policy=text_of(properties["PolicyDocument"]))
    return Made(bucket)


def _make_key(place: Place, properties: Properties) -> Made:
    client = place.client("kms")
    given = truths(pick(properties, "Description", "KeySpec", "KeyUsage", "MultiRegion"))
    if "KeyPolicy" in properties:
        given["Policy"] = text_of(properties["KeyPolicy"])
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in place.tag_list(properties)]
    key = client.create_key(**given, Tags=tags)["KeyMetadata"]
    _set_rotation(client, key["KeyId"], properties)
    return Made(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})


def _change_key(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    client = place.client("kms")
    if "KeyPolicy" in new:
        client.put_key_policy(KeyId=made.physical_id, PolicyName="default", Policy=text_of(new["KeyPolicy"]))
    client.update_key_description(KeyId=made.physical_id, Description=new.get("Description", ""))
    _set_rotation(client, made.physical_id, new)
    return made


def _set_rotation(client: Any, key: str, properties: Properties) -> None:
    if truths(properties.get("EnableKeyRotation")):
        period = int(properties.get("RotationPeriodInDays", 365))
        client.enable_key_rotation(KeyId=key, RotationPeriodInDays=period)
    else:
        client.disable_key_rotation(KeyId=key)


def _remove_key(place: Place, made: Made, properties: Properties) -> None:
    days = int(properties.get("PendingWindowInDays", PENDING_DAYS))
    place.client("kms").schedule_key_deletion(KeyId=made.physical_id, PendingWindowInDays=days)


def _make_alias(place: Place, properties: Properties) -> Made:
    name = str(properties["AliasName"])
    place.client("kms").create_alias(AliasName=name, TargetKeyId=properties["TargetKeyId"])
    return Made(name)


def _change_alias(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    place.client("kms").update_alias(AliasName=made.physical_id, TargetKeyId=new["TargetKeyId"])
    return made


def _workgroup_configuration(properties: Properties) -> dict[str, Any]:
    found = whole_numbers(properties.get("WorkGroupConfiguration") or {}, "BytesScannedCutoffPerQuery")
    return dict(truths(found))


def _make_workgroup(place: Place, properties: Properties) -> Made:
    name = str(properties["Name"])
    place.client("athena").create_work_group(
        Name=name,
        Configuration=_workgroup_configuration(properties),
        Tags=place.tag_list(properties),
        **pick(properties, "Description"),
    )
    if properties.get("State") == "DISABLED":
        place.client("athena").update_work_group(WorkGroup=name, State="DISABLED")
    return Made(name)


def _change_workgroup(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    updates = _workgroup_configuration(new)
    if "ResultConfiguration" in updates:
        updates["ResultConfigurationUpdates"] = updates.pop("ResultConfiguration")
    place.client("athena").update_work_group(
        WorkGroup=made.physical_id,
        ConfigurationUpdates=updates,
        State=new.get("State", "ENABLED"),
        Description=new.get("Description", ""),
    )
    return made


def _remove_workgroup(place: Place, made: Made, properties: Properties) -> None:
    recursive = bool(truths(properties.get("RecursiveDeleteOption", False)))
    place.client("athena").delete_work_group(WorkGroup=made.physical_id, RecursiveDeleteOption=recursive)


def _make_named_query(place: Place, properties: Properties) -> Made:
    given = pick(properties, "Name", "Database", "Description", "QueryString", "WorkGroup")
    made = place.client("athena").create_named_query(**{"Name": place.name(), **given})["NamedQueryId"]
    return Made(made, {"NamedQueryId": made})


TYPES: dict[str, Type] = {
    "AWS::S3::Bucket": Type(
        _make_bucket,
        lambda place, made, properties: place.client("s3").delete_bucket(Bucket=made.physical_id),
        frozenset(
            {
                "BucketName", "BucketEncryption", "PublicAccessBlockConfiguration", "VersioningConfiguration",
                "LifecycleConfiguration", "OwnershipControls", "Tags",
            }
        ),
        frozenset({"BucketName"}),
        _change_bucket,
    ),
    "AWS::S3::BucketPolicy": Type(
        _make_bucket_policy,
        lambda place, made, properties: place.client("s3").delete_bucket_policy(Bucket=made.physical_id),
        frozenset({"Bucket", "PolicyDocument"}),
        frozenset({"Bucket"}),
        lambda place, made, old, new: _make_bucket_policy(place, new),
    ),
    "AWS::KMS::Key": Type(
        _make_key,
        _remove_key,
        frozenset(
            {
                "Description", "KeyPolicy", "EnableKeyRotation", "RotationPeriodInDays", "PendingWindowInDays",
                "KeySpec", "KeyUsage", "MultiRegion", "Tags",
            }
        ),
        frozenset({"KeySpec", "KeyUsage", "MultiRegion"}),
        _change_key,
    ),
    "AWS::KMS::Alias": Type(
        _make_alias,
        lambda place, made, properties: place.client("kms").delete_alias(AliasName=made.physical_id),
        frozenset({"AliasName", "TargetKeyId"}),
        frozenset({"AliasName"}),
        _change_alias,
    ),
    "AWS::Athena::WorkGroup": Type(
        _make_workgroup,
        _remove_workgroup,
        frozenset({"Name", "Description", "State", "WorkGroupConfiguration", "RecursiveDeleteOption", "Tags"}),
        frozenset({"Name"}),
        _change_workgroup,
    ),
    "AWS::Athena::NamedQuery": Type(
        _make_named_query,
        lambda place, made, properties: place.client("athena").delete_named_query(NamedQueryId=made.physical_id),
        frozenset({"Name", "Database", "Description", "QueryString", "WorkGroup"}),
        frozenset({"Name", "Database", "Description", "QueryString", "WorkGroup"}),
    ),
}  # fmt: skip
