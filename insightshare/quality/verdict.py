"""What the gate found: one result per check, and whether the run may be shown. Computes nothing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from insightshare.contract.facts import Check
from insightshare.quality.expectations import configuration


@dataclass(frozen=True)
class CheckResult:
    """How one check ended.

    `observed` holds counts, never values. `failing_keys` are the keys of some rows that broke the rule, at most as many
    as were asked for; digests where the contract calls the key personal. `considered_rows` are those that a rule on
    rows is about. `measured` is what a rule on the whole table measured (days or microseconds since 1970 of dates and
    times): it can be a value of the data, so it stays where the profile stays.
    """

    id: str
    kind: str
    columns: tuple[str, ...]
    severity: str
    passed: bool
    sentence: str
    observed: Mapping[str, int | float] = field(default_factory=dict, hash=False)
    failing_keys: tuple[tuple[str, ...], ...] = ()
    considered_rows: int | None = None
    measured: float | tuple[float | None, ...] | None = None
    expectation: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """The rule as Great Expectations would state it, so that a run can be shown without the contract that it kept."""

    @classmethod
    def of(cls, check: Check, passed: bool, **observed: int | float) -> "CheckResult":
        """Return the result of `check`."""
        named = (check.id, check.kind, check.columns, check.severity, passed, check.sentence, observed)
        return cls(*named, expectation=configuration(check))

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON types."""
        return asdict(self)


@dataclass(frozen=True)
class Verdict:
    """One result per check of the contract, in the contract's order, and a profile per column."""

    rows: int
    checks: tuple[CheckResult, ...]
    profile: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def passed(self) -> bool:
        """Whether no check of severity error failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[CheckResult, ...]:
        """The failed checks of severity error: those that stop publication."""
        return tuple(check for check in self.checks if not check.passed and check.severity == "error")

    def summary(self) -> str:
        """Return one line: how many checks failed, and which."""
        if self.passed:
            return f"{len(self.checks)} checks, none failed"
        named = ", ".join(f"{check.id} ({_counts(check)})" if check.observed else check.id for check in self.failures)
        return f"{len(self.failures)} of {len(self.checks)} checks failed: {named}"


def _counts(check: CheckResult) -> str:
    shown = {name: f"{count:,}" if isinstance(count, int) else f"{count:.4g}" for name, count in check.observed.items()}
    return ", ".join(f"{name} {count}" for name, count in shown.items())
