"""Answers CloudFormation for a custom resource; lies as `cfnresponse` beside code that a template holds itself."""

import json
from typing import Any

import urllib3

SUCCESS, FAILED = "SUCCESS", "FAILED"
http = urllib3.PoolManager()


def send(
    event: dict[str, Any],
    context: Any,
    responseStatus: str,  # noqa: N803 - AWS's names
    responseData: dict[str, Any] | None,  # noqa: N803
    physicalResourceId: str | None = None,  # noqa: N803
    noEcho: bool = False,  # noqa: N803
    reason: str | None = None,
) -> None:
    """Put the answer where the event says."""
    answer = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData or {},
    }
    body = json.dumps(answer)
    http.request("PUT", event["ResponseURL"], headers={"content-type": "", "content-length": str(len(body))}, body=body)
