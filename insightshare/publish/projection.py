"""Makes the catalog show what the registry decided. Decides nothing; may run at any time, any number of times.

The order of calls is the point of this file; `tests/unit/publish/test_interleavings.py` explores it exhaustively.
"""

from insightshare.errors import Retryable
from insightshare.publish import decisions
from insightshare.publish.facts import GONE, RETAINED, Pointer, State, iso
from insightshare.publish.layout import empty_folder, history_table, latest_table, run_folder, runs_table
from insightshare.publish.ports import Ports

# Each further attempt needs another decision about the same insight in between; ten in a row mean that something loops.
ATTEMPTS = 10


def project(ports: Ports, insight: str, as_of: str, run_id: str | None) -> None:
    """Show what is decided: the run (if one is named) in `_runs`, the as_of's run, the newest as_of in `_latest`."""
    if run_id is not None:
        project_run(ports, insight, run_id)
    project_as_of(ports, insight, as_of)
    project_latest(ports, insight)


def project_run(ports: Ports, insight: str, run_id: str) -> None:
    """Give a retained run its partition in `_runs`, and take that of a run away whose deletion has begun.

    Never changes a partition that exists. The run is read again after the write: its deletion may have begun meanwhile.
    """
    run = ports.registry.run(insight, run_id)
    if run is not None and run.state in RETAINED:
        table = ports.catalog.table(runs_table(insight))
        location = ports.storage.uri(run_folder(insight, run_id))
        ports.catalog.create_partition(table, run_id, location, {"run_id": run_id, "sequence": str(run.sequence)})
        run = ports.registry.run(insight, run_id)
    if run is not None and run.state in GONE:
        ports.catalog.delete_partition(runs_table(insight), run_id)


def hide_run(ports: Ports, insight: str, run_id: str) -> None:
    """Take the partition of a run away whose deletion began earlier; whoever found it until now may read to the end."""
    run = ports.registry.run(insight, run_id)
    if run is not None and run.state is State.DELETING:
        ports.registry.commit(decisions.last_look(run, iso(ports.clock())))
    project_run(ports, insight, run_id)


def project_as_of(ports: Ports, insight: str, as_of: str) -> None:
    """Make the as_of's partition name the current run, or be absent if there is none.

    Partitions know no compare-and-swap, so the pointer is read again after the write: whoever wrote last has seen
    what it wrote confirmed, or has written again.
    """
    for _ in range(ATTEMPTS):
        pointer = ports.registry.pointer(insight, as_of)
        shown = _show_as_of(ports, insight, as_of, pointer)
        if shown and ports.registry.pointer(insight, as_of) == pointer:
            return
    raise Retryable(f"{insight}: as_of {as_of}: decisions kept changing while its partition was written.")


def project_latest(ports: Ports, insight: str) -> None:
    """Point `_latest` to the current run of the newest as_of that has one, or to the reserved empty folder.

    The version is read before the decision, and the table is written even if it looks right: each decision's own
    projection thus spoils the version of everyone who read an older decision. (Reading the decision first, or
    leaving out a write that seems needless, loses updates.)
    """
    for _ in range(ATTEMPTS):
        table = ports.catalog.table(latest_table(insight))
        newest = ports.registry.newest_pointer(insight)
        if ports.catalog.move_table(table, latest_location(ports, insight, newest), latest_parameters(newest)):
            return
    raise Retryable(f"{latest_table(insight)}: the table kept changing while it was moved.")


def latest_location(ports: Ports, insight: str, newest: Pointer | None) -> str:
    """Return where `_latest` must point when this is the newest pointer that has a run."""
    folder = run_folder(insight, newest.run_id) if newest and newest.run_id else empty_folder(insight)
    return ports.storage.uri(folder)


def latest_parameters(newest: Pointer | None) -> dict[str, str]:
    """Return the table parameters that say which run `_latest` shows; empty text when it shows none."""
    if newest is None or newest.run_id is None:
        return {"as_of": "", "run_id": "", "sequence": ""}
    return {"as_of": newest.as_of, "run_id": newest.run_id, "sequence": str(newest.sequence)}


def _show_as_of(ports: Ports, insight: str, as_of: str, pointer: Pointer | None) -> bool:
    """Write one partition as the pointer says; return False if somebody created or deleted it meanwhile."""
    if pointer is None or pointer.run_id is None:
        ports.catalog.delete_partition(history_table(insight), as_of)
        return True
    table = ports.catalog.table(history_table(insight))
    location = ports.storage.uri(run_folder(insight, pointer.run_id))
    parameters = {"run_id": pointer.run_id, "sequence": str(pointer.sequence)}
    return ports.catalog.create_partition(table, as_of, location, parameters) or ports.catalog.update_partition(
        table, as_of, location, parameters
    )
