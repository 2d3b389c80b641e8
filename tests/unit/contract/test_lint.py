"""Each folder of tests/data/lint changes the valid project in tests/data/lint_base; expected.txt is what lint says.

`change.yaml` is a list of edits: `{file, find, replace}`, `{file, write}` or `{file, delete: true}`.
"""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from insightshare.contract.lint import lint
from insightshare.contract.read import load_project
from insightshare.errors import ProjectInvalid

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "tests" / "data"
CASES = sorted(path.parent for path in (DATA / "lint").glob("*/change.yaml"))
TODAY = date(2026, 11, 21)

Changed = Callable[[Path], Path]


def change(project: Path, edits: list[dict[str, Any]]) -> None:
    for edit in edits:
        path = project / edit["file"]
        if edit.get("delete"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        elif "write" in edit:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(edit["write"])
        else:
            text = path.read_text()
            assert text.count(edit["find"]) == 1, f"{edit['file']} must hold this text once: {edit['find']}"
            path.write_text(text.replace(edit["find"], str(edit["replace"])))


def base(target: Path) -> Path:
    project = target / "project"
    shutil.copytree(DATA / "lint_base", project)
    shutil.copytree(ROOT / "schemas", project / "schemas")
    return project


def test_the_base_project_has_no_problem(tmp_path: Path) -> None:
    assert lint(base(tmp_path), TODAY) == []


def test_this_projects_own_files_have_no_problem() -> None:
    assert [str(problem) for problem in lint(ROOT, TODAY)] == []


def test_there_are_cases() -> None:
    assert len(CASES) > 60


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_lint_says_exactly_this(case: Path, tmp_path: Path) -> None:
    project = base(tmp_path)
    change(project, yaml.safe_load((case / "change.yaml").read_text()))

    found = "".join(f"{problem}\n" for problem in lint(project, TODAY))

    expected = case / "expected.txt"
    if not expected.exists() or found != expected.read_text():
        actual = ROOT / "tests" / ".results" / "lint" / f"{case.name}.txt"
        actual.parent.mkdir(parents=True, exist_ok=True)
        actual.write_text(found)
        print(f"To accept: cp {actual.relative_to(ROOT)} {expected.relative_to(ROOT)}")
    assert expected.exists() and found == expected.read_text()


def test_a_project_with_an_error_is_not_loaded_and_names_every_problem(tmp_path: Path) -> None:
    project = base(tmp_path)
    change(project, [{"file": "clients/acme.yaml", "find": "columns: all", "replace": "columns: al"}])
    change(project, [{"file": "clients/globex.yaml", "find": "columns: all", "replace": "columns: []"}])

    with pytest.raises(ProjectInvalid) as caught:
        load_project(project)

    assert str(caught.value).splitlines() == [str(problem) for problem in lint(project, TODAY)]
    assert len(caught.value.problems) == 2


def test_a_project_with_only_a_warning_is_loaded(tmp_path: Path) -> None:
    project = base(tmp_path)
    change(project, [{"file": "clients/acme.yaml", "find": 'end: "2027-12-31"', "replace": 'end: "2026-02-01"'}])

    assert load_project(project).clients["acme"].end == date(2026, 2, 1)
    assert [problem.severity for problem in lint(project, TODAY)] == ["warning"]
