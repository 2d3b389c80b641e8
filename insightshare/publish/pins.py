"""Holds runs that somebody still needs: a pinned run is not deleted before its day is over. Deletes nothing itself."""

import json
from dataclasses import replace

from insightshare.errors import Conflict, NotFound, UsageError
from insightshare.publish.facts import PINNABLE, Run, is_date, iso
from insightshare.publish.layout import pin_key
from insightshare.publish.ports import Ports


def pin(ports: Ports, insight: str, run_id: str, until: str) -> Run:
    """Hold a run until the end of a day in UTC; a second pin replaces the first. Return the run as it is then."""
    return _carry_out(ports, pinned(ports, insight, run_id, until))


def unpin(ports: Ports, insight: str, run_id: str) -> Run:
    """Hold a run no longer; return it as it is then."""
    return _carry_out(ports, pinned(ports, insight, run_id, ""))


def pinned(ports: Ports, insight: str, run_id: str, until: str) -> Run:
    """Return the run as a pin would leave it (`until` empty: as taking its pin away would); changes nothing."""
    run = ports.registry.run(insight, run_id)
    if run is None:
        fix = f"choose one of `insightshare runs {insight}`"
        raise NotFound.at(insight, "run", repr(run_id), "a run of this insight", fix)
    today = iso(ports.clock())[: len("2026-01-31")]
    if until and not (is_date(until) and until >= today):
        raise UsageError.at(run_id, "until", repr(until), f"a date from {today} on, YYYY-MM-DD", "name a later day")
    if until and (run.state not in PINNABLE or run.condemned_by):
        found = f"one that is {run.state}" if run.state not in PINNABLE else f"one condemned by {run.condemned_by}"
        raise UsageError.at(run_id, "run", found, "a registered run that is kept", "pin another run")
    return replace(run, pinned_until=until)


def is_pinned(run: Run, today: str) -> bool:
    """Say whether the run is held on a day."""
    return run.pinned_until >= today


def _carry_out(ports: Ports, run: Run) -> Run:
    """The registry decides; the lake remembers, so that a registry rebuilt from it knows the pin."""
    if not ports.registry.set_pin(run.insight, run.run_id, run.pinned_until):
        fix = f"look at `insightshare runs {run.insight}`"
        raise Conflict.at(run.run_id, "run", "what it is now", "what it was a moment ago", fix)
    body = json.dumps({"run_id": run.run_id, "until": run.pinned_until}).encode()
    ports.storage.overwrite(pin_key(run.insight, run.run_id), body)
    return run
