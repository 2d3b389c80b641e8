"""Commands of readers: which insights there are, what one is, and what a query says. They change nothing."""

import click

from insightshare.cli.desk import Desk
from insightshare.cli.printing import json_option, print_rows

_as_option = click.option("--as", "client", help="Ask as this client (local AWS only).")


@click.command("insights")
@_as_option
@json_option
@click.pass_obj
def insights_command(desk: Desk, client: str | None, as_json: bool) -> None:
    """List the insights that one may read."""
    from insightshare.client import Store

    found = Store(desk.reader(client)).insights()
    rows = [{"insight": i.name, "version": i.version, "columns": len(i.columns), "title": i.title} for i in found]
    print_rows(rows, as_json, ["insight", "version", "columns", "title"])


@click.command("describe")
@click.argument("insight")
@_as_option
@click.pass_obj
def describe_command(desk: Desk, insight: str, client: str | None) -> None:
    """Say what an insight is, and which of its columns one may read."""
    from insightshare.client import Store

    click.echo(str(Store(desk.reader(client))[insight].describe()))


@click.command("query")
@click.argument("sql")
@_as_option
@json_option
@click.pass_obj
def query_command(desk: Desk, sql: str, client: str | None, as_json: bool) -> None:
    """Run one query through Athena and print its rows."""
    result = desk.reader(client).rows(sql)
    print_rows([dict(zip(result.columns, row, strict=True)) for row in result.rows], as_json, result.columns)
    if not as_json:
        rows = "row" if len(result.rows) == 1 else "rows"
        click.echo(f"{len(result.rows):,} {rows}, {result.scanned_bytes:,} bytes scanned")


COMMANDS = (insights_command, describe_command, query_command)
