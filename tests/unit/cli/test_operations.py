"""The operators' commands on the ports in memory: what each prints, and that a dry run changes nothing."""

import json
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from insightshare.cli.publishing import repair_command, rollback_command, runs_command, withdraw_command
from insightshare.cli.receipts import receipt_command
from insightshare.cli.retention import pin_command, unpin_command, vacuum_command
from insightshare.errors import UsageError
from insightshare.publish import Ports, State, pin, vacuum
from tests.behaviour.publish_scenes import later, published
from tests.fakes import FakeDesk, World
from tests.unit.publish.scenes import INSIGHT, MONDAY, fresh


def run(ports: Ports, command: click.Command, *words: str, answer: str = "") -> Result:
    return CliRunner().invoke(command, list(words), obj=FakeDesk(ports, INSIGHT), input=answer, catch_exceptions=False)


def printed(ports: Ports, command: click.Command, *words: str) -> Any:
    """What a command prints as JSON."""
    return json.loads(run(ports, command, *words, "--json").output)


@pytest.fixture
def stage() -> tuple[World, Ports, str, str]:
    """A lake with two runs of one as_of, of which the second is current."""
    world, ports = fresh()
    return world, ports, published(ports), published(ports)


COMMANDS = [
    (runs_command, [INSIGHT]),
    (receipt_command, [INSIGHT]),
    (rollback_command, [INSIGHT]),
    (rollback_command, [INSIGHT, "--as-of", MONDAY, "--to", "OLD"]),
    (withdraw_command, [INSIGHT, "--as-of", MONDAY]),
    (pin_command, [INSIGHT, "OLD", "--until", "2026-05-01"]),
    (unpin_command, [INSIGHT, "OLD"]),
    (vacuum_command, [INSIGHT]),
    (repair_command, [INSIGHT]),
    (repair_command, [INSIGHT, "--from-s3"]),
    (repair_command, []),
]


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize(("command", "words"), COMMANDS, ids=lambda part: getattr(part, "name", ""))
def test_a_dry_run_of_any_operation_changes_nothing_and_says_something(
    stage: tuple[World, Ports, str, str], command: click.Command, words: list[str], as_json: list[str]
) -> None:
    world, ports, old, _ = stage
    world.partitions.clear()  # so that repair has something to do
    pin(ports, INSIGHT, old, "2026-02-01")
    before = repr(world)

    result = run(later(ports, days=31), command, *(old if w == "OLD" else w for w in words), "--dry-run", *as_json)

    assert (result.exit_code, repr(world)) == (0, before)
    assert json.loads(result.output) if as_json else result.output


def test_a_rollback_that_is_only_thought_of_has_no_number(stage: tuple[World, Ports, str, str]) -> None:
    _, ports, old, new = stage

    thought = printed(ports, rollback_command, INSIGHT, "--as-of", MONDAY, "--to", old, "--dry-run")
    done = printed(ports, rollback_command, INSIGHT, "--as-of", MONDAY, "--to", old)
    again = printed(ports, rollback_command, INSIGHT, "--as-of", MONDAY, "--to", old, "--dry-run")

    same = {"insight": INSIGHT, "kind": "rollback", "as_of": MONDAY, "run_id": old, "previous_run_id": new}
    assert thought | same == thought and done | same == done
    assert (thought["sequence"], thought["dry_run"], thought["already_decided"]) == (None, True, False)
    assert (done["sequence"], done["dry_run"], done["already_decided"]) == (3, False, False)
    assert (again["already_decided"], again["run_id"]) == (True, old)


def test_undo_and_withdrawal_say_what_they_would_show(stage: tuple[World, Ports, str, str]) -> None:
    _, ports, old, _ = stage

    undone = run(ports, rollback_command, INSIGHT, "--dry-run").output
    withdrawn = run(ports, withdraw_command, INSIGHT, "--as-of", MONDAY, "--dry-run").output

    assert undone == f"rollback churn {MONDAY}: {old} would be current (nothing was changed)\n"
    assert withdrawn == f"withdraw churn {MONDAY}: no run would be current (nothing was changed)\n"


def test_what_may_not_be_done_is_refused_by_the_dry_run_too(stage: tuple[World, Ports, str, str]) -> None:
    _, ports, old, _ = stage
    vacuum(later(ports, days=31), INSIGHT)

    with pytest.raises(UsageError, match="which is deleting, is not a run that readers may see"):
        run(ports, rollback_command, INSIGHT, "--as-of", MONDAY, "--to", old, "--dry-run")


