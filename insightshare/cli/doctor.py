"""`insightshare doctor`: what is wrong with a share, how to mend it and who must, from either side. Mends nothing."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from insightshare.cli.desk import Desk
from insightshare.cli.printing import json_option
from insightshare.errors import UsageError

if TYPE_CHECKING:
    from insightshare.share.doctor import Finding

MARKS = {"ok": "ok    ", "failed": "FAILED", "unknown": "?     "}
FAILED, NOT_SURE = 1, 3  # what the command ends with; click itself ends with 2 when it does not understand the words


@click.command("doctor")
@click.argument("client", required=False)
@click.option(
    "--share",
    "share_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="In the client's own account: the kit's share.yaml.",
)
@click.option("--region", help="With --share: the region to look in; default: that of the caller's own settings.")
@click.option("--all", "show_all", is_flag=True, help="Also print what is well.")
@json_option
@click.pass_obj
def doctor_command(
    desk: Desk, client: str | None, share_file: Path | None, region: str | None, show_all: bool, as_json: bool
) -> None:
    """Say what is wrong with CLIENT's share, how to mend it, and who must; nothing where all is well.

    As the provider, name the client; as the client, give the kit's share.yaml. Looks with the caller's own identity.
    Ends with 1 if a check failed, with 3 if none did and something could not be looked at.
    """
    if (client is None) == (share_file is None):
        given = "nothing" if client is None else "both"
        fix = "name the client on the provider's side, or give --share on the client's"
        raise UsageError.at("doctor", "CLIENT, --share", given, "one of them", fix)
    findings = _client_side(desk, share_file, region) if share_file else _provider_side(desk, str(client))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in findings], indent=1))
    else:
        _print(findings, show_all)
    states = {one.state for one in findings}
    sys.exit(FAILED if "failed" in states else NOT_SURE if "unknown" in states else 0)


def _provider_side(desk: Desk, name: str) -> "Sequence[Finding]":
    from insightshare.aws.examination_provider import promise_of, provider_facts, reading_place
    from insightshare.aws.session import caller_arn
    from insightshare.share.doctor_provider import examine_provider

    caller_arn(desk.session)  # without an identity nothing can be seen: one line instead of thirty
    promise = promise_of(desk.project, desk.known_client(name), desk.deployment, desk.today)
    facts = provider_facts(desk.session, promise, reading_place(promise, desk.deployment), desk.today)
    return examine_provider(facts)


def _client_side(desk: Desk, share_file: Path, region: str | None) -> "Sequence[Finding]":
    """Needs no project: a client has none."""
    from insightshare.aws.examination_client import client_facts
    from insightshare.aws.session import caller_arn, own_session
    from insightshare.share.doctor_client import examine_client
    from insightshare.share.terms import read_terms

    terms, session = read_terms(share_file), own_session(region)
    caller_arn(session)
    return examine_client(client_facts(session, terms, desk.today))


def _print(findings: "Sequence[Finding]", show_all: bool) -> None:
    for one in findings:
        if one.state == "ok" and not show_all:
            continue
        click.echo(f"{MARKS[one.state]}  {one.check}: {one.why}")
        if one.state == "failed":
            click.echo(f"        the {one.whose}: {one.cure}")
    counts = ", ".join(
        f"{number} {words}"
        for state, words in (("ok", "well"), ("failed", "failed"), ("unknown", "not known"))
        if (number := sum(one.state == state for one in findings))
    )
    click.echo(counts, err=True)  # not on stdout: nothing is said there where all is well


COMMANDS = (doctor_command,)
