"""Clients' halves on the laptop, where every account is ours: each is deployed in its own account from its kit alone.

Elsewhere a client does this itself. An account inside the organisation takes the kit's Terraform module, one outside
its CloudFormation template, so that both ways are gone. Decides nothing about what is in a kit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError, WaiterError

from insightshare.aws.deployment import Deployment
from insightshare.aws.laptop import LOCAL_ENVIRONMENT, environment_of
from insightshare.cli.kits import client_terms, write_kit
from insightshare.contract.facts import Project
from insightshare.errors import PlatformError
from insightshare.share.kit import MODULE_FOLDER, TEMPLATE_FILE
from insightshare.share.terms import Terms
from scripts.roots import REPOSITORY, Root
from scripts.state_bucket import ensure_state_bucket, has_state, state_bucket

KITS = REPOSITORY / ".local" / "kits"
BACKEND = 'terraform {\n  backend "s3" {\n    use_lockfile = true\n    encrypt      = true\n  }\n}\n'
UNCHANGED = "No updates are to be performed."
FAILED_AT_FIRST = "ROLLBACK_COMPLETE"
SECONDS = 300


@dataclass(frozen=True)
class ClientAccount:
    """One client's account, its terms, and the folder of its kit."""

    terms: Terms
    kit: Path

    @property
    def by_terraform(self) -> bool:
        return self.terms.organisation == "inside"

    @property
    def root(self) -> Root:
        """The kit's Terraform module, with its state in the client's account."""
        account, region = self.terms.client_account_id, self.terms.region
        return Root(
            name=f"client-{self.terms.client}",
            folder=self.kit / MODULE_FOLDER,
            environment=LOCAL_ENVIRONMENT,
            state_bucket=state_bucket(account),
            state_key=f"client-{self.terms.client}.tfstate",
            region=region,
            settings=environment_of(account, region),
        )

    @property
    def session(self) -> boto3.Session:
        """The administrator of the client's account."""
        keys = environment_of(self.terms.client_account_id, self.terms.region)
        return boto3.Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], region_name=self.terms.region)


def client_accounts(project: Project, deployment: Deployment, today: date | None) -> list[ClientAccount]:
    """Return the accounts whose half is ours to deploy: on the laptop those that read from their own account.

    With `today` only those whose agreement is in force then: what has ended is left alone.
    """
    if deployment.environment != LOCAL_ENVIRONMENT:
        return []
    own = [one for one in project.clients.values() if one.reads_from == "own_account"]
    wanted = [one.client for one in own if today is None or one.in_force(today)]
    environment = project.environments[deployment.environment]
    return [ClientAccount(client_terms(project, name, environment), KITS / name) for name in wanted]


def prepare(project: Project, accounts: list[ClientAccount]) -> None:
    """Write the kits, and what Terraform needs to keep its state in a client's account."""
    for account in accounts:
        environment = project.environments[LOCAL_ENVIRONMENT]
        write_kit(project, REPOSITORY, account.terms.client, environment, account.kit)
        if account.by_terraform:
            (account.kit / MODULE_FOLDER / "backend.tf").write_text(BACKEND)
            ensure_state_bucket(account.root)
            account.root.init()


def is_settled(account: ClientAccount) -> bool:
    """Whether to deploy the kit would change nothing."""
    if account.by_terraform:
        return has_state(account.root) and account.root.is_settled()
    if _status(account) == FAILED_AT_FIRST:
        return False
    return _held_template(account) == _template(account) and not _is_offered_again(account)


def onboard(account: ClientAccount) -> str:
    """Deploy the kit in the client's account; return what came of it."""
    if account.by_terraform:
        return account.root.apply()
    if _status(account) == FAILED_AT_FIRST:
        _delete_stack(account)  # as the guide says: nothing can be deployed over it
    if _held_template(account) is not None and _is_offered_again(account):
        _deploy_stack(account, Grants="off")  # as the guide says: off, and on again, which accepts it
    return _deploy_stack(account)


def plan(account: ClientAccount) -> None:
    """Print what onboarding would change."""
    if account.by_terraform:
        account.root.plan()
    else:
        said = "No changes." if is_settled(account) else "The kit's template is another than the deployed one."
        print(f"stack {account.terms.workgroup} of account {account.terms.client_account_id}: {said}")


def offboard(account: ClientAccount) -> str:
    """Empty the bucket of results, which a stack does not, and take the kit's resources away."""
    with suppressed("NoSuchBucket"):
        bucket = account.session.resource("s3").Bucket(account.terms.results_bucket)
        bucket.objects.all().delete()
    if account.by_terraform:
        account.root.init()
        return account.root.destroy()
    return _delete_stack(account)


def _is_offered_again(account: ClientAccount) -> bool:
    """Whether invitations wait, as they do when a client outside the organisation has been away."""
    pages = account.session.client("ram").get_paginator("get_resource_share_invitations").paginate()
    found = [one for page in pages for one in page["resourceShareInvitations"]]
    provider = account.terms.provider_account_id
    return any((one["status"], one["senderAccountId"]) == ("PENDING", provider) for one in found)


def _deploy_stack(account: ClientAccount, **parameters: str) -> str:
    """What `aws cloudformation deploy` does, as the guide tells a client to."""
    client, name = account.session.client("cloudformation"), account.terms.workgroup
    given = {"Deployer": account.session.client("sts").get_caller_identity()["Arn"], **parameters}
    held = _held_template(account)
    change = client.create_stack if held is None else client.update_stack
    try:
        change(
            StackName=name,
            TemplateBody=_template(account),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        )
    except ClientError as error:
        if UNCHANGED not in str(error):
            raise
        return f"stack {name} unchanged"
    _wait(client, account, "stack_create_complete" if held is None else "stack_update_complete")
    return f"stack {name} deployed"


def _delete_stack(account: ClientAccount) -> str:
    client = account.session.client("cloudformation")
    client.delete_stack(StackName=account.terms.workgroup)
    _wait(client, account, "stack_delete_complete")
    return f"stack {account.terms.workgroup} deleted"


def _status(account: ClientAccount) -> str:
    """The state of the client's stack; empty where there is none."""
    with suppressed("ValidationError"):
        reply = account.session.client("cloudformation").describe_stacks(StackName=account.terms.workgroup)
        return str(reply["Stacks"][0]["StackStatus"])
    return ""


def _held_template(account: ClientAccount) -> str | None:
    with suppressed("ValidationError"):
        reply = account.session.client("cloudformation").get_template(StackName=account.terms.workgroup)
        return str(reply["TemplateBody"])
    return None


def _template(account: ClientAccount) -> str:
    return (account.kit / TEMPLATE_FILE).read_text(encoding="utf-8")


def _wait(client: Any, account: ClientAccount, waiter: str) -> None:
    name = account.terms.workgroup
    try:
        client.get_waiter(waiter).wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": SECONDS})
    except WaiterError as error:
        events = client.describe_stack_events(StackName=name)["StackEvents"]
        failed = [one for one in events if one["ResourceStatus"].endswith("_FAILED")]
        said = [f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason', '')}" for one in reversed(failed)]
        fix = "mend what it says, delete the stack, deploy again"
        raise PlatformError.at(
            f"stack {name}", "deployment", f"[{'; '.join(said)[:1000]}]", "a success", fix
        ) from error


@contextmanager
def suppressed(code: str) -> Iterator[None]:
    """Let AWS say this of something that is not there."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
