"""The page says what was found: goals met, missed with their reason, or not measured; a chart draws to one scale."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks.chart import Bar, bar_chart
from benchmarks.goals import GOALS, outcomes, read_reasons
from benchmarks.measure import Measured, Run
from benchmarks.page import write_page
from benchmarks.publish import PUBLISH
from benchmarks.results import GroupResult, Results, read_results

MACHINE = {"processor": "P", "cores": 2, "memory_gib": 8.0, "system": "Linux"}
VERSIONS = {"ours": {"duckdb": "1"}, "peers": {"pandas": "3"}}
KEY = "publish:disk-5000000"


def measured(seconds: float, peak_mib: float = 100) -> Measured:
    return Measured(f"python -m benchmarks {KEY}", (Run(seconds, seconds, peak_mib),))


def results(ours: float, peer: float) -> Results:
    cases = {"ours": ("ours", measured(ours)), "peer": ("pandas", measured(peer))}
    group = GroupResult("5,000,000 rows, local disk", "2026-11-21 08:00 UTC", "abc", 0.1, cases)
    return Results(MACHINE, VERSIONS, {KEY: group})


def page(folder: Path, found: Results, reasons: dict[str, str]) -> str:
    write_page(folder, found, (PUBLISH,), outcomes(found, reasons))
    return (folder / "benchmarks.md").read_text()


def test_a_goal_that_is_met_says_so(tmp_path: Path) -> None:
    text = page(tmp_path, results(10, 40), {})

    assert "| 5 million rows on local disk: faster than the usual way | at least 3 times | 4.00 times | met |" in text


def test_a_goal_that_is_missed_gives_the_reason_that_somebody_wrote(tmp_path: Path) -> None:
    text = page(tmp_path, results(20, 40), {"faster": "the disk was slow"})

    assert "| at least 3 times | 2.00 times | **missed**: the disk was slow |" in text


def test_a_goal_that_is_missed_without_a_reason_says_that_too(tmp_path: Path) -> None:
    text = page(tmp_path, results(20, 40), {})

    assert "| at least 3 times | 2.00 times | **missed**: nobody has said why |" in text


def test_a_goal_that_was_not_measured_is_not_called_missed(tmp_path: Path) -> None:
    text = page(tmp_path, results(20, 40), {})

    assert "| at most 1,536 MiB | | not measured |" in text


def test_every_reason_is_of_a_goal() -> None:
    assert set(read_reasons()) <= {goal.id for goal in GOALS}


def test_every_row_has_the_command_that_makes_it(tmp_path: Path) -> None:
    text = page(tmp_path, results(10, 40), {})

    assert text.count(f"`python -m benchmarks {KEY}` |") == 2


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.json"
    results(10, 40).write(path)

    assert read_results(path, MACHINE, VERSIONS) == results(10, 40)


def test_figures_of_another_machine_are_not_added_to(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.json"
    results(10, 40).write(path)

    with pytest.raises(SystemExit, match=r"machine or versions: others are not these\. Fix: pass --fresh"):
        read_results(path, {**MACHINE, "cores": 64}, VERSIONS)


def test_bars_are_drawn_to_one_scale_and_titles_are_escaped() -> None:
    groups = [("1 & 2", [Bar("ours", "ours", 10)]), ("3", [Bar("peer", "peer", 40)])]

    root = ET.fromstring(bar_chart("a < b", "s", groups))  # noqa: S314 - our own text

    widths = [float(bar.attrib["width"]) for bar in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert (widths[1] / widths[0], root.attrib["aria-label"]) == (4.0, "a < b")
