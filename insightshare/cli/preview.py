"""`insightshare preview`: what a client would see under its agreement as it stands here. Changes and grants nothing."""

from typing import TYPE_CHECKING, Any

import click

from insightshare.cli.desk import Desk
from insightshare.cli.printing import json_option, print_rows
from insightshare.contract.facts import Agreement
from insightshare.errors import UsageError
from insightshare.share.grants import partition_keys
from insightshare.share.preview import (
    Difference,
    Types,
    View,
    agreed_views,
    day_to_preview,
    differences,
    preview_query,
    rows_query,
    table_types,
)

if TYPE_CHECKING:
    from insightshare.aws.reader import Reader

COLUMNS = ("table", "columns", "gained", "lost", "rows_now", "rows_then", "rows_gained", "rows_lost")


@click.command("preview")
@click.argument("client")
@click.argument("sql", required=False)
@click.option("--table", help="Compare one table: what the client sees now, and what it would see.")
@json_option
@click.pass_obj
def preview_command(desk: Desk, client: str, sql: str | None, table: str | None, as_json: bool) -> None:
    """Answer a query as CLIENT would get it under its agreement as it stands here, or compare with what it sees now."""
    agreement, types = desk.known_client(client), _types(desk)
    day = day_to_preview(agreement, desk.today)
    if day > desk.today:
        click.echo(f"The agreement of {client} begins on {day}: this is what it shows then.", err=True)
    views = agreed_views(desk.project, client, day, types)
    reader = desk.reader(None)
    if sql and table:
        raise UsageError.at("preview", "SQL, --table", "both", "one of them", "leave one out")
    if sql is not None:
        result = reader.rows(preview_query(sql, client, desk.deployment.database, views, types))
        print_rows([dict(zip(result.columns, row, strict=True)) for row in result.rows], as_json, result.columns)
        return
    found = differences(_seen_now(desk, agreement, types), views)
    chosen = [one for one in found if table in (None, one.table)]
    if table and not chosen:
        choices = ", ".join(one.table for one in found) or "none"
        raise UsageError.at(f"preview of {client}", "--table", repr(table), f"one of {choices}", "name one of them")
    print_rows([_compared(reader, one, desk.deployment.database, types) for one in chosen], as_json, COLUMNS)


def _types(desk: Desk) -> Types:
    from insightshare.publish.receipts import receipt_columns

    return table_types(desk.project, dict(receipt_columns()))


def _seen_now(desk: Desk, agreement: Agreement, types: Types) -> dict[str, View]:
    from insightshare.aws.lakeformation import granted_views

    own = agreement.reads_from == "own_account"
    principal = agreement.account_id if own else desk.deployment.client_role_arn(agreement.client)
    return granted_views(desk.session, desk.deployment.database, principal, types, partition_keys(desk.project))


def _compared(reader: "Reader", one: Difference, database: str, types: Types) -> dict[str, Any]:
    """One line: the columns it would see, and how many rows it sees now, would see, gains and loses."""
    (counts,) = reader.rows(rows_query(one, database, types[one.table])).rows
    now, then, both = (int(count or 0) for count in counts)
    return {
        "table": one.table,
        "columns": len(one.then.columns) if one.then else 0,
        "gained": list(one.gained),
        "lost": list(one.lost),
        "rows_now": now,
        "rows_then": then,
        "rows_gained": then - both,
        "rows_lost": now - both,
    }


COMMANDS = (preview_command,)
