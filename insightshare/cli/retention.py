"""Commands on what is kept and for how long: hold a run, let it go, vacuum what nobody needs."""

import json
from datetime import timedelta

import click

from insightshare.cli.desk import Desk
from insightshare.cli.printing import dry_run_option, json_option, print_record
from insightshare.errors import UsageError

KEEP_DAYS = 30


@click.command("pin")
@click.argument("insight")
@click.argument("run_id", metavar="RUN")
@click.option("--until", required=True, help="The last day on which the run must not be deleted, YYYY-MM-DD.")
@dry_run_option
@json_option
@click.pass_obj
def pin_command(desk: Desk, insight: str, run_id: str, until: str, dry_run: bool, as_json: bool) -> None:
    """Keep a run until the end of a day, whatever vacuum is told; only an erasure is stronger."""
    _hold(desk, (insight, run_id, until), dry_run, as_json)


@click.command("unpin")
@click.argument("insight")
@click.argument("run_id", metavar="RUN")
@dry_run_option
@json_option
@click.pass_obj
def unpin_command(desk: Desk, insight: str, run_id: str, dry_run: bool, as_json: bool) -> None:
    """Keep a run no longer than others."""
    _hold(desk, (insight, run_id, ""), dry_run, as_json)


@click.command("vacuum")
@click.argument("insight", required=False)
@click.option(
    "--keep-days", default=KEEP_DAYS, show_default=True, help="Days for which runs stay that are not current."
)
@click.option("--yes", is_flag=True, help="Do what is planned without asking.")
@dry_run_option
@json_option
@click.pass_obj
def vacuum_command(desk: Desk, insight: str | None, keep_days: int, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Print which runs nobody needs any more and, when told to, delete them: tables first, files hours later."""
    from insightshare.publish.vacuum import Retention, carry_out, gather, plan

    if as_json and not (yes or dry_run):
        fix = "add --dry-run to see the plan, or --yes to carry it out"
        raise UsageError.at("vacuum", "--json", "alone", "with --dry-run or --yes: a program cannot be asked", fix)
    retention = Retention(keep=timedelta(days=keep_days))
    names = [desk.known_insight(insight)] if insight else list(desk.project.insights)
    plans = [plan(gather(desk.ports, name), retention, desk.ports.clock()) for name in names]
    if not as_json:
        click.echo("\n".join(str(found) for found in plans))
    done, planned = plans, sum(len(found.actions) for found in plans)
    if planned and not dry_run and (yes or click.confirm("Delete these?")):
        done = [carry_out(desk.ports, found) for found in plans]
        if not as_json:
            click.echo(f"{sum(len(found.actions) for found in done)} of {planned} steps done")
    if as_json:
        click.echo(json.dumps([{"dry_run": dry_run, **found.to_json()} for found in done], indent=1))


def _hold(desk: Desk, wanted: tuple[str, str, str], dry_run: bool, as_json: bool) -> None:
    from insightshare.publish.pins import pin, pinned, unpin

    insight, run_id, until = desk.known_insight(wanted[0]), wanted[1], wanted[2]
    if dry_run:
        run = pinned(desk.ports, insight, run_id, until)
    else:
        run = pin(desk.ports, insight, run_id, until) if until else unpin(desk.ports, insight, run_id)
    if as_json:
        record = {"dry_run": dry_run, "insight": insight, "run": run_id, "pinned_until": run.pinned_until or None}
        print_record(record, as_json=True)
        return
    would = "would be" if dry_run else "is"
    held = f"kept until the end of {until}" if until else "kept no longer than others"
    click.echo(f"{insight} {run_id}: {would} {held}")


COMMANDS = (pin_command, unpin_command, vacuum_command)
