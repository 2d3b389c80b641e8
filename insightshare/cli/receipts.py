"""The command that prints what one may know of a run: the receipt, or all that one client sees. Changes nothing."""

from collections.abc import Mapping
from typing import Any

import click

from insightshare.cli.checks import ending
from insightshare.cli.desk import Desk
from insightshare.cli.printing import json_option, only_looks_option, print_record, print_rows
from insightshare.errors import AccessRefused, NotFound
from insightshare.publish.facts import Run


@click.command("receipt")
@click.argument("insight")
@click.option("--run", "run_id", help="Which run; default: the newest that was registered.")
@click.option("--as", "client", help="Show what this client sees: the receipt, and what its agreement lets it profile.")
@only_looks_option
@json_option
@click.pass_obj
def receipt_command(desk: Desk, insight: str, run_id: str | None, client: str | None, as_json: bool) -> None:
    """Print what a reader may know of a run: checks, model, inputs, freshness, drift."""
    from insightshare.publish.receipts import read_receipt

    registered = {
        run.run_id: run for run in desk.ports.registry.runs(desk.known_insight(insight)) if run.registered_at_utc
    }
    if not registered:
        fix = f"publish one: insightshare job score {insight}"
        raise NotFound.at(insight, "run", "nothing", "a registered run", fix)
    chosen = run_id or list(registered)[-1]
    receipt = read_receipt(desk.ports.storage, insight, chosen)
    if client is not None:
        receipt = _as_client(desk, client, registered[chosen], receipt)
    if as_json:
        print_record(receipt, as_json)
    else:
        _print(receipt)


def _as_client(desk: Desk, client: str, run: Run, receipt: Mapping[str, Any]) -> dict[str, Any]:
    from insightshare.jobs.before import run_manifest
    from insightshare.publish.receipts import tables_showing
    from insightshare.share.visibility import RunData, visible

    agreement = desk.known_client(client)
    manifest = run_manifest(desk.ports.storage, run.insight, run.run_id)
    shown_by = tables_showing(desk.ports.registry, run)
    data = RunData({}, (), (), shown_by)
    if manifest is not None:
        data = RunData(manifest.profile, manifest.reader_profiles, manifest.drift.get("moves", ()), shown_by)
    found = visible(receipt, data, desk.project.insights[run.insight], agreement, desk.today)
    if found is None:
        fix = "ask for an insight of the agreement, on a day on which it is in force"
        raise AccessRefused.at(f"client {client}", "insight", run.insight, "one that it may read now", fix)
    return found


def _print(receipt: dict[str, Any]) -> None:
    receipt["checks"] = [f"{ending(check):7}  {check['sentence']}" for check in receipt["checks"]]
    profile, moves = receipt.pop("profile", None), receipt.pop("moves", None)
    drift = dict(receipt.pop("drift", None) or {})
    measures = drift.pop("measures", [])
    print_record({**receipt, "drift": drift or None}, False)
    if measures:
        print_rows(measures, False)
    if moves:
        print_rows(moves, False)
    for column, measured in (profile or {}).items():
        click.echo(f"\n{column}")
        print_record(measured, False)


COMMANDS = (receipt_command,)
