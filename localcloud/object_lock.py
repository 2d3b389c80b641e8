"""S3 Object Lock's settings, which AWS takes for buckets that hold objects too; moto wants them empty."""

from __future__ import annotations

from typing import Any

from moto.s3.exceptions import InvalidBucketState
from moto.s3.models import S3Backend


def _put_object_lock_configuration(
    self: Any,
    bucket_name: str,
    lock_enabled: bool,
    mode: str | None = None,
    days: int | None = None,
    years: int | None = None,
) -> None:
    """Set, or without a rule take away, how long new objects are locked; objects keep the lock that they have."""
    bucket = self.get_bucket(bucket_name)
    if not bucket.is_versioned:
        raise InvalidBucketState(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
        )
    bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
    bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days, years


S3Backend.put_object_lock_configuration = _put_object_lock_configuration  # type: ignore[method-assign]  # no other place
