"""Commands of the platform's operators: run jobs, look at runs, take one back, repair."""

import sys

import click

from insightshare.cli.desk import Desk, iso_date
from insightshare.cli.printing import json_option, print_record, print_rows
from insightshare.errors import NotFound, UsageError
from insightshare.publish.facts import Decision

_as_of_option = click.option("--as-of", required=True, help="The date that the result is about, YYYY-MM-DD.")


@click.command("job")
@click.argument("task", type=click.Choice(["land", "train", "score"]))
@click.argument("name")
@_as_of_option
@click.pass_obj
def job_command(desk: Desk, task: str, name: str, as_of: str) -> None:
    """Run a Glue job to its end: land a source, train or score an insight."""
    from insightshare.aws.glue_jobs import finished_job, start_job

    arguments = {"source" if task == "land" else "insight": name, "as_of": iso_date(as_of)}
    job, glue = desk.deployment.job(task), desk.session.client("glue")
    run = finished_job(glue, job, start_job(glue, job, arguments))
    click.echo(f"{task} {name} {as_of}: {run.state.lower()} in {run.seconds:.1f} s {run.message}".rstrip())
    sys.exit(0 if run.succeeded else 1)


@click.command("runs")
@click.argument("insight")
@json_option
@click.pass_obj
def runs_command(desk: Desk, insight: str, as_json: bool) -> None:
    """List the runs of an insight, newest first."""
    runs = reversed(desk.ports.registry.runs(desk.known_insight(insight)))
    rows = [
        {"run": run.run_id, "as_of": run.as_of, "state": str(run.state), "rows": run.rows, "sequence": run.sequence}
        for run in runs
    ]
    print_rows(rows, as_json, ["run", "as_of", "state", "rows", "sequence"])


@click.command("receipt")
@click.argument("insight")
@click.option("--run", "run_id", help="Which run; default: the newest that was registered.")
@json_option
@click.pass_obj
def receipt_command(desk: Desk, insight: str, run_id: str | None, as_json: bool) -> None:
    """Print what a reader may know of a run: checks, model, inputs."""
    from insightshare.publish.receipts import read_receipt

    registered = [run.run_id for run in desk.ports.registry.runs(desk.known_insight(insight)) if run.registered_at_utc]
    if not registered:
        fix = f"publish one: insightshare job score {insight}"
        raise NotFound.at(insight, "run", "nothing", "a registered run", fix)
    receipt = read_receipt(desk.ports.storage, insight, run_id or registered[-1])
    if not as_json:
        receipt["checks"] = [f"{'passed' if c['passed'] else 'FAILED'}  {c['sentence']}" for c in receipt["checks"]]
    print_record(receipt, as_json)


@click.command("rollback")
@click.argument("insight")
@click.option("--as-of", help="The date whose current run changes; with --to.")
@click.option("--to", "run_id", help="The run that becomes current; with --as-of.")
@click.pass_obj
def rollback_command(desk: Desk, insight: str, as_of: str | None, run_id: str | None) -> None:
    """Make another run current, or undo the last decision."""
    from insightshare.publish.undo import rollback, undo

    if bool(as_of) != bool(run_id):
        fix = "give both, or neither to undo the last decision"
        raise UsageError.at("rollback", "--as-of, --to", "only one of them", "both", fix)
    name = desk.known_insight(insight)
    _tell(rollback(desk.ports, name, iso_date(as_of), run_id) if as_of and run_id else undo(desk.ports, name))


@click.command("withdraw")
@click.argument("insight")
@_as_of_option
@click.pass_obj
def withdraw_command(desk: Desk, insight: str, as_of: str) -> None:
    """Show no run for a date; _latest falls back to the newest date that has one."""
    from insightshare.publish.undo import withdraw

    _tell(withdraw(desk.ports, desk.known_insight(insight), iso_date(as_of)))


@click.command("repair")
@click.argument("insight", required=False)
@click.option("--dry-run", is_flag=True, help="Print what would be repaired, and do nothing.")
@click.option("--from-s3", is_flag=True, help="First rebuild the registry from the decisions in S3.")
@click.pass_obj
def repair_command(desk: Desk, insight: str | None, dry_run: bool, from_s3: bool) -> None:
    """Make the tables follow the decisions, of one insight or of all."""
    from insightshare.publish.rebuild import rebuild
    from insightshare.publish.repair import gather, plan, repair

    if dry_run and from_s3:
        fix = "rebuild first, then look at the plan"
        raise UsageError.at("repair", "--dry-run, --from-s3", "both", "one of them", fix)
    for name in [desk.known_insight(insight)] if insight else list(desk.project.insights):
        if from_s3:
            click.echo(str(rebuild(desk.ports, name)))
        click.echo(str(plan(gather(desk.ports, name)) if dry_run else repair(desk.ports, name)))


def _tell(decision: Decision) -> None:
    shown = decision.run_id or "no run"
    click.echo(
        f"{decision.kind} {decision.insight} {decision.as_of}: {shown} is current (decision {decision.sequence})"
    )


COMMANDS = (job_command, runs_command, receipt_command, rollback_command, withdraw_command, repair_command)
