"""Runs the doctor's cures: AWS's own command line as text, read into calls of boto3. Knows no cure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from typing import Any

from botocore import xform_name


def runs(cure: str) -> bool:
    """Whether the whole cure is commands of AWS, and not words for a person."""
    return all(one.startswith("aws ") for one in cure.split(" && "))


def run(cure: str, client: Callable[[str], Any]) -> None:
    """Do what each `aws service operation --option value …` says, in order."""
    for command in cure.split(" && "):
        _, service, operation, *words = shlex.split(command)
        api = client(service)
        (name,) = [one for one in api.meta.service_model.operation_names if xform_name(one, "-") == operation]
        members = api.meta.service_model.operation_model(name).input_shape.members
        getattr(api, xform_name(name))(**_arguments(words, members))


def _arguments(words: list[str], members: dict[str, Any]) -> dict[str, Any]:
    names = {f"--{xform_name(name, '-')}": name for name in members}
    given: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            given[word] = values = []
        else:
            values.append(word)
    given.pop("--region", None)
    return {names[option]: _value(values, members[names[option]].type_name) for option, values in given.items()}


def _value(words: list[str], kind: str) -> Any:
    if kind == "list":
        return words
    return json.loads(words[0]) if kind in ("structure", "map") else words[0]
