"""A root is applied as it was looked at, or not at all, on Terraform's own `terraform_data`, which needs no cloud."""

import json
from pathlib import Path
from typing import Any

import pytest

from insightshare.errors import ProjectInvalid
from scripts.roots import Plan, Root

SAYS = 'resource "terraform_data" "word" {{\n  input = "{word}"\n}}\n'


class Shelf(Root):
    """A root whose working files lie beside it."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def write(self, word: str) -> None:
        (self.folder / "main.tf").write_text(SAYS.format(word=word))

    @property
    def word(self) -> str | None:
        state = self.folder / "terraform.tfstate"
        resources: list[Any] = json.loads(state.read_text())["resources"] if state.is_file() else []
        return str(resources[0]["instances"][0]["attributes"]["input"]["value"]) if resources else None


@pytest.fixture
def root(tmp_path: Path) -> Shelf:
    shelf = Shelf("shelf", tmp_path, "test", "bucket", "key", "eu-west-1")
    shelf.write("first")
    shelf.init()
    return shelf


def planned_word(plan: Plan) -> str:
    return str(plan["resource_changes"][0]["change"]["after"]["input"])


def test_what_is_applied_is_what_was_looked_at(root: Shelf) -> None:
    seen = []

    def look(plan: Plan) -> None:
        seen.append(planned_word(plan))
        root.write("written while somebody looked")

    assert root.apply(look) == "Apply complete! Resources: 1 added, 0 changed, 0 destroyed."

    assert (seen, root.word) == (["first"], "first")


def test_a_root_that_nobody_looks_at_is_applied_as_it_is(root: Shelf) -> None:
    assert root.apply() == "Apply complete! Resources: 1 added, 0 changed, 0 destroyed."

    assert root.word == "first"


def test_what_is_refused_is_not_applied_and_leaves_no_plan(root: Shelf) -> None:
    def refuse(plan: Plan) -> None:
        raise ProjectInvalid([f"the word is {planned_word(plan)}"])

    with pytest.raises(ProjectInvalid, match="the word is first"):
        root.apply(refuse)

    assert root.word is None
    assert [path for path in root.data.rglob("*") if path.name == "plan"] == []


def test_a_plan_is_printed_and_looked_at(root: Shelf, capfd: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []

    root.plan(lambda plan: seen.append(planned_word(plan)))

    assert (seen, root.word) == (["first"], None)
    assert "terraform_data.word will be created" in capfd.readouterr().out
