"""The command that erases one person: reads who it is without a trace in the shell, prints the plan, asks, erases."""

import json
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from insightshare.cli.desk import Desk
from insightshare.cli.printing import dry_run_option, json_option
from insightshare.errors import UsageError

if TYPE_CHECKING:
    from insightshare.publish.erasure import Editor
    from insightshare.publish.erasure_plan import ErasurePlan, Order


@click.command("erase")
@click.argument("column")
@click.argument("insight", required=False)
@click.option("--reference", required=True, help="What the record names instead of the person: the request's number.")
@click.option("--yes", is_flag=True, help="Do what is planned without asking.")
@dry_run_option
@json_option
@click.pass_obj
def erase_command(
    desk: Desk, column: str, insight: str | None, reference: str, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Erase the person that COLUMN names from one insight, or from all that have the column; asks for the value.

    Repeat it until nothing is left: files go when no query can be reading them any more, and vacuum deletes them.
    """
    from insightshare.publish.erasure import carry_out, gather
    from insightshare.publish.erasure_plan import plan

    if as_json and not (yes or dry_run):
        fix = "add --dry-run to see the plan, or --yes to carry it out"
        raise UsageError.at("erase", "--json", "alone", "with --dry-run or --yes: a program cannot be asked", fix)
    value = _asked(column)
    with ExitStack() as stack:
        orders = _orders(desk, stack, (column, value, reference), insight)
        plans = [plan(gather(desk.ports, editor, order)) for order, editor in orders]
        if not as_json:
            click.echo("\n".join(str(found) for found in plans))
        if any(found.actions for found in plans) and not dry_run and (yes or click.confirm("Erase?")):
            plans = [carry_out(desk.ports, e, o, found) for (o, e), found in zip(orders, plans, strict=True)]
            if not as_json:
                _tell(plans)
    if as_json:
        click.echo(json.dumps([{"dry_run": dry_run, **found.to_json()} for found in plans], indent=1))


def _asked(column: str) -> str:
    """Return who it is: typed unseen at a terminal, or the first line of what is piped in; never from the command line,
    which shells and process lists remember.
    """
    stdin = sys.stdin
    if stdin.isatty():
        return str(click.prompt(f"Value of {column}", hide_input=True, err=True))
    value = stdin.readline().strip()
    if not value:
        fix = "pipe it in, or run this at a terminal"
        raise UsageError.at("erase", f"value of {column}", "nothing", "one line on the standard input", fix)
    return value


def _orders(
    desk: Desk, stack: ExitStack, wanted: tuple[str, str, str], insight: str | None
) -> "list[tuple[Order, Editor]]":
    """Return the order and the editor for each insight that has the column; raises UsageError where none has it."""
    from insightshare.publish.erasure_plan import Order
    from insightshare.publish.scrubbing import Subject

    column, value, reference = wanted
    names = [desk.known_insight(insight)] if insight else list(desk.project.insights)
    concerned = [name for name in names if column in desk.project.insights[name].types]
    if not concerned:
        fix = "name a column of an insight's contract"
        raise UsageError.at("erase", "column", repr(column), f"a column of {' or '.join(names)}", fix)
    subject = Subject(column, value)
    return [(Order(name, subject, reference), stack.enter_context(desk.editor(name, subject))) for name in concerned]


def _tell(done: "list[ErasurePlan]") -> None:
    from insightshare.publish.erasure_plan import OUT_OF_REACH

    click.echo("Done. Recorded in:")
    for found in done:
        click.echo(f"  {found.record or 'nothing: ' + found.insight + ' had nothing to do'}")
    click.echo("Out of reach:")
    for line in OUT_OF_REACH:
        click.echo(f"  {line}")
    if any(not found.is_finished for found in done):
        click.echo("Repeat this when vacuum has run, until nothing is left.")


COMMANDS = (erase_command,)
