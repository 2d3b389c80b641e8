"""Commands of the platform's operators: run jobs, look at runs, take one back, repair."""

import json
import sys
from typing import TYPE_CHECKING

import click

from insightshare.cli.desk import Desk, iso_date
from insightshare.cli.printing import dry_run_option, json_option, only_looks_option, print_record, print_rows
from insightshare.errors import UsageError

if TYPE_CHECKING:
    from insightshare.publish.ports import Ports
    from insightshare.publish.undo import Intent

DELIVERED = "share_reads"  # the one source that a job of ours delivers
_as_of_option = click.option("--as-of", required=True, help="The date that the result is about, YYYY-MM-DD.")


@click.command("job")
@click.argument("task", type=click.Choice(["deliver", "land", "train", "score"]))
@click.argument("name")
@_as_of_option
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), help="What scores; default: what the pipeline says.")
@click.pass_obj
def job_command(desk: Desk, task: str, name: str, as_of: str, engine: str | None) -> None:
    """Run a Glue job to its end: deliver share_reads, land a source, train or score an insight."""
    from insightshare.aws.glue_jobs import finished_job, start_job

    if engine and task != "score":
        raise UsageError.at("job", "--engine", f"given to {task}", "an option of score", "leave it out")
    if task == "deliver" and name != DELIVERED:
        raise UsageError.at("job deliver", "source", repr(name), DELIVERED, "land what others deliver")
    subject = {"deliver": ("deployment", desk.environment), "land": ("source", name)}.get(task, ("insight", name))
    arguments = {subject[0]: subject[1], "as_of": iso_date(as_of)}
    arguments |= {"engine": engine} if engine else {}
    job, glue = desk.deployment.job(task), desk.session.client("glue")
    run = finished_job(glue, job, start_job(glue, job, arguments))
    click.echo(f"{task} {name} {as_of}: {run.state.lower()} in {run.seconds:.1f} s {run.message}".rstrip())
    sys.exit(0 if run.succeeded else 1)


@click.command("runs")
@click.argument("insight")
@only_looks_option
@json_option
@click.pass_obj
def runs_command(desk: Desk, insight: str, as_json: bool) -> None:
    """List the runs of an insight, newest first."""
    runs = reversed(desk.ports.registry.runs(desk.known_insight(insight)))
    rows = [
        {
            "run": run.run_id,
            "as_of": run.as_of,
            "state": str(run.state),
            "since_utc": run.state_since_utc or run.claimed_at_utc,
            "rows": run.rows,
            "sequence": run.sequence,
            "pinned_until": run.pinned_until or None,
        }
        for run in runs
    ]
    print_rows(rows, as_json, ["run", "as_of", "state", "since_utc", "rows", "sequence", "pinned_until"])


@click.command("rollback")
@click.argument("insight")
@click.option("--as-of", help="The date whose current run changes; with --to.")
@click.option("--to", "run_id", help="The run that becomes current; with --as-of.")
@dry_run_option
@json_option
@click.pass_obj
def rollback_command(
    desk: Desk, insight: str, as_of: str | None, run_id: str | None, dry_run: bool, as_json: bool
) -> None:
    """Make another run current, or undo the last decision."""
    from insightshare.publish.undo import rollback_intent, undo_intent

    if bool(as_of) != bool(run_id):
        fix = "give both, or neither to undo the last decision"
        raise UsageError.at("rollback", "--as-of, --to", "only one of them", "both", fix)
    name = desk.known_insight(insight)
    if as_of and run_id:
        intent = rollback_intent(desk.ports, name, iso_date(as_of), run_id)
    else:
        intent = undo_intent(desk.ports, name)
    _decide(desk.ports, intent, dry_run, as_json)


@click.command("withdraw")
@click.argument("insight")
@_as_of_option
@dry_run_option
@json_option
@click.pass_obj
def withdraw_command(desk: Desk, insight: str, as_of: str, dry_run: bool, as_json: bool) -> None:
    """Show no run for a date; _latest falls back to the newest date that has one."""
    from insightshare.publish.undo import withdraw_intent

    intent = withdraw_intent(desk.ports, desk.known_insight(insight), iso_date(as_of))
    _decide(desk.ports, intent, dry_run, as_json)


@click.command("repair")
@click.argument("insight", required=False)
@click.option("--from-s3", is_flag=True, help="First rebuild the registry from the decisions in S3.")
@dry_run_option
@json_option
@click.pass_obj
def repair_command(desk: Desk, insight: str | None, from_s3: bool, dry_run: bool, as_json: bool) -> None:
    """Make the tables follow the decisions, of one insight or of all."""
    from insightshare.publish.rebuild import as_if_restored, lost, rebuild
    from insightshare.publish.repair import gather, plan, repair

    done = []
    for name in [desk.known_insight(insight)] if insight else list(desk.project.insights):
        ports, restored = desk.ports, None
        if from_s3:
            restored = (lost if dry_run else rebuild)(ports, name)
            ports = as_if_restored(ports, restored) if dry_run else ports
        found = plan(gather(ports, name)) if dry_run else repair(ports, name)
        counts = {"runs": len(restored.runs), "decisions": len(restored.decisions)} if restored else None
        done.append({"dry_run": dry_run, "restored": counts, **found.to_json()})
        if not as_json:
            click.echo("\n".join(str(part) for part in (restored, found) if part is not None))
    if as_json:
        click.echo(json.dumps(done, indent=1))


def _decide(ports: "Ports", intent: "Intent", dry_run: bool, as_json: bool) -> None:
    """Carry an intent out, or only say what it is; a decision that was only thought of has no number."""
    from insightshare.publish.undo import carry_out

    decision = intent.foreseen if dry_run else carry_out(ports, intent)
    number = None if dry_run else decision.sequence
    if as_json:
        record = {"dry_run": dry_run, "already_decided": intent.is_done, **decision.to_json(), "sequence": number}
        print_record(record, as_json=True)
        return
    shown = decision.run_id or "no run"
    would, numbered = ("would be", "nothing was changed") if dry_run else ("is", f"decision {number}")
    click.echo(f"{decision.kind} {decision.insight} {decision.as_of}: {shown} {would} current ({numbered})")


COMMANDS = (job_command, runs_command, rollback_command, withdraw_command, repair_command)
