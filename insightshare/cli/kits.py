"""`insightshare client kit`: a client's kit as files in a folder, put together from the project. Deploys nothing."""

from collections.abc import Iterable
from pathlib import Path

import click

from insightshare.cli.clients import client_command
from insightshare.cli.desk import Desk
from insightshare.contract.facts import Environment, Project
from insightshare.errors import NotFound
from insightshare.publish.receipts import receipt_columns
from insightshare.share.terms import Terms, share_terms

MODULE = Path("infra/consumer")


@client_command.command("kit")
@click.argument("name")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Where to; default: kits/NAME.")
@click.pass_obj
def kit_command(desk: Desk, name: str, folder: Path | None) -> None:
    """Write what a client needs in its own account to read its share: template, Terraform, guide, smoke query."""
    from insightshare.share.kit import TEMPLATE_FILE
    from insightshare.share.kit_guide import TEMPLATE_BYTES

    _known("client kit", "name", name, desk.project.clients)
    _known("--env", "environment", desk.environment, desk.project.environments)
    target = folder or desk.root / "kits" / name
    for path in write_kit(desk.project, desk.root, name, desk.project.environments[desk.environment], target):
        click.echo(f"wrote {path}")
    size = (target / TEMPLATE_FILE).stat().st_size
    if size > TEMPLATE_BYTES:
        click.echo(f"{TEMPLATE_FILE} has {size} bytes: CloudFormation takes it from a bucket alone, as the guide says")
    click.echo(f"give the client {target}; {target / 'README.md'} is its guide")


def client_terms(project: Project, client: str, environment: Environment) -> Terms:
    """Return what the client is told of its share; UsageError where it reads from the provider's account."""
    columns = tuple(name for name, _ in receipt_columns())
    return share_terms(project, project.clients[client], environment, columns)


def write_kit(project: Project, root: Path, client: str, environment: Environment, folder: Path) -> list[Path]:
    """Write the kit into `folder`, over an earlier one, and return its files; UsageError where none is needed."""
    import inspect

    from insightshare.aws import onboarding  # with boto3
    from insightshare.share.kit import Parts, kit_files, module_files

    terms = client_terms(project, client, environment)
    parts = Parts(inspect.getsource(onboarding), module_files(root / MODULE))
    written = []
    for name, text in kit_files(terms, project.insights, parts).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _known(resource: str, field: str, name: str, choices: Iterable[str]) -> None:
    names = list(choices)
    if name not in names:
        raise NotFound.at(resource, field, repr(name), f"one of {', '.join(names)}", "name one of them, or add it")


COMMANDS: tuple[click.Command, ...] = ()  # the only one is one of `client`
