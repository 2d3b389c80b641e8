"""The `insightshare` command: reads the words, joins rooms and ports, prints. Decides nothing itself."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from insightshare.aws.deployment import Deployment
from insightshare.contract.facts import Project
from insightshare.contract.lint import lint
from insightshare.contract.read import load_project
from insightshare.errors import InsightshareError, UsageError

_console = Console(highlight=False)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
_dry_run_option = click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
_as_of_option = click.option("--as-of", required=True, help="The date that the result is about, YYYY-MM-DD.")


@dataclass(frozen=True)
class Desk:
    """What every command starts from: the project's folder and the environment that was named."""

    root: Path
    environment: str

    @cached_property
    def project(self) -> Project:
        return load_project(self.root)

    @cached_property
    def deployment(self) -> Deployment:
        """The named environment, with this process pointed at the local AWS where it is the local one."""
        from insightshare.aws.laptop import use_local_cloud  # boto3 takes a while, and lint does not need it

        chosen = self.project.environments.get(self.environment)
        if chosen is None:
            choices = ", ".join(self.project.environments)
            fix = "add it to project.yaml, or name another with --env"
            raise UsageError.at("--env", "environment", repr(self.environment), f"one of {choices}", fix)
        deployment = Deployment(chosen.name, chosen.account_id, chosen.region)
        use_local_cloud(deployment)
        return deployment


class _Commands(click.Group):
    """A group whose commands end in one clear line when something is wrong, never in a stack."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InsightshareError as error:
            click.echo(str(error), err=True)
            ctx.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--env", "environment", envvar="INSIGHTSHARE_ENV", default="local", help="An environment of project.yaml."
)
@click.option("--root", type=click.Path(path_type=Path), default=Path(), help="The project's folder.")
@click.version_option(package_name="insightshare")
@click.pass_context
def main(ctx: click.Context, environment: str, root: Path) -> None:
    """Governed, documented, queryable insights on AWS."""
    ctx.obj = Desk(root, environment)


@main.command("lint")
@click.pass_obj
def lint_command(desk: Desk) -> None:
    """Check every contract, pipeline and agreement; print one line per mistake."""
    problems = lint(desk.root, datetime.now(UTC).date())
    for problem in problems:
        click.echo(str(problem))
    errors = sum(problem.severity == "error" for problem in problems)
    click.echo(f"{errors} errors, {len(problems) - errors} warnings")
    sys.exit(1 if errors else 0)


@main.command("insights")
@click.option("--as", "client", help="See it as this client does (local AWS only).")
@click.pass_obj
def insights_command(desk: Desk, client: str | None) -> None:
    """List the insights that one may read."""
    rows = [[i.name, i.version, i.title, str(len(i.columns))] for i in _store(desk, client).insights()]
    _print_table(["insight", "version", "title", "columns"], rows)


@main.command()
@click.argument("insight")
@click.option("--as", "client", help="See it as this client does (local AWS only).")
@click.pass_obj
def describe(desk: Desk, insight: str, client: str | None) -> None:
    """Say what an insight is, and which columns one may read."""
    click.echo(str(_store(desk, client)[insight].describe()))


@main.command()
@click.argument("sql")
@click.option("--as", "client", help="Ask as this client (local AWS only).")
@_json_option
@click.pass_obj
def query(desk: Desk, sql: str, client: str | None, as_json: bool) -> None:
    """Run one query through Athena and print its rows."""
    result = _reader(desk, client).rows(sql)
    if as_json:
        click.echo(json.dumps([dict(zip(result.columns, row, strict=True)) for row in result.rows]))
        return
    _print_table(list(result.columns), [["NULL" if cell is None else cell for cell in row] for row in result.rows])
    click.echo(f"{len(result.rows)} rows, {result.scanned_bytes:,} bytes scanned")


@main.command("job")
@click.argument("task", type=click.Choice(["land", "train", "score"]))
@click.argument("name")
@_as_of_option
@click.pass_obj
def job_command(desk: Desk, task: str, name: str, as_of: str) -> None:
    """Run a Glue job to its end: land a source, train or score an insight."""
    from insightshare.aws.glue_jobs import finished_job, start_job
    from insightshare.aws.session import own_session

    _iso_date(as_of)
    job = desk.deployment.job(task)
    glue = own_session(desk.deployment.region).client("glue")
    subject = "source" if task == "land" else "insight"
    run = finished_job(glue, job, start_job(glue, job, {subject: name, "as_of": as_of}))
    click.echo(f"{task} {name} {as_of}: {run.state.lower()} in {run.seconds:.1f} s {run.message}".rstrip())
    sys.exit(0 if run.succeeded else 1)


def _store(desk: Desk, client: str | None) -> Any:
    from insightshare.client import Store

    return Store(_reader(desk, client))


def _reader(desk: Desk, client: str | None) -> Any:
    """The caller's reader on AWS; on the laptop that of the provider's analyst, or of the client that was named."""
    from insightshare.aws.athena import Place
    from insightshare.aws.laptop import LOCAL_ENVIRONMENT, client_session, provider_analyst_session
    from insightshare.aws.reader import Reader
    from insightshare.aws.session import own_session, own_workgroup

    deployment = desk.deployment
    if client:
        agreement = desk.project.clients.get(client)
        if agreement is None:
            choices = ", ".join(desk.project.clients)
            raise UsageError.at("--as", "client", repr(client), f"one of {choices}", "name a file of clients/")
        session = client_session(deployment, agreement)
        return Reader(session, Place(own_workgroup(session), deployment.database))
    local = deployment.environment == LOCAL_ENVIRONMENT
    session = provider_analyst_session(deployment) if local else own_session(deployment.region)
    return Reader(session, Place(deployment.provider_workgroup, deployment.database))


def _iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError.at("--as-of", "date", repr(text), "a date YYYY-MM-DD", "write it like 2026-01-31") from error


def _print_table(columns: list[str], rows: list[list[str]]) -> None:
    table = Table(*columns, header_style="bold")
    for row in rows:
        table.add_row(*row)
    _console.print(table)


Command = Callable[..., None]
