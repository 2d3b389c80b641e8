"""How results are printed: a table for people, JSON for programs. Knows nothing of what is printed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

WIDTH_WITHOUT_TERMINAL = 160  # a file or a pipe has none of its own

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
# Who writes a script for every operation need not know which of them only look.
only_looks_option = click.option(
    "--dry-run", is_flag=True, expose_value=False, help="Taken, as everywhere; this command changes nothing."
)


def print_rows(rows: Sequence[Mapping[str, Any]], as_json: bool, columns: Sequence[str] = ()) -> None:
    """Print one line per row; `columns` are the headings where there are no rows to take them from."""
    if as_json:
        click.echo(json.dumps(list(rows), indent=1))
        return
    names = list(rows[0]) if rows else list(columns)
    table = Table(*names, header_style="bold")
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in names))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    console.print(table)


def print_record(record: Mapping[str, Any], as_json: bool) -> None:
    """Print one thing, a line per field; lists of things go below each other."""
    if as_json:
        click.echo(json.dumps(record, indent=1))
        return
    width = max(len(name) for name in record)
    for name, value in record.items():
        items = value if isinstance(value, list) and value else [value]
        for place, item in enumerate(items):
            click.echo(f"{name if place == 0 else '':<{width}}  {_cell(item)}")


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_cell(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return " ".join(_cell(item) for item in value) if value else "—"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}" if isinstance(value, float) else str(value)
