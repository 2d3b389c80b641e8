"""`python -m demo`: the story, step by step; fails if any client sees more or less than its agreement says."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from demo.platform import Task, deliver, registered_runs, run_jobs
from demo.questions import QUESTIONS, Question
from demo.stopwatch import Stopwatch
from insightshare.aws.athena import Place
from insightshare.aws.deployment import Deployment
from insightshare.aws.glue_jobs import JobRun
from insightshare.aws.laptop import client_session, use_local_cloud
from insightshare.aws.publishing import deployment_ports
from insightshare.aws.reader import Reader
from insightshare.aws.session import own_session, own_workgroup
from insightshare.contract.drift import LEVELS
from insightshare.contract.facts import Project
from insightshare.contract.read import load_project
from insightshare.errors import AccessRefused, QueryFailed
from insightshare.publish.facts import Run
from insightshare.publish.ports import Ports
from insightshare.publish.receipts import read_receipt
from insightshare.share.kit import SMOKE_FILE
from samples.tables import TABLES
from scripts.client_account import ClientAccount, client_accounts

ROOT = Path()
DAILY_SOURCES = ("telco_customers", "feedback_enriched")
DAILY_INSIGHTS = ("interests", "product_area_impact", "churn")

WIDTH_WITHOUT_TERMINAL = 130

console = Console(highlight=False)
if not console.is_terminal:
    console.width = WIDTH_WITHOUT_TERMINAL


def main() -> int:
    """Tell the whole story; return 0 only if everything was as promised."""
    project = load_project(ROOT)
    environment = project.environments["local"]
    deployment = Deployment("local", environment.account_id, environment.region)
    today = datetime.now(UTC).date()
    first, second, third = (str(today - timedelta(days=days)) for days in (2, 1, 0))
    watch = Stopwatch(console)

    with watch.step("start the local AWS"):
        subprocess.run([sys.executable, "-m", "localcloud", "up"], check=True)
        use_local_cloud(deployment)
    with watch.step("fetch public data"):
        subprocess.run([sys.executable, "-m", "samples", "fetch"], check=True)
    with watch.step("deploy with Terraform"):
        subprocess.run([sys.executable, "-m", "scripts.deploy", "local"], check=True)
    session = own_session(deployment.region)
    ports = deployment_ports(session, deployment)

    with watch.step("land the sources"):
        deliver(deployment, first, "normal")
        deliver(deployment, second, "drifted", DAILY_SOURCES)
        deliver(deployment, third, "truncated", ("telco_customers",))
        landed = [Task("land", source, first) for source in TABLES]
        landed += [Task("land", source, second) for source in DAILY_SOURCES]
        ends = run_jobs(session, deployment, [*landed, Task("land", "telco_customers", third)])
    with watch.step("train the model"):
        ends |= run_jobs(session, deployment, [Task("train", "churn", first)])
    with watch.step("score and publish two dates"):
        for day in (first, second):  # the second is compared with the first, which must be published by then
            ends |= run_jobs(session, deployment, [Task("score", insight, day) for insight in DAILY_INSIGHTS])
            registered_runs(ports, DAILY_INSIGHTS)
    with watch.step("a bad day, which the gate rejects"):
        bad_day = Task("score", "churn", third)
        ends |= run_jobs(session, deployment, [bad_day])
        runs = registered_runs(ports, DAILY_INSIGHTS)
    with watch.step("three clients ask"):
        answers = [_ask(project, deployment, question) for question in QUESTIONS]
        answers += [_try_kit(project, deployment, account) for account in client_accounts(project, deployment, today)]

    console.print(_published(ports, runs, {end.run_id: end for end in ends.values()}))
    console.print(watch.table())
    wrong = [f"{task}: {end.message}" for task, end in ends.items() if end.succeeded == (task == bad_day)]
    wrong += [answer for answer in answers if answer]
    for line in wrong:
        console.print(f"[red]not as promised:[/red] {line}", markup=True)
    if not wrong:
        _say_what_next()
    return 1 if wrong else 0


def _ask(project: Project, deployment: Deployment, question: Question) -> str:
    """Ask one question as its client and print the answer; return what was not as promised, or nothing."""
    session = client_session(deployment, project.clients[question.client])
    reader = Reader(session, Place(own_workgroup(session), deployment.database))
    console.print(f"\n[bold]{question.client}[/bold]: {question.says}\n  [cyan]{question.sql}[/cyan]")
    try:
        result = reader.rows(question.sql)
    except (AccessRefused, QueryFailed) as refusal:
        console.print(f"  [yellow]refused[/yellow]: {refusal}", markup=True)
        expected = question.refused_with and question.refused_with in str(refusal)
        return "" if expected else f"{question.client}: {question.says}: {refusal}"
    table = Table(*result.columns)
    for row in result.rows:
        table.add_row(*("NULL" if cell is None else cell for cell in row))
    console.print(table)
    if question.refused_with:
        return f"{question.client}: {question.says}: it was answered"
    return "" if question.rows_match(result.rows) else f"{question.client}: {question.says}: the rows are others"


def _try_kit(project: Project, deployment: Deployment, account: ClientAccount) -> str:
    """Ask the smoke query of a client's kit; return what was not as promised, or nothing."""
    client, sql = account.terms.client, (account.kit / SMOKE_FILE).read_text(encoding="utf-8")
    session = client_session(deployment, project.clients[client])
    seen = Reader(session, Place(account.terms.workgroup, account.terms.link)).rows(sql).rows
    empty = [str(row[0]) for row in seen if row[1] == "0"]
    console.print(f"\n[bold]{client}[/bold]: the smoke query of its kit saw {len(seen)} tables")
    return f"{client}: its kit: {', '.join(empty)} is empty" if empty or len(seen) != len(account.terms.tables) else ""


def _published(ports: Ports, runs: list[Run], ends: dict[str, JobRun]) -> Table:
    columns = ("insight", "as_of", "state", "rows", "checks", "drift", "model", "seconds")
    table = Table(*columns, title="what was published")
    for run in runs:
        receipt = read_receipt(ports.storage, run.insight, run.run_id)
        passed = sum(check["passed"] for check in receipt["checks"])
        end = ends.get(run.job_run_id)
        table.add_row(
            run.insight,
            run.as_of,
            run.state,
            f"{receipt['row_count']:,}",
            f"{passed} of {len(receipt['checks'])} passed",
            _drift(receipt),
            receipt["model_version"] or "",
            f"{end.seconds:.1f}" if end else "",
        )
    return table


def _drift(receipt: Mapping[str, Any]) -> str:
    """How far the run is from the one before, in a few words."""
    if receipt["drift"] is None:
        return ""
    levels = [measure["level"] for measure in receipt["drift"]["measures"]]
    reached = [f"{levels.count(level)} {level}" for level in LEVELS if level in levels]
    return ", ".join(reached) or "none"


def _say_what_next() -> None:
    console.print(
        "\nThe local AWS is still running. Next, after [bold]source .venv/bin/activate[/bold]:\n"
        '  insightshare query --as acme "SELECT * FROM churn_latest LIMIT 5"\n'
        "  less .local/kits/initech/README.md\n"
        "  insightshare runs churn\n"
        "  insightshare receipt churn\n"
        "  insightshare diff churn --rows 5\n"
        "  insightshare rollback churn\n"
        "  make down",
        markup=True,
    )


if __name__ == "__main__":
    sys.exit(main())
