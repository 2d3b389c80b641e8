"""A client's own dbt project builds its models on a shared table, with dbt-athena as it is, and builds them again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.behaviour.athena_lake import Lake
from tests.behaviour.shared_lake import SharedLake, shared_lake
from tests.conftest import ACME, Cloud, running_cloud

pytestmark = [pytest.mark.dbt, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
DBT = ROOT / ".venv-dbt" / "bin" / "dbt"
TYPES = {"customer_id": "string", "contract": "string", "churn_probability": "double"}
ROWS = {
    "customer_id": ["C1", "C2", "C3", "C4"],
    "contract": ["monthly", "yearly", "monthly", "monthly"],
    "churn_probability": [0.9, 0.95, 0.6, 0.1],
}


@dataclass(frozen=True)
class Project:
    """A copy of the client's project, and the share that it builds on."""

    folder: Path
    share: SharedLake

    def dbt(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run dbt as the client's analyst."""
        said = {
            "DBT_LINK": self.share.link,
            "DBT_DATABASE": self.share.database,
            "DBT_BUCKET": self.share.bucket,
            "DBT_WORKGROUP": self.share.workgroup,
        }
        command = [str(DBT), "--no-use-colors", *words, "--profiles-dir", "."]
        environment = self.share.environment() | said
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=240
        )

    def rows(self, table: str) -> list[list[str | None]]:
        """What a table of the client's database holds, in order."""
        client = self.share.lake.cloud.client("athena", ACME, self.share.lake.cloud.assume(self.share.role, ACME))
        output = {"OutputLocation": f"s3://{self.share.bucket}/answers/"}
        sql = f"SELECT * FROM {self.share.database}.{table} ORDER BY 1"
        answer = Lake.ask(self.share.lake, sql, client, ResultConfiguration=output)
        assert answer.state == "SUCCEEDED", answer.reason
        return answer.rows


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running_cloud(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(scope="module")
def project(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("dbt") / "client"
    shutil.copytree(Path(__file__).parent / "client", folder)
    return Project(folder, shared_lake(cloud, ROWS, TYPES, "contract = 'monthly'"))


@pytest.fixture(scope="module")
def built(project: Project) -> str:
    """What dbt says of building every model, and of testing models and the shared table."""
    done = project.dbt("build")
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_every_model_is_built_and_every_test_of_it_and_of_the_share_passes(built: str) -> None:
    assert "PASS=7 WARN=0 ERROR=0 SKIP=0" in built


def test_models_hold_the_rows_that_the_agreement_shows_and_no_others(project: Project, built: str) -> None:
    day = "2026-11-20"

    assert project.rows("contacts") == [["C1", "now", day], ["C3", "soon", day]]
    assert project.rows("contacts_by_urgency") == [["now", day, "1"], ["soon", day, "1"]]


def test_a_second_build_replaces_the_first(project: Project, built: str) -> None:
    done = project.dbt("run")

    assert "PASS=2 WARN=0 ERROR=0 SKIP=0" in done.stdout, done.stdout
    assert len(project.rows("contacts")) == 2


def test_a_model_on_what_is_not_shared_fails_with_athenas_words(project: Project, built: str) -> None:
    (project.folder / "models" / "beyond.sql").write_text("SELECT income FROM {{ source('shared', 'churn') }}\n")

    done = project.dbt("run", "--select", "beyond")

    assert done.returncode == 1
    assert "Column 'income' cannot be resolved or requester is not authorized" in done.stdout
