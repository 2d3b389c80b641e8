"""S3's versions where moto trips: Object Lock's settings of buckets with objects, and delete markers that go last."""

from __future__ import annotations

from typing import Any

from moto.s3.exceptions import InvalidBucketState
from moto.s3.models import FakeDeleteMarker, S3Backend


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


def _dispose(self: Any) -> None:
    """A marker holds nothing that would have to be let go; moto asks it all the same when it is the last version."""


FakeDeleteMarker.dispose = _dispose  # type: ignore[attr-defined]  # moto's dictionary of versions calls it
