"""The command that erases: it asks who without a trace, prints its plan, asks again, and never says who."""

import json

import pytest
from click.testing import CliRunner, Result

from insightshare.cli.erasing import erase_command
from insightshare.errors import UsageError
from insightshare.publish import Ports, State
from tests.behaviour.test_publish_erase import ANNA, BERT, published, rows
from tests.fakes import FakeDesk, World
from tests.unit.publish.scenes import INSIGHT, MONDAY, fresh

WHO = "anna\n"


def run(ports: Ports, *words: str, answers: str = WHO) -> Result:
    named = ["customer_id", *words, "--reference", "request 17"]
    return CliRunner().invoke(erase_command, named, obj=FakeDesk(ports, INSIGHT), input=answers, catch_exceptions=False)


@pytest.fixture
def stage() -> tuple[World, Ports, str]:
    """A lake with one run, that holds two persons."""
    world, ports = fresh()
    return world, ports, published(ports, ANNA, BERT)


def test_the_plan_is_printed_and_nothing_happens_without_a_yes(stage: tuple[World, Ports, str]) -> None:
    world, ports, _ = stage
    before = repr(world)

    said = run(ports, answers=f"{WHO}n\n")

    assert f"rewrite {MONDAY}: its current run holds the person" in said.stdout
    assert (repr(world), "Done" in said.stdout) == (before, False)


def test_a_dry_run_asks_only_who_and_changes_nothing(stage: tuple[World, Ports, str]) -> None:
    world, ports, _ = stage
    before = repr(world)

    [found] = json.loads(run(ports, "--dry-run", "--json").stdout)

    assert (found["dry_run"], [action["kind"] for action in found["actions"]]) == (True, ["rewrite"])
    assert repr(world) == before


def test_a_yes_erases_and_says_where_it_is_recorded_and_what_is_out_of_reach(stage: tuple[World, Ports, str]) -> None:
    world, ports, replaced = stage

    said = run(ports, INSIGHT, answers=f"{WHO}y\n").stdout

    pointer = ports.registry.pointer(INSIGHT, MONDAY)
    assert pointer is not None and rows(ports, pointer.run_id or "") == BERT
    assert world.runs[INSIGHT, replaced].state is State.SUPERSEDED
    assert "runs/churn/erasures/" in said and "copies and query results that clients made" in said
    assert said.splitlines()[-1] == "Repeat this when vacuum has run, until nothing is left."


def test_nobody_is_named_in_what_is_printed(stage: tuple[World, Ports, str]) -> None:
    said = run(stage[1], "--yes")

    assert "anna" not in said.stdout + said.stderr


def test_where_nobody_is_found_nothing_is_asked_and_nothing_written(stage: tuple[World, Ports, str]) -> None:
    world, ports, _ = stage
    before = repr(world)

    said = run(ports, answers="carl\n")

    assert (said.stdout, repr(world)) == ("churn: nothing is left\n", before)


def test_a_column_of_no_insight_is_refused() -> None:
    _, ports = fresh()

    with pytest.raises(UsageError, match="erase: column: 'shoe_size' is not a column of churn"):
        CliRunner().invoke(
            erase_command,
            ["shoe_size", "--reference", "17"],
            obj=FakeDesk(ports, INSIGHT),
            input=WHO,
            catch_exceptions=False,
        )


def test_a_program_has_to_say_whether_it_means_it() -> None:
    _, ports = fresh()

    with pytest.raises(UsageError, match="erase: --json: alone is not with --dry-run or --yes"):
        run(ports, "--json")
