"""What a benchmark is: groups of processes that are measured side by side, and how their figures are shown."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from benchmarks.measure import Measured
from benchmarks.workshop import PEER_PYTHON, Workshop


def nothing() -> None:
    """What most cases need before they run."""


@dataclass(frozen=True)
class Case:
    """One row of a table: a process. `before` is done before each of its runs, and not measured."""

    id: str
    title: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    before: Callable[[], object] = nothing

    @property
    def is_peer(self) -> bool:
        """Whether it is run by the peers' Python."""
        return self.argv[0] == str(PEER_PYTHON)


@dataclass(frozen=True)
class Group:
    """Cases that are measured in turn, each `runs` times, while their stage stands."""

    id: str
    title: str
    runs: int
    stage: Callable[[Workshop], AbstractContextManager[tuple[Case, ...]]]


@dataclass(frozen=True)
class Column:
    """One more column of a benchmark's tables, beside title, seconds and memory."""

    title: str
    text: Callable[[Measured], str]


@dataclass(frozen=True)
class Chart:
    """One chart of a benchmark: a bar per case, in groups. None leaves a case out."""

    name: str
    title: str
    unit: str
    value: Callable[[Measured], float | None]


@dataclass(frozen=True)
class Benchmark:
    """One question, and the groups that answer it."""

    name: str
    title: str
    says: str
    groups: Callable[[bool], tuple[Group, ...]]
    """Given whether a quick look is enough."""
    columns: tuple[Column, ...] = ()
    charts: tuple[Chart, ...] = ()
    shows_process: bool = True
    """Whether seconds and memory of the processes themselves are of interest."""


SECONDS = Chart("seconds", "seconds, from the start of the process to its end", "s", lambda found: found.seconds)
MEMORY = Chart("memory", "most memory held at once, in MiB", "MiB", lambda found: found.peak_mib)


def step(name: str, title: str) -> Column:
    """Return the column of one step's seconds, as the process itself counted them."""

    def text(found: Measured) -> str:
        value = found.middle.found.get(f"{name}_seconds")
        return "" if value is None else f"{value:.2f}"

    return Column(title, text)
