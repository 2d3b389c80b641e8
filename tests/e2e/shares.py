"""What clients do in a deployed demo: ask, and see their shares taken away and given back. Asserts nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from insightshare.aws.athena import Place
from insightshare.aws.reader import Reader
from insightshare.errors import AccessRefused, QueryFailed
from tests.e2e.checkout import REGION, Checkout

ASKED = "SELECT count(*) AS n FROM churn_latest"


@dataclass(frozen=True)
class Kit:
    """One client's kit in the checkout, with the account that it was deployed in."""

    checkout: Checkout
    client: str
    account: str

    def text(self, name: str) -> str:
        return (self.checkout.folder / ".local/kits" / self.client / name).read_text()

    @property
    def queries(self) -> list[str]:
        """The statements of the guide and of the smoke query."""
        return [*re.findall(r"```sql\n(.*?)```", self.text("README.md"), re.DOTALL), self.text("smoke.sql")]

    def ask(self, sql: str) -> list[tuple[str | None, ...]]:
        """The rows that the client's analyst gets."""
        session = self.checkout.session(self.account, f"arn:aws:iam::{self.account}:role/insightshare-analyst")
        return [tuple(row) for row in Reader(session, Place(f"insightshare-{self.client}", "insights")).rows(sql).rows]

    def refusal(self) -> str:
        """Why a plain question is not answered; empty if it is."""
        try:
            self.ask(ASKED)
        except (AccessRefused, QueryFailed) as error:
            return str(error)
        return ""

    def examine(self) -> subprocess.CompletedProcess[str]:
        """The doctor on the client's side, with the rights of the account's administrator."""
        keys = {"AWS_ACCESS_KEY_ID": self.account, "AWS_SECRET_ACCESS_KEY": "any", "AWS_REGION": REGION}
        share = f".local/kits/{self.client}/share.yaml"
        return subprocess.run(
            [sys.executable, "-m", "insightshare", "doctor", "--share", share],
            cwd=self.checkout.folder,
            env={**os.environ, **keys, "AWS_ENDPOINT_URL": self.checkout.endpoint},
            capture_output=True,
            text=True,
            check=False,
        )


@dataclass(frozen=True)
class Absence:
    """Why clients were refused while one agreement was gone and another one over, and after both were back.

    The deployment in which they were away also gave an insight a new title: each costs a minute.
    """

    said: str
    latest: tuple[Mapping[str, Any], Mapping[str, Any]]
    """Glue's entry of `churn_latest` before that deployment and after it."""
    ended: str
    removed: str
    again: Mapping[str, str]


def be_away(checkout: Checkout, ended: Kit, removed: Kit) -> Absence:
    """Deploy without one client, with the other's last day past, and with a new title; then as it was, but for that."""
    before = checkout.latest_table("churn")
    yesterday = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
    agreement = checkout.folder / f"clients/{removed.client}.yaml"
    text = agreement.read_text()
    last_day = re.search(r'end: "(.*?)"', (checkout.folder / f"clients/{ended.client}.yaml").read_text())
    assert last_day is not None
    put_back = checkout.edit(f"clients/{ended.client}.yaml", last_day[0], f'end: "{yesterday}"')
    agreement.unlink()
    checkout.edit("insights/churn/contract.odcs.yaml", "name: Churn\n", "name: Churn of customers\n")
    said = checkout.run("scripts.deploy", "local").stdout
    after = checkout.latest_table("churn")
    refused = ended.refusal(), removed.refusal()

    put_back()
    agreement.write_text(text)
    checkout.run("scripts.deploy", "local")

    return Absence(said, (before, after), *refused, {kit.client: kit.refusal() for kit in (ended, removed)})
