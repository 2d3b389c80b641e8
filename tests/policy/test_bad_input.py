"""What people get wrong in agreements is one line each, before anything is built and before Terraform is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.policy.project_copy import ProjectCopy

CLIENT = """\
# yaml-language-server: $schema=../schemas/client.schema.json
client: {name}
account_id: "{account}"
reads_from: own_account
organisation: outside
purpose: To be refused.
contact: data@refused.example
start: "2026-11-01"
end: "2027-10-31"
insights:
  churn:
    columns: [{column}]
    rows: {rows}
"""
RIGHT = {"account": "777777777777", "column": "contract", "rows": "contract = 'One year'"}
WRONG = {
    "short": {"account": "77777777771"},
    "ours": {"account": "111111111111"},
    "twice": {"account": "222222222222"},
    "computed": {"account": "777777777772", "rows": "lower(contract) = 'one year'"},
    "renamed": {"account": "777777777773", "column": "contract_term"},
    "guessed": {"account": "777777777774", "column": "churn_probability"},
}
SAYS = {
    "short": 'account_id: "77777777771" is not an AWS account id of 12 digits, in quotes. Fix: correct it.',
    "ours": "account_id: our own account of environment local is not a client's account. "
    "Fix: write the client's account id.",
    "twice": "account_id: the account of clients/acme.yaml is not an account with no other agreement. "
    "Fix: put both agreements into one file, or correct the account id.",
    "computed": "insights.churn.rows: a filter that Lake Formation refuses (function lower is not allowed) is not one "
    "in its grammar. Fix: compare columns of the insight with constants, joined by AND, OR and brackets.",
    "renamed": "insights.churn.columns: column contract_term is not customer_id, churn_probability, health_score, "
    "risk_category, contract, tenure_months or monthly_charges. Fix: write contract.",
    "guessed": "insights.churn.purposes: nothing is not what the inferred churn_probability may be used for "
    "(account_reviews or retention). Fix: add purposes, or leave the inferred columns out.",
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """A plan of the project with each mistake in an agreement of its own, and the file that a Terraform would leave."""
    folder = tmp_path_factory.mktemp("refused")
    project, started = ProjectCopy.at(folder / "project"), folder / "started"
    for name, mistake in WRONG.items():
        project.write(f"clients/{name}.yaml", CLIENT.format(name=name, **(RIGHT | mistake)))
    terraform = folder / "terraform"
    terraform.write_text(f"#!/bin/sh\ntouch '{started}'\nexit 1\n")
    terraform.chmod(0o755)
    command = [sys.executable, "-m", "scripts.deploy", "local", "--plan"]
    environment = {**os.environ, "TERRAFORM": str(terraform)}
    return subprocess.run(
        command, cwd=project.folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    ), started


def test_each_mistake_is_one_line_that_says_what_to_do(
    refused: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, _ = refused

    assert done.stdout == ""
    assert sorted(done.stderr.splitlines()) == sorted(f"clients/{name}.yaml: {line}" for name, line in SAYS.items())


def test_nothing_is_built_and_no_terraform_is_started(
    refused: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, started = refused

    assert done.returncode == 1
    assert not started.exists()
    assert not (started.parent / "project" / "build").exists()
