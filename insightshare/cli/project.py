"""Commands on the project's files: lint, docs. They touch no AWS."""

import sys

import click

from insightshare.cli.desk import Desk
from insightshare.contract.lint import lint
from insightshare.contract.readme import write_readmes


@click.command("lint")
@click.pass_obj
def lint_command(desk: Desk) -> None:
    """Check every contract, pipeline and agreement; one line per mistake."""
    problems = lint(desk.root, desk.today)
    for problem in problems:
        click.echo(str(problem))
    errors = sum(problem.severity == "error" for problem in problems)
    click.echo(f"{errors} errors, {len(problems) - errors} warnings")
    sys.exit(1 if errors else 0)


@click.command("docs")
@click.pass_obj
def docs_command(desk: Desk) -> None:
    """Write each insight's README from its contract and pipeline."""
    changed = write_readmes(desk.root, desk.project.insights, desk.project.sources)
    for path in changed:
        click.echo(f"wrote {path}")
    click.echo(f"{len(changed)} of {len(desk.project.insights)} changed")


COMMANDS = (lint_command, docs_command)
