"""Explores everybody beside everybody and prints how many orders that were: `python -m tests.unit.publish.orders`."""

from __future__ import annotations

import sys
from itertools import combinations_with_replacement

from tests.unit.publish.explorer import Explored, explore
from tests.unit.publish.rules import reader_always_has_monday
from tests.unit.publish.vacuum_scene import EVERYBODY, all_is_kept_that_is_needed, everybody, scene


def main() -> int:
    """Print one line for each two; the exit code is 1 if any order ended wrong."""
    total = Explored()
    print("| at work at once | states | orders of calls | violations |")
    print("|---|--:|--:|--:|")
    for one, other in combinations_with_replacement(EVERYBODY, 2):
        seen = together(one, other)
        print(f"| {one} and {other} | {seen.states:,} | {seen.orders:.1e} | {len(seen.violations)} |", flush=True)
        total.states += seen.states
        total.orders += seen.orders
        total.violations += seen.violations
    print(f"{total.states:,} states, {total.orders:.1e} orders, {len(total.violations)} violations")
    return 1 if total.violations else 0


def together(one: str, other: str) -> Explored:
    """Explore two who are at work at the same time, where runs wait to be published, wanted back and let go."""
    set_up = scene()
    processes = everybody(set_up)[one], everybody(set_up)[other]
    return explore(set_up.world, processes, reader_always_has_monday, all_is_kept_that_is_needed, files_change=True)


if __name__ == "__main__":
    sys.exit(main())
