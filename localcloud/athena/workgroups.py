"""Workgroups: updating, deleting and describing them, and tags of resources without any. moto creates them."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend

from localcloud.athena.executions import store
from localcloud.gateway import AwsError, Call

_NESTED = {"ResultConfigurationUpdates": "ResultConfiguration"}


def _backend(call: Call) -> Any:
    return get_backend("athena")[call.caller.account_id][call.region]


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)


def get_work_group(call: Call) -> dict[str, Any]:
    """As moto, but an unknown one is an error, and the creation time stays."""
    name = str(call.params.get("WorkGroup") or "")
    found = _backend(call).get_work_group(name)
    if found is None:
        raise _invalid(f"WorkGroup {name} is not found.")
    return {"WorkGroup": found}


def update_work_group(call: Call) -> dict[str, Any]:
    """Change what the request names; `Remove…` takes a setting away."""
    name = str(call.params.get("WorkGroup") or "")
    found = _backend(call).work_groups.get(name)
    if found is None:
        raise _invalid(f"WorkGroup {name} is not found.")
    updates = dict(call.params.get("ConfigurationUpdates") or {})
    found.configuration = _merged(found.configuration, updates)
    if "Description" in call.params:
        found.description = call.params["Description"]
    if "State" in call.params:
        found.state = call.params["State"]
    return {}


def _merged(settings: dict[str, Any], updates: dict[str, Any]) -> dict[str, Any]:
    merged = dict(settings)
    for name, value in updates.items():
        if name in _NESTED:
            merged[_NESTED[name]] = _merged(merged.get(_NESTED[name]) or {}, value)
        elif name.startswith("Remove"):
            if value:
                merged.pop(name.removeprefix("Remove"), None)
        elif name == "EngineVersion":
            merged[name] = {"EffectiveEngineVersion": "Athena engine version 3"} | value
        else:
            merged[name] = value
    return merged


def delete_work_group(call: Call) -> dict[str, Any]:
    """Only an empty one goes, unless the request says to delete its queries too."""
    name, backend = str(call.params.get("WorkGroup") or ""), _backend(call)
    if name == "primary":
        raise _invalid("The primary WorkGroup cannot be deleted.")
    if name not in backend.work_groups:
        raise _invalid(f"WorkGroup {name} is not found.")
    named = [item.id for item in backend.named_queries.values() if item.workgroup.name == name]
    ran = any(item.workgroup == name for item in store(call.caller.account_id, call.region).executions.values())
    if (named or ran) and not call.params.get("RecursiveDeleteOption"):
        raise _invalid(f"WorkGroup {name} is not empty")
    for identifier in named:
        del backend.named_queries[identifier]
    backend.delete_work_group(name)
    return {}


def list_tags_for_resource(call: Call) -> dict[str, Any]:
    """As moto, but a resource without tags has none instead of an error."""
    found = _backend(call).list_tags_for_resource(str(call.params.get("ResourceARN") or ""))
    return {"Tags": (found or {}).get("Tags", [])}


def list_engine_versions(call: Call) -> dict[str, Any]:
    auto = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
    return {"EngineVersions": [auto, auto | {"SelectedEngineVersion": "Athena engine version 3"}]}
