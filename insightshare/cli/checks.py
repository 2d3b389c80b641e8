"""The command that shows what the gate said of a run: a table, Great Expectations' JSON, or its Data Docs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from insightshare.cli.desk import Desk
from insightshare.cli.printing import json_option, print_rows
from insightshare.errors import NotFound

if TYPE_CHECKING:
    from insightshare.publish.manifest import Manifest
    from insightshare.publish.ports import Ports

_COLUMNS = ("check", "result", "found", "rule")


@click.command("checks")
@click.argument("insight")
@click.option("--run", "run_id", help="Which run, a rejected one too; default: the newest whose verdict is known.")
@click.option("--docs", "folder", type=click.Path(path_type=Path), help="Draw Great Expectations' Data Docs here.")
@json_option
@click.pass_obj
def checks_command(desk: Desk, insight: str, run_id: str | None, folder: Path | None, as_json: bool) -> None:
    """Say how each check of a run ended, which rows broke it, and whether the run may be shown.

    JSON is Great Expectations' own validation result. Data Docs are its own pages; online, a browser fetches their
    styles and scripts from public addresses.
    """
    from insightshare.quality.expectations_result import JudgedRun, suite_result
    from insightshare.quality.expectations_runner import render_data_docs

    manifest = _manifest(desk.ports, desk.known_insight(insight), run_id)
    run, key = manifest.claim, desk.project.insights[insight].key
    about = JudgedRun(insight, run.as_of, run.run_id, run.claimed_at_utc, manifest.passed, manifest.rows, key)
    document = suite_result(about, manifest.checks)
    if as_json:
        click.echo(json.dumps(document, indent=1, allow_nan=False))
    else:
        print_rows([_row(check) for check in manifest.checks], as_json, _COLUMNS)
        shown = "passed: it may be shown" if manifest.passed else "REJECTED: readers never see it"
        click.echo(f"run {run.run_id} of {insight} {run.as_of}: {manifest.rows:,} rows; {shown}")
    if folder:
        click.echo(f"wrote {render_data_docs(document, folder)}", err=as_json)


def _manifest(ports: "Ports", insight: str, run_id: str | None) -> "Manifest":
    """The manifest of a run, or of the newest that has one."""
    from insightshare.publish.layout import manifest_key
    from insightshare.publish.manifest import MAX_MANIFEST_BYTES, parse_manifest

    known = [run.run_id for run in reversed(ports.registry.runs(insight))]
    for name in [run_id] if run_id else known:
        key = manifest_key(insight, name)
        body = ports.storage.read(key, MAX_MANIFEST_BYTES)
        if body is not None:
            return parse_manifest(key, body)
    found, fix = repr(run_id) if run_id else "nothing", f"take a run of `insightshare runs {insight}`"
    raise NotFound.at(insight, "run", found, "a run with a manifest", fix)


def _row(check: Mapping[str, Any]) -> dict[str, Any]:
    return dict(zip(_COLUMNS, (check["id"], ending(check), _found(check), check["sentence"]), strict=True))


def ending(check: Mapping[str, Any]) -> str:
    """How a check ended, in one word: only what is FAILED rejects a run."""
    if check["passed"]:
        return "passed"
    return "FAILED" if check["severity"] == "error" else "warning"


def _found(check: Mapping[str, Any]) -> str:
    """What was counted or measured, and which rows broke the rule."""
    counted = [f"{value:,} {name.replace('_', ' ')}" for name, value in (check.get("observed") or {}).items()]
    measured = [] if check.get("measured") is None else [_number(check["measured"])]
    keys = [" ".join(key) for key in check.get("failing_keys") or ()]
    return "; ".join([*counted, *measured, *([f"keys {', '.join(keys)}"] if keys else [])])


def _number(measured: Any) -> str:
    numbers = measured if isinstance(measured, list | tuple) else [measured]
    return ", ".join("none" if number is None else f"{number:,.6g}" for number in numbers)


COMMANDS = (checks_command,)
