"""`insightshare doctor` as it is typed: what it prints, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from insightshare.cli import main
from insightshare.share.terms import write_terms
from tests.behaviour.share_parts import make_role
from tests.behaviour.share_stage import OUTSIDER, ROOT, Healthy, ShareStage
from tests.conftest import PROVIDER, Cloud


@pytest.fixture(scope="module")
def stage(cloud: Cloud) -> Iterator[ShareStage]:
    yield Healthy(cloud).share()
    cloud.reset()


@pytest.fixture
def share(stage: ShareStage, tmp_path: Path) -> Path:
    """The kit's file, of an agreement that does not end."""
    write_terms(replace(stage.terms, start=date(2000, 1, 1), end=date(9999, 12, 31)), tmp_path / "share.yaml")
    return tmp_path / "share.yaml"


def run(cloud: Cloud, account: str, *words: str, **more: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(ROOT), "doctor", *words], env={**cloud.environment(account), **more})


def test_a_healthy_share_is_met_with_silence(cloud: Cloud, share: Path) -> None:
    result = run(cloud, OUTSIDER, "--share", str(share))

    assert (result.exit_code, result.stdout) == (0, ""), result.output
    assert result.stderr.endswith(" well\n")


def test_all_that_is_well_is_told_when_asked_for(cloud: Cloud, share: Path) -> None:
    result = run(cloud, OUTSIDER, "--share", str(share), "--all")

    assert result.stdout.startswith("ok      account: you are signed in to the account that the share is for\n")


def test_a_fault_is_one_line_and_its_cure_another(cloud: Cloud, share: Path) -> None:
    result = run(cloud, OUTSIDER, "--share", str(share), "--region", "eu-central-1")

    assert result.exit_code == 1
    assert result.stdout.startswith(
        "FAILED  region: you look in eu-central-1; the share is in eu-west-1\n"
        "        the client: export AWS_REGION=eu-west-1\n"
        "?       administrator: not judged before region is well\n"
    )


def test_programs_get_every_finding(cloud: Cloud, share: Path) -> None:
    result = run(cloud, PROVIDER, "--share", str(share), "--json")

    findings = json.loads(result.stdout)
    assert result.exit_code == 1
    assert findings[0] == {
        "check": "account",
        "state": "failed",
        "why": f"you are signed in to account {PROVIDER}",
        "cure": f"sign in to account {OUTSIDER}",
        "whose": "client",
    }


def test_it_ends_apart_where_something_could_not_be_looked_at(cloud: Cloud, stage: ShareStage, share: Path) -> None:
    make_role(stage.theirs("iam"), "nobody", {"AWS": OUTSIDER}, [{"Effect": "Deny", "Action": "*", "Resource": "*"}])
    keys = cloud.assume(f"arn:aws:iam::{OUTSIDER}:role/nobody", OUTSIDER)
    names = {"ACCESS_KEY_ID": "AccessKeyId", "SECRET_ACCESS_KEY": "SecretAccessKey", "SESSION_TOKEN": "SessionToken"}

    credentials = {f"AWS_{name}": str(keys[key]) for name, key in names.items()}
    result = run(cloud, OUTSIDER, "--share", str(share), **credentials)

    assert result.exit_code == 3
    assert "?       shares: could not be looked at: shared resources: " in result.stdout


def test_the_providers_side_is_named_by_the_client(cloud: Cloud, share: Path) -> None:
    result = run(cloud, OUTSIDER, "acme")

    assert result.exit_code == 1
    assert f"FAILED  account: you are signed in to account {OUTSIDER}\n" in result.stdout


def test_who_is_nobody_gets_one_line(cloud: Cloud, share: Path) -> None:
    result = run(cloud, "not-a-key", "--share", str(share))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("session: credentials: [") and result.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [(), ("acme", "--share", "share.yaml")], ids=["neither", "both"])
def test_one_side_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    (tmp_path / "share.yaml").touch()
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(main, ["doctor", *words])

    found = "both" if words else "nothing"
    fix = "name the client on the provider's side, or give --share on the client's"
    assert result.stderr == f"doctor: CLIENT, --share: {found} is not one of them. Fix: {fix}.\n"
