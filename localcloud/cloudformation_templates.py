"""CloudFormation templates: read, check, parameters, conditions, intrinsic functions, the order of resources.

Missing: transforms and macros, rules, imports of other stacks' exports, nested stacks, dynamic references.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

import yaml

from localcloud.gateway import AwsError

NO_VALUE = object()
PLACE = re.compile(r"\$\{(!?)([^}]+)\}")
PSEUDO = ("AccountId", "NoValue", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix")


def invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags; dates stay text."""


def _tag(loader: Any, tag: str, node: Any) -> dict[str, Any]:
    read: dict[type, Callable[[Any], Any]] = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda one: loader.construct_sequence(one, deep=True),
        yaml.MappingNode: lambda one: loader.construct_mapping(one, deep=True),
    }
    value = read[type(node)](node)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _tag)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse_template(text: str) -> dict[str, Any]:
    """The template as a mapping; what it refers to must be in it."""
    try:
        template = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise invalid(f"Template format error: YAML not well-formed. ({str(error).splitlines()[0]})") from error
    if not isinstance(template, dict):
        raise invalid("Template format error: unsupported structure.")
    if not template.get("Resources"):
        raise invalid("Template format error: At least one Resources member must be defined.")
    if template.get("Transform"):
        raise NotImplementedError("transforms")
    for name, resource in template["Resources"].items():
        if not isinstance(resource, dict) or not resource.get("Type"):
            raise invalid(
                f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
            )
    known = {*template["Resources"], *(template.get("Parameters") or {}), *(f"AWS::{name}" for name in PSEUDO)}
    for block in ("Resources", "Outputs"):
        if missing := sorted(set(_references(template.get(block) or {})) - known):
            where = f"[{', '.join(missing)}] in the {block} block of the template"
            raise invalid(f"Template format error: Unresolved resource dependencies {where}")
    return template


@dataclass
class Made:
    """A resource that exists: what Ref and GetAtt say of it."""

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Scope:
    """What a template's expressions can speak of."""

    template: dict[str, Any]
    parameters: Mapping[str, Any]
    pseudo: Mapping[str, Any]
    made: dict[str, Made] = field(default_factory=dict)

    def holds(self, condition: str) -> bool:
        """Whether a named condition is true."""
        conditions = self.template.get("Conditions") or {}
        if condition not in conditions:
            raise invalid(f"Template format error: Unresolved condition dependency {condition}")
        return _is_true(self.resolve(conditions[condition]))

    def wanted(self, block: str) -> dict[str, Any]:
        """Resources or outputs without those whose condition is false."""
        entries: dict[str, Any] = self.template.get(block) or {}
        return {
            name: entry
            for name, entry in entries.items()
            if not entry.get("Condition") or self.holds(entry["Condition"])
        }

    def order(self) -> list[str]:
        """Resources, each after those that it needs."""
        entries = self.wanted("Resources")
        graph = {}
        for name, entry in entries.items():
            before = entry.get("DependsOn") or []
            needed = {*([before] if isinstance(before, str) else before), *_references(entry.get("Properties") or {})}
            graph[name] = sorted(needed & set(entries))
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            names = ", ".join(sorted(set(error.args[1])))
            raise invalid(f"Circular dependency between resources: [{names}]") from error

    def resolve(self, value: Any) -> Any:
        """The value with its intrinsic functions computed; NO_VALUE for AWS::NoValue."""
        if isinstance(value, list):
            return [one for one in map(self.resolve, value) if one is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in ("Ref", "Condition") and isinstance(argument, str):
                return self._ref(argument) if name == "Ref" else self.holds(argument)
            if name.startswith("Fn::"):
                function = _FUNCTIONS.get(name[4:])
                if function is None:
                    raise NotImplementedError(f"the template's function {name}")
                return function(self, argument)
        resolved = {key: self.resolve(one) for key, one in value.items()}
        return {key: one for key, one in resolved.items() if one is not NO_VALUE}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name.startswith("AWS::"):
            return self.pseudo[name[5:]]
        if name in self.parameters:
            return self.parameters[name]
        return self._made(name).physical_id

    def attribute(self, name: str, attribute: str) -> Any:
        made = self._made(name)
        if attribute not in made.attributes:
            kind = self.template["Resources"][name]["Type"]
            raise invalid(f"Requested attribute {attribute} does not exist in schema for {kind}")
        return made.attributes[attribute]

    def _made(self, name: str) -> Made:
        if name not in self.made:
            raise invalid(f"Unresolved resource dependencies [{name}] in the Resources block of the template")
        return self.made[name]


def parameter_values(
    template: dict[str, Any], given: Mapping[str, str], look_up: Callable[[str], str]
) -> dict[str, Any]:
    """Every parameter's value: given or by default, and allowed; `look_up` reads SSM parameters."""
    declared = template.get("Parameters") or {}
    if unknown := sorted(set(given) - set(declared)):
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    if missing := [name for name, one in declared.items() if name not in given and "Default" not in one]:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    values = {}
    for name, one in declared.items():
        text = str(given.get(name, one.get("Default")))
        kind = str(one.get("Type"))
        if kind.startswith("AWS::SSM::Parameter::Value"):
            text = look_up(text)
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        parts = [part.strip() for part in text.split(",")] if is_list else [text]
        for part in parts:
            _check_parameter(name, one, part)
        values[name] = parts if is_list else text
    return values


def _check_parameter(name: str, declared: dict[str, Any], text: str) -> None:
    said = declared.get("ConstraintDescription")
    why = f"Parameter {name} failed to satisfy constraint: {said}" if said else None
    allowed = declared.get("AllowedValues")
    if allowed and text not in [str(one) for one in allowed]:
        raise invalid(why or f"Parameter '{name}' must be one of AllowedValues")
    pattern = declared.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, text):
        raise invalid(why or f"Parameter '{name}' must match pattern {pattern}")
    if not int(declared.get("MinLength", 0)) <= len(text) <= int(declared.get("MaxLength", 4096)):
        raise invalid(why or f"Parameter '{name}' has a length that its constraints do not allow")
    if declared.get("Type") == "Number" and not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise invalid(f"Parameter '{name}' must be a number.")


