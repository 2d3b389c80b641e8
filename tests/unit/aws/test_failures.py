"""What AWS answers becomes the error that tells whoever catches it what to do: try again, ask for rights, or look."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.retries.standard import ThrottledRetryableChecker

from insightshare.aws.failures import named
from insightshare.errors import AccessRefused, InsightshareError, PlatformError, Retryable

FOR_GOOD = {"LimitExceededException", "EC2ThrottledException"}  # too many of something; a service that is not used
THROTTLED = sorted({*vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"]} - FOR_GOOD)  # listed nowhere else


def _raised(code: str, status: int = 400) -> InsightshareError:
    reply: Any = {"Error": {"Code": code, "Message": "said so"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(InsightshareError) as caught, named("queue runs"):
        raise ClientError(reply, "SendMessage")
    return caught.value


@pytest.mark.parametrize("code", THROTTLED)
def test_what_the_sdk_itself_repeats_may_be_tried_again(code: str) -> None:
    assert isinstance(_raised(code), Retryable)


def test_a_failure_of_the_service_may_be_tried_again_whatever_it_is_called() -> None:
    assert isinstance(_raised("SomethingNew", 500), Retryable)


def test_no_answer_may_be_tried_again() -> None:
    with pytest.raises(Retryable, match=r"^queue runs: "), named("queue runs"):
        raise EndpointConnectionError(endpoint_url="https://sqs.example")


def test_a_denial_names_the_resource_and_what_aws_said() -> None:
    denied = _raised("AccessDeniedException", 403)

    assert (type(denied), str(denied)) == (AccessRefused, "queue runs: AccessDeniedException: said so")


def test_any_other_answer_is_for_good() -> None:
    assert type(_raised("QueueDoesNotExist")) is PlatformError
