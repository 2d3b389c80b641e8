"""KMS keys of the local AWS: taken by id or ARN, switched, deleted later or not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.behaviour.lake import client, refused
from tests.conftest import PROVIDER, Cloud


@pytest.fixture
def kms(cloud: Cloud) -> Any:
    return client(cloud, "kms", PROVIDER)


@pytest.fixture(params=["Arn", "KeyId"])
def key(kms: Any, request: pytest.FixtureRequest) -> str:
    return str(kms.create_key()["KeyMetadata"][request.param])


def state(kms: Any, key: str) -> str:
    return str(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


def test_a_key_is_switched_off_and_on(kms: Any, key: str) -> None:
    kms.disable_key(KeyId=key)
    off = state(kms, key)
    kms.enable_key(KeyId=key)

    assert (off, state(kms, key)) == ("Disabled", "Enabled")


def test_the_keys_of_aws_are_managed_by_aws(kms: Any, key: str) -> None:
    managers = [kms.describe_key(KeyId=name)["KeyMetadata"]["KeyManager"] for name in ("alias/aws/glue", key)]

    assert managers == ["AWS", "CUSTOMER"]


def test_a_key_that_goes_can_be_kept_and_is_off_then(kms: Any, key: str) -> None:
    answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refused(lambda: kms.enable_key(KeyId=key))[0] == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key)

    assert (answer["KeyState"], answer["PendingWindowInDays"]) == ("PendingDeletion", 7)
    assert state(kms, key) == "Disabled"
    assert refused(lambda: kms.cancel_key_deletion(KeyId=key))[0] == "KMSInvalidStateException"


def test_a_key_that_is_not_there_is_not_found(kms: Any) -> None:
    assert refused(lambda: kms.disable_key(KeyId="no"))[0] == "NotFoundException"


def test_keys_do_what_they_are_for(kms: Any, key: str) -> None:
    signs = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]

    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]

    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    assert kms.sign(KeyId=signs, Message=b"x", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    assert refused(lambda: kms.get_public_key(KeyId=key))[0] == "UnsupportedOperationException"