def _references(value: Any) -> Iterator[str]:
    """Every name that Ref, GetAtt and Sub speak of."""
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
    if not isinstance(value, dict):
        return
    for key, one in value.items():
        if key == "Ref" and isinstance(one, str):
            yield one
        elif key == "Fn::GetAtt":
            yield one[0] if isinstance(one, list) else str(one).split(".")[0]
        elif key == "Fn::Sub":
            text, own = (one, {}) if isinstance(one, str) else one
            names = {name.strip() for literal, name in PLACE.findall(text) if not literal}
            yield from (name.split(".")[0] for name in names - set(own))
            yield from _references(own)
        elif key == "Fn::FindInMap":
            yield from _references(one)
        else:
            yield from _references(one)


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _sub(scope: Scope, argument: Any) -> str:
    text, own = (argument, {}) if isinstance(argument, str) else argument
    values = {name: scope.resolve(value) for name, value in own.items()}

    def fill(match: re.Match[str]) -> str:
        literal, name = match.group(1), match.group(2).strip()
        if literal:
            return "${" + name + "}"
        if name in values:
            return str(values[name])
        if "." in name and not name.startswith("AWS::"):
            return str(scope.attribute(*name.split(".", 1)))
        return str(scope.resolve({"Ref": name}))

    return PLACE.sub(fill, text)


def _find_in_map(scope: Scope, argument: Any) -> Any:
    keys = [scope.resolve(one) for one in argument[:3]]
    try:
        return scope.template["Mappings"][keys[0]][keys[1]][keys[2]]
    except KeyError as error:
        raise invalid(f"Template error: Unable to get mapping for {'::'.join(map(str, keys))}") from error


def _get_att(scope: Scope, argument: Any) -> Any:
    name, attribute = argument if isinstance(argument, list) else str(argument).split(".", 1)
    return scope.attribute(name, scope.resolve(attribute))


_FUNCTIONS: dict[str, Callable[[Scope, Any], Any]] = {
    "GetAtt": _get_att,
    "Sub": _sub,
    "FindInMap": _find_in_map,
    "Join": lambda scope, argument: str(argument[0]).join(str(one) for one in scope.resolve(argument[1])),
    "Split": lambda scope, argument: str(scope.resolve(argument[1])).split(argument[0]),
    "Select": lambda scope, argument: scope.resolve(argument[1])[int(scope.resolve(argument[0]))],
    "If": lambda scope, argument: scope.resolve(argument[1] if scope.holds(argument[0]) else argument[2]),
    "Equals": lambda scope, argument: str(scope.resolve(argument[0])) == str(scope.resolve(argument[1])),
    "Not": lambda scope, argument: not _is_true(scope.resolve(argument[0])),
    "And": lambda scope, argument: all(_is_true(scope.resolve(one)) for one in argument),
    "Or": lambda scope, argument: any(_is_true(scope.resolve(one)) for one in argument),
    "Base64": lambda scope, argument: base64.b64encode(str(scope.resolve(argument)).encode()).decode(),
    "ToJsonString": lambda scope, argument: json.dumps(scope.resolve(argument)),
}
