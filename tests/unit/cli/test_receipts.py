"""`insightshare receipt --as CLIENT`: the receipt, and of the profile what the client's agreement lets it see."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from insightshare.cli.receipts import receipt_command
from insightshare.contract.read import load_project
from insightshare.errors import AccessRefused
from insightshare.publish import Ports, register, withdraw, write_manifest
from tests.fakes import FakeDesk
from tests.unit.publish.scenes import MONDAY, fresh, manifest_of, started, write_files

ROOT = Path(__file__).resolve().parents[3]
ALL, MONTHLY, YEARLY = ({"count": 50, "nulls": 0, "distinct": 3, "top": []} | {"max_length": n} for n in (1, 2, 3))
MOVES = [{"column": "risk_category", "before": "low", "after": "high", "entities": 20}]


@pytest.fixture
def ports() -> Ports:
    """A lake with one published run, which has a profile over all rows and over those of both clients."""
    _, ports = fresh()
    own = started(ports)
    write_files(ports, own)
    filters = {"contract = 'Month-to-month'": MONTHLY, "contract IN ('One year', 'Two year')": YEARLY}
    profiles = [{"rows": rows, "row_count": 50, "profile": {"contract": found}} for rows, found in filters.items()]
    manifest = replace(manifest_of(own), profile={"contract": ALL}, reader_profiles=tuple(profiles))
    register(ports, write_manifest(ports.storage, ports.registry, manifest))
    return ports


def seen(ports: Ports, client: str, today: date = date(2026, 12, 1)) -> Any:
    """What the command prints for a client as JSON."""
    desk = FakeDesk(ports)
    desk.__dict__ |= {"project": load_project(ROOT), "today": today}
    words = ["churn", "--as", client, "--json"]
    return json.loads(CliRunner().invoke(receipt_command, words, obj=desk, catch_exceptions=False).output)


def test_a_client_sees_the_receipt_and_the_profile_of_its_own_rows(ports: Ports) -> None:
    found = seen(ports, "acme")

    assert found["row_count"] == 2
    assert (found["profile"], found["moves"]) == ({"contract": MONTHLY}, None)


def test_another_client_sees_the_profile_of_its_own(ports: Ports) -> None:
    assert seen(ports, "globex")["profile"] == {"contract": YEARLY}


def test_a_run_that_was_withdrawn_has_a_profile_only_for_readers_of_runs(ports: Ports) -> None:
    withdraw(ports, "churn", MONDAY)

    assert seen(ports, "acme")["profile"] == {"contract": MONTHLY}
    assert seen(ports, "globex")["profile"] is None  # its agreement is on history and latest alone


def test_before_its_agreement_begins_a_client_is_refused(ports: Ports) -> None:
    with pytest.raises(AccessRefused, match=r"client acme: insight: churn is not one that it may read now"):
        seen(ports, "acme", date(2026, 1, 31))


def test_people_get_the_profile_column_by_column(ports: Ports) -> None:
    desk = FakeDesk(ports)
    desk.__dict__ |= {"project": load_project(ROOT), "today": date(2026, 12, 1)}

    shown = CliRunner().invoke(receipt_command, ["churn", "--as", "acme"], obj=desk, catch_exceptions=False).output

    assert "\ncontract\ncount       50\n" in shown
