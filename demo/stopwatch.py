"""Names each step of the demo while it runs, and says afterwards where the time went."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table


class Stopwatch:
    """The seconds of each step, in the order in which the steps were taken."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what is done inside; its name is printed as it begins."""
        self._console.print(f"[bold]{name}[/bold] …")
        started = time.monotonic()
        yield
        self._seconds[name] = time.monotonic() - started

    def table(self) -> Table:
        """Return one row per step, and the sum."""
        table = Table("step", "seconds", title="where the time went", title_justify="left")
        table.columns[1].justify = "right"
        for name, seconds in self._seconds.items():
            table.add_row(name, f"{seconds:.1f}")
        table.add_section()
        table.add_row("all", f"{sum(self._seconds.values()):.1f}")
        return table
