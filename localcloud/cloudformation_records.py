"""What is known of one CloudFormation stack: its resources, states, events. It makes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from localcloud.cloudformation_templates import Made, Scope
from localcloud.cloudformation_types import Place, Properties

STACK = "AWS::CloudFormation::Stack"


@dataclass
class Resource:
    """One resource of a stack as it stands."""

    logical_id: str
    type_name: str
    properties: Properties
    made: Made | None
    status: str = ""
    reason: str = ""
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    retained: bool = False


@dataclass
class Stack:
    stack_id: str
    name: str
    account_id: str
    region: str
    scope: Scope
    template_text: str
    given: dict[str, str]  # parameters as given
    client: Callable[[str], Any]
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: list[str] = field(default_factory=list)
    role_arn: str = ""
    on_failure: str = "ROLLBACK"
    protected: bool = False
    token: str = ""
    status: str = ""
    reason: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime | None = None
    deleted: datetime | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    outputs: list[dict[str, str]] = field(default_factory=list)

    def becomes(self, status: str, reason: str = "") -> None:
        self.status, self.reason = status, reason
        self._tell(self.name, self.stack_id, STACK, status, reason)

    def tell(self, resource: Resource, status: str, reason: str = "") -> None:
        """The resource's new state, and the event of it."""
        resource.status, resource.reason, resource.updated = status, reason, datetime.now(UTC)
        physical_id = resource.made.physical_id if resource.made else ""
        properties = json.dumps(resource.properties, default=str)
        self._tell(resource.logical_id, physical_id, resource.type_name, status, reason, properties)

    def _tell(self, name: str, physical: str, kind: str, status: str, reason: str, properties: str = "") -> None:
        event = {
            "StackId": self.stack_id,
            "EventId": f"{name}-{status}-{uuid4()}",
            "StackName": self.name,
            "LogicalResourceId": name,
            "PhysicalResourceId": physical,
            "ResourceType": kind,
            "Timestamp": datetime.now(UTC),
            "ResourceStatus": status,
        }
        further = {"ResourceStatusReason": reason, "ResourceProperties": properties, "ClientRequestToken": self.token}
        self.events.append({**event, **{key: value for key, value in further.items() if value}})

    def place(self, resource: Resource) -> Place:
        return Place(
            self.client, self.account_id, self.region, self.stack_id, self.name,
            resource.logical_id, resource.type_name, self.tags,
        )  # fmt: skip
