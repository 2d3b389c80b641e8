"""Takes decisions back: rollback to another run, undo of the last decision, withdrawal. Each is a new decision.

A decision is announced by the call that succeeds; after a Conflict or a time-out, repeating the call announces it.
"""

from insightshare.errors import Conflict, NotFound
from insightshare.publish import decisions
from insightshare.publish.facts import Decision, Pointer, Run, iso
from insightshare.publish.ports import Change, Ports
from insightshare.publish.projection import project
from insightshare.publish.registration import write_decision


def rollback(ports: Ports, insight: str, as_of: str, run_id: str) -> Decision:
    """Make another run of the as_of current; return the decision. Repeating it finishes what a crash left undone."""
    pointer = _pointer(ports, insight, as_of)
    if pointer.run_id == run_id:
        return _again(ports, insight, pointer)
    target = _run(ports, insight, run_id)
    sequence = ports.registry.next_sequence(insight)
    return _carry_out(ports, decisions.rollback(target, pointer, sequence, iso(ports.clock())))


def withdraw(ports: Ports, insight: str, as_of: str) -> Decision:
    """Make no run current for the as_of; `_latest` falls back to the newest as_of that has one."""
    pointer = _pointer(ports, insight, as_of)
    if pointer.run_id is None:
        return _again(ports, insight, pointer)
    sequence = ports.registry.next_sequence(insight)
    return _carry_out(ports, decisions.withdrawal(insight, pointer, sequence, iso(ports.clock())))


def undo(ports: Ports, insight: str) -> Decision:
    """Take back the insight's last decision: its as_of shows what it showed before.

    Undoing twice is redoing: after a time-out, look at the runs before repeating this one.
    """
    last = ports.registry.last_decision(insight)
    if last is None:
        raise NotFound.at(insight, "decision", "none", "a decision to take back", "publish a run first")
    pointer = Pointer(last.as_of, last.run_id, last.sequence)  # if it is no longer this, the commit is refused
    sequence = ports.registry.next_sequence(insight)
    now = iso(ports.clock())
    if last.previous_run_id is None:
        return _carry_out(ports, decisions.withdrawal(insight, pointer, sequence, now))
    target = _run(ports, insight, last.previous_run_id)
    return _carry_out(ports, decisions.rollback(target, pointer, sequence, now))


def _pointer(ports: Ports, insight: str, as_of: str) -> Pointer:
    pointer = ports.registry.pointer(insight, as_of)
    if pointer is None:
        fix = f"choose one of `insightshare runs {insight}`"
        raise NotFound.at(insight, "as_of", repr(as_of), "an as_of that was ever published", fix)
    return pointer


def _run(ports: Ports, insight: str, run_id: str) -> Run:
    run = ports.registry.run(insight, run_id)
    if run is None:
        fix = f"choose one of `insightshare runs {insight}`"
        raise NotFound.at(insight, "run", repr(run_id), "a run of this insight", fix)
    return run


def _carry_out(ports: Ports, change: Change) -> Decision:
    decision = change.decision
    if decision is None or not ports.registry.commit(change):
        fix = f"look at `insightshare runs {change.insight}` and repeat"
        raise Conflict.at(change.insight, "current run", "what it is now", "what it was a moment ago", fix)
    return _show(ports, decision)


def _again(ports: Ports, insight: str, pointer: Pointer) -> Decision:
    """What is asked for is already decided: make sure that it is also shown."""
    decision = ports.registry.decision(insight, pointer.sequence)
    if decision is None:
        fix = f"run `insightshare repair {insight} --from-s3`"
        raise NotFound.at(insight, "decision", f"number {pointer.sequence}", "in the registry", fix)
    return _show(ports, decision)


def _show(ports: Ports, decision: Decision) -> Decision:
    write_decision(ports.storage, decision)
    project(ports, decision.insight, decision.as_of, decision.run_id)
    ports.events.announce(decision)
    return decision
