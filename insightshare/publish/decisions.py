"""Decides what a registration, a rollback or a withdrawal does to the registry. Pure: reads and writes nothing."""

from dataclasses import replace

from insightshare.errors import UsageError
from insightshare.publish.facts import RETAINED, Decision, Kind, Pointer, Run, State
from insightshare.publish.ports import Change, RunChange


def registration(run: Run, registered: Run, passed: bool, pointer: Pointer | None, replaces: str = "") -> Change:
    """Return the change that registers a run whose manifest was found to be right.

    `run` is the registry's present item, `registered` the same with rows, digest and time filled in.
    A run that failed is rejected; one that started before the decided one is superseded at once, and so is one that
    `replaces` another run than the decided one; else it is current.
    """
    at = registered.registered_at_utc
    if not passed:
        return Change(run.insight, (RunChange(run.run_id, run.state, State.REJECTED, at, registered),))
    overtaken = pointer is not None and pointer.sequence >= run.sequence
    if overtaken or (replaces and (pointer is None or pointer.run_id != replaces)):
        return Change(run.insight, (RunChange(run.run_id, run.state, State.SUPERSEDED, at, registered),))
    decision = Decision(
        insight=run.insight,
        sequence=run.sequence,
        kind=Kind.ERASE if replaces else Kind.PUBLISH,
        as_of=run.as_of,
        run_id=run.run_id,
        previous_run_id=pointer.run_id if pointer else None,
        decided_at_utc=at,
    )
    return _with_states(decision, pointer, RunChange(run.run_id, run.state, State.CURRENT, at, registered))


def rollback(target: Run, pointer: Pointer, sequence: int, decided_at_utc: str) -> Change:
    """Return the change that makes another run of the same as_of current."""
    where = f"{target.insight} as_of {pointer.as_of}"
    fix = f"choose one of `insightshare runs {target.insight}`"
    if target.as_of != pointer.as_of:
        raise UsageError.at(where, "run", f"{target.run_id}, of as_of {target.as_of},", "a run of this as_of", fix)
    if target.state not in RETAINED:
        raise UsageError.at(
            where, "run", f"{target.run_id}, which is {target.state},", "a run that readers may see", fix
        )
    if target.condemned_by:
        expected = "a run that no erasure has to delete"
        raise UsageError.at(where, "run", f"{target.run_id}, condemned by {target.condemned_by},", expected, fix)
    decision = Decision(
        insight=target.insight,
        sequence=sequence,
        kind=Kind.ROLLBACK,
        as_of=target.as_of,
        run_id=target.run_id,
        previous_run_id=pointer.run_id,
        decided_at_utc=decided_at_utc,
    )
    return _with_states(decision, pointer, RunChange(target.run_id, target.state, State.CURRENT, decided_at_utc))


def withdrawal(insight: str, pointer: Pointer, sequence: int, decided_at_utc: str) -> Change:
    """Return the change after which nothing is current for the as_of."""
    decision = Decision(
        insight=insight,
        sequence=sequence,
        kind=Kind.WITHDRAW,
        as_of=pointer.as_of,
        run_id=None,
        previous_run_id=pointer.run_id,
        decided_at_utc=decided_at_utc,
    )
    return _with_states(decision, pointer, None)


def departure(run: Run, pointer: Pointer | None, at_utc: str) -> Change:
    """Return the change that begins a run's deletion: nothing points to it, and nobody holds it.

    Whatever would make it current again moves the pointer of its as_of or the run's own state: one of the two loses.
    """
    gone = RunChange(run.run_id, run.state, State.DELETING, at_utc, unpinned_on=at_utc[: len("2026-01-31")])
    return Change(run.insight, (gone,), unmoved=pointer)


def last_look(run: Run, at_utc: str) -> Change:
    """Return the change after which a run's files stay for the longest query again: readers found it until now."""
    return Change(run.insight, (RunChange(run.run_id, State.DELETING, State.DELETING, at_utc),))


def disappearance(run: Run, at_utc: str) -> Change:
    """Return the change that ends a run's deletion: its objects are gone."""
    return Change(run.insight, (RunChange(run.run_id, State.DELETING, State.DELETED, at_utc),))


def registered_run(run: Run, rows: int, digest: str, registered_at_utc: str) -> Run:
    """Return the run with the facts that registering it adds."""
    return replace(run, rows=rows, files_digest=digest, registered_at_utc=registered_at_utc)


def _with_states(decision: Decision, pointer: Pointer | None, winner: RunChange | None) -> Change:
    """Move the winner up and the run that the pointer named down, in the same transaction."""
    changes = [winner] if winner else []
    previous = decision.previous_run_id
    if previous is not None and previous != decision.run_id:
        after = State.WITHDRAWN if decision.run_id is None else State.SUPERSEDED
        changes.append(RunChange(previous, State.CURRENT, after, decision.decided_at_utc))
    return Change(decision.insight, tuple(changes), decision, pointer.sequence if pointer else None)
