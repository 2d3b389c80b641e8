"""Custom resources: their Lambda function runs, and its answer is read where the event told it to put it.

As on AWS that is a presigned address of an S3 bucket of CloudFormation's own. A function that ends without an answer,
three times where it fails, fails its resource at once; AWS waits for an hour.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.cloudformation_templates import Made
from localcloud.cloudformation_types import Failure, Place, Properties
from localcloud.functions import ASYNCHRONOUS_ATTEMPTS, find_function, invoke
from localcloud.sessions import Keys, new_client

SERVICE_ACCOUNT = "000000000000"


class CustomType:
    """`Custom::…` and `AWS::CloudFormation::CustomResource`."""

    create_only: frozenset[str] = frozenset({"ServiceToken"})

    def create(self, place: Place, properties: Properties) -> Made:
        return _ask(place, properties, {"RequestType": "Create"})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        event = {"RequestType": "Update", "PhysicalResourceId": made.physical_id, "OldResourceProperties": _texts(old)}
        return _ask(place, new, event)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        _ask(place, properties, {"RequestType": "Delete", "PhysicalResourceId": made.physical_id})


def _ask(place: Place, properties: Properties, event: dict[str, Any]) -> Made:
    token, request_id = str(properties.get("ServiceToken") or ""), str(uuid4())
    if ":lambda:" not in token:
        raise Failure("Invalid ServiceToken: localcloud runs custom resources of Lambda functions only.")
    client, bucket = _responses(place.region)
    key = f"{place.stack_id}|{place.logical_id}|{request_id}"
    whole = {
        **event,
        "ServiceToken": token,
        "ResponseURL": client.generate_presigned_url("put_object", {"Bucket": bucket, "Key": key}, ExpiresIn=7200),
        "StackId": place.stack_id,
        "RequestId": request_id,
        "LogicalResourceId": place.logical_id,
        "ResourceType": place.type_name,
        "ResourceProperties": _texts(properties),
    }
    try:
        function = find_function(token, None, place.account_id, place.region)
    except Exception as error:
        raise Failure(f"Lambda function {token} could not be found.") from error
    answer = _answer(function, whole, client, bucket, key)
    if answer.get("Status") != "SUCCESS":
        reason = answer.get("Reason") or "no reason"
        message = f"Received response status [FAILED] from custom resource. Message returned: {reason}"
        raise Failure(f"{message} (RequestId: {request_id})")
    if not answer.get("PhysicalResourceId"):
        raise Failure("Invalid PhysicalResourceId")
    return Made(str(answer["PhysicalResourceId"]), dict(answer.get("Data") or {}))


def _answer(function: Any, event: dict[str, Any], client: Any, bucket: str, key: str) -> dict[str, Any]:
    """What the function put at the address; one that fails without it is tried again, as asynchronous calls are."""
    for _ in range(ASYNCHRONOUS_ATTEMPTS):
        outcome = invoke(function, event)
        try:
            text = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError:
            if outcome.failed:
                continue
            break
        client.delete_object(Bucket=bucket, Key=key)
        answer: dict[str, Any] = json.loads(text)
        return answer
    raise Failure(
        "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId "
        f"[{event['RequestId']}]. If you are using the Python cfn-response module, you may need to update your Lambda "
        "function code so that CloudFormation can attach the updated version."
    )


def _responses(region: str) -> tuple[Any, str]:
    """A client of CloudFormation's own account, and its bucket for answers in this region."""
    # Answers go to a presigned address.
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    client = new_client("s3", region, Keys(SERVICE_ACCOUNT), config)
    bucket = f"cloudformation-custom-resource-response-{region.replace('-', '')}"
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError:
        where = {} if region == "us-east-1" else {"LocationConstraint": region}
        client.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": where} if where else {}))
    return client, bucket


def _texts(value: Any) -> Any:
    """CloudFormation sends numbers and truth values as text."""
    if isinstance(value, dict):
        return {key: _texts(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_texts(one) for one in value]
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
