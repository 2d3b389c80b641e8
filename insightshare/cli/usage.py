"""`insightshare usage`: who read what, as far as the evidence goes, and what it cost. Changes nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from insightshare.cli.desk import Desk
from insightshare.cli.printing import json_option, only_looks_option, print_rows
from insightshare.errors import NotFound

if TYPE_CHECKING:
    from insightshare.share.usage import Setting, Usage

COLUMNS = ("client", "table", "queries", "read_mib", "columns", "last_use_utc", "dollars", "paid_by")
NOTES = (
    "Queries, bytes and times are those of our trail; CloudTrail delivers within about 15 minutes.",
    "Columns are known where the queries' text is ours to see: of those who ask in our account.",
    "Dollars are Athena's list price for the bytes read, at least 10 MB a query; whoever asks pays.",
)


@click.command("usage")
@click.option("--client", help="Only this client; default: everybody, ourselves included.")
@click.option("--days", type=click.IntRange(1, 400), default=30, show_default=True, help="Today and the days before.")
@only_looks_option
@json_option
@click.pass_obj
def usage_command(desk: Desk, client: str | None, days: int, as_json: bool) -> None:
    """Print who read which tables: queries, bytes, columns as far as the evidence goes, last use, cost."""
    if client is not None and client not in desk.project.clients:
        choices = ", ".join(desk.project.clients)
        raise NotFound.at("usage", "--client", repr(client), f"one of {choices}", "name a file of clients/")
    lines = [line for line in _usage(desk, days, client) if client in (None, line.client)]
    if as_json:
        print_rows([_fact(line) for line in lines], as_json=True)
        return
    print_rows([_row(line) for line in lines], as_json=False, columns=COLUMNS)
    for note in NOTES:
        click.echo(note)


def _usage(desk: Desk, days: int, client: str | None) -> "Sequence[Usage]":
    from insightshare.aws.trail import trail_records
    from insightshare.share.reads import WANTED, reads_of
    from insightshare.share.usage import usage_of

    deployment, first = desk.deployment, desk.today - timedelta(days=days - 1)
    place = (deployment.account_id, deployment.region)
    records = trail_records(desk.session.client("s3"), deployment.trail, place, (first, desk.today), WANTED)
    reads = reads_of(records, deployment.account_id, deployment.database, (first, desk.today))
    return usage_of(reads, _setting(desk, _texts(desk, days, client)))


def _texts(desk: Desk, days: int, client: str | None) -> dict[str, str]:
    """The text by id of the queries that were asked in our account: by this client, or by everybody."""
    from insightshare.aws.trail import query_texts
    from insightshare.share.usage import since

    here = [name for name, one in desk.project.clients.items() if one.reads_from == "provider_account"]
    workgroups = [desk.deployment.client_workgroup(name) for name in here if client in (None, name)]
    if client is None:
        workgroups.append(desk.deployment.provider_workgroup)
    athena, texts = desk.session.client("athena"), dict[str, str]()
    for workgroup in workgroups:
        texts |= query_texts(athena, workgroup, since(desk.today, days))
    return texts


def _setting(desk: Desk, texts: dict[str, str]) -> "Setting":
    from insightshare.publish.receipts import receipt_columns
    from insightshare.share.preview import table_types
    from insightshare.share.usage import Setting

    deployment = desk.deployment
    return Setting(
        project=desk.project,
        account_id=deployment.account_id,
        client_role=deployment.client_role_arn(""),
        types=table_types(desk.project, dict(receipt_columns())),
        database=deployment.database,
        today=desk.today,
        queries=texts,
    )


def _row(line: "Usage") -> dict[str, Any]:
    if line.columns is not None:
        columns = " ".join(line.columns) or "none named"
    elif line.paid_by == "us":
        columns = "no text that could be read"
    else:
        columns = "not ours to see" if line.may_read is None else f"not ours to see; {line.may_read} granted"
    return {
        "client": line.client,
        "table": line.table,
        "queries": line.queries,
        "read_mib": f"{line.scanned_bytes / 1024**2:,.2f}",
        "columns": columns,
        "last_use_utc": f"{line.last_use_utc:%Y-%m-%d %H:%M}",
        "dollars": f"{line.dollars:.4f}",
        "paid_by": line.paid_by,
    }


def _fact(line: "Usage") -> dict[str, Any]:
    return {
        "client": line.client,
        "table": line.table,
        "queries": line.queries,
        "scanned_bytes": line.scanned_bytes,
        "columns": None if line.columns is None else list(line.columns),
        "may_read_columns": line.may_read,
        "last_use_utc": line.last_use_utc.isoformat(),
        "dollars": round(line.dollars, 8),
        "paid_by": line.paid_by,
        "evidence": line.evidence,
    }


COMMANDS = (usage_command,)
