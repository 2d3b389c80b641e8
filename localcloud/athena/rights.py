"""Which roles may use which workgroup, by their IAM policies; users stand for administrators, as everywhere here."""

from __future__ import annotations

from moto.backends import get_backend

from localcloud.athena.executions import store
from localcloud.gateway import AwsError, Call
from localcloud.identity import caller_context, identity_policies
from localcloud.policy import Request, evaluate


def check(call: Call) -> None:
    """Refuse a role whose policies do not allow this action on this workgroup (or catalog, or anything)."""
    if ":role/" not in call.caller.arn:
        return
    resource = resource_of(call)
    request = Request(
        f"athena:{call.action}", resource, call.caller.arn, call.caller.account_id, caller_context(call.caller)
    )
    if evaluate(identity_policies(call.caller), request) != "allow":
        raise AwsError(
            "AccessDeniedException",
            f"User: {call.caller.arn} is not authorized to perform: athena:{call.action} on resource: {resource} "
            f"because no identity-based policy allows the athena:{call.action} action",
        )


def resource_of(call: Call) -> str:
    """The ARN of the workgroup or catalog that the call is about, or "*"."""
    prefix = f"arn:aws:athena:{call.region}:{call.caller.account_id}:"
    if call.params.get("ResourceARN"):
        return str(call.params["ResourceARN"])
    for name in ("CatalogName", "Name" if "DataCatalog" in call.action else "CatalogName"):
        if call.params.get(name):
            return f"{prefix}datacatalog/{call.params[name]}"
    workgroup = _workgroup(call)
    return f"{prefix}workgroup/{workgroup}" if workgroup else "*"


def _workgroup(call: Call) -> str:
    """The workgroup that the request names, directly or through a query of it; empty for none."""
    if call.params.get("WorkGroup"):
        return str(call.params["WorkGroup"])
    account, region = call.caller.account_id, call.region
    identifiers = [call.params.get("QueryExecutionId"), *(call.params.get("QueryExecutionIds") or [])]
    known = store(account, region).executions
    found = {known[item].workgroup for item in identifiers if item in known}
    named = get_backend("athena")[account][region].named_queries
    for item in (call.params.get("NamedQueryId"), *(call.params.get("NamedQueryIds") or [])):
        if item in named:
            found.add(named[item].workgroup.name)
    if len(found) > 1:
        raise AwsError("InvalidRequestException", "The queries are of different workgroups. Fix: ask for one at a time")
    started = call.action in ("StartQueryExecution", "ListQueryExecutions", "CreateNamedQuery", "ListNamedQueries")
    return found.pop() if found else ("primary" if started else "")
