"""A copy of the project in a folder of its own, with Terraform's state beside it: tests change and apply it freely."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
FOLDERS = (
    *("athenasql", "insightshare", "localcloud", "glue_jobs", "lambdas", "scripts"),
    *("insights", "sources", "clients", "schemas", "infra", "requirements"),
)
LEFT_OUT = shutil.ignore_patterns(".terraform*", "*.tfstate*", "__pycache__", "tests")
LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'


@dataclass(frozen=True)
class ProjectCopy:
    """A copy of everything that a deployment reads."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, folder: Path, environment: Mapping[str, str] | None = None) -> ProjectCopy:
        """Copy the project; `environment` is beside this process's own when its Terraform runs."""
        for name in FOLDERS:
            shutil.copytree(REPOSITORY / name, folder / name, ignore=LEFT_OUT)
        shutil.copy(REPOSITORY / "project.yaml", folder)
        return cls(folder, environment or {})

    def edited(self) -> ProjectCopy:
        """A copy of what people edit, beside this one and with its packages: for `-var=project=<folder>`."""
        folder = Path(tempfile.mkdtemp(prefix="edited-", dir=self.folder))
        for name in ("insights", "sources", "clients", "glue_jobs"):
            shutil.copytree(self.folder / name, folder / name)
        shutil.copy(self.folder / "project.yaml", folder)
        return ProjectCopy(folder, self.environment)

    def remove(self, path: str) -> None:
        """Delete one file."""
        (self.folder / path).unlink()

    def root(self, name: str = "") -> Root:
        """One of its Terraform roots, joined to a state on disk: "" is the main one."""
        root = Root(self.folder / "infra" / name, {**os.environ, **self.environment})
        (root.folder / "backend_override.tf").write_text(LOCAL_STATE)
        root.run("init", "-input=false")
        return root

    def write(self, path: str, text: str) -> None:
        """Replace one file."""
        (self.folder / path).write_text(text)

    def edit(self, path: str, before: str, after: str) -> None:
        """Replace a text that a file holds."""
        text = (self.folder / path).read_text()
        assert before in text, f"{path} does not hold {before!r}"
        self.write(path, text.replace(before, after))


@dataclass(frozen=True)
class Root:
    """One root of the copy."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *words: str, expect: tuple[int, ...] = (0,)) -> str:
        """Run Terraform and return what it said, as one line per message; fails if it ends otherwise than expected."""
        command = [
            str(REPOSITORY / "scripts" / "terraform"),
            f"-chdir={self.folder}",
            words[0],
            *(() if words[0] == "state" else ("-no-color",)),
            *words[1:],
        ]
        done = subprocess.run(command, env=dict(self.environment), capture_output=True, text=True, check=False)
        assert done.returncode in expect, f"{words}: {done.returncode}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
        return " ".join((done.stdout + done.stderr).split())

    def planned(self, *variables: str) -> list[dict[str, Any]]:
        """Every resource that an apply would make, as `terraform show -json` says it."""
        return _resources(self.plan_json(*variables)["planned_values"]["root_module"])

    def plan_json(self, *words: str) -> dict[str, Any]:
        """The whole plan, as `terraform show -json` says it."""
        self.run("plan", "-input=false", "-out=plan", *words)
        command = [str(REPOSITORY / "scripts" / "terraform"), f"-chdir={self.folder}", "show", "-json", "plan"]
        shown = subprocess.run(command, env=dict(self.environment), capture_output=True, text=True, check=True)
        plan: dict[str, Any] = json.loads(shown.stdout)
        return plan


def _resources(module: dict[str, Any]) -> list[dict[str, Any]]:
    nested = [resource for child in module.get("child_modules", []) for resource in _resources(child)]
    return [resource for resource in module.get("resources", []) if resource["mode"] == "managed"] + nested
