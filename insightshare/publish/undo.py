"""Takes decisions back: rollback to another run, undo of the last decision, withdrawal. Each is a new decision.

What is asked for is first an intent, which changes nothing and can be shown; carrying it out makes the decision.
A decision is announced by the call that succeeds; after a Conflict or a time-out, repeating the call announces it.
"""

from dataclasses import dataclass

from insightshare.errors import Conflict, NotFound
from insightshare.publish import decisions
from insightshare.publish.facts import Decision, Kind, Pointer, Run, iso
from insightshare.publish.ports import Change, Ports
from insightshare.publish.projection import project
from insightshare.publish.registration import write_decision


@dataclass(frozen=True)
class Intent:
    """What an operator wants of one as_of, as the registry stands: that it shows `target`, or nothing (None)."""

    insight: str
    pointer: Pointer
    target: Run | None
    is_done: bool

    def change(self, sequence: int, decided_at_utc: str) -> Change:
        """Return the change that does it; raises UsageError where it may not be done."""
        if self.target is None:
            return decisions.withdrawal(self.insight, self.pointer, sequence, decided_at_utc)
        return decisions.rollback(self.target, self.pointer, sequence, decided_at_utc)

    @property
    def foreseen(self) -> Decision:
        """The decision that it would be, or that stands already; its number and its time mean nothing."""
        now = self.pointer
        run_id = now.run_id if self.is_done else self.target.run_id if self.target else None
        kind = Kind.ROLLBACK if run_id else Kind.WITHDRAW
        return Decision(self.insight, now.sequence, kind, now.as_of, run_id, now.run_id, "")


def rollback(ports: Ports, insight: str, as_of: str, run_id: str) -> Decision:
    """Make another run of the as_of current; return the decision. Repeating it finishes what a crash left undone."""
    return carry_out(ports, rollback_intent(ports, insight, as_of, run_id))


def withdraw(ports: Ports, insight: str, as_of: str) -> Decision:
    """Make no run current for the as_of; `_latest` falls back to the newest as_of that has one."""
    return carry_out(ports, withdraw_intent(ports, insight, as_of))


def undo(ports: Ports, insight: str) -> Decision:
    """Take back the insight's last decision: its as_of shows what it showed before.

    Undoing twice is redoing: after a time-out, look at the runs before repeating this one.
    """
    return carry_out(ports, undo_intent(ports, insight))


def rollback_intent(ports: Ports, insight: str, as_of: str, run_id: str) -> Intent:
    """Return what rolling back would do; raises where it may not be done."""
    pointer = _pointer(ports, insight, as_of)
    if pointer.run_id == run_id:
        return Intent(insight, pointer, None, is_done=True)
    return _possible(Intent(insight, pointer, _run(ports, insight, run_id), is_done=False))


def withdraw_intent(ports: Ports, insight: str, as_of: str) -> Intent:
    """Return what withdrawing would do."""
    pointer = _pointer(ports, insight, as_of)
    return Intent(insight, pointer, None, is_done=pointer.run_id is None)


def undo_intent(ports: Ports, insight: str) -> Intent:
    """Return what undoing the last decision would do; raises where it may not be done."""
    last = ports.registry.last_decision(insight)
    if last is None:
        raise NotFound.at(insight, "decision", "none", "a decision to take back", "publish a run first")
    pointer = Pointer(last.as_of, last.run_id, last.sequence)  # if it is no longer this, the commit is refused
    target = _run(ports, insight, last.previous_run_id) if last.previous_run_id else None
    return _possible(Intent(insight, pointer, target, is_done=False))


def carry_out(ports: Ports, intent: Intent) -> Decision:
    """Make the decision, or find it made, and show it; raises Conflict where another was made in between."""
    if intent.is_done:
        return _again(ports, intent.insight, intent.pointer)
    change = intent.change(ports.registry.next_sequence(intent.insight), iso(ports.clock()))
    if change.decision is None or not ports.registry.commit(change):
        fix = f"look at `insightshare runs {intent.insight}` and repeat"
        raise Conflict.at(intent.insight, "current run", "what it is now", "what it was a moment ago", fix)
    return _show(ports, change.decision)


def _possible(intent: Intent) -> Intent:
    intent.change(intent.pointer.sequence, "")  # what may not be done is refused before a number is taken for it
    return intent


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
