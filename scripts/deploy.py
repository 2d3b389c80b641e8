"""`python -m scripts.deploy ENV [--plan|--destroy]`: packages, state, roots, repair, smoke query. Names no resource."""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

from insightshare.aws.athena import Place
from insightshare.aws.deployment import Deployment
from insightshare.aws.laptop import LOCAL_ENVIRONMENT, use_local_cloud
from insightshare.aws.reader import Reader
from insightshare.aws.session import caller_arn, own_session, role_session
from insightshare.contract.facts import Project
from insightshare.contract.read import load_project
from insightshare.errors import InsightshareError, PlatformError, ProjectInvalid, UsageError
from scripts import client_account
from scripts.breaking_changes import breaking_changes, refuse_breaking_changes
from scripts.client_account import ClientAccount, client_accounts
from scripts.lost_shares import forget_lost_shares
from scripts.lost_tables import lost_tables, refuse_lost_tables
from scripts.package import PackageError, build
from scripts.roots import REPOSITORY, Root
from scripts.state_bucket import ensure_state_bucket, has_state, state_bucket

INFRA = REPOSITORY / "infra"
SMOKE_QUERY = "SELECT count(*) AS receipts FROM insight_receipts"


def main(words: list[str]) -> int:
    """Deploy, plan or destroy one environment; return 0 when it got what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.deploy", description=__doc__)
    parser.add_argument("environment")
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--plan", action="store_true", help="show what deploy would change")
    task.add_argument("--destroy", action="store_true", help="destroy the main root; asks first")
    parser.add_argument("--yes", action="store_true", help="destroy without asking")
    parser.add_argument("--because", metavar="REASON", help="break tables that clients read, and why")
    arguments = parser.parse_args(words)
    try:
        project = load_project(REPOSITORY)
        deployment = _deployment(project, arguments.environment)
        if arguments.destroy:
            _destroy(project, deployment, asked=arguments.yes)
        elif arguments.plan:
            _plan(project, deployment, arguments.because)
        else:
            _deploy(project, deployment, arguments.because)
    except (InsightshareError, PackageError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _deploy(project: Project, deployment: Deployment, reason: str | None) -> None:
    _reach(deployment)
    accounts = client_accounts(project, deployment, datetime.now(UTC).date())
    roots = [_account_root(deployment), _main_root(deployment)]
    with ThreadPoolExecutor(1) as pool:
        kits = pool.submit(client_account.prepare, project, accounts)  # needs nothing of what comes before it is needed
        with _step("packages"):
            build(REPOSITORY, REPOSITORY / "build")
        with _step("state"):
            ensure_state_bucket(roots[1])
        with _step("look for breaking changes"):
            bucket, session = state_bucket(deployment.account_id), own_session(deployment.region)
            refuse_breaking_changes(project, deployment, session, reason, bucket)
        with _step("look for changes"):
            forget_lost_shares(roots[1], session, deployment)
            settled = all(has_state(root) for root in roots) and _all_settled(roots, accounts, kits)
        if not settled:
            _apply_all(roots, accounts, kits)
    with _step("repair"):
        _repair(deployment)
    with _step("smoke query"):
        _smoke(deployment)


def _apply_all(roots: list[Root], accounts: list[ClientAccount], kits: "Future[None]") -> None:
    """Apply in the order in which one needs the other: what is shared, and then those with whom it is."""
    for root in roots:
        with _step(f"{root.name} root"):
            root.init()
            look = refuse_lost_tables if has_state(root) else None  # where nothing is yet, nothing can be lost
            print(f"  {root.name}: {root.apply(look)}", flush=True)
    if accounts:
        with _step("clients' kits, each in its own account"), ThreadPoolExecutor() as pool:
            kits.result()
            for account, closing in zip(accounts, pool.map(client_account.onboard, accounts), strict=True):
                print(f"  {account.terms.client}: {closing}", flush=True)


def _all_settled(roots: list[Root], accounts: list[ClientAccount], kits: "Future[None]") -> bool:
    """Plan all at once: most deployments of a running cloud change nothing, and then this is all there is."""

    def is_settled(root: Root) -> bool:
        root.init()
        return root.is_settled()

    kits.result()
    with ThreadPoolExecutor() as pool:
        work = [
            *(pool.submit(is_settled, root) for root in roots),
            *(pool.submit(client_account.is_settled, account) for account in accounts),
        ]
    return all(one.result() for one in work)


def _plan(project: Project, deployment: Deployment, reason: str | None) -> None:
    """Print what a deployment would change, and end as it would: ProjectInvalid with all that it would refuse."""
    build(REPOSITORY, REPOSITORY / "build")
    _reach(deployment)
    problems: list[object] = [] if reason else [*breaking_changes(project, deployment, own_session(deployment.region))]
    for root in (_account_root(deployment), _main_root(deployment)):
        ensure_state_bucket(root)
        root.init()
        root.plan(lambda plan: problems.extend(lost_tables(plan)))
    accounts = client_accounts(project, deployment, datetime.now(UTC).date())
    client_account.prepare(project, accounts)
    for account in accounts:
        client_account.plan(account)
    if problems:
        raise ProjectInvalid(problems)


def _destroy(project: Project, deployment: Deployment, *, asked: bool) -> None:
    if not asked:
        _ask(deployment)
    build(REPOSITORY, REPOSITORY / "build")
    _reach(deployment)
    for account in client_accounts(project, deployment, today=None):
        with _step(f"destroy what {account.terms.client} made of its kit"):
            print(f"  {client_account.offboard(account)}")
    root = _main_root(deployment)
    with _step(f"destroy {root.name}"):
        root.init()
        print(f"  {root.destroy()}")


def _ask(deployment: Deployment) -> None:
    print(f"This destroys {deployment.prefix} in account {deployment.account_id}. Type {deployment.environment}:")
    answer = sys.stdin.readline().strip() or "nothing"
    if answer != deployment.environment:
        fix = "type the environment's name, or leave it"
        raise UsageError.at("destroy", "answer", answer, deployment.environment, fix)


def _main_root(deployment: Deployment) -> Root:
    return Root(
        name="main",
        folder=INFRA,
        environment=deployment.environment,
        state_bucket=state_bucket(deployment.account_id),
        state_key=f"{deployment.environment}/main.tfstate",
        region=deployment.region,
        variables={"environment": deployment.environment, "code_version": _code_version()},
    )


def _account_root(deployment: Deployment) -> Root:
    return Root(
        name="account",
        folder=INFRA / "account",
        environment=deployment.environment,
        state_bucket=state_bucket(deployment.account_id),
        state_key="account.tfstate",
        region=deployment.region,
        variables={"account_id": deployment.account_id, "region": deployment.region},
    )


def _deployment(project: Project, name: str) -> Deployment:
    if name not in project.environments:
        choices = ", ".join(project.environments)
        raise UsageError.at("project.yaml", "environments", repr(name), f"one of {choices}", "name one, or add it")
    environment = project.environments[name]
    return Deployment(name, environment.account_id, environment.region)


def _reach(deployment: Deployment) -> None:
    if deployment.environment == LOCAL_ENVIRONMENT:
        subprocess.run([sys.executable, "-m", "localcloud", "up"], check=True, cwd=REPOSITORY)
    use_local_cloud(deployment)
    caller_arn(own_session(deployment.region))  # without an identity nothing can be made: one line instead of a stack


def _repair(deployment: Deployment) -> None:
    """Let the tables say again what the registry decided: schemas may have changed under partitions."""
    function = f"{deployment.prefix}-repair"
    reply = own_session(deployment.region).client("lambda").invoke(FunctionName=function, Payload=b"{}")
    answer = json.loads(reply["Payload"].read() or b"{}")
    if "FunctionError" in reply:
        said = str(answer.get("errorMessage", ""))[:500]
        raise PlatformError.at(f"function {function}", "repair", f"[{said}]", "a success", "read its log group")


def _smoke(deployment: Deployment) -> None:
    session = role_session(own_session(deployment.region), deployment.analyst_role_arn, "smoke")
    Reader(session, Place(deployment.provider_workgroup, deployment.database)).rows(SMOKE_QUERY)


def _code_version() -> str:
    """The commit that is deployed; marked where files differ from it."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    if commit.returncode:
        return "unknown"
    return commit.stdout.strip() + ("-changed" if _git("diff", "--quiet", "HEAD").returncode else "")


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    git = shutil.which("git") or "git"
    return subprocess.run([git, *words], cwd=REPOSITORY, capture_output=True, text=True, check=False)


@contextmanager
def _step(name: str) -> Iterator[None]:
    print(f"{name} …", flush=True)
    began = time.monotonic()
    yield
    print(f"  {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
