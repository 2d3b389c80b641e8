"""`python -m scripts.deploy ENV [--plan|--destroy]`: packages, state, roots, repair, smoke query. Names no resource."""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from insightshare.aws.athena import Place
from insightshare.aws.deployment import Deployment
from insightshare.aws.laptop import LOCAL_ENVIRONMENT, environment_of, use_local_cloud
from insightshare.aws.reader import Reader
from insightshare.aws.session import own_session, role_session
from insightshare.contract.facts import Agreement, Project
from insightshare.contract.read import load_project
from insightshare.errors import InsightshareError, PlatformError, UsageError
from scripts.breaking_changes import refuse_breaking_changes
from scripts.client_account import appoint_administrator
from scripts.package import PackageError, build
from scripts.roots import REPOSITORY, Root
from scripts.state_bucket import ensure_state_bucket, has_state, state_bucket

INFRA = REPOSITORY / "infra"
SMOKE_QUERY = "SELECT count(*) AS receipts FROM insight_receipts"
# What a client's half needs nothing of the provider for; it takes as long as the main root, so both go at once.
CONSUMER_GROUNDWORK = ("module.results_key", "module.results")


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
            _plan(project, deployment)
        else:
            _deploy(project, deployment, arguments.because)
    except (InsightshareError, PackageError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _deploy(project: Project, deployment: Deployment, reason: str | None) -> None:
    with _step("packages"):
        build(REPOSITORY, REPOSITORY / "build")
    _reach(deployment)
    consumers = _consumer_roots(project, deployment)
    with _step("state"):
        for root in [_main_root(deployment), *consumers]:
            ensure_state_bucket(root)
        for root in consumers:
            appoint_administrator(root)
    with _step("look for breaking changes"):
        bucket, session = state_bucket(deployment.account_id), own_session(deployment.region)
        refuse_breaking_changes(project, deployment, session, reason, bucket)
    roots = [_account_root(deployment), _main_root(deployment), *consumers]
    with _step("look for changes"):
        settled = all(has_state(root) for root in roots) and _all_settled(roots)
    if not settled:
        _apply_all(roots[0], roots[1], consumers)
    with _step("repair"):
        _repair(deployment)
    with _step("smoke query"):
        _smoke(deployment)


def _apply_all(account: Root, main: Root, consumers: list[Root]) -> None:
    """Apply in the order in which one needs the other; what needs nothing goes along."""
    with _step("account root"):
        _apply(account)
    with _step("main root" + ", and what clients' halves can do meanwhile" * bool(consumers)):
        with ThreadPoolExecutor() as pool:
            new = [root for root in consumers if not has_state(root)]
            work = [pool.submit(_apply, main), *(pool.submit(_apply, root, *CONSUMER_GROUNDWORK) for root in new)]
        for one in work:
            one.result()
    if consumers:
        with _step("clients' halves"), ThreadPoolExecutor() as pool:
            list(pool.map(_apply, consumers))


def _all_settled(roots: list[Root]) -> bool:
    """Plan all roots at once: most deployments of a running cloud change nothing, and then this is all there is."""

    def is_settled(root: Root) -> bool:
        root.init()
        return root.is_settled()

    with ThreadPoolExecutor() as pool:
        return all(list(pool.map(is_settled, roots)))


def _plan(project: Project, deployment: Deployment) -> None:
    build(REPOSITORY, REPOSITORY / "build")
    _reach(deployment)
    for root in (_account_root(deployment), _main_root(deployment), *_consumer_roots(project, deployment)):
        ensure_state_bucket(root)
        root.init()
        root.plan()


def _destroy(project: Project, deployment: Deployment, *, asked: bool) -> None:
    if not asked:
        _ask(deployment)
    build(REPOSITORY, REPOSITORY / "build")
    _reach(deployment)
    for root in [*_consumer_roots(project, deployment), _main_root(deployment)]:
        with _step(f"destroy {root.name}"):
            root.init()
            print(f"  {root.destroy()}")


def _ask(deployment: Deployment) -> None:
    print(f"This destroys {deployment.prefix} in account {deployment.account_id}. Type {deployment.environment}:")
    answer = sys.stdin.readline().strip() or "nothing"
    if answer != deployment.environment:
        fix = "type the environment's name, or leave it"
        raise UsageError.at("destroy", "answer", answer, deployment.environment, fix)


def _apply(root: Root, *targets: str) -> None:
    root.init()
    closing = root.apply(*targets)
    if not targets:
        print(f"  {root.name}: {closing}", flush=True)


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


def _consumer_roots(project: Project, deployment: Deployment) -> list[Root]:
    """The clients' halves, which only on the laptop are ours to apply: there, every account is."""
    if deployment.environment != LOCAL_ENVIRONMENT:
        return []
    own = [agreement for agreement in project.clients.values() if agreement.reads_from == "own_account"]
    return [_consumer_root(agreement, deployment) for agreement in own]


def _consumer_root(agreement: Agreement, deployment: Deployment) -> Root:
    return Root(
        name=f"consumer-{agreement.client}",
        folder=INFRA / "consumer",
        environment=deployment.environment,
        state_bucket=state_bucket(agreement.account_id),
        state_key=f"consumer-{agreement.client}.tfstate",
        region=deployment.region,
        variables={
            "client": agreement.client,
            "provider_account_id": deployment.account_id,
            "region": deployment.region,
        },
        settings=environment_of(agreement.account_id, deployment.region),
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
