"""Several registrars at once on the local AWS, with readers looping: each read is a whole run, and the end is right."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from insightshare.errors import InsightshareError
from insightshare.publish import Ports, State, register, repair, rollback, vacuum
from tests.behaviour.publish_scenes import later, published
from tests.behaviour.publish_stage import aws_stage
from tests.conftest import Cloud
from tests.unit.publish.scenes import INSIGHT, MONDAY, TUESDAY, finished, location, started


def read_until(ports: Ports, stopped: Event) -> set[str]:
    """Every location that a reader of `_latest` and of the history's partitions met."""
    met = set()
    while not stopped.is_set():
        met.add(ports.catalog.table(f"{INSIGHT}_latest").location)
        met |= {partition.location for partition in ports.catalog.partitions(INSIGHT)}
    return met


def test_readers_meet_only_whole_runs_while_registrars_race(cloud: Cloud) -> None:
    ports = aws_stage(cloud).ports
    first = started(ports)
    register(ports, finished(ports, first))
    claims = [started(ports, as_of) for as_of in (MONDAY, TUESDAY) * 3]
    keys = [finished(ports, own) for own in claims]
    stopped = Event()

    with ThreadPoolExecutor(6) as pool:
        reader = pool.submit(read_until, ports, stopped)
        # Each manifest twice, newest first: at-least-once delivery in the wrong order.
        done = list(pool.map(lambda key: register(ports, key), [*reversed(keys), *keys]))
        stopped.set()

    whole = {location(ports, own.run_id) for own in (first, *claims)}
    monday, tuesday = claims[-2], claims[-1]
    assert (len(done), reader.result() - whole) == (12, set())
    assert ports.catalog.table(f"{INSIGHT}_latest").location == location(ports, tuesday.run_id)
    shown = {partition.value: partition.location for partition in ports.catalog.partitions(INSIGHT)}
    assert shown == {MONDAY: location(ports, monday.run_id), TUESDAY: location(ports, tuesday.run_id)}
    current = {run.run_id for run in ports.registry.runs(INSIGHT) if run.state is State.CURRENT}
    assert (current, repair(ports, INSIGHT).actions) == ({monday.run_id, tuesday.run_id}, ())


def files_until(ports: Ports, stopped: Event) -> set[str]:
    """Every folder to which a table led while nothing was in it."""
    empty = set()
    while not stopped.is_set():
        for table in (INSIGHT, f"{INSIGHT}_runs"):
            for partition in ports.catalog.partitions(table):
                folder = partition.location.removeprefix(ports.storage.uri(""))
                if not ports.storage.list(folder) and partition in ports.catalog.partitions(table):
                    empty.add(partition.location)
    return empty


def rolled_back(ports: Ports, run_id: str) -> bool:
    """Whether an operator made a run current that vacuum was about to take."""
    try:
        rollback(ports, INSIGHT, MONDAY, run_id)
    except InsightshareError:
        return False
    return True


def test_two_publishers_an_operator_and_a_vacuum_race_and_no_table_leads_to_nothing(cloud: Cloud) -> None:
    """Everything published before is old enough to go, but for what is current when vacuum looks."""
    ports = aws_stage(cloud).ports
    old = [published(ports) for _ in range(4)]
    keys = [finished(ports, started(ports)) for _ in range(4)]
    future, stopped = later(ports, days=31), Event()

    with ThreadPoolExecutor(6) as pool:
        reader = pool.submit(files_until, ports, stopped)
        jobs = [pool.submit(register, ports, key) for key in keys]
        cleaners = [pool.submit(vacuum, future, INSIGHT) for _ in range(2)]
        back = pool.submit(rolled_back, ports, old[1])
        for job in jobs:
            job.result()
        done = [cleaner.result() for cleaner in cleaners]
        cleaned_later = vacuum(later(ports, days=32), INSIGHT)
        stopped.set()

    runs = {run.run_id: run for run in ports.registry.runs(INSIGHT)}
    pointer = ports.registry.pointer(INSIGHT, MONDAY)
    assert (reader.result(), bool(cleaned_later.actions)) == (set(), True)
    assert pointer is not None and runs[pointer.run_id or ""].state is State.CURRENT
    assert ports.catalog.table(f"{INSIGHT}_latest").location == location(ports, pointer.run_id or "")
    begun = [action.run_id for found in done for action in found.actions if action.kind == "begin to delete"]
    assert len(begun) == len(set(begun))
    assert (runs[old[1]].state in (State.CURRENT, State.SUPERSEDED)) or not back.result() or old[1] not in begun
    assert repair(ports, INSIGHT).actions == ()
