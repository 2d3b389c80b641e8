"""Resource types of CloudFormation, each as the calls that make, change and delete it, done as the stack's caller.

A type's properties are those that it names here; another one is refused, never dropped. A type that is not here is
moto's own, if moto has it: made in its backends, with nobody's rights checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import uuid4

from localcloud.cloudformation_templates import Made

Properties = dict[str, Any]


class Failure(Exception):
    """Why a resource could not be made, changed or deleted, as its event says it."""


class Gone(Exception):
    """What is to be deleted is not there."""


@dataclass(frozen=True)
class Place:
    """Where and for whom a resource is made; `client` makes boto3 clients of the caller."""

    client: Callable[[str], Any]
    account_id: str
    region: str
    stack_id: str
    stack_name: str
    logical_id: str
    type_name: str
    tags: Mapping[str, str]

    def name(self, limit: int = 64) -> str:
        """A name like those that CloudFormation invents."""
        ending = f"-{uuid4().hex[:12].upper()}"
        return f"{self.stack_name}-{self.logical_id}"[: limit - len(ending)] + ending

    def tag_list(self, properties: Properties) -> list[dict[str, str]]:
        """The resource's tags over those of the stack."""
        own = {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags") or []}
        return [{"Key": key, "Value": value} for key, value in {**self.tags, **own}.items()]


class Kind(Protocol):
    """One resource type."""

    @property
    def create_only(self) -> frozenset[str]: ...

    def create(self, place: Place, properties: Properties) -> Made: ...

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made: ...

    def delete(self, place: Place, made: Made, properties: Properties) -> None: ...


@dataclass(frozen=True)
class Type:
    """A resource type given by functions; without `change`, every property is create-only."""

    make: Callable[[Place, Properties], Made]
    remove: Callable[[Place, Made, Properties], None]
    properties: frozenset[str]
    create_only: frozenset[str]
    change: Callable[[Place, Made, Properties, Properties], Made] | None = None

    def create(self, place: Place, properties: Properties) -> Made:
        if unknown := sorted(set(properties) - self.properties):
            raise Failure(f"Encountered unsupported property {unknown[0]}")
        return self.make(place, properties)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        if unknown := sorted(set(new) - self.properties):
            raise Failure(f"Encountered unsupported property {unknown[0]}")
        assert self.change is not None  # noqa: S101 - then all properties are create-only, and nobody asks
        return self.change(place, made, old, new)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self.remove(place, made, properties)


def fixed(
    make: Callable[[Place, Properties], Made], remove: Callable[[Place, Made, Properties], None], names: str
) -> Type:
    """A type whose every change is a replacement."""
    properties = frozenset(names.split())
    return Type(make, remove, properties, properties)


def pick(properties: Properties, *names: str) -> Properties:
    return {name: properties[name] for name in names if name in properties}


def text_of(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def whole_numbers(value: Any, *names: str) -> Any:
    """Numbers may come as text; these are numbers."""
    if isinstance(value, dict):
        return {
            key: int(one) if key in names and isinstance(one, str) else whole_numbers(one, *names)
            for key, one in value.items()
        }
    return [whole_numbers(one, *names) for one in value] if isinstance(value, list) else value


def truths(value: Any) -> Any:
    """Truth values may come as text."""
    if isinstance(value, dict):
        return {key: truths(one) for key, one in value.items()}
    if isinstance(value, list):
        return [truths(one) for one in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


class MotoType:
    """A type that only moto knows; its model is kept as the attribute that nobody can name."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.create_only: frozenset[str] = frozenset()

    def create(self, place: Place, properties: Properties) -> Made:
        name_property = self.model.cloudformation_name_type()
        name = str(properties.get(name_property) or place.name())
        described = {"Properties": {**properties, **({name_property: name} if name_property else {})}}
        return _MotoMade.of(
            self.model.create_from_cloudformation_json(
                name, described, place.account_id, place.region, LogicalId=place.logical_id,
                StackId=place.stack_id, ResourceType=place.type_name,
            )
        )  # fmt: skip

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        described = {"Properties": new}
        return _MotoMade.of(
            self.model.update_from_cloudformation_json(
                original_resource=made.attributes["*"],
                new_resource_name=made.physical_id,
                cloudformation_json=described,
                account_id=place.account_id,
                region_name=place.region,
            )
        )

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self.model.delete_from_cloudformation_json(
            made.physical_id, {"Properties": properties}, place.account_id, place.region
        )


class _MotoMade(dict[str, Any]):
    """Attributes asked of moto's resource."""

    @staticmethod
    def of(resource: Any) -> Made:
        return Made(str(resource.physical_resource_id), _MotoMade({"*": resource}))

    def __contains__(self, name: object) -> bool:
        return name == "*" or bool(self["*"].has_cfn_attr(name))

    def __missing__(self, name: str) -> Any:
        return self["*"].get_cfn_attribute(name)


def moto_type(name: str) -> Kind | None:
    """moto's model of this type, if it has one."""
    from moto.cloudformation.parsing import get_model_map

    model = get_model_map().get(name)
    return MotoType(model) if model is not None else None
