"""The `insightshare` command: reads the words, joins rooms and ports, prints. Decides nothing itself."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from insightshare.cli import (
    changing,
    checks,
    clients,
    diff,
    doctor,
    erasing,
    kits,
    laptop,
    preview,
    project,
    publishing,
    reading,
    receipts,
    reissuing,
    retention,
    usage,
)
from insightshare.cli.desk import Desk
from insightshare.errors import InsightshareError

ROOMS = (
    project,
    clients,
    kits,
    reissuing,
    doctor,
    changing,
    preview,
    reading,
    publishing,
    receipts,
    checks,
    diff,
    retention,
    erasing,
    usage,
    laptop,
)


class _Commands(click.Group):
    """A group whose commands end in one clear line when something is wrong, never in a stack."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InsightshareError as error:
            click.echo(str(error), err=True)
            ctx.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--env", "environment", envvar="INSIGHTSHARE_ENV", default="local", help="Where: see project.yaml.")
@click.option("--root", type=click.Path(path_type=Path), default=Path(), help="The project's folder.")
@click.version_option(package_name="insightshare")
@click.pass_context
def main(ctx: click.Context, environment: str, root: Path) -> None:
    """Governed, documented, queryable insights on AWS."""
    ctx.obj = Desk(root, environment, datetime.now(UTC).date())


for room in ROOMS:
    for command in room.COMMANDS:
        main.add_command(command)
