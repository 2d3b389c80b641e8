"""Several registrars at once on the local AWS, with readers looping: each read is a whole run, and the end is right."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from insightshare.publish import Ports, State, register, repair
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