def test_runs_say_since_when_and_until_when(stage: tuple[World, Ports, str, str]) -> None:
    _, ports, old, new = stage
    pin(ports, INSIGHT, old, "2026-05-01")

    rows = printed(ports, runs_command, INSIGHT)

    assert [(row["run"], row["state"], row["pinned_until"]) for row in rows] == [
        (new, "current", None),
        (old, "superseded", "2026-05-01"),
    ]
    assert rows[1]["since_utc"] == "2026-01-31T12:00:00.000Z"


def test_pinning_and_unpinning_say_so(stage: tuple[World, Ports, str, str]) -> None:
    _, ports, old, _ = stage

    held = run(ports, pin_command, INSIGHT, old, "--until", "2026-05-01").output
    freed = printed(ports, unpin_command, INSIGHT, old)

    assert held == f"churn {old}: is kept until the end of 2026-05-01\n"
    assert freed == {"dry_run": False, "insight": INSIGHT, "run": old, "pinned_until": None}


def test_vacuum_prints_its_plan_and_asks_before_it_does_anything(stage: tuple[World, Ports, str, str]) -> None:
    world, ports, old, _ = stage
    before = repr(world)

    refused = run(later(ports, days=31), vacuum_command, INSIGHT, answer="n\n").output
    unchanged = repr(world) == before
    done = run(later(ports, days=31), vacuum_command, INSIGHT, answer="y\n").output

    plan = f"churn: 1 to vacuum, 0 to look at\n  begin to delete {old}: superseded since 2026-01-31T12:00:00.000Z"
    assert refused.startswith(plan) and done.startswith(plan)
    assert (unchanged, done.splitlines()[-1]) == (True, "1 of 1 steps done")
    assert world.runs[INSIGHT, old].state is State.DELETING


def test_vacuum_asks_nothing_where_there_is_nothing_to_do(stage: tuple[World, Ports, str, str]) -> None:
    _, ports, _, _ = stage

    assert run(ports, vacuum_command).output == "churn: 0 to vacuum, 0 to look at\n"
    assert printed(ports, vacuum_command, "--yes") == [
        {"dry_run": False, "insight": INSIGHT, "actions": [], "findings": []}
    ]


def test_vacuum_keeps_runs_for_as_long_as_it_is_told(stage: tuple[World, Ports, str, str]) -> None:
    _, ports, old, _ = stage

    [found] = printed(later(ports, days=8), vacuum_command, INSIGHT, "--keep-days", "7", "--yes")

    assert [(action["kind"], action["run_id"]) for action in found["actions"]] == [("begin to delete", old)]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--json"], "--json: alone is not with --dry-run or --yes"),
        (["--keep-days", "0"], "vacuum: keep: 0:00:00 is not 6:00:00 or longer"),
    ],
)
def test_what_vacuum_cannot_be_told_is_named(stage: tuple[World, Ports, str, str], words: list[str], line: str) -> None:
    with pytest.raises(UsageError, match=line):
        run(stage[1], vacuum_command, INSIGHT, *words)


def test_a_repair_from_the_lake_says_beforehand_what_it_would_restore_and_mend(
    stage: tuple[World, Ports, str, str],
) -> None:
    world, ports, old, new = stage
    for part in (world.counters, world.runs, world.pointers, world.decisions, world.partitions):
        part.clear()

    thought = printed(ports, repair_command, INSIGHT, "--from-s3", "--dry-run")
    done = printed(ports, repair_command, INSIGHT, "--from-s3")

    assert [{**entry, "dry_run": False} for entry in thought] == done
    assert done[0]["restored"] == {"runs": 2, "decisions": 2}
    assert {action["subject"] for action in done[0]["actions"]} == {MONDAY, old, new}


def test_a_registry_that_is_rebuilt_knows_the_pins_and_since_when_runs_are_superseded(
    stage: tuple[World, Ports, str, str],
) -> None:
    world, ports, old, _ = stage
    published(later(ports, hours=1))
    pin(ports, INSIGHT, old, "2026-05-01")
    before = dict(world.runs)
    for part in (world.counters, world.runs, world.pointers, world.decisions):
        part.clear()

    run(ports, repair_command, INSIGHT, "--from-s3")

    assert world.runs == before


def test_a_registry_that_is_rebuilt_knows_nothing_of_runs_that_are_deleted(
    stage: tuple[World, Ports, str, str],
) -> None:
    world, ports, old, new = stage
    vacuum(later(ports, days=31), INSIGHT)
    vacuum(later(ports, days=32), INSIGHT)
    for part in (world.counters, world.runs, world.pointers, world.decisions):
        part.clear()

    run(ports, repair_command, INSIGHT, "--from-s3")

    assert ([run_id for _, run_id in world.runs], (f"{INSIGHT}_runs", old) in world.partitions) == ([new], False)
