"""Erasure of one person, one suite on the ports in memory and on the local AWS; a row is a line of a file."""

import json
from dataclasses import replace
from typing import Any

import pytest

from insightshare.errors import PlatformError, UsageError
from insightshare.publish import Claim, Kind, Ports, State, pin, register, rollback, undo, vacuum, withdraw
from insightshare.publish import write_manifest as finish
from insightshare.publish.erasure import erase, gather
from insightshare.publish.erasure_plan import ErasurePlan, Order, plan
from insightshare.publish.layout import manifest_key, manifests_folder, receipt_key, run_folder
from insightshare.publish.scrubbing import Subject
from tests.behaviour.publish_scenes import later, shown
from tests.behaviour.publish_stage import Stage, aws_stage, fake_stage
from tests.fakes import FakeEditor
from tests.unit.publish.scenes import INSIGHT, MONDAY, TUESDAY, location, manifest_of, started, write_files

ANNA, BERT, CARL = b"anna", b"bert", b"carl"
ORDER = Order(INSIGHT, Subject("customer_id", "anna"), "request 17")


@pytest.fixture(params=["memory", "aws"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """The same suite on both."""
    return fake_stage() if request.param == "memory" else aws_stage(request.getfixturevalue("cloud"))


def job(ports: Ports, *people: bytes, as_of: str = MONDAY, **manifest: Any) -> str:
    """A run with a row for each of these people; returns the manifest's key."""
    own = started(ports, as_of)
    return job_of(ports, own, *people, **manifest)


def job_of(ports: Ports, own: Claim, *people: bytes, **manifest: Any) -> str:
    body = b"\n".join(people)
    write_files(ports, own, (body,))
    return finish(ports.storage, ports.registry, replace(manifest_of(own, (body,)), **manifest))


def published(ports: Ports, *people: bytes, as_of: str = MONDAY, **manifest: Any) -> str:
    return register(ports, job(ports, *people, as_of=as_of, **manifest)).run.run_id


def erased(ports: Ports, order: Order = ORDER) -> ErasurePlan:
    return erase(ports, FakeEditor(ports, order.subject.value), order)


def current(ports: Ports, as_of: str = MONDAY) -> str:
    pointer = ports.registry.pointer(INSIGHT, as_of)
    return (pointer.run_id if pointer else "") or ""


def rows(ports: Ports, run_id: str) -> bytes:
    return b"".join(
        ports.storage.read(item.key, 10**6) or b"" for item in ports.storage.list(run_folder(INSIGHT, run_id))
    )


def anywhere(ports: Ports) -> list[str]:
    """Every version of every object of the lake that is not a delete mark, by key."""
    return [version.key for version in ports.storage.versions("") if version.size_bytes and not version.is_mark]


def steps(found: ErasurePlan) -> list[str]:
    return [f"{action.kind} {action.what}" for action in found.actions]


def test_the_current_run_of_each_as_of_is_replaced_by_its_copy_without_the_person(stage: Stage) -> None:
    ports = stage.ports
    published(ports, ANNA, BERT)
    untouched = published(ports, BERT, as_of=TUESDAY)

    done = erased(ports)

    assert (steps(done), rows(ports, current(ports))) == ([f"rewrite {MONDAY}"], BERT)
    assert current(ports, TUESDAY) == untouched
    assert shown(ports)["as_ofs"][MONDAY] == location(ports, current(ports))
    last = ports.registry.last_decision(INSIGHT)
    assert last is not None and (last.kind, last.as_of, last.run_id) == (Kind.ERASE, MONDAY, current(ports))


def test_nothing_is_left_of_the_person_when_vacuum_is_done(stage: Stage) -> None:
    ports = stage.ports
    replaced = published(ports, ANNA, BERT)

    first, second = erased(ports), erased(ports)
    vacuum(later(ports, hours=7), INSIGHT)
    vacuum(later(ports, hours=14), INSIGHT)
    last = erased(ports)

    assert (first.condemned, second.actions, second.condemned) == ((replaced,), (), (replaced,))
    assert (last.is_finished, str(last)) == (True, "churn: nothing is left")
    assert not [key for key in anywhere(ports) if replaced in key and not key.startswith("receipts/")]


def test_superseded_withdrawn_and_rejected_runs_that_hold_the_person_are_condemned(stage: Stage) -> None:
    ports = stage.ports
    superseded, harmless, _ = published(ports, ANNA), published(ports, BERT), published(ports, BERT)
    withdrawn = published(ports, ANNA, as_of=TUESDAY)
    withdraw(ports, INSIGHT, TUESDAY)
    rejected = published(ports, ANNA, passed=False)

    done = erased(ports)

    assert sorted(steps(done)) == sorted(f"condemn {run_id}" for run_id in (superseded, withdrawn, rejected))
    assert harmless not in done.condemned and len(done.condemned) == 3


def test_a_pin_does_not_save_a_run_that_holds_the_person(stage: Stage) -> None:
    ports = stage.ports
    held = published(ports, ANNA)
    published(ports, BERT)
    pin(ports, INSIGHT, held, "9999-12-31")

    erased(ports)
    vacuum(later(ports, hours=7), INSIGHT)

    run = ports.registry.run(INSIGHT, held)
    assert run is not None and (run.state, run.pinned_until) == (State.DELETING, "")
    assert b"9999" not in (ports.storage.read(f"{manifests_folder(INSIGHT)}pins/{held}.json", 1000) or b"")


def test_no_operator_brings_a_condemned_run_back(stage: Stage) -> None:
    ports = stage.ports
    replaced = published(ports, ANNA, BERT)
    erased(ports)

    with pytest.raises(UsageError, match=r"condemned by erasure [0-9]+, is not a run that no erasure has to delete"):
        rollback(ports, INSIGHT, MONDAY, replaced)
    with pytest.raises(UsageError, match="condemned by"):
        undo(ports, INSIGHT)


def test_a_run_that_is_published_while_the_copy_is_written_is_not_lost_and_is_copied_too(stage: Stage) -> None:
    ports = stage.ports
    published(ports, ANNA, CARL)
    editor = FakeEditor(ports, "anna")
    newer: list[str] = []

    def publish_once() -> None:
        if not newer:
            newer.append(published(ports, ANNA, BERT))

    editor.meanwhile = publish_once
    done = erase(ports, editor, ORDER)

    now = ports.registry.run(INSIGHT, current(ports))
    assert (rows(ports, current(ports)), newer[0] in done.condemned) == (BERT, True)
    assert now is not None and now.condemned_by == ""
    assert erased(ports).actions == ()


def test_a_copy_of_a_run_that_is_not_current_any_more_is_superseded_at_once(stage: Stage) -> None:
    ports = stage.ports
    copied, newer = published(ports, ANNA, BERT), published(ports, BERT, CARL)

    copy = published(ports, BERT, replaces=copied)

    run = ports.registry.run(INSIGHT, copy)
    assert run is not None and (run.state, current(ports)) == (State.SUPERSEDED, newer)
    assert shown(ports)["as_ofs"][MONDAY] == location(ports, newer)


def test_a_run_without_the_person_that_is_published_meanwhile_stays(stage: Stage) -> None:
    ports = stage.ports
    published(ports, ANNA, CARL)
    editor = FakeEditor(ports, "anna")
    newer: list[str] = []
    editor.meanwhile = lambda: newer.append(published(ports, BERT))

    erase(ports, editor, ORDER)

    assert current(ports) == newer[0]


def test_two_persons_erased_at_once_are_both_gone(stage: Stage) -> None:
    ports = stage.ports
    published(ports, ANNA, BERT, CARL)
    editor = FakeEditor(ports, "anna")
    other = replace(ORDER, subject=Subject("customer_id", "bert"))
    once = iter([lambda: erased(ports, other)])
    editor.meanwhile = lambda: next(once, lambda: None)()

    erase(ports, editor, ORDER)

    kept = [run for run in ports.registry.runs(INSIGHT) if not run.condemned_by]
    assert ([run.run_id for run in kept], rows(ports, current(ports))) == ([current(ports)], CARL)


def test_a_copy_that_lost_to_a_newer_run_is_condemned_too(stage: Stage) -> None:
    ports = stage.ports
    published(ports, ANNA, CARL)
    editor, once = FakeEditor(ports, "anna"), iter([True])
    editor.meanwhile = lambda: next(once, False) and published(ports, ANNA, BERT)

    erase(ports, editor, ORDER)

    kept = [run.run_id for run in ports.registry.runs(INSIGHT) if not run.condemned_by]
    assert (kept, rows(ports, current(ports))) == ([current(ports)], BERT)


def test_the_copy_that_another_erasure_is_writing_is_left_alone_and_waited_for(stage: Stage) -> None:
    ports = stage.ports
    published(ports, ANNA, CARL)
    published(ports, BERT, as_of=TUESDAY)
    editor, other = FakeEditor(ports, "anna"), replace(ORDER, subject=Subject("customer_id", "carl"))
    found: list[ErasurePlan] = []
    editor.meanwhile = lambda: found.append(plan(gather(ports, FakeEditor(ports, "carl"), other)))

    erase(ports, editor, ORDER)

    [meanwhile] = found
    assert (steps(meanwhile), len(meanwhile.waiting)) == ([f"rewrite {MONDAY}"], 1)
    assert (erased(ports).actions, erased(ports, other).waiting) == ((), ())


def test_an_as_of_whose_next_run_is_being_made_waits_for_it(stage: Stage) -> None:
    ports = stage.ports
    holding = published(ports, ANNA)
    own = started(ports)

    waiting = erased(ports)
    register(ports, job_of(ports, own, ANNA, BERT))
    done = erased(ports)

    assert (waiting.actions, len(waiting.waiting)) == ((), 1)
    assert f"run {own.run_id} of {MONDAY} is being made" in waiting.waiting[0]
    assert (rows(ports, current(ports)), set(done.condemned)) == (BERT, {holding, own.run_id})


def test_what_a_dead_job_left_is_condemned_a_day_later(stage: Stage) -> None:
    ports, own = stage.ports, started(stage.ports)
    published(ports, BERT)
    write_files(ports, own, (ANNA,))

    done = erased(later(ports, hours=25))
    vacuum(later(ports, hours=26), INSIGHT)
    vacuum(later(ports, hours=33), INSIGHT)

    assert (steps(done), rows(ports, own.run_id)) == ([f"condemn {own.run_id}"], b"")
    assert not [key for key in anywhere(ports) if key.startswith(run_folder(INSIGHT, own.run_id))]


def test_an_erasure_that_crashed_while_it_wrote_a_copy_does_not_wait_for_itself(stage: Stage) -> None:
    ports = stage.ports
    published(ports, ANNA, BERT)
    editor = FakeEditor(ports, "anna")

    def crash() -> None:
        raise KeyboardInterrupt

    editor.meanwhile = crash
    with pytest.raises(KeyboardInterrupt):
        erase(ports, editor, ORDER)
    done = erased(ports)

    assert (done.waiting, rows(ports, current(ports))) == ((), BERT)


def naming(**more: Any) -> dict[str, Any]:
    """What a manifest says of rows: the person's name, and the same word where it means something else."""
    check = {**manifest_of(started_nowhere()).checks[0], "failing_keys": [["anna"], ["bert"]], **more}
    profile = {
        "customer_id": {"count": 1, "top": [{"value": "anna", "count": 1}]},
        "plan": {"top": [{"value": "anna"}]},
    }
    return {"checks": (check,), "profile": profile}


def started_nowhere() -> Claim:
    return Claim(INSIGHT, MONDAY, "20260131T120000000Z-00000000", 1, "jr", "2026-01-31T12:00:00.000Z")


def test_what_was_written_down_about_runs_that_do_not_hold_the_person_forgets_them(stage: Stage) -> None:
    ports = stage.ports
    run_id = published(ports, BERT, **naming())

    done = erased(ports)

    kept = json.loads(ports.storage.read(manifest_key(INSIGHT, run_id), 10**6) or b"")
    assert steps(done) == [f"scrub {manifest_key(INSIGHT, run_id)}"]
    assert kept["checks"][0]["failing_keys"] == [["[erased]"], ["bert"]]
    assert kept["profile"]["customer_id"]["top"] == [{"value": "[erased]", "count": 1}]
    assert kept["profile"]["plan"]["top"] == [{"value": "anna"}]
    assert len([key for key in anywhere(ports) if key == manifest_key(INSIGHT, run_id)]) == 1


def test_an_event_for_a_manifest_that_forgot_somebody_changes_nothing(stage: Stage) -> None:
    ports = stage.ports
    run_id = published(ports, BERT, **naming())
    erased(ports)
    before = shown(ports)

    again = register(ports, manifest_key(INSIGHT, run_id))

    assert (again.first, shown(ports)) == (False, before)


def test_older_versions_are_purged_and_what_is_read_stays(stage: Stage) -> None:
    ports = stage.ports
    run_id = published(ports, BERT)
    receipt = receipt_key(INSIGHT, run_id)
    body = ports.storage.read(receipt, 10**6) or b""
    stage.overwrite(f"{run_folder(INSIGHT, run_id)}_note", ANNA)
    stage.remove(f"{run_folder(INSIGHT, run_id)}_note")
    ports.storage.overwrite(receipt, body)

    done = erased(ports)

    assert {action.kind for action in done.actions} <= {"purge"}
    assert ports.storage.read(receipt, 10**6) == body
    assert ports.storage.read(f"{run_folder(INSIGHT, run_id)}_note", 100) is None
    assert (len([key for key in anywhere(ports) if key == receipt]), erased(ports).is_finished) == (1, True)


def test_the_record_says_what_was_done_and_what_is_out_of_reach_and_never_who(stage: Stage) -> None:
    ports = stage.ports
    replaced = published(ports, ANNA, BERT)

    done = erased(ports)

    record = json.loads(ports.storage.read(done.record, 10**6) or b"")
    assert (record["column"], record["reference"], record["condemned"]) == ("customer_id", "request 17", [replaced])
    assert any("clients made" in line for line in record["out_of_reach"])
    everything = [
        ports.storage.read(item.key, 10**6) or b"" for item in ports.storage.list(f"runs/{INSIGHT}/erasures/")
    ]
    assert len(everything) == 2 and not any(ANNA in body for body in everything)


def test_an_erasure_that_is_only_thought_of_changes_nothing(stage: Stage) -> None:
    ports = stage.ports
    published(ports, ANNA, BERT)
    before = (shown(ports), anywhere(ports), ports.registry.runs(INSIGHT))

    found = plan(gather(ports, FakeEditor(ports, "anna"), ORDER))

    assert (steps(found), (shown(ports), anywhere(ports), ports.registry.runs(INSIGHT))) == (
        [f"rewrite {MONDAY}"],
        before,
    )


def test_files_that_nobody_claimed_are_named_and_wait_for_vacuum(stage: Stage) -> None:
    ports, own = stage.ports, started(stage.ports)
    write_files(ports, own, (ANNA,))
    stage.forget_registry()

    found = erased(ports)

    assert (found.actions, found.is_finished) == ((), False)
    assert "holds the person, and nobody claimed it" in found.waiting[0]


def test_a_current_run_whose_manifest_is_lost_cannot_be_copied(stage: Stage) -> None:
    run_id = published(stage.ports, ANNA)
    stage.remove(manifest_key(INSIGHT, run_id))

    with pytest.raises(PlatformError, match="manifest: a missing object is not that of the current run"):
        erased(stage.ports)


def test_a_reference_that_names_the_person_is_refused() -> None:
    with pytest.raises(UsageError, match="reference: the person's own value is not a text that names nobody"):
        Order(INSIGHT, Subject("customer_id", "anna"), "letter of anna")


def test_neither_an_order_nor_a_subject_prints_who_it_is() -> None:
    assert "anna" not in f"{ORDER} {ORDER!r} {ORDER.subject}"
