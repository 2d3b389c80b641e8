"""`insightshare client reissue`: makes a client's shares anew, so that RAM invites it again. Changes no agreement."""

import json

import click

from insightshare.cli.clients import client_command
from insightshare.cli.desk import Desk
from insightshare.cli.printing import dry_run_option, json_option
from insightshare.errors import UsageError

INVITATION_HOURS = 12  # AWS's, for shares of the Glue catalog


@client_command.command("reissue")
@click.argument("name")
@click.option("--anyway", is_flag=True, help="Also where the client is served: its own grants go with ours.")
@click.option("--yes", is_flag=True, help="Do what is planned without asking.")
@dry_run_option
@json_option
@click.pass_obj
def reissue_command(desk: Desk, /, name: str, anyway: bool, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Revoke all that client NAME was granted and grant it again as agreed: a lapsed invitation is sent anew."""
    from insightshare.aws.reissue import carry_out, find
    from insightshare.share.expiry import Catalog
    from insightshare.share.reissue import plan_reissue

    if as_json and not (yes or dry_run):
        fix = "add --dry-run to see the plan, or --yes to carry it out"
        raise UsageError.at(
            "client reissue", "--json", "alone", "with --dry-run or --yes: a program cannot be asked", fix
        )
    agreement, deployment = desk.known_client(name), desk.deployment
    catalog = Catalog(deployment.account_id, deployment.database)
    found = find(desk.session, catalog, name, agreement.account_id)
    plan = plan_reissue(desk.project, name, desk.today, catalog, found, anyway)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **plan.to_json()}, indent=1))
    else:
        click.echo(str(plan))
    if dry_run or not (yes or click.confirm("Revoke and grant these?")):
        return
    carry_out(desk.session, agreement.account_id, plan)
    if not as_json:
        accept = f"; its account has {INVITATION_HOURS} hours to accept" * (agreement.organisation == "outside")
        click.echo(f"{name} is shared with anew{accept}, and applies its kit again")


COMMANDS: tuple[click.Command, ...] = ()  # the only one is one of `client`
