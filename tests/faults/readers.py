"""Readers: they ask Athena for the history, `_latest` and `_runs` over and over, and say what they should not see."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from tests.faults.lake import Lake, rows_of
from tests.unit.publish.scenes import INSIGHT

VIEWS = f"""
SELECT 'history' AS view, as_of AS part, as_of, customer_id FROM {INSIGHT}
UNION ALL SELECT 'latest', '', as_of, customer_id FROM {INSIGHT}_latest
UNION ALL SELECT 'runs', run_id, as_of, customer_id FROM {INSIGHT}_runs
"""
PAUSE_SECONDS = 0.1  # a query takes most of the processor that a point takes
View = dict[tuple[str, str], list[tuple[str, str]]]  # (view, partition) -> (as_of, key) of each row


@dataclass
class Reader:
    """Knows which as_ofs must always be there, and keeps what it saw."""

    lake: Lake
    always: frozenset[str]
    latest_may_be_empty: bool
    reads: int = 0
    shown_runs: set[str] = field(default_factory=set)  # in the history and in _latest
    violations: list[str] = field(default_factory=list)

    def read(self) -> dict[str, str]:
        """Read once; returns which run each as_of shows, and `latest`."""
        self.reads += 1
        try:
            view = _asked(self.lake)
        except QueryFailed as error:
            self.violations.append(f"a query failed: {error}")
            return {}
        shown = {
            part if name == "history" else name: self._whole(name, part, rows)
            for (name, part), rows in view.items()
            if name != "runs" or self._whole(name, part, rows) != part
        }
        self.violations += [f"the history has no rows of {as_of}" for as_of in sorted(self.always - shown.keys())]
        if "latest" not in shown and not self.latest_may_be_empty:
            self.violations.append("_latest has no rows")
        if "runs" in shown:
            self.violations.append("_runs shows another run than its partition says")
        return shown

    def _whole(self, view: str, part: str, rows: list[tuple[str, str]]) -> str:
        """The one run that these rows are, all of them."""
        run_ids = {key.partition("/")[0] for _, key in rows}
        run_id = min(run_ids)
        self.shown_runs |= run_ids if view != "runs" else set()
        if len(run_ids) > 1:
            self.violations.append(f"{view} {part} shows {len(run_ids)} runs at once")
        elif not is_whole(run_id, [key for _, key in rows]):
            self.violations.append(f"{view} {part} shows {len(rows)} rows, not those of one whole run")
        if view == "history" and {as_of for as_of, _ in rows} != {part}:
            self.violations.append(f"the partition {part} shows rows of another as_of")
        return run_id


def is_whole(run_id: str, keys: list[str]) -> bool:
    """Whether these are all rows of a run, each once; every row says how many there are."""
    return sorted(keys) == rows_of(run_id, int(keys[0].rpartition("/")[2]))


class QueryFailed(Exception):
    """Athena's reason."""


@contextmanager
def looping(reader: Reader) -> Iterator[Reader]:
    """Keep reading until the block is left; once before, and once after."""
    stopped = Event()

    def loop() -> None:
        while not stopped.wait(PAUSE_SECONDS):
            reader.read()

    thread = Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield reader
    finally:
        stopped.set()
        thread.join()


def _asked(lake: Lake) -> View:
    athena = lake.clients["athena"]
    started = athena.start_query_execution(
        QueryString=VIEWS,
        QueryExecutionContext={"Database": lake.settings.database},
        ResultConfiguration={"OutputLocation": f"s3://{lake.settings.lake}/answers/"},
    )
    query = started["QueryExecutionId"]
    while (status := athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"])["State"] in (
        "QUEUED",
        "RUNNING",
    ):
        time.sleep(0.005)
    if status["State"] != "SUCCEEDED":
        raise QueryFailed(status.get("StateChangeReason", status["State"]))
    return _grouped(athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"][1:])


def _grouped(rows: list[dict[str, Any]]) -> View:
    view: View = {}
    for row in rows:
        name, part, as_of, key = (cell.get("VarCharValue", "") for cell in row["Data"])
        view.setdefault((name, part), []).append((as_of, key))
    return view
