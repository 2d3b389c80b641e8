"""Every order of every call of registrars, operators and repair: readers see one whole run, and all ends agree."""

from itertools import combinations

import pytest

from insightshare.publish import Ports, register, write_manifest
from tests.fakes import World, ports_on
from tests.unit.publish.explorer import Process, explore
from tests.unit.publish.rules import (
    actors,
    catalog_follows_registry,
    catalog_follows_registry_after_repair,
    published_monday,
    reader_always_has_monday,
    reader_sees_one_whole_run,
    registrar,
    two_written_runs,
)
from tests.unit.publish.scenes import MONDAY, TUESDAY, finished, fresh, manifest_of, started, write_files, written

EVERYBODY = ["registrar", "rollback", "undo", "withdraw", "repair"]
PAIRS = list(combinations(EVERYBODY, 2))
PAIR_NAMES = [" and ".join(pair) for pair in PAIRS]
both_as_ofs = pytest.mark.parametrize("as_of", [MONDAY, TUESDAY], ids=["one as_of", "two as_ofs"])
any_two = pytest.mark.parametrize(("one", "other"), PAIRS, ids=PAIR_NAMES)


@both_as_ofs
def test_two_registrars_end_right_in_every_order(as_of: str) -> None:
    world, older, newer = two_written_runs(MONDAY, as_of)

    seen = explore(world, (registrar(older), registrar(newer)), reader_sees_one_whole_run, catalog_follows_registry)

    assert (seen.violations, seen.orders > 10**6) == ([], True)


def test_the_same_manifest_registered_by_two_at_once_is_published_once() -> None:
    world, _, newer = two_written_runs()

    def published_once(end: World) -> str:
        return "published twice" if len(end.decisions) != 1 else catalog_follows_registry(end)

    seen = explore(world, (registrar(newer), registrar(newer)), reader_sees_one_whole_run, published_once)

    assert seen.violations == []


@both_as_ofs
def test_registrars_that_crash_anywhere_and_begin_again_end_right(as_of: str) -> None:
    world, older, newer = two_written_runs(MONDAY, as_of)

    seen = explore(
        world, (registrar(older), registrar(newer)), reader_sees_one_whole_run, catalog_follows_registry, crashes=1
    )

    assert seen.violations == []


def test_a_write_that_takes_effect_late_is_mended_by_repair() -> None:
    world, run_ids = published_monday()
    _, newer = written(ports_on(world))
    processes = (registrar(newer), actors(run_ids, newer)["rollback"])

    seen = explore(world, processes, reader_always_has_monday, catalog_follows_registry_after_repair, late=1)

    assert seen.violations == []


@any_two
@both_as_ofs
def test_any_two_actors_end_right_in_every_order(one: str, other: str, as_of: str) -> None:
    world, run_ids = published_monday()
    _, newer = written(ports_on(world), as_of)
    processes = actors(run_ids, newer)

    seen = explore(world, (processes[one], processes[other]), reader_always_has_monday, catalog_follows_registry)

    assert seen.violations == []


@pytest.mark.parametrize("operator", ["rollback", "undo", "withdraw", "repair"])
def test_whoever_crashes_anywhere_and_repeats_the_call_ends_right(operator: str) -> None:
    world, run_ids = published_monday()
    process = actors(run_ids, "")[operator]

    seen = explore(world, (process,), reader_always_has_monday, catalog_follows_registry_after_repair, crashes=2)

    assert seen.violations == []


def late_job(ports: Ports, as_of: str = MONDAY) -> tuple[Process, str]:
    """A job that has claimed and written its files: as a process, it writes its manifest, of which S3 then tells."""
    own = started(ports, as_of)
    write_files(ports, own)
    manifest = manifest_of(own)

    def process(at_work: Ports) -> None:
        key = write_manifest(at_work.storage, at_work.registry, manifest)
        register(at_work, key)

    return process, manifest.key


@pytest.mark.parametrize("other", EVERYBODY)
def test_a_manifest_that_is_written_meanwhile_ends_right_in_every_order(other: str) -> None:
    world, run_ids = published_monday()
    job, _ = late_job(ports_on(world))
    _, newer = written(ports_on(world))

    seen = explore(
        world,
        (job, actors(run_ids, newer)[other]),
        reader_always_has_monday,
        catalog_follows_registry_after_repair,
        files_change=True,
    )

    assert seen.violations == []


def test_a_manifest_is_registered_before_its_job_knows_that_it_was_written() -> None:
    """S3 tells of an object before the call that wrote it returns."""
    world, _ = published_monday()
    job, key = late_job(ports_on(world))

    seen = explore(
        world, (job, registrar(key)), reader_always_has_monday, catalog_follows_registry_after_repair, files_change=True
    )

    assert seen.violations == []


@pytest.mark.parametrize("other", ["rollback", "undo", "withdraw", "repair"])
def test_a_run_that_began_first_and_comes_last_changes_nothing_in_any_order(other: str) -> None:
    world, ports = fresh()
    slow = started(ports)
    run_ids = []
    for _ in range(2):
        own, key = written(ports)
        register(ports, key)
        run_ids.append(own.run_id)
    processes = (registrar(finished(ports, slow)), actors(run_ids, "")[other])

    def never_current(end: World) -> str:
        chosen = {decision.run_id for decision in end.decisions.values()}
        return "a slow old run was published" if slow.run_id in chosen else catalog_follows_registry(end)

    seen = explore(world, processes, reader_always_has_monday, never_current)

    assert seen.violations == []


@pytest.mark.long
@any_two
@both_as_ofs
@pytest.mark.parametrize(("crashes", "late"), [(1, 0), (0, 1)], ids=["a crash", "a late write"])
def test_any_two_actors_end_right_whatever_happens_to_one(
    one: str, other: str, as_of: str, crashes: int, late: int
) -> None:
    world, run_ids = published_monday()
    _, newer = written(ports_on(world), as_of)
    processes = actors(run_ids, newer)

    seen = explore(
        world,
        (processes[one], processes[other]),
        reader_always_has_monday,
        catalog_follows_registry_after_repair,
        crashes=crashes,
        late=late,
    )

    assert seen.violations == []


@pytest.mark.long
@both_as_ofs
def test_a_late_write_of_one_of_two_registrars_is_mended_by_repair(as_of: str) -> None:
    world, older, newer = two_written_runs(MONDAY, as_of)
    processes = (registrar(older), registrar(newer))

    seen = explore(world, processes, reader_sees_one_whole_run, catalog_follows_registry_after_repair, late=1)

    assert seen.violations == []
