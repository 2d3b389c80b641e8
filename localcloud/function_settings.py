"""Members of a function's configuration that moto drops and Terraform reads back: kept beside moto's record."""

from __future__ import annotations

from typing import Any

from localcloud.functions import find_function
from localcloud.gateway import Call

KEPT = ("DeadLetterConfig", "LoggingConfig", "TracingConfig", "KMSKeyArn", "EphemeralStorage", "FileSystemConfigs")


def _remember(call: Call, reply: dict[str, Any]) -> dict[str, Any]:
    function = _function(call)
    settings: dict[str, Any] = getattr(function, "localcloud_settings", {})
    settings.update({name: call.params[name] for name in KEPT if name in call.params})
    function.localcloud_settings = settings
    return _complete(call, reply)


def _complete(call: Call, reply: dict[str, Any]) -> dict[str, Any]:
    function = _function(call)
    settings = getattr(function, "localcloud_settings", {})
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"}
    shown = {**settings, "LoggingConfig": {**logging, **(settings.get("LoggingConfig") or {})}}
    if "Configuration" in reply:
        return {**reply, "Configuration": {**reply["Configuration"], **shown}}
    return {**reply, **shown}


def _function(call: Call) -> Any:
    return find_function(str(call.params["FunctionName"]), None, call.caller.account_id, call.region)


REWRITERS = {
    ("lambda", "CreateFunction"): _remember,
    ("lambda", "UpdateFunctionConfiguration"): _remember,
    ("lambda", "UpdateFunctionCode"): _complete,
    ("lambda", "GetFunction"): _complete,
    ("lambda", "GetFunctionConfiguration"): _complete,
}
