"""`contract diff` says what the files change since a commit, and fails where readers would be broken."""

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from insightshare.cli import main

ROOT = Path(__file__).resolve().parents[3]
SPEND = "insights/spend/contract.odcs.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project, whose contract of spend is of a version that nobody would write today."""
    shutil.copytree(ROOT / "tests/data/lint_base", tmp_path / "project")
    shutil.copytree(ROOT / "schemas", tmp_path / "project/schemas")
    edit(tmp_path / "project", SPEND, "version: 1.0.0", "version: 1.0")
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "As it was"]):
        name = ["-c", "user.name=Test", "-c", "user.email=test@shop.example"]
        subprocess.run(["git", "-C", str(tmp_path / "project"), *name, *words], check=True)
    edit(tmp_path / "project", SPEND, "version: 1.0", "version: 1.0.0")
    return tmp_path / "project"


def edit(project: Path, file: str, old: str, new: str) -> None:
    path = project / file
    path.write_text(path.read_text().replace(old, new))


def diff(project: Path) -> Result:
    return CliRunner().invoke(main, ["--root", str(project), "contract", "diff", "--against", "HEAD"])


def test_a_project_that_changed_nothing_for_readers_ends_well(project: Path) -> None:
    result = diff(project)

    assert (result.exit_code, result.output) == (0, "nothing changed for readers\n")


def test_a_column_that_goes_is_said_and_refused(project: Path) -> None:
    edit(project, SPEND, "name: total", "name: sum")
    edit(project, "insights/spend/score.sql", "AS total", "AS sum")
    edit(project, "clients/acme.yaml", "total", "sum")

    result = diff(project)

    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert "breaking: spend: column total: is gone for acme" in lines
    assert any(line.startswith(f"{SPEND}: column total: is gone while acme may read it") for line in lines)
