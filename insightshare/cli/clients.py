"""`insightshare client add`: writes an agreement, once lint has nothing to say against it. Grants nothing."""

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import click

from insightshare.cli.desk import Desk
from insightshare.contract.agreements import Draft, DraftGrant, agreement_text, problems_of
from insightshare.errors import Conflict, ProjectInvalid, UsageError

_GRANT = re.compile(r"(?P<insight>[^:=]+)(?::(?P<columns>[^:]*))?(?::(?P<rows>.+))?", re.DOTALL)
NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


@click.group("client")
def client_command() -> None:
    """Who may read."""


@client_command.command("add")
@click.argument("name")
@click.option("--account", prompt="The client's AWS account id", help="12 digits.")
@click.option(
    "--reads-from",
    type=click.Choice(["own_account", "provider_account"]),
    default="own_account",
    show_default=True,
    help="Share into its account, or give it a role in ours.",
)
@click.option(
    "--organisation",
    type=click.Choice(["inside", "outside"]),
    help="Whether its account is in our AWS Organization; default, where it reads from its own: outside.",
)
@click.option("--assumed-by", multiple=True, help="Who of its account may assume the role in ours.")
@click.option("--scan-limit-mib", type=int, help="Most that one of its queries may scan in ours.")
@click.option("--purpose", prompt="What it uses the data for, as a sentence", help="A sentence.")
@click.option("--contact", prompt="Whom to write to there", help="An e-mail address.")
@click.option("--start", help="The first day, YYYY-MM-DD; default: today.")
@click.option("--end", prompt="The last day, YYYY-MM-DD", help="The last day, YYYY-MM-DD.")
@click.option(
    "--insight",
    "grants",
    multiple=True,
    help="INSIGHT[:COLUMN,COLUMN[:ROWS]]; without columns all of them. Repeat it for more.",
)
@click.option(
    "--for",
    "uses",
    multiple=True,
    help="INSIGHT=PURPOSE,PURPOSE: what the inferred columns that it shows are for, in the contract's words.",
)
@click.pass_obj
def add_command(desk: Desk, /, name: str, grants: tuple[str, ...], uses: tuple[str, ...], **said: object) -> None:
    """Write clients/NAME.yaml, asking for what was not said; every mistake is named and nothing written."""
    if not NAME.fullmatch(name):
        raise UsageError.at("client add", "name", repr(name), "lower-case letters, digits and hyphens", "rename it")
    path = desk.root / "clients" / f"{name}.yaml"
    if path.exists():
        raise Conflict.at(f"clients/{name}.yaml", "file", "a file that exists", "a new one", "edit it instead")
    purposes = dict(map(_use, uses))
    drafts = [_used(desk, purposes, *_grant(words)) for words in grants or _ask(desk)]
    text = agreement_text(_draft(name, drafts, desk.today, said))
    problems = problems_of(desk.root, name, text, desk.today)
    if any(problem.severity == "error" for problem in problems):
        raise ProjectInvalid(problems)
    for warning in problems:
        click.echo(str(warning), err=True)
    path.write_text(text, encoding="utf-8")
    click.echo(f"wrote clients/{name}.yaml; see what it would show: insightshare preview {name}")


def _draft(name: str, grants: list[tuple[str, DraftGrant]], today: date, said: dict[str, object]) -> Draft:
    return Draft(
        client=name,
        account_id=str(said["account"]),
        reads_from=str(said["reads_from"]),
        purpose=str(said["purpose"]),
        contact=str(said["contact"]),
        start=str(said["start"] or today.isoformat()),
        end=str(said["end"]),
        grants=dict(grants),
        organisation=str(said["organisation"] or ("outside" if said["reads_from"] == "own_account" else "")),
        assumed_by=tuple(said["assumed_by"]),  # type: ignore[arg-type]  # click gives a tuple of text
        scan_limit_mib=said["scan_limit_mib"],  # type: ignore[arg-type]  # click gives a whole number or None
    )


def _ask(desk: Desk) -> list[str]:
    """One grant per insight that is wanted; an empty answer ends."""
    if not sys.stdin.isatty():
        fix = "give --insight INSIGHT[:COLUMN,COLUMN[:ROWS]]"
        raise UsageError.at("client add", "--insight", "nothing", "at least one insight", fix)
    found = []
    choices = ", ".join(name for name, insight in desk.project.insights.items() if not insight.internal)
    while name := click.prompt(f"An insight of {choices} (empty: done)", default=""):
        columns = click.prompt("Its columns, with commas (empty: all)", default="")
        rows = click.prompt("Its rows, as contract = 'One year' (empty: all)", default="")
        found.append(":".join((name, columns, rows)).rstrip(":"))
    return found


def _grant(words: str) -> tuple[str, DraftGrant]:
    match = _GRANT.fullmatch(words)
    if not match:
        fix = "write it as churn, churn:customer_id,contract or churn:customer_id:contract = 'One year'"
        raise UsageError.at("client add", "--insight", repr(words), "INSIGHT[:COLUMN,COLUMN[:ROWS]]", fix)
    columns = tuple(name.strip() for name in (match["columns"] or "").split(",") if name.strip())
    return match["insight"].strip(), DraftGrant(columns, (match["rows"] or "").strip())


def _use(words: str) -> tuple[str, tuple[str, ...]]:
    insight, _, purposes = words.partition("=")
    found = tuple(purpose.strip() for purpose in purposes.split(",") if purpose.strip())
    if not (insight.strip() and found):
        raise UsageError.at("client add", "--for", repr(words), "INSIGHT=PURPOSE", "write it as churn=retention")
    return insight.strip(), found


def _used(desk: Desk, purposes: Mapping[str, tuple[str, ...]], name: str, grant: DraftGrant) -> tuple[str, DraftGrant]:
    """The grant with what its inferred columns are for, as it was said, or is asked for where somebody can answer."""
    insight = desk.project.insights.get(name)
    columns = insight.columns if insight else ()
    shown = [column.inferred for column in columns if not grant.columns or column.name in grant.columns]
    permitted = sorted({purpose for said in shown if said for purpose in said.purposes})
    if permitted and name not in purposes and sys.stdin.isatty():
        answer = click.prompt(f"What for, of {', '.join(permitted)} (some of {name} is inferred)")
        purposes = dict([_use(f"{name}={answer}")])
    return name, replace(grant, purposes=purposes.get(name, ()))


COMMANDS = (client_command,)
