"""What AWS answers when it is too busy or broken, in each service's words. Sends nothing."""

from __future__ import annotations

import json

THROTTLED = {
    "s3": (503, "SlowDown"),
    "dynamodb": (400, "ProvisionedThroughputExceededException"),
    "glue": (400, "ThrottlingException"),
    "eventbridge": (400, "ThrottlingException"),
    "sqs": (403, "RequestThrottled"),
}
BROKEN = {
    "s3": (500, "InternalError"),
    "dynamodb": (500, "InternalServerError"),
    "glue": (500, "InternalServiceException"),
    "eventbridge": (500, "InternalException"),
    "sqs": (500, "InternalError"),
}
# A transaction is refused with one reason for each of its parts; botocore's own error has the parts' reasons.
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
CANCELLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [ThrottlingError, None]",
    "CancellationReasons": [{"Code": "ThrottlingError", "Message": "Throughput exceeds the limit"}, {"Code": "None"}],
}

Reply = tuple[int, dict[str, str], bytes]


def refusal(name: str, throttled: bool) -> Reply:
    """Return status, headers and body of the refusal of the call `service.Operation`."""
    service = name.partition(".")[0]
    if name == "dynamodb.TransactWriteItems" and throttled:
        return 400, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(CANCELLED).encode()
    status, code = (THROTTLED if throttled else BROKEN)[service]
    if service == "s3":
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>made by a test</Message></Error>"
        return status, {"Content-Type": "application/xml"}, body.encode()
    body = json.dumps({"__type": code, "message": "made by a test"})
    return status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}, body.encode()
