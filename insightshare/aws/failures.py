"""Turns what boto raises into our errors, for every service. Retries nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from insightshare.errors import AccessRefused, InsightshareError, PlatformError, Retryable

DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ExpiredToken", "ExpiredTokenException"}
# "Not now" in each service's words; the throttling ones are those that botocore itself repeats, but for
# LimitExceededException, which in Glue and IAM means too many of something, now and later.
LATER = {
    "BandwidthLimitExceeded",
    "ConcurrentModificationException",
    "ConditionalRequestConflict",
    "InternalServerError",
    "InternalServiceException",
    "InternalError",
    "OperationTimeoutException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "ResourceNotReadyException",
    "ServiceUnavailable",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
}


def code_of(error: ClientError) -> str:
    """Return AWS's name for the error."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def named(resource: str) -> Iterator[None]:
    """Raise one of our errors, naming the resource, for whatever boto raises inside."""
    try:
        yield
    except ClientError as error:
        raise _translated(error, resource) from error
    except BotoCoreError as error:  # no answer at all: connection, timeout, missing credentials
        raise Retryable(f"{resource}: {error}") from error


def _translated(error: ClientError, resource: str) -> InsightshareError:
    code = code_of(error)
    line = f"{resource}: {code}: {error.response.get('Error', {}).get('Message', '')}"
    if code in DENIED:
        return AccessRefused(line)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Retryable(line) if code in LATER or status >= 500 else PlatformError(line)
