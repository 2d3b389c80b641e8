"""The time by which this cloud's own deadlines run (RAM invitations): the machine's, moved on as far as told."""

from __future__ import annotations

import time

_ahead = [0.0]


def now() -> float:
    """Seconds since the epoch, as this cloud sees them."""
    return time.time() + _ahead[0]


def advance(hours: float) -> dict[str, float]:
    """Move this cloud's clock on; it never goes back."""
    _ahead[0] += max(0.0, hours) * 3600
    return {"now": now()}


def reset() -> None:
    """The machine's time again."""
    _ahead[0] = 0.0
