"""Commands on the local AWS: start it, stop it, and be somebody there."""

import shlex
import subprocess
import sys

import click

from insightshare.cli.desk import Desk


@click.group("local")
def local_group() -> None:
    """The AWS on this machine."""


@local_group.command("up")
def up_command() -> None:
    """Start it, unless it runs; print where it listens."""
    _localcloud("up")


@local_group.command("down")
def down_command() -> None:
    """Stop it; what it held is gone."""
    _localcloud("down")


@local_group.command("status")
def status_command() -> None:
    """Say whether it runs, and where."""
    _localcloud("status")


@local_group.command("env")
@click.option("--as", "client", help="Be this client's analyst; default: the provider's administrator.")
@click.pass_obj
def env_command(desk: Desk, client: str | None) -> None:
    """Print the shell variables that make any AWS tool somebody there: eval "$(insightshare local env --as acme)"."""
    from insightshare.aws.laptop import client_environment, environment_of

    deployment = desk.deployment
    if client is None:
        variables = environment_of(deployment.account_id, deployment.region)
    else:
        variables = client_environment(deployment, desk.known_client(client))
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")


def _localcloud(word: str) -> None:
    sys.exit(subprocess.run([sys.executable, "-m", "localcloud", word], check=False).returncode)


COMMANDS = (local_group,)
