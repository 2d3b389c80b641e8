"""The command on a small project: what it prints, how it ends, and one clear line when it cannot."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from insightshare.cli import main
from insightshare.cli.printing import print_record, print_rows

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project without a mistake."""
    shutil.copytree(ROOT / "tests/data/lint_base", tmp_path / "project")
    shutil.copytree(ROOT / "schemas", tmp_path / "project/schemas")
    return tmp_path / "project"


def run(project: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(project), *words])


def test_lint_ends_well_where_nothing_is_wrong(project: Path) -> None:
    result = run(project, "lint")

    assert (result.exit_code, result.output) == (0, "0 errors, 0 warnings\n")


def test_lint_prints_a_line_per_mistake_and_fails(project: Path) -> None:
    client = project / "clients/acme.yaml"
    client.write_text(client.read_text().replace('account_id: "', 'account_id: "9'))

    result = run(project, "lint")

    assert result.exit_code == 1
    assert result.output.splitlines()[0].startswith("clients/acme.yaml: account_id: ")
    assert result.output.splitlines()[-1] == "1 errors, 0 warnings"


def test_docs_are_written_once(project: Path) -> None:
    (project / "insights/spend/README.md").write_text("old")

    assert run(project, "docs").output.splitlines()[-1] == "1 of 3 changed"
    assert run(project, "docs").output == "0 of 3 changed\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["--env", "moon", "runs", "spend"],
            "--env: environment: 'moon' is not one of local. Fix: add it to project.yaml, or name another with --env.",
        ),
        (
            ["job", "score", "spend", "--as-of", "yesterday"],
            "--as-of: date: 'yesterday' is not a date YYYY-MM-DD. Fix: write it like 2026-01-31.",
        ),
        (
            ["job", "land", "orders", "--as-of", "2026-01-01", "--engine", "spark"],
            "job: --engine: given to land is not an option of score. Fix: leave it out.",
        ),
        (
            ["job", "deliver", "orders", "--as-of", "2026-01-01"],
            "job deliver: source: 'orders' is not share_reads. Fix: land what others deliver.",
        ),
        (
            ["usage", "--client", "umbrella"],
            "usage: --client: 'umbrella' is not one of acme, globex. Fix: name a file of clients/.",
        ),
        (
            ["rollback", "spend", "--as-of", "2026-01-01"],
            "rollback: --as-of, --to: only one of them is not both. "
            "Fix: give both, or neither to undo the last decision.",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_failure(project: Path, words: list[str], line: str) -> None:
    result = run(project, *words)

    assert (result.exit_code, result.stderr) == (1, line + "\n")


def test_a_project_with_mistakes_is_not_used(project: Path) -> None:
    (project / "insights/spend/score.sql").write_text("SELECT nothing FROM nowhere")

    result = run(project, "docs")

    assert result.exit_code == 1
    assert "insights/spend/score.sql: " in result.stderr


def test_a_table_shows_what_is_missing_as_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"run": "r1", "rows": 7043, "model": None}], as_json=False)

    assert "│ r1  │ 7,043 │ —     │" in capsys.readouterr().out


def test_json_is_what_a_program_reads(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"run": "r1", "passed": True}], as_json=True)

    assert capsys.readouterr().out == '[\n {\n  "run": "r1",\n  "passed": true\n }\n]\n'


def test_a_record_lists_things_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    print_record({"run": "r1", "checks": ["one", "two"], "model": {"auc": 0.85291}}, as_json=False)

    assert capsys.readouterr().out == "run     r1\nchecks  one\n        two\nmodel   auc 0.8529\n"
