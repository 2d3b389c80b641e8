"""`insightshare client add`: writes an agreement, once lint has nothing to say against it. Grants nothing."""

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import click

from insightshare.cli.desk import Desk
from insightshare.contract.agreements import Draft, DraftGrant, agreement_text, problems_of
from insightshare.contract.column_sets import words_of
from insightshare.errors import Conflict, ProjectInvalid, UsageError

_GRANT = re.compile(r"(?P<insight>[^:=]+)(?::(?P<columns>[^:]*))?(?::(?P<rows>.+))?", re.DOTALL)
NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


def _new_name(context: click.Context, _: click.Parameter, name: str) -> str:
    """Hold the name to the rules before anything is asked."""
    if not NAME.fullmatch(name):
        raise UsageError.at("client add", "name", repr(name), "lower-case letters, digits and hyphens", "rename it")
    if (context.obj.root / "clients" / f"{name}.yaml").exists():
        raise Conflict.at(f"clients/{name}.yaml", "file", "a file that exists", "a new one", "edit it instead")
    return name


@click.group("client")
def client_command() -> None:
    """Who may read."""


@client_command.command("add")
@click.argument("name", is_eager=True, callback=_new_name)
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
    help="INSIGHT[:COLUMN,COLUMN[:ROWS]]; a column set's name for columns, none for all. Repeat it for more.",
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
    path = desk.root / "clients" / f"{name}.yaml"
    if said["reads_from"] == "provider_account" and not said["assumed_by"]:
        said["assumed_by"] = (_ask_who_assumes(),)
    given, used = [_grant(desk, words) for words in grants or _ask(desk)], [_use(words) for words in uses]
    _hold_to_one_each([insight for insight, _ in given], [insight for insight, _ in used])
    drafts = [_used(desk, dict(used), *one) for one in given]
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


def _ask_who_assumes() -> str:
    """Who of its account may take on its role in ours."""
    if not sys.stdin.isatty():
        fix = "give --assumed-by arn:aws:iam::<its account>:role/<its role>"
        raise UsageError.at("client add", "--assumed-by", "nothing", "who may assume the role in our account", fix)
    return str(click.prompt("Who of its account may assume its role in ours, as an ARN"))


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


def _hold_to_one_each(granted: list[str], used: list[str]) -> None:
    """Refuse what would be lost: of two grants of an insight, or two purposes, a file holds the last."""
    for option, names in (("--insight", granted), ("--for", used)):
        for name in names:
            if names.count(name) > 1:
                raise UsageError.at("client add", option, f"{name} twice", "each insight once", "make one of the two")
    for name in used:
        if name not in granted:
            fix = f"add --insight {name}, or leave it out"
            raise UsageError.at("client add", "--for", name, f"an insight that is granted ({', '.join(granted)})", fix)


def _grant(desk: Desk, words: str) -> tuple[str, DraftGrant]:
    match = _GRANT.fullmatch(words)
    if not match:
        fix = "write it as churn, churn:customer_id,contract or churn:customer_id:contract = 'One year'"
        raise UsageError.at("client add", "--insight", repr(words), "INSIGHT[:COLUMN,COLUMN[:ROWS]]", fix)
    name, rows = match["insight"].strip(), (match["rows"] or "").strip()
    columns = tuple(column.strip() for column in (match["columns"] or "").split(",") if column.strip())
    insight = desk.project.insights.get(name)
    if len(columns) == 1 and insight and columns[0] in words_of(insight) and columns[0] not in insight.types:
        return name, DraftGrant(word=columns[0], rows=rows)
    return name, DraftGrant(columns, rows=rows)


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
    listed = grant.columns or (insight.column_sets.get(grant.word, ()) if insight else ())
    shown = [column.inferred for column in columns if not listed or column.name in listed]
    permitted = sorted({purpose for said in shown if said for purpose in said.purposes})
    if permitted and name not in purposes and sys.stdin.isatty():
        answer = click.prompt(f"What for, of {', '.join(permitted)} (some of {name} is inferred)")
        purposes = dict([_use(f"{name}={answer}")])
    return name, replace(grant, purposes=purposes.get(name, ()))


COMMANDS = (client_command,)
