"""IAM's managed policies of AWS itself, each known to moto from when somebody attaches or reads it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from localcloud.gateway import Call
from localcloud.store import backend

PREFIX = "arn:aws:iam::aws:policy/"


@cache
def _documents() -> dict[str, dict[str, Any]]:
    """moto's copy of them by ARN; to know all of them from the start costs every account a moment."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    every = json.loads(aws_managed_policies_data).items()
    return {f"{PREFIX}{policy['Path'].lstrip('/')}{name}": {"name": name, **policy} for name, policy in every}


def _know(call: Call) -> None:
    arn = str(call.params.get("PolicyArn") or "")
    if not arn.startswith(PREFIX) or arn not in _documents():
        return
    from moto.iam.models import AWSManagedPolicy

    known = backend("iam", call.caller.account_id, "aws").managed_policies
    if arn not in known:
        policy = _documents()[arn]
        known[arn] = AWSManagedPolicy.from_data(policy["name"], call.caller.account_id, call.region, policy)


GUARDS = {"iam": [_know]}
