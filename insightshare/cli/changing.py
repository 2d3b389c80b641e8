"""`insightshare contract diff`: what the files change for readers, against git or what is deployed. Deploys nothing."""

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from insightshare.cli.desk import Desk
from insightshare.cli.printing import json_option
from insightshare.contract.changes import Change
from insightshare.contract.changes_deployed import deployed_changes
from insightshare.contract.changes_project import changes
from insightshare.contract.facts import Project
from insightshare.contract.problems import Problem
from insightshare.contract.read import survey
from insightshare.contract.rules_changes import change_problems, deployment_problems
from insightshare.errors import UsageError

PROJECT_PATHS = ("project.yaml", "schemas", "sources", "insights", "clients")


@click.group("contract")
def contract_command() -> None:
    """What a change of contracts and agreements means for those who read."""


@contract_command.command("diff")
@click.option("--against", "commit", default="HEAD", show_default=True, help="A commit, branch or tag of git.")
@click.option(
    "--deployed",
    is_flag=True,
    help="Compare with what the environment has instead, as a data lake administrator: columns, versions, grants.",
)
@json_option
@click.pass_obj
def diff_command(desk: Desk, commit: str, deployed: bool, as_json: bool) -> None:
    """Classify every change; fail where one breaks readers in place, or the version does not say it."""
    project = desk.project
    if deployed:
        from insightshare.aws.deployed import deployed_tables

        tables = deployed_tables(desk.session, desk.deployment.database)
        found, problems = deployed_changes(tables, project), deployment_problems(tables, project, desk.today)
    else:
        before = _project_at(desk.root, commit)
        found, problems = changes(before, project, desk.today), change_problems(before, project, desk.today)
    _print(found, problems, as_json)
    sys.exit(1 if problems else 0)


def _print(found: Sequence[Change], problems: Sequence[Problem], as_json: bool) -> None:
    if as_json:
        listed = {"changes": [asdict(change) for change in found], "problems": [str(problem) for problem in problems]}
        click.echo(json.dumps(listed, indent=1))
        return
    for line in (*found, *problems):
        click.echo(str(line))
    if not found:
        click.echo("nothing changed for readers")


def _project_at(root: Path, commit: str) -> Project:
    """The project as a commit has it; held to no rule, since the past need not keep today's."""
    if commit.startswith("-"):
        raise UsageError.at("--against", "commit", repr(commit), "a commit of git", "name a commit, branch or tag")
    git = ["git", "-C", str(root), "archive", "--format=tar", commit, "--", *_kept(root, commit)]
    archive = subprocess.run(git, capture_output=True, check=False)
    if archive.returncode:
        fix = "name a commit, branch or tag of the repository that --root is in"
        raise UsageError.at("--against", "commit", repr(commit), "a commit of git with a project in it", fix)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            files.extractall(folder, filter="data")
        return survey(Path(folder)).project


def _kept(root: Path, commit: str) -> list[str]:
    """Those of the project's paths that the commit has: git refuses to archive one that it does not know."""
    git = ["git", "-C", str(root), "ls-tree", "--name-only", commit, "--", *PROJECT_PATHS]
    names = subprocess.run(git, capture_output=True, text=True, check=False).stdout.split()
    return [Path(name).name for name in names] or ["."]


COMMANDS = (contract_command,)
