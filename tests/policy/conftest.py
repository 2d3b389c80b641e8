"""The plans that the policies are held against: of both roots of ours, on a cloud where nothing is yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from scripts.package import build
from tests.conftest import PROVIDER, Cloud
from tests.policy.project_copy import ProjectCopy, Root

Resource = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What an apply would make."""

    resources: tuple[Resource, ...]

    def of(self, kind: str) -> list[Resource]:
        """The planned values of every resource of a type, with its address."""
        return [{**found["values"], "address": found["address"]} for found in self.resources if found["type"] == kind]


@pytest.fixture(scope="session")
def project_copy(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    copy = ProjectCopy.at(tmp_path_factory.mktemp("project"), cloud.environment(PROVIDER))
    build(copy.folder, copy.folder / "build")
    return copy


@pytest.fixture(scope="session")
def main_root(project_copy: ProjectCopy) -> Root:
    return project_copy.root()


@pytest.fixture(scope="session")
def main_plan(main_root: Root) -> Plan:
    return Plan(tuple(main_root.planned("-var-file=local.tfvars")))


@pytest.fixture(scope="session")
def account_plan(project_copy: ProjectCopy) -> Plan:
    return Plan(tuple(project_copy.root("account").planned("-var-file=local.tfvars")))
