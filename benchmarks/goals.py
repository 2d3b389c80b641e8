"""What the figures ought to be, and whether they are. Why a goal was missed is written by hand in `reasons.yaml`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.gate import work_seconds
from benchmarks.measure import Measured
from benchmarks.results import Results

REASONS = Path(__file__).with_name("reasons.yaml")
Figure = Callable[[Results], float | None]


@dataclass(frozen=True)
class Goal:
    """One figure and its bound. `at_least` says on which side of the bound it has to be."""

    id: str
    sentence: str
    figure: Figure
    bound: float
    at_least: bool
    unit: str = ""


@dataclass(frozen=True)
class Outcome:
    """A goal with the figure that was found; None where it was not measured. `reason` is empty where it was met."""

    goal: Goal
    found: float | None
    reason: str = ""

    @property
    def met(self) -> bool:
        """Whether the figure is on its side of the bound."""
        if self.found is None:
            return False
        return self.found >= self.goal.bound if self.goal.at_least else self.found <= self.goal.bound


def _seconds(found: Measured) -> float:
    return found.seconds


def _peak_mib(found: Measured) -> float:
    return found.peak_mib


def ratio(upper: str, lower: str, of: Callable[[Measured], float] = _seconds) -> Figure:
    """Return the figure that divides one case by another; cases are `benchmark:group:case`."""

    def figure(results: Results) -> float | None:
        above, below = results.case(upper), results.case(lower)
        return None if above is None or below is None else of(above) / of(below)

    return figure


def value(case: str, of: Callable[[Measured], float]) -> Figure:
    """Return the figure that is read from one case."""

    def figure(results: Results) -> float | None:
        found = results.case(case)
        return None if found is None else of(found)

    return figure


FIVE, TWENTY = "publish:disk-5000000", "publish:disk-20000000"
GATE = "gate:5000000"
GOALS = (
    Goal("faster", "5 million rows on local disk: faster than the usual way",
         ratio(f"{FIVE}:peer", f"{FIVE}:ours"), 3, True, " times"),
    Goal("much_faster", "the same, the aim beyond the goal",
         ratio(f"{FIVE}:peer", f"{FIVE}:ours"), 5, True, " times"),
    Goal("leaner", "5 million rows on local disk: share of the usual way's memory",
         ratio(f"{FIVE}:ours", f"{FIVE}:peer", _peak_mib), 0.4, False),
    Goal("bounded", "20 million rows on local disk: memory of the whole process",
         value(f"{TWENTY}:ours", _peak_mib), 1536, False, " MiB"),
    Goal("overhead", "5 million rows on local disk: slower than the floor that sorts too",
         ratio(f"{FIVE}:ours", f"{FIVE}:floor"), 1.6, False, " times"),
    Goal("gate_pandas", "the gate's work: faster than Great Expectations on pandas",
         ratio(f"{GATE}:pandas", f"{GATE}:checks", work_seconds), 10, True, " times"),
    Goal("gate_spark", "the gate's work: faster than Great Expectations on Spark",
         ratio(f"{GATE}:spark", f"{GATE}:checks", work_seconds), 10, True, " times"),
    Goal("profile_pandas", "the gate's work with the full profile: faster than Great Expectations on pandas",
         ratio(f"{GATE}:pandas", f"{GATE}:profile", work_seconds), 4, True, " times"),
    Goal("profile_spark", "the gate's work with the full profile: faster than Great Expectations on Spark",
         ratio(f"{GATE}:spark", f"{GATE}:profile", work_seconds), 4, True, " times"),
)  # fmt: skip


def outcomes(results: Results, reasons: Mapping[str, str]) -> tuple[Outcome, ...]:
    """Return each goal with its figure, and the reason that somebody wrote for one that was missed."""
    found = (Outcome(goal, goal.figure(results)) for goal in GOALS)
    return tuple(
        outcome if outcome.met or outcome.found is None
        else Outcome(outcome.goal, outcome.found, reasons.get(outcome.goal.id, ""))
        for outcome in found
    )  # fmt: skip


def read_reasons() -> dict[str, str]:
    """Return the reason by goal."""
    return yaml.safe_load(REASONS.read_text()) or {}
