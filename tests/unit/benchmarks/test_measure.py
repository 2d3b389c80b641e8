"""Seconds and memory are of the whole tree of a process, and a process that fails stops the harness."""

import sys
from pathlib import Path

import pytest

from benchmarks.measure import Measured, Run, in_turn, measure

HOLD = "held = bytearray(120 << 20); held[::4096] = b'x' * len(held[::4096])"
HOLD_A_WHILE = f"import time; {HOLD}; time.sleep(1.2)"


def run(code: str, folder: Path) -> Run:
    return measure((sys.executable, "-c", code), folder, {})


def test_memory_counts_what_a_process_held_between_two_looks(tmp_path: Path) -> None:
    found = measure((sys.executable, "-c", f"{HOLD}; del held"), tmp_path, {}, look_every_seconds=1)

    assert found.peak_mib > 120


def test_memory_counts_parent_and_child_together(tmp_path: Path) -> None:
    parent = f"import subprocess, sys; {HOLD}; subprocess.run([sys.executable, '-c', {HOLD_A_WHILE!r}])"

    assert run(parent, tmp_path).peak_mib > 240


def test_seconds_are_by_the_clock_and_processor_seconds_are_not(tmp_path: Path) -> None:
    found = run("import time; time.sleep(0.5)", tmp_path)

    assert found.seconds >= 0.5 > found.processor_seconds


def test_what_a_process_prints_last_as_json_is_what_it_found(tmp_path: Path) -> None:
    assert run("print('words'); print('{\"checks\": 15}')", tmp_path).found == {"checks": 15}


def test_a_process_that_fails_stops_the_harness_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"exit code 3\nno such rows"):
        run("import sys; print('no such rows', file=sys.stderr); sys.exit(3)", tmp_path)


def test_figures_are_the_median_time_and_the_most_memory() -> None:
    found = Measured("command", (Run(3.0, 1, 10), Run(1.0, 1, 30), Run(2.0, 1, 20)))

    assert (found.seconds, found.peak_mib, found.middle.seconds) == (2.0, 30, 2.0)


def test_cases_are_measured_in_turn() -> None:
    order: list[str] = []

    def case(name: str) -> Run:
        order.append(name)
        return Run(1.0, 1.0, 1.0)

    in_turn(2, [lambda: case("ours"), lambda: case("peer")])

    assert order == ["ours", "peer", "ours", "peer"]
