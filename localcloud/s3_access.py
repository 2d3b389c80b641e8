"""Who may use which bucket: moto lets everybody read everything, so every S3 call is checked here first.

- A role needs an Allow in its own policies, for buckets of any account; a client's role in the lake's own account
  therefore cannot read the lake past Lake Formation.
- A caller of another account also needs an Allow in the bucket's policy.
- An explicit Deny in either wins, for users too. A user of the bucket's account needs no Allow: users stand for people
  with administrator rights.
- Plain HTTP on loopback counts as secure transport: `aws:SecureTransport` is true, so a TLS-only policy refuses nobody.

Not evaluated: ACLs, access points, presigned URLs' own limits, public access blocks, object ownership, KMS keys, VPC
endpoints, session policies, permission boundaries, service control policies. DeleteObjects is refused as a whole where
one of its keys is, which AWS says key by key. See `policy` for the operators.
"""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend
from moto.iam.access_control import PermissionResult

from localcloud.gateway import AwsError, Call, Caller, Guard
from localcloud.identity import caller_context, identity_policies
from localcloud.permissions import Permission, permissions_of, s3_arn
from localcloud.policy import Request, evaluate


def check(call: Call) -> None:
    """Refuse an S3 call that no policy allows."""
    held = _bucket(str(call.params.get("Bucket") or ""))
    if held is not None:
        # moto refuses every object call on a bucket whose policy has a condition; what follows here decides instead.
        held.get_permission = lambda action, resource: PermissionResult.NEUTRAL
    headers = {f"s3:{name}": value for name, value in call.headers.items() if name.startswith("x-amz-")}
    for asked in permissions_of(call):
        if asked.action.startswith("s3:"):
            _require(call.caller, asked, headers)


def require(caller: Caller, permission: str, bucket: str, key: str = "") -> None:
    """The same for callers inside the emulator, such as Athena writing results with the caller's rights."""
    _require(caller, Permission(f"s3:{permission}", s3_arn(bucket, key)), {})


def _require(caller: Caller, asked: Permission, headers: dict[str, str]) -> None:
    if not _allows(caller, asked, headers):
        raise AwsError(
            "AccessDenied",
            f"User: {caller.arn} is not authorized to perform: {asked.action} on resource: {asked.resource}",
            403,
        )


def allows(caller: Caller, permission: str, bucket: str, key: str = "") -> bool:
    """Whether IAM and the bucket's policy let this caller do this."""
    return _allows(caller, Permission(f"s3:{permission}", s3_arn(bucket, key)), {})


def _allows(caller: Caller, asked: Permission, headers: dict[str, str]) -> bool:
    facts = {name.lower(): value for name, value in (headers | dict(asked.context)).items()} | caller_context(caller)
    request = Request(asked.action, asked.resource, caller.arn, caller.account_id, facts)
    identity = evaluate(identity_policies(caller), request)
    held = _bucket(asked.resource.partition(":::")[2].partition("/")[0])
    resource = evaluate(_bucket_policy(held), request, resource_policy=True)
    if "deny" in (identity, resource):
        return False
    is_user = ":user/" in caller.arn
    if held is None or held.account_id == caller.account_id:
        return is_user or "allow" in (identity, resource)
    return resource == "allow" and (is_user or identity == "allow")


def _bucket(name: str) -> Any:
    """moto's bucket of this name, in whichever account it is."""
    backends: Any = get_backend("s3")
    owner = backends.bucket_accounts.get(name)
    return backends[owner[1]][owner[0]].buckets.get(name) if owner else None


def _bucket_policy(bucket: Any) -> list[str]:
    policy = bucket.policy if bucket is not None else None
    return [policy.decode() if isinstance(policy, bytes) else policy] if policy else []


GUARDS: dict[str, list[Guard]] = {"s3": [check]}
