"""What nobody outside may do, tried with real calls as each kind of outsider. Tells what was not refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from tests.e2e.checkout import PROVIDER, REGION

LAKE, RESULTS = (f"insightshare-local-{name}-{PROVIDER}" for name in ("lake", "results"))
REGISTRY = f"arn:aws:dynamodb:{REGION}:{PROVIDER}:table/insightshare-local-registry"
FUNCTION = f"arn:aws:lambda:{REGION}:{PROVIDER}:function:insightshare-local-vacuum"
RULES = f"arn:aws:events:{REGION}:{PROVIDER}"
# What the owner may try without changing anything, to see that the attempts are real.
HARMLESS = (
    "read the lake",
    "list the lake",
    "read another's results",
    "read the registry",
    "read a function's settings",
)
REFUSALS = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"}

Try = Callable[[Callable[[str], Any]], object]


def attempts(endpoint: str, key: str, others: tuple[str, str]) -> dict[str, Try]:
    """By name, all that an outsider may try: `key` is an object of the lake, `others` one of another's results."""
    queue = f"{endpoint}/{PROVIDER}/insightshare-local-register.fifo"
    item = {"pk": {"S": "churn"}, "sk": {"S": "counter"}}
    return {
        "read the lake": lambda of: of("s3").get_object(Bucket=LAKE, Key=key),
        "look at an object of the lake": lambda of: of("s3").head_object(Bucket=LAKE, Key=key),
        "list the lake": lambda of: of("s3").list_objects_v2(Bucket=LAKE),
        "write to the lake": lambda of: of("s3").put_object(Bucket=LAKE, Key=f"{key}.more", Body=b"x"),
        "delete from the lake": lambda of: of("s3").delete_object(Bucket=LAKE, Key=key),
        "open the lake's bucket": lambda of: of("s3").put_bucket_policy(Bucket=LAKE, Policy="{}"),
        "read another's results": lambda of: of("s3").get_object(Bucket=others[0], Key=others[1]),
        "list another's results": lambda of: of("s3").list_objects_v2(
            Bucket=others[0], Prefix=others[1].rpartition("/")[0]
        ),
        "read the registry": lambda of: of("dynamodb").get_item(TableName=REGISTRY, Key=item),
        "list the registry": lambda of: of("dynamodb").scan(TableName=REGISTRY),
        "write to the registry": lambda of: of("dynamodb").put_item(TableName=REGISTRY, Item=item),
        "move a pointer": lambda of: of("dynamodb").transact_write_items(
            TransactItems=[{"Put": {"TableName": REGISTRY, "Item": item}}]
        ),
        "register a run": lambda of: of("sqs").send_message(QueueUrl=queue, MessageBody="{}", MessageGroupId="churn"),
        "drain the queue": lambda of: of("sqs").receive_message(QueueUrl=queue),
        "start a function": lambda of: of("lambda").invoke(FunctionName=FUNCTION, InvocationType="DryRun"),
        "read a function's settings": lambda of: of("lambda").get_function(FunctionName=FUNCTION),
        "announce a run": lambda of: of("events").put_events(
            Entries=[{"EventBusName": f"{RULES}:event-bus/insightshare-local-insights", "Source": "x", "Detail": "{}"}]
        ),
    }


def not_refused(of: Callable[[str], Any], tries: dict[str, Try]) -> Iterator[str]:
    """The names of the attempts that were let through, or that failed for another reason than a refusal."""
    for name, attempt in tries.items():
        try:
            attempt(of)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in REFUSALS:
                yield f"{name}: {code}"
        else:
            yield f"{name}: done"
