"""Which calls of moto may not overlap, because moto compares and writes in two steps that AWS makes one."""

from __future__ import annotations

from threading import RLock

from localcloud.gateway import Call

WRITES = ("PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject")
LOCKS = tuple(RLock() for _ in range(64))

# moto's backends are dictionaries that no lock guards. SQS is not here: a long poll would hold everybody up.
ONE_AT_A_TIME = frozenset(
    {"athena", "dynamodb", "events", "glue", "iam", "kms", "lambda", "lakeformation", "logs", "monitoring", "scheduler"}
)


def lock_for(call: Call) -> RLock | None:
    """The lock to hold while moto answers, or None: one per service listed, one per S3 object written."""
    if call.service in ONE_AT_A_TIME:
        return LOCKS[hash(call.service) % len(LOCKS)]
    if call.service == "s3" and call.action in WRITES:
        return LOCKS[hash((call.params.get("Bucket"), call.params.get("Key"))) % len(LOCKS)]
    return None
